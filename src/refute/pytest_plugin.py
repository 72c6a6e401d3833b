"""The pytest plugin: ``pytest --refute`` collects the claims of a project as test items, and sums up the verdicts.

pytest imports this module at its start wherever refute is installed. So it imports nothing heavy: what does the work is
in `refute.testing`, and imported when a claim is collected, or by a test file with a law.
"""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from os.path import normpath, relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from refute.configuration import is_project, read_settings
from refute.errors import ProjectError

if TYPE_CHECKING:
    from refute.testing.claims import ProjectFile
    from refute.testing.profiles import Profile

PROFILES = ("quick", "ci", "thorough")
CLAIM_MARKER = "claim(glob, ...): the claims that a test speaks of"
STRENGTHS = ("certified", "proved", "tested", "refuted", "undecided")
COLOURS = {"certified": "green", "proved": "green", "tested": "cyan", "refuted": "red", "undecided": "yellow"}
HOW = (
    "How hard to try: quick (20 digits, the two smallest values of each size, mistakes are not tried), "
    "ci (as refute check does) or thorough (100 digits, 4 cases for each shape); default ci."
)

RUNNING = pytest.StashKey[Any]()  # what a test that runs has to do with refute
PROJECTS = pytest.StashKey[frozenset[Path]]()  # the pyproject.toml files whose claims are collected


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("refute", "refute: claims about code, certified or refuted")
    group.addoption("--refute", action="store_true", help="Collect the claims of the project as tests.")
    group.addoption("--refute-profile", choices=PROFILES, default=None, metavar="PROFILE", help=HOW)
    group.addoption(
        "--refute-seed", type=_seed, default=None, metavar="N", help="Seed of every random choice; default 0."
    )


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise ValueError(text)
    return seed


def pytest_configure(config: pytest.Config) -> None:
    """Note whose claims are collected, and ask pytest to look at their pyproject.toml."""
    config.addinivalue_line("markers", CLAIM_MARKER)
    config.addinivalue_line("markers", "law: an equation that refute decides")
    try:
        found = frozenset(root / "pyproject.toml" for root in _roots(config))
    except ProjectError as error:
        raise pytest.UsageError(f"refute: {error}") from None
    config.stash[PROJECTS] = found
    named = [Path(normpath(config.invocation_params.dir / argument)) for argument in config.args]
    config.args += [str(path) for path in sorted(found) if not any(path.is_relative_to(folder) for folder in named)]


def _roots(config: pytest.Config) -> Iterable[Path]:
    """The claim projects to check. With --refute, unless single tests are named, those of the paths named, else of the
    folder that pytest is started in. One that says so in its table is checked where no path is named."""
    start, named = config.invocation_params.dir, config.args_source is config.ArgsSource.ARGS
    if any("::" in argument for argument in config.args):
        return ()
    if not config.option.refute:
        return () if named else _willing(start, config.rootpath)
    starts = [start / argument for argument in config.args] if named else []
    found = [root for root in map(_nearest, starts) if root is not None]
    root = _nearest(start, config.rootpath)
    if not found and root is None:
        raise ProjectError(
            "there is no claim project here", expected="a folder whose pyproject.toml has a [tool.refute] table",
            got="none in this folder or above it", where=str(start), example="pytest --refute its/folder",
        )  # fmt: skip
    return found if found or root is None else [root]


def _willing(*starts: Path) -> list[Path]:
    """The nearest project, if its table says that pytest shall always check it. To those who have none it does not
    matter what a pyproject.toml is like."""
    try:
        root = _nearest(*starts)
    except ProjectError:
        return []
    return [] if root is None or not read_settings(root).pytest else [root]


def _nearest(*starts: Path) -> Path | None:
    """The nearest project to the first of these that has one; under the name that pytest knows it by, so that links are
    not followed."""
    absolute = [Path(normpath(start)) for start in starts]
    return next((folder for start in absolute for folder in (start, *start.parents) if is_project(folder)), None)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """How hard claims and laws are tried, where that was asked for."""
    option = config.option
    if not (config.stash[PROJECTS] or option.refute_profile or option.refute_seed is not None):
        return []
    return [f"refute: {_profile(config).words()}; seed {_seed_of(config)}"]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ProjectFile | None:
    """The claims of a project whose file is to be collected, or was named."""
    if file_path.name != "pyproject.toml":
        return None
    config = parent.config
    if file_path not in config.stash[PROJECTS] and not (parent.session.isinitpath(file_path) and _claims(file_path)):
        return None
    from refute.testing.claims import ProjectFile

    return ProjectFile.from_parent(parent, path=file_path, profile=_profile(config), seed=_seed_of(config))


def _claims(file: Path) -> bool:
    """Whether a pyproject.toml is a claim project's, or cannot be read, which collecting it will say."""
    try:
        return is_project(file.parent)
    except ProjectError:
        return True


def pytest_itemcollected(item: pytest.Item) -> None:
    """Laws can be selected by ``-m law``."""
    if _is_law(item):
        item.add_marker("law")


def _is_law(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "obj", None), "refute_law")


def _profile(config: pytest.Config) -> Profile:
    from refute.testing.profiles import PROFILES

    return PROFILES[config.option.refute_profile or "ci"]


def _seed_of(config: pytest.Config) -> int:
    return config.option.refute_seed or 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test so that the verdicts it comes to are known."""
    running = sys.modules.get("refute.testing.running")
    if running is None:
        return (yield)
    with running.running(_profile(item.config), _seed_of(item.config)) as item.stash[RUNNING]:
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the verdicts into the report, and what is shown of a failure in the place of a traceback."""
    report = yield
    if RUNNING in item.stash:
        from refute.testing.reports import complete

        complete(report, item, call, item.stash[RUNNING], again=_command(item))
    return report


def _command(item: pytest.Item) -> str:
    """The command that runs one test again."""
    option = item.config.option
    path, *names = str(item.nodeid).partition("@refute claim ")[0].split("::")  # before what xdist adds for groups
    place = Path(relpath(item.config.rootpath / path, item.config.invocation_params.dir)).as_posix()
    words = ["pytest", *(["--refute"] if not _is_law(item) else []), shlex.quote("::".join([place, *names]))]
    if option.refute_profile:
        words.append(f"--refute-profile {option.refute_profile}")
    if option.refute_seed is not None:
        words.append(f"--refute-seed {option.refute_seed}")
    return " ".join(words)


def _verdicts(report: object) -> Sequence[Mapping[str, Any]]:
    """The verdicts that a report carries."""
    found: Sequence[Mapping[str, Any]] = getattr(report, "refute", ())
    return found


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """Where each test that passes has a line, its verdict is in it."""
    verdicts = _verdicts(report)
    if len(verdicts) != 1 or not report.passed:
        return None
    return "passed", ".", (f"PASSED ({verdicts[0]['status']})", {"green": True})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many claims and laws stand, by how strong a verdict; with -v the evidence for each."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    verdicts = [verdict for report in reports for verdict in _verdicts(report)]
    if not verdicts:
        return
    if terminalreporter.verbosity > 0:
        terminalreporter.section("verdicts")
        for verdict in verdicts:
            terminalreporter.write(f"{verdict['status']:<11}", **{COLOURS.get(verdict["status"], "white"): True})
            terminalreporter.write(f"{verdict['name']}: {verdict['evidence']}\n")
    for kind in ("claim", "law"):
        some = [verdict for verdict in verdicts if verdict["kind"] == kind and verdict["status"] in STRENGTHS]
        if some:
            stand = all(verdict["accepted"] for verdict in some)
            profile = terminalreporter.config.option.refute_profile
            told = f"refute: {_sum(kind, some)}" + (f"; profile {profile}" if profile else "")
            terminalreporter.write_line(told, green=stand, red=not stand)


def _sum(kind: str, verdicts: Sequence[Mapping[str, Any]]) -> str:
    """One line that sums up verdicts of a kind."""
    counts = Counter(verdict["status"] for verdict in verdicts)
    strengths = ", ".join(f"{counts[status]} {status}" for status in STRENGTHS if counts[status])
    failed, total = sum(not verdict["accepted"] for verdict in verdicts), len(verdicts)
    if failed:
        head = f"{failed} of {total} {kind}{'' if total == 1 else 's'} {'does' if failed == 1 else 'do'} not stand"
    else:
        head = f"{total} {kind} stands" if total == 1 else f"{total} {kind}s stand"
    tried, refuted = (sum(verdict[key] for verdict in verdicts) for key in ("mistakes", "mistakes_refuted"))
    return f"{head}: {strengths}" + (f"; {refuted}/{tried} mistakes refuted" if tried else "")
