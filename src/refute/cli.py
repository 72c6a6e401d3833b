"""The command line. Each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from refute import __version__
from refute.errors import InternalError, RefuteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refute.claims import Claim
    from refute.decide.verdict import Verdict
    from refute.project import Project


class _Commands(click.Group):
    """Prints errors of ours as one message, and exits with the code that says whose fault it is."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RefuteError as error:
            click.echo(f"refute: {error}", err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:  # noqa: BLE001  # a fault of ours must not exit with 1, which says that a claim is refuted
            click.echo(f"refute: a fault of its own, please report it\n{traceback.format_exc()}", err=True)
            ctx.exit(InternalError.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="refute")
def main() -> None:
    """A claim stands until it is refuted.

    Refute checks mathematical claims about machine-learning code: it runs the code in number systems that certify an
    identity, or refute it with a counterexample. Start with `refute check` in a folder with a claim project, or
    anywhere to check the homework that comes with it.
    """


def _complete_claim(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from refute.project import load

    try:
        claims = load(Path.cwd()).claims
    except RefuteError:
        return []  # completing must not print; running the command says what is wrong
    return [claim.id for claim in claims if claim.id.startswith(incomplete)]


@main.command()
@click.argument("claims", nargs=-1, metavar="[CLAIM-GLOB]...", shell_complete=_complete_claim)
@click.option(
    "--digits",
    default=50,
    show_default=True,
    type=click.IntRange(10, 2000),
    help="Decimal digits for balls and mpmath.",
)
@click.option(
    "--cases",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Least number of random cases for each shape.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Seed of every random choice.")
@click.option(
    "--jobs", default=None, type=click.IntRange(1, 256), help="Processes to use.  [default: one for each core]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
def check(claims: tuple[str, ...], digits: int, cases: int, seed: int, jobs: int | None, as_json: bool) -> None:
    """Check claims against their implementations.

    Without an argument every claim of the project is checked; with one or more, those whose id matches: `refute check
    '1a.*' 3b.det`.

    \b
    Exit code: 0 all claims stand, 1 some claim is refuted or undecided,
               2 the project is not in order or the command is misspelt.
    """
    from refute.decide.identity import Options
    from refute.project import load

    start = time.perf_counter()
    project = load(Path.cwd())
    selected = project.select(claims)
    verdicts = _verdicts(project, selected, Options(digits, cases, seed), jobs)
    _report(project, selected, verdicts, time.perf_counter() - start, as_json=as_json)
    sys.exit(0 if all(verdict.accepted for verdict in verdicts) else 1)


def _verdicts(project: Project, claims: Sequence[Claim], options: Any, jobs: int | None) -> list[Verdict]:
    from rich.console import Console

    from refute.report.terminal import track
    from refute.run import check_project

    found = track(check_project(project, claims, options, jobs=jobs), len(claims), Console(stderr=True))
    order = {claim.id: i for i, claim in enumerate(claims)}
    return sorted(found, key=lambda verdict: order[verdict.claim])


def _report(
    project: Project, claims: Sequence[Claim], verdicts: Sequence[Verdict], seconds: float, *, as_json: bool
) -> None:
    if as_json:
        from refute.report.json_output import verdicts_json

        click.echo(verdicts_json(project.name, verdicts))
        return
    from rich.console import Console

    from refute.report.terminal import print_verdicts

    print_verdicts(claims, verdicts, seconds, Console())


if __name__ == "__main__":
    main()
