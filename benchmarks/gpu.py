"""Are PyTorch's LSTM and an MDRNN in it right on a GPU, in each format, and does a wavefront take 2G - 1 steps' time?

Run: python benchmarks/gpu.py [--device cpu]. cuDNN's LSTM and a wavefront run in binary64, binary32, TF32, bfloat16 and
binary16, judged by the radius of balls at the format's own precision; beside each is one whose gates are in a wrong
order, or whose neighbours are swapped, which must be refuted. Without a GPU nothing is run, and the output says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the homework is a folder of the checkout

from rich.console import Console
from rich.table import Table

from impl import lstm, mdrnn, torch_lstm, torch_mdrnn
from refute.claims import Question
from refute.deciding.check import Checker
from refute.deciding.floating import Expected
from refute.deciding.verdict import Status
from refute.sandbox.local import LocalImplementation
from specs.lstm import QUESTION as LSTM
from specs.mdrnn import QUESTION as MDRNN

import torch  # isort: skip  # after the adapters, which say what to install if it is lacking

FORMATS = {
    "float64": torch.float64,
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
CLAIMS = ("1b.", "2.activations")  # what these functions give results of
SIDES, WIDTH, RUNS = (16, 32, 64, 128, 256), 64, 7


@contextmanager
def matrix_products_in(name: str) -> Iterator[None]:
    """Let the GPU compute products of binary32 matrices in TF32, or not."""
    places = (torch.backends.cuda.matmul, torch.backends.cudnn.rnn)
    before = [place.fp32_precision for place in places]
    try:
        for place in places:
            place.fp32_precision = "tf32" if name == "tf32" else "ieee"
        yield
    finally:
        for place, was in zip(places, before, strict=True):
            place.fp32_precision = was


class Row(NamedTuple):
    """How many claims there are about an implementation in a format; in how many it was accepted, and the wrong one
    beside it refuted."""

    what: str
    form: str
    claims: int
    accepted: int
    refuted: int


def judged(device: str, form: str) -> Iterator[Row]:
    """The verdicts on the LSTM and on the wavefront, right and wrong, in a format."""
    where = {"dtype": FORMATS[form], "device": device}
    forward, backward = (partial(getattr(torch_lstm, f"lstm_{way}"), **where) for way in ("forward", "backward"))
    wavefront: Any = partial(torch_mdrnn.mdrnn_wavefront, **where)
    right = {"lstm_forward": forward, "lstm_backward": backward, "mdrnn_wavefront": wavefront}
    wrong = right | {
        "lstm_forward": partial(_in_another_order, forward),
        "mdrnn_wavefront": lambda x, w_in, w_w, w_n: wavefront(x, w_in, w_n, w_w),
    }
    with matrix_products_in(form):
        for what, question, reference in (("nn.LSTM", LSTM, lstm), ("wavefront", MDRNN, mdrnn)):
            accepted, refuted = (_statuses(question, reference, functions, form) for functions in (right, wrong))
            yield Row(what, form, len(accepted), accepted.count(Status.TESTED), refuted.count(Status.REFUTED))


def _in_another_order(run: Any, x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any]) -> Any:
    swapped = {"w_ox": "w_gx", "w_gx": "w_ox", "w_oh": "w_gh", "w_gh": "w_oh"}
    return run(x, h_0, c_0, {swapped.get(name, name): weight for name, weight in weights.items()})


def _statuses(question: Question, reference: Any, functions: Mapping[str, Any], form: str) -> list[Status]:
    """The verdicts on the claims that can be judged in floats."""
    checker = Checker()
    expected = Expected(reference, checker.bench)
    implementation = LocalImplementation("functions", SimpleNamespace(**functions, DTYPE=form), reference)
    with implementation.in_floats():
        found = [
            checker.judge_in_floats(claim, implementation, expected, "it is compiled")
            for claim in question.claims
            if claim.id.startswith(CLAIMS)
        ]
    return [verdict.status for verdict in found if verdict is not None]


def timed(device: str) -> Table:
    """A table of times of a wavefront, on grids of growing sides."""
    table = Table(title=f"A wavefront with D = H = {WIDTH} in binary32 on {device_name(device)}")
    for heading in ("G", "ms", "of twice the side before", "us a step (2G - 1)", "us a square (G^2)"):
        table.add_column(heading, justify="right")
    before = None
    generator = torch.Generator().manual_seed(0)
    weights = (torch.randn(3 * WIDTH, WIDTH, generator=generator) / WIDTH).to(device)
    for side in SIDES:
        x = torch.randn(side, side, WIDTH, generator=generator).to(device)
        seconds = best_seconds(x, weights)
        ratio = "" if before is None else f"{seconds / before:.2f}"
        a_step, a_square = 1e6 * seconds / (2 * side - 1), 1e6 * seconds / side**2
        table.add_row(str(side), f"{1e3 * seconds:.2f}", ratio, f"{a_step:.1f}", f"{a_square:.2f}")
        before = seconds
    return table


def best_seconds(x: Any, weights: Any) -> float:
    """The least time of several wavefronts, after one that warms up."""
    times = []
    for _ in range(RUNS + 1):
        start = perf_counter()
        torch_mdrnn.wavefront(x, weights)
        if x.is_cuda:
            torch.cuda.synchronize()
        times.append(perf_counter() - start)
    return min(times[1:])


def device_name(device: str) -> str:
    """What the device is called."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", help="where to run, as torch calls it (default: cuda)")
    device = parser.parse_args().device
    if device.startswith("cuda") and not torch.cuda.is_available():
        print(f"skipped: torch {torch.__version__} sees no GPU here; --device cpu runs the same on the CPU")
        return
    console = Console(width=120)
    table = Table(title=f"Verdicts on {device_name(device)}")
    for heading in ("", "format", "claims", "accepted", "wrong one refuted"):
        table.add_column(heading)
    for form in FORMATS:
        for row in judged(device, form):
            table.add_row(*map(str, row))
    console.print(table)
    console.print(timed(device))


if __name__ == "__main__":
    main()
