"""The LSTM of PyTorch, ``torch.nn.LSTM``, and its gradient by autograd (question 1). Needs the extra torch.

It offers what such a net gives away: its hidden states, and the gradients of its inputs, first states and weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from impl.extras import extra
from impl.torch_arrays import to_numpy, to_tensor

with extra("torch"):
    import torch

Array = NDArray[Any]
Value = Any  # a NumPy scalar

GATES = "ifgo"  # as torch stacks them in its weights
_NET = torch.nn.LSTM(1, 1, bias=False, device="meta")  # its own weights have no values: each call brings its own


def lstm_forward(
    x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], *, dtype: Any = None, device: str = "cpu"
) -> dict[str, Array]:
    """The hidden states "h" of all steps, shape (T,), of one sequence `x` of shape (T,).

    `weights` maps "w_ix" to "w_gh" to scalars. Computed on the `device`, in torch's `dtype` or else that of `x`.
    """
    leaves = tensors(x, h_0, c_0, weights, dtype, device)
    with torch.no_grad():
        return {"h": to_numpy(_hidden(*leaves))}


def lstm_backward(
    x: Array,
    h_0: Value,
    c_0: Value,
    weights: Mapping[str, Value],
    h_direct: Array,
    *,
    dtype: Any = None,
    device: str = "cpu",
) -> dict[str, Value]:
    """The derivatives of a loss whose own derivative by each hidden state is `h_direct`, of shape (T,).

    The other arguments are those of `lstm_forward`. Returns "x_bar" of shape (T,), and "h_0_bar", "c_0_bar" and
    "w_ix_bar" to "w_gh_bar" of shape ().
    """
    leaves = tensors(x, h_0, c_0, weights, dtype, device)
    hidden = _hidden(*leaves)
    bars = torch.autograd.grad(hidden, leaves, hidden.new_tensor(h_direct))
    return by_name(*bars)


def _hidden(x: Any, h_0: Any, c_0: Any, read_x: Any, read_h: Any) -> Any:
    weights = {"weight_ih_l0": read_x, "weight_hh_l0": read_h}
    states = h_0.reshape(1, 1), c_0.reshape(1, 1)
    output, _ = torch.func.functional_call(_NET, weights, (x[:, None], states))
    return output[:, 0]


def tensors(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], dtype: Any, device: str) -> tuple[Any, ...]:
    """x, h_0, c_0 and the stacked weights of x and of h, as leaves of a graph."""
    stacked = [[[weights[f"w_{gate}{read}"]] for gate in GATES] for read in "xh"]
    return tuple(to_tensor(value, dtype, device).requires_grad_() for value in (x, h_0, c_0, *stacked))


def by_name(x_bar: Any, h_0_bar: Any, c_0_bar: Any, read_x_bar: Any, read_h_bar: Any) -> dict[str, Value]:
    """The gradients of what `tensors` gives, as arrays by their names."""
    bars = {"x_bar": to_numpy(x_bar), "h_0_bar": to_numpy(h_0_bar), "c_0_bar": to_numpy(c_0_bar)}
    for read, stacked in (("x", to_numpy(read_x_bar)), ("h", to_numpy(read_h_bar))):
        bars |= {f"w_{gate}{read}_bar": bar for gate, bar in zip(GATES, stacked[:, 0], strict=True)}
    return bars
