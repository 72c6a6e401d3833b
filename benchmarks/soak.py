"""Does Refute ever accept a wrong formula, refuse a right one, or crash? Run: python benchmarks/soak.py --pairs 100000

Random formulas, random rewritings that keep the function, and random edits. Rewritings are right by construction; of an
edit mpmath says at random points, at digits enough that rounding cannot be meant, whether it changed the function.
"""

from __future__ import annotations

import argparse
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # benchmarks/ and specs/ are folders of the checkout

from benchmarks.soaking.judging import OFFENCES, Refute, Tally, run_block
from benchmarks.soaking.pairs import BLOCK

MEMORY = 4 * 2**30  # address space of each process
SHOWN = 4  # offences of each kind, the shortest


def _limit_memory() -> None:
    """So that a formula which asks for too much memory is a crash with a name."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _soak_one(arguments: tuple[int, int]) -> Tally:
    seed, block = arguments
    return run_block(seed, block, Refute())


def main() -> int:
    """Soak, with a progress bar, and print what was counted. Exits with 1 if anything was judged wrongly."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5_000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument("--block", type=int, help=f"only these {BLOCK} pairs, to see them again")
    options = parser.parse_args()
    blocks = range(-(-options.pairs // BLOCK)) if options.block is None else [options.block]
    console, start, total = Console(), perf_counter(), Tally()
    with ProcessPoolExecutor(options.jobs, initializer=_limit_memory) as pool:
        tallies = pool.map(_soak_one, [(options.seed, block) for block in blocks], chunksize=4)
        for tally in track(tallies, "soaking", len(blocks), console=Console(stderr=True)):
            total.add(tally)
    seconds = perf_counter() - start
    table = Table("counted", "", title=f"seed {options.seed}, {seconds:.0f} s")
    for name in ("pairs", "rewritings", "edits", *OFFENCES):
        table.add_row(name, f"{total.counts[name]:,}")
    table.add_row("pairs per second", f"{total.counts['pairs'] / seconds:,.0f}")
    table.add_row("slowest decision", f"{total.slowest[0]:.2f} s")
    console.print(table)
    console.print("slowest:", total.slowest[1], markup=False, highlight=False, soft_wrap=True)
    for found in total.shortest(SHOWN):
        console.print(f"[bold]{found.kind}[/bold] ", end="")
        console.print(found.what, markup=False, soft_wrap=True)
        console.print(f"  {found.command}", markup=False, highlight=False, soft_wrap=True)
    return 1 if total.offences else 0


if __name__ == "__main__":
    sys.exit(main())
