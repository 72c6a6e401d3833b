"""Build hook: the claim project of this checkout travels inside the wheel, as `refute/_catalogue/`."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# pyproject.toml goes along because its [tool.refute] table is what makes a folder a claim project.
BUNDLED = ("pyproject.toml", "specs", "impl", "properties")


class CatalogueHook(BuildHookInterface[Any]):
    """Adds the claim project to standard wheels. An editable install finds it in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"] |= {name: f"refute/_catalogue/{name}" for name in BUNDLED}
