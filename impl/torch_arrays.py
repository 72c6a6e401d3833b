"""NumPy arrays as tensors of PyTorch, and back. Needs the extra torch."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from impl.extras import extra, floats

with extra("torch"):
    import torch


def to_tensor(values: Any, dtype: Any = None, device: str = "cpu") -> Any:
    """Floats as a tensor of torch's `dtype`, or else of their own. Raises TypeError for anything but floats."""
    return torch.tensor(floats(values), dtype=dtype, device=device)


def to_numpy(tensor: Any) -> NDArray[Any]:
    """A tensor as an array; bfloat16, which NumPy lacks, as binary32."""
    tensor = tensor.detach().cpu()
    array: NDArray[Any] = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return array
