"""The gate: each rule with a project that keeps it and one that breaks it; and refute.lock, which is the same on every
machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from refute.claims import Bound
from refute.cli import main
from refute.deciding.verdict import Status
from refute.errors import ProjectError
from refute.gate.findings import Outcome, Place, Rule, places_in
from refute.gate.lock import HEADER, Entry, lock_of, lock_text, read_lock, strength_of, write_lock
from refute.gate.properties import collect
from refute.gate.rules import gains
from refute.gate.strength import changes_of_properties, changes_of_sizes, changes_of_strength
from refute.project import load
from tests.conftest import MakeProject
from tests.guarded import CERTIFIED, FILES, PROPERTIES, Gate, make_gate, refuted

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.usefixtures("own_imports")


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    return make_project(FILES)


@pytest.fixture
def gate(root: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return make_gate(root, monkeypatch)


def rules(outcome: Outcome) -> list[tuple[Rule, str, str]]:
    return [(finding.rule, finding.claim, finding.implementation) for finding in outcome.findings]


# Each rule, kept and broken


def test_what_is_as_the_lock_says_is_green(gate: Gate) -> None:
    assert gate(update=True).is_green
    outcome = gate()
    assert (outcome.is_green, outcome.gains, outcome.written) == (True, (), None)


def test_without_a_lock_it_is_red_and_says_how_to_make_one(gate: Gate, root: Path) -> None:
    (finding,) = gate().findings
    assert finding.rule is Rule.NO_LOCK
    assert "refute gate --update" in finding.advice
    assert finding.places == (Place(root / "pyproject.toml", 2),)


def test_a_refuted_claim_is_red_at_the_line_of_the_code(gate: Gate, root: Path) -> None:
    gate(update=True)
    outcome = gate(**refuted(f"{root}/specs/q.py:9; {root}/impl/q.py:1"))
    (finding,) = outcome.findings
    assert rules(outcome) == [(Rule.REFUTED, "square", "impl.q")]
    assert finding.places == (Place(root / "impl/q.py", 1), Place(root / "specs/q.py", 9))
    assert "with x = 2: the formula gives 8, square gives 4" in finding.message


def test_an_undecided_claim_is_red(gate: Gate) -> None:
    gate(update=True)
    assert rules(gate(status=Status.UNDECIDED)) == [(Rule.UNDECIDED, "square", "impl.q")]


@pytest.mark.parametrize("changes", [{"cases": 0}, {"surviving": ("2*x", "x*x")}], ids=str)
def test_a_claim_that_nothing_could_refute_is_red(gate: Gate, changes: dict[str, Any]) -> None:
    outcome = gate(update=True, **changes)
    assert (Rule.VACUOUS, "square", "impl.q") in rules(outcome)
    assert outcome.written is False
    assert all(mistake in outcome.findings[0].message for mistake in changes.get("surviving", ()))


def test_a_claim_without_a_property_is_red(gate: Gate, root: Path) -> None:
    gate(update=True)
    outcome = gate(properties={"square": {}})
    assert rules(outcome) == [(Rule.NO_PROPERTY, "square", ""), (Rule.WEAKER, "square", "")]
    assert '@pytest.mark.claim("square")' in outcome.findings[0].advice
    assert outcome.findings[0].places == places_in(f"{root}/specs/q.py:9")


def test_a_project_that_extends_another_needs_no_properties(gate: Gate, root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.refute]\nname = "mine"\nextends = "homework"\nclaims = ["2b.steps"]\n')
    assert gate(update=True, properties={"2b.steps": {}}, implementation="impl.mdrnn").is_green


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("mine.py", "import no_such_library\n", "No module named 'no_such_library'"),
        ("pyproject.toml", '[tool.refute]\nname = "other"\n', "not there any more"),
        ("impl/stray.py", "def square(x):\n    return x\n", "nothing checks it"),
        ("impl/stray/__init__.py", "from impl import q\n", "nothing checks it"),
    ],
)
def test_an_implementation_that_is_left_out_is_red(gate: Gate, root: Path, file: str, text: str, says: str) -> None:
    gate(update=True)
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text(text)
    outcome = gate()
    assert [rule for rule, _, _ in rules(outcome)] == [Rule.LEFT_OUT]
    assert says in outcome.findings[0].message


def test_an_implementation_on_which_every_claim_was_skipped_is_left_out(root: Path, gate: Gate) -> None:
    gate(update=True)
    outcome = gate(mine=Status.SKIPPED)
    assert rules(outcome) == [(Rule.LEFT_OUT, "", "mine")]
    assert "no claim was checked on it" in outcome.findings[0].message
    assert outcome.findings[0].places == (Place(root / "pyproject.toml", 4),)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("impl/q.py", "from impl.stray import square\n"),
        ("impl/q.py", "from impl import stray\nsquare = stray.square\n"),
        ("impl/q.py", "from . import stray\nsquare = stray.square\n"),
        ("impl/q.py", "from .stray import square\n"),
        ("impl/__init__.py", "import impl.stray\n"),
        ("pyproject.toml", '[tool.refute]\nname = "other"\nimplementations = ["mine", "impl.stray"]\n'),
    ],
)
def test_a_module_that_is_imported_or_listed_is_not_left_out(gate: Gate, root: Path, file: str, text: str) -> None:
    (root / "impl/stray.py").write_text("def square(x):\n    return x * x\n")
    (root / file).write_text(text)
    assert gate(update=True).is_green


def test_two_strays_that_import_each_other_are_left_out(gate: Gate, root: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (root / f"impl/{name}.py").write_text(f"import impl.{other}\n")
    assert [name for _, _, name in rules(gate(update=True))] == ["impl.one", "impl.two"]


def test_a_listed_implementation_that_was_never_locked_may_lack_its_library(gate: Gate, root: Path) -> None:
    (root / "mine.py").write_text("import no_such_library\n")
    outcome = gate(update=True)
    assert outcome.is_green
    assert set(outcome.project.missing) == {"mine"}


def test_an_update_keeps_what_it_cannot_import(gate: Gate, root: Path) -> None:
    gate(update=True)
    before = (root / "refute.lock").read_text()
    (root / "mine.py").write_text("import no_such_library\n")
    outcome = gate(update=True)
    assert (outcome.written, [rule for rule, _, _ in rules(outcome)]) == (True, [Rule.LEFT_OUT])
    assert (root / "refute.lock").read_text() == before


TWO = '[tool.refute]\nname = "mine"\nextends = "homework"\nimplementations = ["mine", "mine_too"]\n'


@pytest.mark.parametrize("broken", ["settings", "library"])
def test_what_implementations_of_ones_own_select_is_not_forgotten(gate: Gate, root: Path, broken: str) -> None:
    """A project that extends the homework checks the claims that speak of its own functions: none is dropped in
    silence when these go."""
    properties: dict[str, dict[str, int]] = {claim.id: {} for claim in load(ROOT).claims}
    (root / "pyproject.toml").write_text(TWO)
    (root / "mine.py").write_text("def momentum_step(): ...\n")
    (root / "mine_too.py").write_text("def mdrnn_forward(): ...\n")
    assert gate(update=True, properties=properties).is_green
    if broken == "settings":
        (root / "pyproject.toml").write_text(TWO.replace(', "mine_too"', ""))
    else:
        (root / "mine_too.py").write_text("import no_such_library\n")
    assert rules(gate(properties=properties)) == [(Rule.LEFT_OUT, "", "mine_too")]
    assert gate(update=True, properties=properties).is_green is (broken == "settings")
    lock = read_lock(root)
    assert lock is not None
    assert ("2b.steps" in lock) is (broken == "library")
    assert "3b.det" in lock


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('formula="x^2"', 'formula="x*x"'),
        ("Real()", "Real(0, 1)"),
        ('formula="x^2"', 'formula="x^2", within={"": "1"}'),
    ],
)
def test_a_claim_that_says_something_else_is_red_until_the_update(gate: Gate, root: Path, old: str, new: str) -> None:
    gate(update=True)
    spec = root / "specs/q.py"
    spec.write_text(spec.read_text().replace(old, new))
    assert rules(gate()) == [(Rule.CHANGED, "square", "")]
    assert gate(update=True).is_green
    assert gate().is_green


@pytest.mark.parametrize(("sizes", "is_green"), [("Natural(1, 1)", False), ("Natural(1, 3)", True)])
def test_fewer_sizes_are_red_and_more_are_told(gate: Gate, root: Path, sizes: str, is_green: bool) -> None:
    gate(update=True)
    spec = root / "specs/q.py"
    spec.write_text(spec.read_text().replace("Natural(1, 2)", sizes))
    outcome = gate()
    assert outcome.is_green is is_green
    assert outcome.gains == (("square: 1 shape more than in refute.lock",) if is_green else ())


def test_a_claim_that_is_gone_is_red_at_its_line_in_the_lock(gate: Gate, root: Path) -> None:
    gate(update=True)
    spec = root / "specs/q.py"
    spec.write_text(spec.read_text().replace('"square"', '"cube"', 1).replace('Claim("square"', 'Claim("cube"'))
    outcome = gate(properties={"cube": PROPERTIES["square"]})
    assert rules(outcome) == [(Rule.WEAKER, "square", "")]
    assert outcome.findings[0].places == (Place(root / "refute.lock", 6),)
    assert outcome.gains == ("cube: not in refute.lock yet",)


def test_a_new_implementation_is_told(gate: Gate, root: Path) -> None:
    settings = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text('[tool.refute]\nname = "other"\n')
    gate(update=True)
    (root / "pyproject.toml").write_text(settings)
    outcome = gate()
    assert (outcome.is_green, outcome.gains) == (True, ("square (mine): not in refute.lock yet",))


def test_a_weaker_verdict_is_red_and_a_stronger_one_is_told(gate: Gate) -> None:
    gate(update=True, digits=40)
    assert gate().gains == ("square (impl.q): 50 digits, 40 in refute.lock",)
    outcome = gate(digits=30)
    assert rules(outcome) == [(Rule.WEAKER, "square", "impl.q")]
    assert outcome.findings[0].message == "30 digits, 40 in refute.lock"


def test_nothing_is_locked_while_a_claim_does_not_stand(gate: Gate, root: Path) -> None:
    gate(update=True)
    before = (root / "refute.lock").read_text()
    assert gate(update=True, **refuted("")).written is False
    assert gate(update=True, properties={"square": {}}).written is False
    assert (root / "refute.lock").read_text() == before


# What is weaker

LOCKED = strength_of(CERTIFIED)


@pytest.mark.parametrize(
    ("changes", "losses", "gains"),
    [
        ({}, 0, 0),
        ({"verdict": "tested"}, 1, 0),
        ({"verdict": "proved"}, 0, 1),  # as good
        ({"error": "2^-100"}, 1, 0),
        ({"error": "2^-200"}, 0, 1),
        ({"error": "2^-100", "cases": 25}, 0, 2),  # chances add up over the cases
        ({"error": "2^-200", "cases": 23}, 1, 0),
        ({"digits": 49}, 1, 0),
        ({"digits": None}, 1, 0),
        ({"digits": 51}, 0, 1),
        ({"cases": 23}, 1, 0),
        ({"mistakes": 4}, 1, 0),
        ({"mistakes": 6}, 0, 1),
        ({"verdict": "proved", "mistakes": 4}, 1, 1),
        ({"systems": ("residues", "balls")}, 1, 0),
        ({"systems": ("residues", "balls", "sympy at 2 shapes")}, 1, 0),
        ({"systems": ("mpmath", "balls", "residues", "sympy at 4 shapes")}, 0, 2),
    ],
    ids=str,
)
def test_strength(changes: dict[str, Any], losses: int, gains: int) -> None:
    found = [change.is_loss for change in changes_of_strength(LOCKED, replace(LOCKED, **changes))]
    assert (found.count(True), found.count(False)) == (losses, gains)


@pytest.mark.parametrize(
    ("now", "losses"),
    [({"a": 2, "b": 1}, []), ({"a": 2}, [True]), ({"a": 1, "b": 1}, [True]), ({"a": 3}, [False]), ({"c": 9}, [False])],
    ids=str,
)
def test_fewer_properties_are_a_loss(now: Mapping[str, int], losses: list[bool]) -> None:
    assert [change.is_loss for change in changes_of_properties({"a": 2, "b": 1}, now)] == losses


@pytest.mark.parametrize(
    ("now", "losses"),
    [
        ([{"T": "2..4", "loss": ["all", "last"]}], []),
        ([{"T": "2..4", "loss": ["last"]}, {"T": [4, 3, 2], "loss": ["all"]}], []),
        ([{"T": "2..3", "loss": ["all", "last"]}], [True]),
        ([{"T": "3..9", "loss": ["all", "last"]}], [True]),
        ([{"T": "1..4", "loss": ["all", "last"]}], [False]),
        ([], [True]),
    ],
    ids=str,
)
def test_fewer_shapes_are_a_loss(now: list[dict[str, Any]], losses: list[bool]) -> None:
    assert [change.is_loss for change in changes_of_sizes([{"T": "2..4", "loss": ["all", "last"]}], now)] == losses


# The lock


def test_the_lock_of_the_homework_is_read_and_written_as_it_is() -> None:
    lock = read_lock(ROOT)
    assert lock is not None
    assert lock_text(lock) == (ROOT / "refute.lock").read_text(encoding="utf-8")
    assert set(lock) == {claim.id for claim in load(ROOT).claims}


def test_the_lock_says_what_the_homework_says() -> None:
    lock = read_lock(ROOT)
    assert lock is not None
    claims = load(ROOT).claims
    now = lock_of(claims, [], {claim.id: {} for claim in claims})
    assert {identifier: (entry.says, entry.sizes) for identifier, entry in lock.items()} == {
        identifier: (entry.says, entry.sizes) for identifier, entry in now.items()
    }
    assert any(isinstance(claim.observe, Bound) for claim in claims)


def test_the_lock_is_sorted_and_knows_no_machine_and_no_time(gate: Gate, root: Path) -> None:
    gate(update=True, seconds=1.25)
    text = (root / "refute.lock").read_text(encoding="utf-8")
    gate(update=True, seconds=2.5)
    assert (root / "refute.lock").read_text(encoding="utf-8") == text
    assert str(root) not in text
    assert text.startswith(HEADER)
    names = re.findall(r"^\[claim\.\S+\.by\.(.*)\]$", text, re.MULTILINE)
    assert names == ['"impl.q"', "mine"]


def test_any_text_survives_the_lock(tmp_path: Path) -> None:
    odd = 'a "b" \\ c\n\t# [x] = ∞ \x7f \x00'
    entry = Entry({"formula": odd, "given": {odd: odd}}, ({odd: [odd, 2], "n": "1..2"},), {odd: 1}, {odd: LOCKED})
    write_lock(tmp_path, {odd: entry})
    assert read_lock(tmp_path) == {odd: entry}


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD\n",
        "version = 2\n",
        "",
        "version = 1\nclaim = 3\n",
        'version = 1\n[claim.a]\nsizes = [{ T = "x" }]\n',
        'version = 1\n[claim.a]\nproperties.b = "many"\n',
        "version = 1\n[claim.a.by.b]\ncases = 3\n",
        'version = 1\n[claim.a.by.b]\nverdict = "wonderful"\n',
        'version = 1\n[claim.a.by.b]\nverdict = "refuted"\n',
        'version = 1\n[claim.a.by.b]\nverdict = "certified"\nerror = "small"\n',
        'version = 1\n[claim.a.by.b]\nverdict = "proved"\ncolour = 3\n',
    ],
)
def test_a_lock_that_is_not_in_order_is_the_projects_fault(gate: Gate, root: Path, text: str) -> None:
    (root / "refute.lock").write_text(text)
    with pytest.raises(ProjectError, match=r"refute\.lock cannot be read: .*; at .*refute\.lock; for example"):
        gate()


def test_gains_are_told_by_claim_and_implementation() -> None:
    strong, weak = replace(LOCKED, digits=60), LOCKED
    before = {"a": Entry({}, (), {"t": 1}, {"x": weak})}
    now = {"a": Entry({}, (), {"t": 2}, {"x": strong, "y": weak}), "b": Entry({}, (), {}, {})}
    assert list(gains(before, now)) == [
        "a: 2 properties, 1 in refute.lock",
        "a (x): 60 digits, 50 in refute.lock",
        "a (y): not in refute.lock yet",
        "b: not in refute.lock yet",
    ]
    assert list(gains(now, now)) == []


# Which tests speak of a claim

TESTS = """
    import pytest

    from refute.claims import Claim
    from specs.q import QUESTION
    from types import SimpleNamespace

    (CLAIM,) = QUESTION.claims


    @pytest.mark.parametrize("claim", [CLAIM, CLAIM])
    def test_parameter(claim): ...

    @pytest.mark.parametrize("twin", [SimpleNamespace(claim="square"), SimpleNamespace(claim=CLAIM)])
    def test_attribute(twin): ...

    @pytest.mark.claim("s*", "nothing")
    def test_marked(): ...

    @pytest.mark.claim("square")
    class TestAll:
        def test_inside(self): ...

    def test_of_nothing(): ...

    @pytest.mark.parametrize("name", ["square"])
    def test_text(name): ...

    @pytest.mark.claim("cube")
    def test_of_another(): ...

    @pytest.mark.skip
    @pytest.mark.claim("square")
    def test_skipped(): ...

    @pytest.mark.claim("square")
    @pytest.mark.parametrize("claim", [])
    def test_empty(claim): ...
"""


def collected(root: Path) -> Mapping[str, int]:
    return collect(root, load(root).claims, [str(root)])["square"]


def test_which_tests_speak_of_a_claim(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")  # how somebody likes to run tests
    root = make_project({**FILES, "properties/test_q.py": TESTS, "properties/deep/test_r.py": "def test_x(): ...\n"})
    assert collected(root) == {
        "test_q.py::TestAll::test_inside": 1,
        "test_q.py::test_attribute": 2,
        "test_q.py::test_marked": 1,
        "test_q.py::test_parameter": 2,
    }


def test_a_projects_claims_as_tests_are_no_properties(make_project: MakeProject) -> None:
    root = make_project({**FILES, "pyproject.toml": '[tool.refute]\nname = "other"\npytest = true\n'})
    assert sum(collected(root).values()) == 2


def test_without_a_folder_of_properties_there_are_none(make_project: MakeProject) -> None:
    files = {name: text for name, text in FILES.items() if not name.startswith("properties")}
    assert collected(make_project(files)) == {}


def test_properties_that_cannot_be_collected_are_the_projects_fault(make_project: MakeProject) -> None:
    root = make_project({**FILES, "properties/test_q.py": "import no_such_library\n"})
    with pytest.raises(ProjectError, match="the properties cannot be collected") as raised:
        collected(root)
    assert "No module named 'no_such_library'" in str(raised.value)
    assert raised.value.where == str(root / "properties")


# The command


def refute_gate(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return CliRunner().invoke(main, ["gate", "--jobs", "1", *arguments], catch_exceptions=False)


def test_from_no_lock_to_green_to_red(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_project(FILES)
    first = refute_gate(root, monkeypatch)
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (1, "The gate is red: 1 no-lock")
    update = refute_gate(root, monkeypatch, "--update")
    assert update.exit_code == 0
    assert update.stdout.endswith(
        "The gate is green: nothing is weaker than refute.lock says; refute.lock is written\n"
    )
    report = json.loads(
        refute_gate(root, monkeypatch, "--json", "--junit", "out/gate.xml", "--sarif", "gate.sarif").stdout
    )
    assert (report["ok"], report["findings"], report["written"]) == (True, [], None)
    assert {verdict["implementation"] for verdict in report["claims"]} == {"impl.q", "mine"}
    assert (root / "out/gate.xml").is_file()
    assert (root / "gate.sarif").is_file()

    text = (root / "properties/test_q.py").read_text()
    (root / "properties/test_q.py").write_text(text.partition("@pytest.mark.claim")[0])
    red = refute_gate(root, monkeypatch)
    assert red.exit_code == 1
    assert [line.strip() for line in red.stdout.splitlines()][-7:] == [
        "weaker  square",
        "1 property, 2 in refute.lock; gone: test_q.py::test_marked",
        "specs/q.py:9",
        "refute.lock:6",
        "if that is meant, run `refute gate --update` and commit refute.lock",
        "",
        "The gate is red: 1 weaker",
    ]


def test_where_there_is_no_project_nothing_is_guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = refute_gate(tmp_path, monkeypatch)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no claim project here" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--json", "--github"], ["--sarif", "/dev/null/gate.sarif"], ["--frobnicate"], ["--jobs", "0"]]
)
def test_a_misspelt_command_exits_with_2(root: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert refute_gate(root, monkeypatch, *arguments).exit_code == 2


# The page


def test_the_page_has_every_rule() -> None:
    page = (ROOT / "docs/gate.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(.*?)` \|", page, re.MULTILINE) == list(Rule)


def test_the_property_that_the_page_shows_is_one(tmp_path: Path) -> None:
    """It speaks of the claim that the guide to writing claims makes, and holds."""
    shown = re.compile(r"^`([\w./]+)`.*?^```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("writing-a-claim.md", "gate.md")]
    files = {name: text for page in pages for name, text in shown.findall(page) if not name.endswith(".md")}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in ("refute gate --update --jobs 1", "pytest -q -p no:cacheprovider properties"):
        done = subprocess.run(
            [sys.executable, "-m", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    lock = read_lock(tmp_path)
    assert lock is not None
    assert lock["softmax.jacobian"].properties == {"test_softmax.py::test_a_shift_of_all_inputs_changes_nothing": 3}
