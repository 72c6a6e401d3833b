"""The pytest plugin: claims are tests like any others, what fails says why and how to see it again, and who does not
ask for claims does not notice it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

import refute.deciding.bounds  # a nested run forgets what it is the first to import, and SymPy takes long
import refute.numbers.reals
import refute.testing.reports  # noqa: F401
from refute import pytest_plugin
from refute.deciding.check import Checker
from refute.errors import InternalError
from refute.testing.profiles import PROFILES

pytest_plugins = ["pytester"]

SPEC = """
from fractions import Fraction
from refute.claims import Bound, Claim, Natural, Question, Real, Sighting


def scene(implementation, sizes, draw):
    x = draw("x", sizes["D"])
    for name, value in (("double", implementation.double(x)), ("square", implementation.square(x))):
        for i in range(sizes["D"]):
            yield Sighting(f"1.{name}", value[i], {"x": x[i]}, name, {"i": i + 1})


def bounded(variables, number):
    return {"": [variables["x"]]}


def claim(id, formula, mistake):
    return Claim(id, ask=f"What is {id}?", formula=formula, observe=scene, mistakes={mistake: "wrong"}, source="here",
                 given={"x": Real()}, sizes={"D": Natural(1, 3)}, functions=("double", "square"))


LIMIT = Claim("2.limit", ask="How large?", formula="2", observe=Bound(bounded, {"x": (0, 1)}), source="here",
              mistakes={"1/2": "small"})
QUESTIONS = [
    Question("1", "One", "", (claim("1.double", "2*x", "3*x"), claim("1.square", "x^2", "x^3"))),
    Question("2", "Two", "", (LIMIT,)),
]
ONE, TWO = QUESTIONS
"""
CODE = """
def double(x):
    return x + x


def square(x):
    return x * x
"""
WRONG = CODE.replace("x + x", "x + x + x")
IDS = [
    "pyproject.toml::claim 1.double / impl.small",
    "pyproject.toml::claim 1.double / mine",
    "pyproject.toml::claim 1.square / impl.small",
    "pyproject.toml::claim 1.square / mine",
    "pyproject.toml::claim 2.limit",
    "pyproject.toml::claims / absent",
]
FROM_8_3 = pytest.mark.skipif(pytest.version_tuple < (8, 3), reason="pytest does not know arguments of marks yet")
STRICT = ["-W", "error", "-p", "no:randomly", "-p", "no:cacheprovider"]


@pytest.fixture(autouse=True)
def _own_imports(own_imports: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each nested run imports the modules of its own project."""
    monkeypatch.setenv("COLUMNS", "120")
    yield
    sys.modules.pop("absent", None)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A small project, with one right implementation, one that is not, and one that cannot be imported here."""
    pytester.makepyprojecttoml('[tool.refute]\nname = "small"\nimplementations = ["mine", "absent"]')
    for folder, text in (("specs", SPEC), ("impl", CODE)):
        (pytester.path / folder).mkdir()
        (pytester.path / folder / "__init__.py").touch()
        (pytester.path / folder / "small.py").write_text(text, encoding="utf-8")
    pytester.makepyfile(mine=WRONG, absent="import nowhere_to_be_found", test_other="def test_other(): pass")
    return pytester


def collected(project: pytest.Pytester, *options: str) -> list[str]:
    found = project.runpytest("--collect-only", "-q", *STRICT, *options)
    return [line for line in found.outlines if "::" in line]


# Items


def test_each_claim_with_each_implementation_is_an_item(project: pytest.Pytester) -> None:
    assert collected(project, "--refute") == [*IDS, "test_other.py::test_other"]
    assert collected(project) == ["test_other.py::test_other"]


def test_right_claims_pass_wrong_ones_fail_and_a_missing_library_skips(project: pytest.Pytester) -> None:
    found = project.runpytest("--refute", "-rs", *STRICT)
    found.assert_outcomes(passed=5, failed=1, skipped=1)
    assert "SKIPPED [1] pyproject.toml: No module named 'nowhere_to_be_found'" in found.outlines
    assert (
        "refute: 1 of 5 claims does not stand: 3 certified, 1 proved, 1 refuted; 3/3 mistakes refuted" in found.outlines
    )


def test_all_pass_when_all_are_right(project: pytest.Pytester) -> None:
    project.makepyfile(mine=CODE)
    found = project.runpytest("--refute", *STRICT)
    found.assert_outcomes(passed=6, skipped=1)
    assert "refute: 5 claims stand: 4 certified, 1 proved; 3/3 mistakes refuted" in found.outlines


def test_with_v_each_claim_has_its_verdict_and_its_evidence(project: pytest.Pytester) -> None:
    lines = project.runpytest("--refute", "-v", *STRICT).stdout
    lines.fnmatch_lines([
        "*::claim 1.double / impl.small PASSED (certified)*",
        "*::claim 1.double / mine FAILED*",
        "*::claim 2.limit PASSED (proved)*",
        "certified  claim 1.double / impl.small: error < 2^-*; 50 digits; 3 cases; * 1/1 mistakes refuted",
        "refuted    claim 1.double / mine: balls",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("options", "selected"),
    [
        (["-k", "1.double"], IDS[:2]),
        (["-k", "mine and not double"], IDS[3:4]),
        (["-m", "claim"], IDS[:5]),
        pytest.param(["-m", "claim(question='2')"], IDS[4:5], marks=FROM_8_3),
        pytest.param(["-m", "claim(implementation='mine')"], [IDS[1], IDS[3]], marks=FROM_8_3),
        (["-m", "not claim", "-k", "other"], ["test_other.py::test_other"]),
    ],
)
def test_claims_can_be_selected(project: pytest.Pytester, options: list[str], selected: list[str]) -> None:
    assert collected(project, "--refute", *options) == selected


def test_x_stops_at_a_claim_that_does_not_stand(project: pytest.Pytester) -> None:
    project.runpytest("--refute", "-x", *STRICT).assert_outcomes(passed=1, failed=1)


def test_lf_runs_the_claims_again_that_failed(project: pytest.Pytester) -> None:
    options = ("--refute", "-p", "no:randomly", "-W", "error")
    project.runpytest(*options)
    project.runpytest(*options, "--lf").assert_outcomes(failed=1)
    project.makepyfile(mine=CODE)
    project.runpytest(*options, "--lf").assert_outcomes(passed=1)


def test_what_cannot_be_observed_is_skipped_at_the_claims_place(project: pytest.Pytester) -> None:
    project.makepyfile(mine="def double(x):\n    return x + x")
    found = project.runpytest("--refute", "-rs", *STRICT)
    found.assert_outcomes(passed=5, skipped=2)
    assert re.search(r"SKIPPED \[1\] specs/small.py:\d+: it gives nothing that the claim is about", found.stdout.str())


# Failures


def test_a_failure_shows_a_counterexample_and_how_to_see_it_again(project: pytest.Pytester) -> None:
    found = project.runpytest("--refute", "--refute-seed", "7", *STRICT)
    found.stdout.fnmatch_lines([
        "*_ claim 1.double / mine at small.py:* _*",
        "1.double (mine) refuted",
        "  What is 1.double?",
        "  with      D = 1, x[[]1[]] = 1",
        "  expected  2",
        "            from 2[*]x",
        "  observed  3",
        "            from double at i = 1",
        "  where     specs/small.py:*",
        "            mine.py:1",
        "  again     refute check 1.double --impl mine --seed 7",
        "            pytest --refute 'pyproject.toml::claim 1.double / mine' --refute-seed 7",
        "FAILED pyproject.toml::claim 1.double / mine - refuted: expected 2, observed 3",
    ])  # fmt: skip
    assert "Traceback" not in found.stdout.str()


def test_the_commands_shown_give_the_same_again(project: pytest.Pytester) -> None:
    text = project.runpytest("--refute", *STRICT).stdout.str()
    checking, testing = re.findall(r"^(?:  again   |          )  ((?:refute|pytest) .*)$", text, re.MULTILINE)
    project.runpytest(*shlex.split(testing)[1:], *STRICT).assert_outcomes(failed=1)
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(checking)], cwd=project.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "1.double (mine) refuted" in done.stdout


def test_a_name_that_passes_can_be_run_alone_even_without_the_option(project: pytest.Pytester) -> None:
    project.runpytest(IDS[0], *STRICT).assert_outcomes(passed=1)
    assert project.runpytest(IDS[0] + "x", *STRICT).ret is pytest.ExitCode.USAGE_ERROR


def test_a_mistake_that_is_not_refuted_fails(project: pytest.Pytester) -> None:
    (project.path / "specs/small.py").write_text(SPEC.replace('"3*x"', '"x + x"'), encoding="utf-8")
    found = project.runpytest("--refute", IDS[0], *STRICT)
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(["  the mistake 'x + x' (wrong) is not refuted: the property is too weak"])


def test_junit_has_the_same_text_without_colour(project: pytest.Pytester) -> None:
    found = project.runpytest("--refute", "--junitxml=out.xml", "--color=yes", *STRICT)
    assert "\x1b[31m3" in found.stdout.str()
    cases = ElementTree.parse(project.path / "out.xml").getroot().findall(".//testcase")
    assert [case.get("name") for case in cases] == [name.partition("::")[2] for name in [*IDS, "::test_other"]]
    (failure,) = [child for case in cases for child in case if child.tag == "failure"]
    assert failure.get("message") == "refuted: expected 2, observed 3"
    assert failure.text is not None
    assert failure.text.startswith("1.double (mine) refuted\n  What is 1.double?\n  with      D = 1, x[1] = 1\n")
    assert "x1B" not in failure.text


# Errors


def only_error(found: pytest.RunResult) -> str:
    """The text of the only error, in which nothing of ours is seen."""
    text = found.stdout.str()
    assert "src/refute" not in text
    assert "Traceback" not in text
    return text


def test_a_spec_that_is_not_in_order_is_an_error_of_one_message(project: pytest.Pytester) -> None:
    (project.path / "specs/small.py").write_text(SPEC.replace('"2*x"', '"2*"'), encoding="utf-8")
    found = project.runpytest("--refute", IDS[0], *STRICT)
    found.assert_outcomes(errors=1)
    assert "claim 1.double: the formula cannot be read: expected a name, a number or an opening bracket" in only_error(
        found
    )


def test_a_project_that_cannot_be_imported_is_an_error_of_one_message(project: pytest.Pytester) -> None:
    (project.path / "specs/small.py").write_text("raise ValueError(7)", encoding="utf-8")
    found = project.runpytest("--refute", *STRICT)
    found.assert_outcomes(errors=1)
    assert "refute: specs.small cannot be imported: expected a module that imports without an error, got" in only_error(
        found
    )


def test_a_fault_of_ours_is_an_error_and_says_so(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise InternalError("balls refute what residues certify")

    monkeypatch.setattr(Checker, "check", fail)
    found = project.runpytest("--refute", IDS[0], *STRICT)
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines(["*InternalError: balls refute*", "a fault of refute's own, please report it"])


def test_without_a_project_the_option_is_an_error_and_nothing_else_is(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_other="def test_other(): pass")
    found = pytester.runpytest("--refute", *STRICT)
    assert found.ret is pytest.ExitCode.USAGE_ERROR
    assert "ERROR: refute: there is no claim project here: expected a folder whose" in found.stderr.str()
    pytester.runpytest(*STRICT).assert_outcomes(passed=1)


def test_brackets_in_a_message_are_not_taken_for_colour(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from refute.testing import law

        @law(x=2)
        def test_says_nothing(x):
            return "[red]"
    """)
    found = pytester.runpytest("--color=yes", *STRICT)
    assert "got str '[red]'" in found.stdout.str()


def test_a_key_that_is_none_is_an_error(project: pytest.Pytester) -> None:
    project.makepyprojecttoml('[tool.refute]\nname = "small"\npytst = true')
    found = project.runpytest(*STRICT)
    assert found.ret is pytest.ExitCode.USAGE_ERROR
    assert "[tool.refute] has no key pytst; did you mean pytest?" in found.stderr.str()


# Which claims


@pytest.mark.parametrize(
    ("says", "options", "has_claims"),
    [
        ("true", [], True),
        ("false", [], False),
        ("true", ["test_other.py"], False),
        ("true", ["."], False),
        ("false", ["--refute", "test_other.py"], True),
        ("false", ["--refute", "."], True),
        ("false", ["--refute", "test_other.py::test_other"], False),
        ("false", ["pyproject.toml"], True),
    ],
)
def test_claims_are_collected_where_they_are_asked_for(
    project: pytest.Pytester, says: str, options: list[str], has_claims: bool
) -> None:
    project.makepyprojecttoml(f'[tool.refute]\nname = "small"\npytest = {says}')
    assert ("pyproject.toml::claim 2.limit" in collected(project, *options)) == has_claims


def test_testpaths_do_not_leave_the_claims_out(project: pytest.Pytester) -> None:
    (project.path / "tests").mkdir()
    (project.path / "test_other.py").rename(project.path / "tests/test_other.py")
    project.makepyprojecttoml('[tool.refute]\nname = "small"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]')
    assert collected(project, "--refute") == ["tests/test_other.py::test_other", *IDS[0:4:2], IDS[4]]


def test_a_project_in_a_folder_below_is_checked_when_the_folder_is_named(project: pytest.Pytester) -> None:
    below = project.path / "below"
    below.mkdir()
    for name in ("pyproject.toml", "specs", "impl", "mine.py", "absent.py"):
        (project.path / name).rename(below / name)
    project.makepyprojecttoml("[tool.pytest.ini_options]")
    assert collected(project, "--refute", "below") == [f"below/{name}" for name in IDS]
    found = project.runpytest("--refute", "below", *STRICT)
    found.assert_outcomes(passed=4, failed=1, skipped=1)
    found.stdout.fnmatch_lines([
        "  again     cd below && refute check 1.double --impl mine --seed 0",
        "            pytest --refute 'below/pyproject.toml::claim 1.double / mine'",
    ])  # fmt: skip


def test_the_import_path_is_as_before(project: pytest.Pytester) -> None:
    project.makeconftest("""
        import sys
        before = list(sys.path)
        def pytest_sessionfinish():
            assert sys.path == before
    """)
    project.runpytest("--refute", *STRICT).assert_outcomes(passed=5, failed=1, skipped=1)


# Profiles


@pytest.mark.parametrize(
    ("profile", "evidence", "told"),
    [
        (
            "quick",
            "20 digits; 2 cases;",
            "quick: 20 digits, * the 2 smallest values of each size only, mistakes are not tried",
        ),
        ("ci", "50 digits; 3 cases;", "ci: 50 digits, 1 case or more for each shape"),
        ("thorough", "100 digits; 12 cases;", "thorough: 100 digits, 4 cases or more for each shape"),
    ],
)
def test_a_profile_says_what_it_does(project: pytest.Pytester, profile: str, evidence: str, told: str) -> None:
    found = project.runpytest("--refute", "-v", "--refute-profile", profile, IDS[0], *STRICT)
    found.stdout.fnmatch_lines([
        f"refute: {told}; seed 0",
        f"certified  claim 1.double / impl.small: *{evidence}*",
        f"refute: 1 claim stands: 1 certified*; profile {profile}",
    ])  # fmt: skip


def test_a_quick_profile_still_refutes(project: pytest.Pytester) -> None:
    project.runpytest("--refute", "--refute-profile", "quick", *STRICT).assert_outcomes(passed=5, failed=1, skipped=1)


def test_the_profiles_are_those_that_there_are() -> None:
    assert tuple(PROFILES) == pytest_plugin.PROFILES


# In several processes, and at the start


def test_several_processes_come_to_the_same(project: pytest.Pytester) -> None:
    found = project.runpytest_subprocess("--refute", "-n", "2", "--dist", "loadgroup", *STRICT)
    found.assert_outcomes(passed=5, failed=1, skipped=1)
    found.stdout.fnmatch_lines([
        "  again     refute check 1.double --impl mine --seed 0",
        "            pytest --refute 'pyproject.toml::claim 1.double / mine'",
        "refute: 1 of 5 claims does not stand: 3 certified, 1 proved, 1 refuted; 3/3 mistakes refuted",
        "FAILED pyproject.toml::claim 1.double / mine* - refuted: expected 2, observed 3",
    ])  # fmt: skip


def test_claims_that_share_runs_are_a_group(project: pytest.Pytester) -> None:
    items, _ = project.inline_genitems("--refute", *STRICT)
    groups = [[mark.args[0] for mark in item.iter_markers("xdist_group")] for item in items]
    small, mine = ["refute claim 1.double / impl.small"], ["refute claim 1.double / mine"]
    assert groups == [small, mine, small, mine, ["refute claim 2.limit"], [], []]


def test_at_the_start_nothing_heavy_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_modules="""
            import sys
            def test_modules():
                assert "refute.pytest_plugin" in sys.modules
                heavy = {"numpy", "flint", "sympy", "mpmath", "rich", "click", "refute.testing"}
                assert not heavy & set(sys.modules)
        """
    )
    ours = ["-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:cov", "-p", "no:randomly", "-q"]
    pytester.runpytest_subprocess(*ours).assert_outcomes(passed=1)


# Laws


def test_laws_are_tests_with_a_verdict(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from refute.testing import law

        @law(x=2)
        def test_right(x):
            return x.sum(), x[0] + x[1]

        @law(x=2)
        def test_wrong(x):
            return x.sum(), x[0] * x[1]

        @law(x=2)
        def test_says_nothing(x):
            return x.sum() == x[0] + x[1]

        def test_other():
            pass
    """)
    found = pytester.runpytest("-v", *STRICT)
    found.assert_outcomes(passed=2, failed=2)
    found.stdout.fnmatch_lines([
        "*::test_right PASSED (certified)*",
        "*::test_other PASSED *",
        "test_wrong refuted",
        "  with      x[[]1[]] = 1, x[[]2[]] = 1",
        "  again     pytest *.py::test_wrong",
        "test_says_nothing does not return two sides: expected a tuple of two, got *",
        "refuted    *.py::test_wrong: balls",
        "refute: 1 of 2 laws does not stand: 1 certified, 1 refuted",
        "FAILED *::test_wrong - refuted: expected 1, observed 2",
    ])  # fmt: skip
    assert "src/refute" not in found.stdout.str()
    pytester.runpytest("-m", "law", *STRICT).assert_outcomes(passed=1, failed=2)
