from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from refute import configuration, errors
from refute.configuration import find_root
from refute.errors import ProjectError, RefuteError, UsageError
from refute.project import Project, Trial, load, with_others
from tests.conftest import MakeProject

CHECKOUT = Path(__file__).resolve().parents[1]
EMPTY = {"specs/__init__.py": "", "impl/__init__.py": ""}
HEADER = "from refute.claims import Claim, Question\n"

pytestmark = pytest.mark.usefixtures("own_imports")


def claim(identifier: str, functions: str = "()") -> str:
    return f"Claim({identifier!r}, ask='', formula='1', observe=print, mistakes={{}}, source='', functions={functions})"


def question(identifier: str, *claims: str) -> str:
    """The text of a spec with one question."""
    return f"{HEADER}QUESTION = Question({identifier!r}, '', '', (\n    {', '.join(claims)},\n))\n"


SMALL = EMPTY | {
    "specs/sums.py": question("1", claim("1a.sum"), claim("1b.product")),
    "specs/roots.py": question("2", claim("2.root")),
    "impl/sums.py": "def total(x): return sum(x)\n",
    "impl/unasked.py": "raise RuntimeError('imported without need')\n",
}


# Where the project is found


def test_a_folder_in_the_project_finds_its_root(make_project: MakeProject) -> None:
    root = make_project(EMPTY)
    assert find_root(root / "specs") == find_root(root) == root


def test_the_nearest_project_is_found(make_project: MakeProject) -> None:
    root = make_project({"inner/pyproject.toml": '[tool.refute]\nname = "inner"\n', "inner/deep/empty.txt": ""})
    assert find_root(root / "inner" / "deep") == root / "inner"


@pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "[project]\nname = 'x'\n", "tool = 3\n", "[tool]\nrefute = 3\n"])
def test_a_pyproject_without_the_table_is_passed_over(make_project: MakeProject, text: str) -> None:
    root = make_project({"inner/pyproject.toml": text})
    assert find_root(root / "inner") == root


def test_from_an_empty_folder_the_checkout_of_the_engine_is_found(tmp_path: Path) -> None:
    assert find_root(tmp_path) == CHECKOUT


def test_without_a_checkout_the_bundled_project_is_found(
    make_project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_project({"lib/refute/_catalogue/pyproject.toml": "[tool.refute]\n", "pyproject.toml": ""}) / "lib"
    monkeypatch.setattr(configuration, "ENGINE", site / "refute")
    assert find_root(tmp_path) == site / "refute" / "_catalogue"


def test_no_project_anywhere_is_an_error_that_shows_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "ENGINE", tmp_path / "lib" / "src" / "refute")
    with pytest.raises(ProjectError) as caught:
        find_root(tmp_path)
    assert str(caught.value) == (
        "there is no claim project here: expected a folder whose pyproject.toml has a [tool.refute] table, "
        "got none in this folder or above it, and none bundled with refute; "
        f'at {tmp_path}; for example [tool.refute] with name = "homework"'
    )


# What is loaded


def test_the_homework_is_loaded_with_an_implementation_for_every_claim(tmp_path: Path) -> None:
    homework = load(CHECKOUT / "specs")
    assert (homework.name, homework.root, sys.path[0]) == ("homework", CHECKOUT, str(CHECKOUT))
    assert [q.id for q in homework.questions] == ["1", "2", "3"]
    assert homework.implementations.keys() == {c.id for c in homework.claims}


def test_without_a_start_the_project_of_the_current_folder_is_loaded(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_project(SMALL) / "specs")
    assert load().name == "other"


def test_questions_come_in_the_order_of_the_files(make_project: MakeProject) -> None:
    small = load(make_project(SMALL))
    assert [q.id for q in small.questions] == ["2", "1"]
    assert [c.id for c in small.claims] == ["2.root", "1a.sum", "1b.product"]


def test_an_implementation_is_the_module_of_the_same_name(make_project: MakeProject) -> None:
    small = load(make_project(SMALL))
    found = {c.id: small.implementation_of(c) for c in small.claims}
    assert found == {"2.root": None, "1a.sum": sys.modules["impl.sums"], "1b.product": sys.modules["impl.sums"]}


def test_a_question_that_another_module_imports_counts_once(make_project: MakeProject) -> None:
    again = {"specs/together.py": "from specs.sums import QUESTION\nfrom specs.roots import QUESTION as ROOTS\n"}
    assert len(load(make_project(SMALL | again)).questions) == 2


def test_a_claim_has_its_line(make_project: MakeProject) -> None:
    text = f"{HEADER}HEAD = '1'\nQUESTION = Question(\n'1', '', '', (\n{claim('1a')},\n{claim('1b')},\n))\n"
    root = make_project(EMPTY | {"specs/one.py": text})
    assert [c.place for c in load(root).claims] == [f"{root / 'specs' / 'one.py'}:{line}" for line in (5, 6)]


def test_a_claim_whose_id_is_made_up_has_the_line_that_makes_it(make_project: MakeProject) -> None:
    text = question(
        "1", claim("1a"), "*(" + claim("1b.{}").replace("'1b.{}'", 'f"1b.{letter}"') + " for letter in 'xy')"
    )
    root = make_project(EMPTY | {"specs/one.py": text.replace(", *(", ",\n*(")})
    assert [c.place.rpartition(":")[2] for c in load(root).claims] == ["3", "4", "4"]


def test_another_project_is_loaded_in_a_process_of_its_own(make_project: MakeProject) -> None:
    code = "from refute.project import load; p = load(); print(p.name, p.root, *(c.id for c in p.claims))"
    root = make_project(SMALL)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["other", str(root), "2.root", "1a.sum", "1b.product"]


# Which claims are selected


@pytest.fixture
def small(make_project: MakeProject) -> Project:
    return load(make_project(SMALL))


@pytest.mark.parametrize(
    ("globs", "ids"),
    [
        ([], ["2.root", "1a.sum", "1b.product"]),
        (["1a.sum"], ["1a.sum"]),
        (["1*"], ["1a.sum", "1b.product"]),
        (["1b.*", "2.*", "*.product"], ["2.root", "1b.product"]),
        (["1[ab].?um"], ["1a.sum"]),
    ],
)
def test_globs_select_claims_in_the_order_of_the_project(small: Project, globs: list[str], ids: list[str]) -> None:
    assert [c.id for c in small.select(globs)] == ids


def test_a_glob_that_matches_nothing_is_an_error_with_the_closest_id(small: Project) -> None:
    with pytest.raises(UsageError) as caught:
        small.select(["2.*", "1a.summ"])
    assert str(caught.value) == (
        "no claim matches '1a.summ'; did you mean 1a.sum?: "
        "expected a glob over 2.root, 1a.sum, 1b.product, got '1a.summ'"
    )


def test_a_glob_that_is_close_to_nothing_gets_no_suggestion(small: Project) -> None:
    with pytest.raises(UsageError, match=r"^no claim matches 'Q7\*': expected"):
        small.select(["Q7*"])


def test_ids_are_matched_with_their_case(small: Project) -> None:
    with pytest.raises(UsageError, match=r"did you mean 1a\.sum"):
        small.select(["1A.sum"])


# What is wrong with a project


def refusal(root: Path) -> str:
    """The text of the error that loading the project raises."""
    with pytest.raises(ProjectError) as caught:
        load(root)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_two_claims_with_one_id_are_named_with_both_files(make_project: MakeProject) -> None:
    root = make_project(SMALL | {"specs/zeros.py": question("3", claim("1a.sum"))})
    assert refusal(root) == (
        "two claims have the id 1a.sum: expected claim ids that are unique in the project, "
        f"got 1a.sum in {root / 'specs' / 'sums.py'} and in {root / 'specs' / 'zeros.py'}"
    )


def test_two_questions_with_one_id_are_named_with_both_files(make_project: MakeProject) -> None:
    root = make_project(SMALL | {"specs/zeros.py": question("1", claim("3"))})
    assert refusal(root).startswith("two questions have the id 1: ")


def test_a_package_named_specs_from_elsewhere_is_named_with_both_places(
    make_project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "elsewhere" / "specs"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(other.parent))
    __import__("specs")
    root = make_project(SMALL)
    assert refusal(root) == (
        "the name specs is taken by a module from elsewhere: "
        f"expected specs from {root}, got specs from {other / '__init__.py'}; "
        "for example an empty specs/__init__.py, in a process that has not imported the other"
    )


def test_a_second_project_in_one_process_is_refused(make_project: MakeProject) -> None:
    root = make_project(SMALL)
    load(CHECKOUT)
    assert f"expected specs from {root}, got specs from {CHECKOUT / 'specs' / '__init__.py'}" in refusal(root)


def test_malformed_toml_is_an_error_with_file_and_line(make_project: MakeProject) -> None:
    root = make_project(SMALL | {"pyproject.toml": "[tool.refute]\nname = \n"})
    text = refusal(root)
    assert text.startswith("pyproject.toml cannot be read: expected a TOML file, got ")
    assert "at line 2, column 8" in text
    assert text.endswith(f"; at {root / 'pyproject.toml'}")


def test_a_pyproject_that_is_no_text_is_an_error_with_the_file(make_project: MakeProject) -> None:
    root = make_project(SMALL)
    (root / "pyproject.toml").write_bytes(b"\xff\xfe\x00")
    assert refusal(root).endswith(f"; at {root / 'pyproject.toml'}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "the claim project has no name: expected a text, name, in the table [tool.refute], got {}"),
        ("name = 3", "name in [tool.refute] does not fit: expected a text, got 3"),
        ('name = "x"\nclaims = "1a"', "claims in [tool.refute] does not fit: expected a list of texts, got '1a'"),
        (
            'name = "x"\nimplementations = [1]',
            "implementations in [tool.refute] does not fit: expected a list of texts",
        ),
        ('name = "x"\npytest = 1', "pytest in [tool.refute] does not fit: expected true or false, got 1"),
        ('name = "x"\nimplementation = []', "[tool.refute] has no key implementation; did you mean implementations?"),
        ('name = "x"\nextends = "homwork"', "there is no project homwork to extend: expected homework, got homwork"),
    ],
)
def test_settings_that_are_not_in_order_are_an_error(make_project: MakeProject, settings: str, said: str) -> None:
    root = make_project(SMALL | {"pyproject.toml": f"[tool.refute]\n{settings}\n"})
    text = refusal(root)
    assert text.startswith(said)
    assert str(root / "pyproject.toml") in text


@pytest.mark.parametrize("specs", [{}, EMPTY, EMPTY | {"specs/one.py": f"{HEADER}Q = Question('1', '', '', ())\n"}])
def test_a_project_without_claims_is_an_error(make_project: MakeProject, specs: dict[str, str]) -> None:
    assert refusal(make_project(specs)).startswith("the claim project claims nothing: expected a question with a claim")


def test_a_claim_that_needs_an_implementation_must_have_one(make_project: MakeProject) -> None:
    root = make_project(EMPTY | {"specs/lines.py": question("1", claim("1a", "('slope', 'offset')"))})
    assert refusal(root) == (
        "claim 1a has no implementation: expected a module with slope and offset, got no such file; "
        f"at {root / 'impl' / 'lines.py'}"
    )


@pytest.mark.parametrize(
    ("path", "text", "line", "got"),
    [
        ("specs/sums.py", "\n1/0\n", 2, "ZeroDivisionError: division by zero"),
        ("specs/sums.py", "import no_such_module\n", 1, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("specs/sums.py", "from specs.roots import nothing\n", 1, "ImportError: cannot import name 'nothing'"),
        ("specs/sums.py", "x = 1\nx +\n", 2, "SyntaxError: invalid syntax"),
        ("specs/sums.py", f"{HEADER}\nQUESTION = Question('1')\n", 3, "TypeError: "),
        ("specs/__init__.py", "\n\nx\n", 3, "NameError: name 'x' is not defined"),
        ("impl/sums.py", "from math import tangent\n", 1, "ImportError: cannot import name 'tangent'"),
    ],
)
def test_a_module_that_fails_is_an_error_with_file_and_line(
    make_project: MakeProject, path: str, text: str, line: int, got: str
) -> None:
    root = make_project(SMALL | {path: text})
    said = refusal(root)
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert said.startswith(f"{module} cannot be imported: expected a module that imports without an error, got {got}")
    assert said.endswith(f"; at {root / path}:{line}")


def test_a_formula_that_cannot_be_read_keeps_its_own_words(make_project: MakeProject) -> None:
    root = make_project(SMALL | {"specs/sums.py": "from refute.formula.parse import parse\nSUM = parse('(1 +')\n"})
    said = refusal(root)
    assert said.startswith("specs.sums cannot be imported: the formula cannot be read: expected ")
    assert f"; at {root / 'specs' / 'sums.py'}:2, line 1, column " in said


def test_an_interrupt_is_not_an_error_of_the_project(make_project: MakeProject) -> None:
    root = make_project(SMALL | {"specs/sums.py": "raise KeyboardInterrupt\n"})
    with pytest.raises(KeyboardInterrupt):
        load(root)


# The texts and the exit codes of errors


def test_an_error_says_all_its_parts() -> None:
    error = RefuteError("the sum is wrong", expected="2", got="3", where="sums.py:4", example="1 + 1")
    assert str(error) == "the sum is wrong: expected 2, got 3; at sums.py:4; for example 1 + 1"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, ""),
        ({"message": "no"}, "no"),
        ({"expected": "2", "got": "3"}, "expected 2, got 3"),
        ({"message": "no", "got": "3", "example": "2"}, "no: got 3; for example 2"),
        ({"message": "no", "where": "a.py:1"}, "no: at a.py:1"),
        ({"expected": "", "where": "a.py:1"}, "expected ; at a.py:1"),
    ],
)
def test_a_part_that_is_none_is_left_out(parts: dict[str, str], text: str) -> None:
    assert str(RefuteError(**parts)) == text


def test_the_exit_code_says_whose_fault_it_is() -> None:
    kinds = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, RefuteError)]
    assert {kind.__name__: kind.exit_code for kind in kinds} == {
        "RefuteError": 70,
        "AnswerError": 3,
        "ProjectError": 2,
        "UsageError": 2,
        "ImplementationError": 1,
        "InternalError": 70,
    }


def test_an_error_crosses_processes_whole() -> None:
    error = ProjectError("no", expected="2", got="3", where="a.py:1", example="2")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (ProjectError, str(error), vars(error))


# Other implementations


KIT = """
    def half(x): return x / 2

    class Kit:
        def total(self, x): return 0

    kit = Kit()
"""
HALF = {"mine/__init__.py": "", "mine/half.py": KIT}
WITH_FUNCTIONS = (
    EMPTY
    | HALF
    | {
        "specs/sums.py": question(
            "1", claim("1a.half", "('half',)"), claim("1b.total", "('total', 'half')"), claim("1c")
        ),
        "impl/sums.py": "def half(x): return x * 0.5\n\ndef total(x): return sum(x)\n",
    }
)


def test_another_implementation_is_tried_at_claims_it_has_a_function_of(make_project: MakeProject) -> None:
    root = make_project(WITH_FUNCTIONS)
    found = with_others(load(root), ["mine.half", "mine.half:kit"])
    assert found.trials(found.claims) == (
        Trial("1a.half", None), Trial("1a.half", "mine.half"),
        Trial("1b.total", None), Trial("1b.total", "mine.half"), Trial("1b.total", "mine.half:kit"),
        Trial("1c", None),
    )  # fmt: skip


def test_the_settings_name_implementations_and_claims(make_project: MakeProject) -> None:
    table = '[tool.refute]\nname = "x"\nimplementations = ["mine.half"]\nclaims = ["1a.*"]\n'
    found = with_others(load(make_project(WITH_FUNCTIONS | {"pyproject.toml": table})))
    assert list(found.others) == ["mine.half"]
    assert [c.id for c in found.select()] == ["1a.half"]
    assert [c.id for c in found.select(["1c"])] == ["1c"]


def test_of_a_project_that_is_extended_only_what_is_implemented_counts(make_project: MakeProject) -> None:
    root = make_project(
        {
            "pyproject.toml": '[tool.refute]\nname = "x"\nextends = "homework"\nimplementations = ["mine.net"]\n',
            "mine/__init__.py": "",
            "mine/net.py": "def mdrnn_wavefront(x, W_in, W_W, W_N): return x\n",
        }
    )
    script = (
        "from refute.project import load, with_others\n"
        "p = with_others(load())\n"
        "print(p.name, *(c.id for c in p.select()))\n"
    )  # in a process of its own, since this one has the checkout's specs already
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "x"
    assert {"2a.weights", "2b.steps", "2.activations"} <= set(done.stdout.split())
    assert not {"1a.c_bar", "3b.det"} & set(done.stdout.split())


def test_an_implementation_whose_library_is_not_installed_is_missing(make_project: MakeProject) -> None:
    root = make_project(WITH_FUNCTIONS | {"mine/heavy.py": "import no_such_library\n"})
    found = with_others(load(root), ["mine.heavy", "mine.half"])
    assert found.missing == {"mine.heavy": "No module named 'no_such_library'"}
    assert list(found.others) == ["mine.half"]


@pytest.mark.parametrize("name", ["mine.hlaf", "no_such_package.half", "mine.half:kti", "mine.half:kit.x"])
def test_a_misspelt_implementation_is_an_error(make_project: MakeProject, name: str) -> None:
    project = load(make_project(WITH_FUNCTIONS))
    with pytest.raises(ProjectError, match=f"{name} cannot be imported"):
        with_others(project, [name])


def test_an_implementation_without_a_function_that_matters_is_an_error(make_project: MakeProject) -> None:
    project = load(make_project(WITH_FUNCTIONS | {"mine/other.py": "def third(x): return x / 3\n"}))
    with pytest.raises(ProjectError, match=r"mine.other has none .* expected one of half, total, got third"):
        with_others(project, ["mine.other"])
