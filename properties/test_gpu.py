"""PyTorch's LSTM and a wavefront on a GPU, in each format: accepted, and refuted with gates or neighbours swapped."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="module")
def gpu() -> Any:
    """The benchmark that judges them, on any device."""
    pytest.importorskip("torch", reason="torch is not installed; for example: pip install 'refute[torch]'")
    from benchmarks import gpu

    return gpu


def check(gpu: Any, device: str, form: str) -> None:
    rows = list(gpu.judged(device, form))
    assert [row.claims for row in rows] == [8, 1]
    assert all(row.claims == row.accepted == row.refuted for row in rows)


@pytest.mark.parametrize("form", ["float64", "float32", "tf32", "bfloat16", "float16"])
def test_a_gpu_is_right_in_each_format(gpu: Any, form: str) -> None:
    if not gpu.torch.cuda.is_available():
        pytest.skip("torch sees no GPU here")
    check(gpu, "cuda", form)


@pytest.mark.parametrize("form", ["float64", "tf32", "float16"])
def test_so_is_a_cpu(gpu: Any, form: str) -> None:
    check(gpu, "cpu", form)


def test_the_format_of_matrix_products_is_put_back(gpu: Any) -> None:
    def precisions() -> list[str]:
        return [gpu.torch.backends.cuda.matmul.fp32_precision, gpu.torch.backends.cudnn.rnn.fp32_precision]

    before = precisions()
    with gpu.matrix_products_in("tf32"):
        assert precisions() == ["tf32", "tf32"]
    assert precisions() == before
