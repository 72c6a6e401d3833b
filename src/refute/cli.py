"""The command line. Each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import gc
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
    from refute.deciding.identity import Options
    from refute.deciding.verdict import Verdict
    from refute.project import Project, Trial


OBJECTS = 50_000  # new ones, after which cycles are looked for: most stay, and it took a twentieth of a cold start


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
    gc.set_threshold(OBJECTS)


def _claims_from(incomplete: str) -> list[Claim]:
    """The claims of the current project whose id begins with what was typed."""
    from refute.project import load

    try:
        claims = load(Path.cwd()).claims
    except RefuteError:
        return []  # completing must not print; running the command says what is wrong
    return [claim for claim in claims if claim.id.startswith(incomplete)]


def _complete_claim(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [claim.id for claim in _claims_from(incomplete)]


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
@click.option(
    "--impl",
    "implementations",
    multiple=True,
    metavar="MODULE[:OBJECT]",
    help="Another implementation to check, besides those that pyproject.toml lists; several may be given.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
def check(
    claims: tuple[str, ...],
    digits: int,
    cases: int,
    seed: int,
    jobs: int | None,
    implementations: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check claims against their implementations.

    Without an argument every claim of the project is checked; with one or more, those whose id matches: `refute check
    '1a.*' 3b.det`. Another implementation is a module, or an object in one, with some of the functions that the
    project's own has: `refute check --impl my_package.lstm`.

    \b
    Exit code: 0 all claims stand, 1 some claim is refuted or undecided,
               2 the project is not in order or the command is misspelt.
    """
    from refute.deciding.identity import Options
    from refute.project import load, with_others

    start = time.perf_counter()
    project = with_others(load(Path.cwd()), implementations)
    trials = project.trials(project.select(claims))
    verdicts = _verdicts(project, trials, Options(digits, cases, seed), jobs)
    _report(project, verdicts, time.perf_counter() - start, as_json=as_json)
    sys.exit(0 if all(verdict.stands for verdict in verdicts) else 1)


@main.command()
@click.option("--update", is_flag=True, help="Write refute.lock anew, with what is so now.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML to this file.")
@click.option("--sarif", type=click.Path(dir_okay=False, path_type=Path), help="Write SARIF 2.1.0 to this file.")
@click.option(
    "--github/--no-github",
    default=None,
    help="Print annotations for GitHub Actions, and write the job's summary.  [default: when it runs there]",
)
@click.option(
    "--jobs", default=None, type=click.IntRange(1, 256), help="Processes to use.  [default: one for each core]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
def gate(
    update: bool, junit: Path | None, sarif: Path | None, github: bool | None, jobs: int | None, as_json: bool
) -> None:
    """Guard the claims: for CI, and before a commit.

    Checks every claim as `refute check` does, and fails too when a claim has no property in properties/, when a claim
    stands that nothing could refute, when an implementation is left out, or when anything is weaker than the committed
    refute.lock says. What is new or stronger is told, and does not fail.

    \b
    Examples:  refute gate --update                    # the first time, and when a change is meant
               refute gate                             # in CI, with refute.lock committed
               refute gate --junit gate.xml --sarif gate.sarif
    \b
    Exit code: 0 green, 1 red, 2 the project is not in order or the command is misspelt.
    """
    from refute.deciding.identity import Options
    from refute.guarding import Outputs, guard

    def check(project: Project, trials: Sequence[Trial]) -> list[Verdict]:
        return _verdicts(project, trials, Options(), jobs)

    outputs = Outputs(junit=junit, sarif=sarif, github=github, as_json=as_json)
    sys.exit(0 if guard(Path.cwd(), check, outputs, update=update) else 1)


def _answerable(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [claim.id for claim in _claims_from(incomplete) if claim.blank is not None]


@main.command(context_settings={"ignore_unknown_options": True})  # a formula may begin with a minus
@click.argument("claim", shell_complete=_answerable)
@click.argument("formula")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
@click.option(
    "--reveal",
    default="value",
    show_default=True,
    type=click.Choice(["value", "formula", "none"]),
    help="How much to show of what is right: its value at the counterexample, the formula itself, or nothing.",
)
def answer(claim: str, formula: str, as_json: bool, reveal: str) -> None:
    r"""Decide a written answer to a claim.

    FORMULA is plain text or LaTeX; - reads it from standard input. `refute show CLAIM` says how to write it.

    \b
    Examples:  refute answer 2a.weights 'H^2 + DH'
               refute answer 1a.f_bar '\overline{c^{(t)}} c^{(t-1)}'
    \b
    Exit code: 0 accepted, 1 refused, 2 the command or the project is not in order,
               3 the formula cannot be read, 4 undecided.
    """
    from refute.deciding.written import deciders

    decider = deciders(Path.cwd()).of(claim)
    verdict = decider.decide(sys.stdin.read() if formula == "-" else formula)
    if as_json:
        from refute.report.json_output import answer_json

        click.echo(answer_json(verdict, decider.claim, reveal))
    else:
        from rich.console import Console

        from refute.report.answers import print_answer

        print_answer(verdict, decider.claim, reveal, Console())
    sys.exit(verdict.exit_code)


@main.command()
def stream() -> None:
    """Decide answers line by line, from standard input to standard output.

    Each line in is a JSON object, {"id", "claim", "answer"} for an answer or {"id", "left", "right"} for two formulas
    that may be the same; each line out is one too, in the same order, written as soon as it is decided.
    """
    import gc

    from refute.deciding.written import deciders
    from refute.stream import decide_line

    project = deciders(Path.cwd())
    gc.freeze()  # what is there by now stays, so collections of garbage need not look at it: a tenth of the time
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        out.write(decide_line(line.decode("utf-8", "replace"), project).encode("utf-8", "backslashreplace") + b"\n")
        out.flush()


@main.command()
@click.argument("claim", required=False, shell_complete=_answerable)
def show(claim: str | None) -> None:
    """Show what a claim asks, the names an answer may use, and how to write it.

    Without CLAIM, list the claims that take a written answer.
    """
    from rich.console import Console

    from refute.project import load
    from refute.report.answers import print_blank, print_blanks

    project = load(Path.cwd())
    if claim is None:
        print_blanks(project.questions, Console())
    else:
        print_blank(project.claim(claim), Console())


@main.command("same", context_settings={"ignore_unknown_options": True})
@click.argument("left")
@click.argument("right")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    metavar="TEXT",
    help="Domains of variables: 'x > 0', '0 < y < 1', 'z >= 2', 'n in 1..9'. Several, or one with commas.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
def compare(left: str, right: str, domains: tuple[str, ...], as_json: bool) -> None:
    """Decide whether two formulas are the same function.

    The formulas are plain text or LaTeX, over any variables, which are real numbers unless --domain says more. A point
    at which just one of the two has a value is a counterexample. The exit codes are those of `refute answer`.

    \b
    Example:   refute same 'sech(x)^2' '1 - tanh(x)^2'
               refute same 'log(x^2)' '2 log(x)' --domain 'x > 0'
    """
    from refute.deciding.domain import parse_domains
    from refute.deciding.same import same

    verdict = same(left, right, parse_domains(domains))
    if as_json:
        from refute.report.json_output import answer_json

        click.echo(answer_json(verdict, None, "value"))
    else:
        from rich.console import Console

        from refute.report.answers import print_comparison

        print_comparison(verdict, left, right, Console())
    sys.exit(verdict.exit_code)


@main.command()
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SUBMISSION...")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the results into this folder.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="terminal, json, html, markdown, markus, gradescope, otter, classroom, junit, canvas-csv, moodle-csv; several "
    "may be given.  [default: terminal; with --out, html and json too]",
    shell_complete=lambda ctx, param, incomplete: _complete_format(incomplete),
)
@click.option("--policy", type=click.Path(dir_okay=False, path_type=Path), help="The course's policy, a TOML file.")
@click.option("--late", metavar="TIME", help="How late it was handed in: 2 (days), '1d 3h', 20m.")
@click.option("--marks", type=click.Path(dir_okay=False, path_type=Path), help="A marker's points, a CSV file.")
@click.option(
    "--roster", type=click.Path(dir_okay=False, path_type=Path), help="A gradebook that Canvas or Moodle exported."
)
@click.option(
    "--reveal",
    default="value",
    show_default=True,
    type=click.Choice(["value", "none"]),
    help="Whether feedback shows the right value at a counterexample; it never shows the right formula.",
)
@click.option("--trust-code", is_flag=True, help="Run code that was handed in without isolation: for your own only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list and nothing else on stdout.")
def grade(
    submissions: tuple[Path, ...],
    out: Path | None,
    formats: tuple[str, ...],
    policy: Path | None,
    late: str | None,
    marks: Path | None,
    roster: Path | None,
    reveal: str,
    trust_code: bool,
    as_json: bool,
) -> None:
    """Mark what students handed in, and say what was wrong.

    A SUBMISSION is a file (.tex .md .ipynb .yaml .toml .json .txt .pdf .py .zip), or a folder; a folder whose
    sub-folders are submissions is a class. Python is run in a box, see `refute doctor`.
    `refute template` prints a file to fill in.

    \b
    Examples:  refute grade ada.tex
               refute grade handed-in/ --out results --format html --format markus
               refute grade handed-in/ --out results --marks results/to-mark.csv
    \b
    A policy:  [partial]
               sign = "50%"                       # what a mistake of this kind earns
               [late]
               due = 2019-03-22T23:59:00-04:00    # then 10% a day begun, 3 days at most
               [rounding]
               to = 0.25
    \b
    Exit code: 0 everything was marked, whatever the marks; 2 the command or the project
               is not in order; 5 some submission needs a person, beyond the explanations
               that a person always marks.
    """
    from refute.grading import Settings, grade_submissions

    settings = Settings(
        policy=policy,
        late=late,
        marks=marks,
        roster=roster,
        reveal=reveal == "value",
        as_json=as_json,
        trust_code=trust_code,
    )
    sys.exit(grade_submissions(submissions, formats, out, settings))


def _complete_format(incomplete: str) -> list[str]:
    from refute.report.results import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


@main.command()
@click.option(
    "--format",
    "form",
    default="tex",
    show_default=True,
    type=click.Choice(["tex", "md", "ipynb", "yaml"]),
    help="LaTeX, Markdown, a Jupyter notebook, or YAML.",
)
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write to this file.")
def template(form: str, out: Path | None) -> None:
    """Print a template to fill in, with a place for each claim that has points.

    The LaTeX one compiles with pdflatex, lualatex or xelatex, and puts its source into the PDF, where it is read again.
    """
    from refute.grade.template import template as filled
    from refute.project import load

    text = filled(load(Path.cwd()).questions, form)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on stdout.")
def doctor(as_json: bool) -> None:
    """Try what isolation this machine has for code that was handed in.

    \b
    Exit code: 0 code can be isolated, 1 it cannot.
    """
    from refute.report.doctor import findings_json, print_findings
    from refute.sandbox.doctor import examine

    findings = examine()
    if as_json:
        click.echo(findings_json(findings))
    else:
        from rich.console import Console

        print_findings(findings, Console())
    sys.exit(0 if all(finding.holds for finding in findings) else 1)


def _verdicts(project: Project, trials: Sequence[Trial], options: Options, jobs: int | None) -> list[Verdict]:
    from rich.console import Console

    from refute.report.terminal import track
    from refute.run import check_project

    checked = check_project(project, trials, options, jobs=jobs)
    found = track(checked, len(trials), Console(stderr=True), "checking", lambda v: f"{v.claim} {v.status}")
    order = {(trial.claim, trial.other): i for i, trial in enumerate(trials)}
    return sorted(found, key=lambda v: order.get((v.claim, v.implementation), order[v.claim, None]))


def _report(project: Project, verdicts: Sequence[Verdict], seconds: float, *, as_json: bool) -> None:
    if as_json:
        from refute.report.json_output import verdicts_json

        click.echo(verdicts_json(project.name, verdicts, project.missing))
        return
    from rich.console import Console

    from refute.report.terminal import print_verdicts

    print_verdicts(project.claims, verdicts, seconds, Console(), project.missing)


if __name__ == "__main__":
    main()
