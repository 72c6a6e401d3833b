"""Number systems: scalars that plain NumPy code runs on unchanged. One module each; import the one you need."""
