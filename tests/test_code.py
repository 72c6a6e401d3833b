"""Code that is handed in: honest solutions stand, one wrong line is found, and what cannot be certified says why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from refute.deciding.identity import Options
from refute.deciding.verdict import Status, Verdict
from refute.errors import AnswerError, InternalError
from refute.grade.code import CodeMarker
from refute.project import Project, load
from refute.sandbox.proxy import Boxed
from refute.sandbox.records import Failure, Kind, Limits
from refute.sandbox.supervise import Conversation
from refute.sandbox.trusted import TrustedProcess
from tests.plain_box import Fixed, Process

SOLUTIONS = Path(__file__).parent / "solutions"
RIGHT = sorted(path.stem for path in (SOLUTIONS / "right").glob("*.py"))
Marks = dict[str, Verdict]
Marker = Callable[[str], Marks]


@pytest.fixture(scope="module")
def project() -> Project:
    return load(Path(__file__).parents[1])


@pytest.fixture(scope="module")
def marker(project: Project) -> CodeMarker:
    """One for all, as in a run of `refute grade`."""
    return CodeMarker(project, Options())


@pytest.fixture(scope="module")
def mark(marker: CodeMarker) -> Marker:
    """The verdicts on a text of Python, by claim."""
    return lambda code: {
        found.claim.id: found.verdict for found in marker.mark({"solution.py": code.encode()}, Process())
    }


def solution(name: str) -> str:
    return (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")


def edited(name: str, line: str, wrong: str) -> str:
    """A right solution with one line changed."""
    code = solution(f"right/{name}")
    assert code.count(line) == 1, f"{line!r} is {code.count(line)} times in {name}"
    return code.replace(line, wrong)


@pytest.mark.parametrize("name", RIGHT)
def test_an_honest_solution_is_accepted_without_reserve(name: str, mark: Marker) -> None:
    marks = mark(solution(f"right/{name}"))
    assert {verdict.status for verdict in marks.values()} <= {Status.CERTIFIED, Status.PROVED}
    assert len(marks) >= (14 if "lstm_forward" in solution(f"right/{name}") else 6)


WRONG = (
    # file, line, wrong line, a claim that it breaks, what is named
    (
        "scalar_loops",
        'i[t] = sigmoid(weights["w_ix"]',
        'i[t] = sigmoid(weights["w_fx"]',
        "1a.i_bar",
        "i of lstm_forward",
    ),
    (
        "scalar_loops",
        "c[t + 1] = f[t] * c[t] + i[t] * g[t]",
        "c[t + 1] = f[t] * c[t] + i[t]",
        "1a.c_bar",
        "c of lstm_forward",
    ),
    (
        "scalar_loops",
        'grads["w_fh_bar"] += df * h[t]',
        'grads["w_fh_bar"] += df * h[t + 1]',
        "1b.w_fh_bar",
        "w_fh_bar of lstm_backward",
    ),
    (
        "scalar_loops",
        'grads["w_ix_bar"] += di * x[t]',
        'grads["w_ix_bar"] = di * x[t]',
        "1b.w_ix_bar",
        "w_ix_bar of lstm_backward",
    ),
    (
        "scalar_loops",
        "dg = g_bar[t] * (1 - g[t] ** 2)",
        "dg = g_bar[t] * (1 - g[t])",
        "1b.w_gx_bar",
        "w_gx_bar of lstm_backward",
    ),
    (
        "scalar_loops",
        "f_bar[t] = c_bar[t] * c[t]",
        "f_bar[t] = c_bar[t] * c[t + 1]",
        "1a.f_bar",
        "f_bar of lstm_backward",
    ),
    (
        "scalar_loops",
        "dc_next = c_bar[t] * f[t]",
        "dc_next = c_bar[t] * f[t - 1]",
        "1a.c_bar",
        "c_bar of lstm_backward",
    ),
    ("stable_where", "np.exp(-np.abs(z)) / (1", "np.exp(-np.abs(z)) / (2", "1a.o_bar", "of lstm_forward"),
    ("stable_where", "dc = dc * f", "dc = dc * f * i", "1a.c_bar", "c_bar of lstm_backward"),
    (
        "stable_where",
        "np.sum(z_bars[:, k] * h_prev)",
        'np.sum(z_bars[:, k] * fwd["h"])',
        "1b.w_oh_bar",
        "w_oh_bar of lstm_backward",
    ),
    ("classes", "return e / (1.0 + e)", "return e / (1.0 - e)", "1a.i_bar", "of lstm_forward"),
    (
        "classes",
        "c_bar = c_later + h_bar * o / np.cosh",
        "c_bar = c_later + h_bar / np.cosh",
        "1a.c_bar",
        "c_bar of lstm_backward",
    ),
    (
        "lists_and_dicts",
        'bar["o"] = bar["h"] * tanh(s["c"])',
        'bar["o"] = bar["h"] * s["c"]',
        "1a.o_bar",
        "o_bar of lstm_backward",
    ),
    (
        "lists_and_dicts",
        'bar = {"h": h_direct[t - 1] + later["h"]}',
        'bar = {"h": h_direct[t - 1]}',
        "1a.h_bar",
        "h_bar of lstm_backward",
    ),
    (
        "tanh_sigmoid",
        "return 0.5 * (np.tanh(0.5 * z) + 1.0)",
        "return 0.5 * (np.tanh(z) + 1.0)",
        "1a.g_bar",
        "of lstm_forward",
    ),
    ("mdrnn_loops", "z = z + W_N.T @ h[i, j - 1]", "z = z + W_W.T @ h[i, j - 1]", "2a.weights", "mdrnn_forward"),
    ("mdrnn_loops", "z = W_in.T @ x[i, j]", "z = W_in.T @ x[j, i]", "2.activations", "mdrnn_forward"),
    (
        "mdrnn_einsum",
        "for s in range(rows + cols - 1)",
        "for s in [0, *range(rows + cols - 1)]",
        "2b.steps",
        "mdrnn_wavefront",
    ),
    ("mdrnn_einsum", "window = padded[i : i", "window = padded[i * 0 : i * 0", "2c.receptive_field", "conv_forward"),
    (
        "momentum_vector",
        "new_p = beta * p - alpha * gradient(theta)",
        "new_p = beta * p + alpha * gradient(theta)",
        "3a.p",
        "p of momentum_step",
    ),
    (
        "momentum_vector",
        "(p + alpha * gradient(old_theta)) / beta",
        "p + alpha * gradient(old_theta) / beta",
        "3a.roundtrip",
        "momentum_inverse",
    ),
    ("momentum_loops", "p[d] *= beta", "p[d] *= 1", "3b.det", "momentum_step"),
    (
        "momentum_only_step",
        "state[0] = state.sum(axis=0)",
        "state[0] = state.sum(axis=0) + alpha",
        "3a.theta",
        "theta of momentum_step",
    ),
)


@pytest.mark.parametrize(
    ("name", "line", "wrong", "claim", "named"), WRONG, ids=[f"{w[0]}-{w[3]}-{i}" for i, w in enumerate(WRONG)]
)
def test_one_wrong_line_is_refuted_and_its_output_named(
    name: str, line: str, wrong: str, claim: str, named: str, mark: Marker
) -> None:
    verdict = mark(edited(name, line, wrong))[claim]
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert named in verdict.counterexample.seen
    assert verdict.counterexample.expected != verdict.counterexample.observed


@pytest.mark.parametrize(
    ("name", "line", "wrong", "claim", "mistake"),
    [
        (*WRONG[2][:4], "shifted by one step"),
        (*WRONG[5][:4], "t for t-1"),
        (*WRONG[12][:4], "the tanh is lost"),
        (
            "scalar_loops",
            "o_bar[t] = h_bar[t] * np.tanh(c[t + 1])",
            "o_bar[t] = h_bar[t] * h[t + 1]",
            "1a.o_bar",
            "h for tanh(c)",
        ),
        (
            "momentum_vector",
            "(p + alpha * gradient(old_theta)) / beta",
            "(p - alpha * gradient(old_theta)) / beta",
            "3a.p",
            "sign is wrong",
        ),
    ],
)
def test_a_mistake_that_is_known_is_named(
    name: str, line: str, wrong: str, claim: str, mistake: str, mark: Marker
) -> None:
    found = mark(edited(name, line, wrong))[claim].mistake
    assert found is not None
    assert mistake in found.text


def test_what_follows_from_a_wrong_output_is_no_mistake_of_its_own(mark: Marker) -> None:
    marks = mark(edited("scalar_loops", "f_bar[t] = c_bar[t] * c[t]", "f_bar[t] = c_bar[t] * c[t + 1]"))
    assert marks["1b.w_fx_bar"].status is Status.REFUTED
    kinds = {
        claim: verdict.mistake and verdict.mistake.kind for claim, verdict in marks.items() if not verdict.accepted
    }
    assert kinds.pop("1a.f_bar") != "consequence"
    assert set(kinds.values()) == {"consequence"}


@pytest.mark.parametrize(
    ("file", "line", "wrong", "claim", "case"),
    [
        ("right/scalar_loops", "+= df * h[t]", "+= df * h[t] if T < 5 else 0", "1b.w_fh_bar", {"T": "7"}),
        (
            "right/momentum_vector",
            "p = beta * p -",
            "p = beta * p - (1 if p[0] > 0 else 2) * (len(p) > 5) -",
            "3a.p",
            {"D": "7"},
        ),
        ("right/mdrnn_loops", "W_N.T @ h", "(W_N if i < 3 else W_W).T @ h", "2.activations", {"G": "7", "D": "2"}),
        ("right/momentum_vector", "p = beta * p -", "p = beta * p - (len(p) > 5) -", "3a.p", {"D": "7"}),
        (
            "right/momentum_vector",
            "p = beta * p -",
            "p = [beta * p] * 4; new_p = new_p[len(p) - 1] -",
            "3a.p",
            {"D": "7"},
        ),
        ("floats/math_exp", "c = f * c + i * g", "c = f * c + i * g * (1 if len(x) < 5 else 2)", "1b.w_ix_bar", {}),
    ],
)
def test_code_that_is_right_at_small_sizes_only_is_found_out(
    file: str, line: str, wrong: str, claim: str, case: dict[str, str], mark: Marker
) -> None:
    code = solution(file)
    assert line in code
    verdict = mark(code.replace(line, wrong))[claim]
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert verdict.counterexample.case.items() >= case.items()


def test_a_mistake_that_no_formula_makes_has_no_name(mark: Marker) -> None:
    verdict = mark(edited("scalar_loops", 'grads["w_fh_bar"] += df * h[t]', 'grads["w_fh_bar"] += df * h[t] ** 7'))
    assert verdict["1b.w_fh_bar"].mistake is None


def test_a_wrong_gradient_of_one_weight_leaves_all_others_right(mark: Marker) -> None:
    marks = mark(edited("scalar_loops", 'grads["w_fh_bar"] += df * h[t]', 'grads["w_fh_bar"] += df * h[t + 1]'))
    assert {claim for claim, verdict in marks.items() if not verdict.accepted} == {"1b.w_fh_bar"}


def test_a_counterexample_is_the_smallest_and_leads_to_the_line_of_the_function(mark: Marker) -> None:
    found = mark(edited("scalar_loops", "f_bar[t] = c_bar[t] * c[t]", "f_bar[t] = c_bar[t] * c[t + 1]"))["1a.f_bar"]
    assert found.counterexample is not None
    assert found.counterexample.case["T"] == "2"
    assert "solution.py, line 30" in found.counterexample.where


def test_digits_that_floats_lose_are_a_note_and_an_overflow_is_a_refusal(mark: Marker) -> None:
    careless = mark(solution("right/tanh_sigmoid"))["1a.i_bar"]
    assert careless.status is Status.CERTIFIED
    assert "loses digits" in careless.notes[0]
    code = edited("scalar_loops", "return 1 / (1 + np.exp(-z))", "return np.exp(z) / (1 + np.exp(z))")
    overflow = mark(code)["1a.i_bar"]
    assert overflow.status is Status.REFUTED
    assert overflow.counterexample is not None
    assert "nan" in overflow.counterexample.observed


@pytest.mark.parametrize(
    ("name", "claim", "reason"),
    [
        ("math_exp", "1b.w_ix_bar", "solution.py, line 9"),
        ("cast", "3a.theta", "momentum_step leaves NumPy"),
        ("cast", "3a.p", "floats"),
    ],
)
def test_code_that_leaves_numpy_is_judged_in_floats_and_says_why(
    name: str, claim: str, reason: str, mark: Marker
) -> None:
    verdict = mark(solution(f"floats/{name}"))[claim]
    assert verdict.status is Status.TESTED
    assert verdict.error_bound is None
    assert "binary64 only, because" in verdict.notes[0]
    assert reason in verdict.notes[0]


def test_code_in_floats_that_is_wrong_is_refuted(mark: Marker) -> None:
    verdict = mark(solution("floats/math_exp").replace("c = f * c + i * g", "c = f * c + i"))["1a.c_bar"]
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert "c of lstm_forward" in verdict.counterexample.seen


@pytest.mark.parametrize(("name", "claim"), [("cast", "3b.det"), ("math_exp", "1a.c_bar")])
def test_what_cannot_be_observed_in_floats_goes_to_a_person(mark: Marker, name: str, claim: str) -> None:
    verdict = mark(solution(f"floats/{name}"))[claim]
    assert verdict.status is Status.UNDECIDED
    assert "floats" in verdict.message


STEP = """
import numpy as np
{above}
def momentum_step(theta, p, gradient, alpha, beta):
    {body}
"""
GOOD = "q = beta * p - alpha * gradient(theta); return theta + q, q"


@pytest.mark.parametrize(
    ("body", "expected", "got"),
    [
        ("raise ValueError('no idea')", "a result", "ValueError: no idea"),
        ("return 1 / 0", "a result", "ZeroDivisionError"),
        ("return None", "a result", "None"),
        ("return theta", "a tuple of 2", "shape"),
        ("return theta, p[:0]", "shape", "shape (0,)"),
        ("return {'theta': theta, 'p': p}", "a tuple of 2", "a dict with theta, p"),
        ("return theta, 'velocity'", "numbers", "other things"),
        (
            "p *= beta; p -= alpha * gradient(theta); return theta + p, p",
            "arguments left as they are",
            "changed in place",
        ),
        ("q = beta * p + np.random.rand(); return theta + q, q", "equal answers", "another answer"),
        ("q = np.empty(len(p)); return theta + p, q", "a result", "never set"),
        ("import sys; sys.exit(0)", "a result", "SystemExit"),
        ("return momentum_step(theta, p, gradient, alpha, beta)", "a result", "RecursionError"),
        ("x = []; x.append(x); return x", "a result", "containers within containers"),
        ("return theta + missing, p", "a result", "NameError"),
        ("return theta + p, p * np.nan", "number", "nan"),
    ],
)
def test_code_that_fails_says_what_was_expected_and_what_came(body: str, expected: str, got: str, mark: Marker) -> None:
    shown = mark(STEP.format(above="", body=body))["3a.p"].counterexample
    assert shown is not None
    assert expected in shown.expected or expected in shown.formula or expected == "number"
    assert got in shown.observed


def test_an_exception_leads_to_the_innermost_line_of_the_code(mark: Marker) -> None:
    code = STEP.format(above="def helper(v):\n    return v['x']\n", body="return helper({}), p")
    shown = mark(code)["3a.p"].counterexample
    assert shown is not None
    assert shown.observed == "KeyError: 'x'"
    assert shown.where == "solution.py, line 4"


@pytest.mark.parametrize(
    ("code", "got"),
    [
        ("def momentum_step(theta, p:\n    pass", "SyntaxError"),
        ("import no_such_module\ndef momentum_step(): pass", "ModuleNotFoundError"),
        ("raise RuntimeError('never')\nmomentum_step = 0", "RuntimeError: never"),
        ("import sys\nsys.exit('momentum_step')", "SystemExit"),
    ],
)
def test_code_that_cannot_be_imported_fails_every_claim_with_the_reason(code: str, got: str, mark: Marker) -> None:
    marks = mark(code)
    assert marks
    for verdict in marks.values():
        assert verdict.status is Status.REFUTED
        assert verdict.counterexample is not None
        assert got in verdict.counterexample.observed
        assert verdict.counterexample.where.startswith("solution.py")


def test_cases_are_new_each_time(project: Project) -> None:
    class Remembering(Process):
        requests: ClassVar[list[bytes]] = []

        def run(self, files: Mapping[str, bytes], request: bytes) -> Boxed:
            self.requests.append(request)
            return super().run(files, request)

    for _ in range(2):
        CodeMarker(project).mark({"solution.py": STEP.format(above="", body=GOOD).encode()}, Remembering())
    assert len(set(Remembering.requests)) == len(Remembering.requests) == 2


def test_the_expected_values_and_formulas_stay_outside(marker: CodeMarker) -> None:
    class Reading(Process):
        def run(self, files: Mapping[str, bytes], request: bytes) -> Boxed:
            assert json.loads(request).keys() == {"files", "tolerant", "jobs"}
            for job in json.loads(request)["jobs"]:
                assert job.keys() == {
                    *("function", "arguments", "mode", "point", "callables", "forced", "answers", "twice"),
                }
            return super().run(files, request)

    code = solution("right/lists_and_dicts").encode()
    assert all(found.verdict.accepted for found in marker.mark({"solution.py": code}, Reading()))


def test_claims_without_a_function_of_the_code_get_no_verdict(mark: Marker) -> None:
    assert mark("def something_else():\n    return 'momentum'") == {}
    assert {claim[0] for claim in mark(STEP.format(above="", body=GOOD))} == {"3"}


@pytest.mark.parametrize(
    ("reply", "failure", "got"), [(None, Failure(Kind.CPU, "more than 4 s"), "4 s"), (b"[", None, "JSON")]
)
def test_a_box_without_a_readable_reply_is_told_as_a_failure(
    reply: bytes | None, failure: Failure | None, got: str, marker: CodeMarker
) -> None:
    files = {"solution.py": STEP.format(above="", body=GOOD).encode()}
    marks = marker.mark(files, Fixed(reply, failure))
    assert marks
    for found in marks:
        assert found.verdict.status is Status.REFUTED
        assert got in found.verdict.counterexample.sentence()  # type: ignore[union-attr]


def test_a_straightforward_solution_takes_one_run_of_the_box(marker: CodeMarker) -> None:
    box = Process()
    marker.mark({"solution.py": solution("right/lists_and_dicts").encode()}, box)
    assert box.runs == 1


class Counted(TrustedProcess):
    """Counts the processes that are started."""

    started_for: ClassVar[list[Mapping[str, bytes]]] = []

    @contextmanager
    def started(self, files: Mapping[str, bytes], limits: Limits) -> Iterator[Conversation]:
        self.started_for.append(files)
        with super().started(files, limits) as made:
            yield made


BRANCHING = """
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))
"""


@pytest.mark.parametrize(
    "code",
    [
        solution("right/stable_where"),
        solution("right/classes"),
        edited("scalar_loops", "    return 1 / (1 + np.exp(-z))", BRANCHING),
        edited("scalar_loops", "1 / (1 + np.exp(-z))", "np.exp(min(z, 0)) / (np.exp(min(z, 0)) + np.exp(-max(z, 0)))"),
    ],
    ids=["where", "classes", "if", "max"],
)
def test_code_that_compares_takes_one_box_too(code: str, marker: CodeMarker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counted, "started_for", [])
    found = marker.mark({"solution.py": code.encode()}, Counted())
    assert {mark.verdict.status for mark in found} == {Status.CERTIFIED}
    assert len(Counted.started_for) == 1


def test_a_case_on_the_border_between_two_branches_says_nothing(project: Project) -> None:
    files = {"solution.py": solution("right/stable_where").encode()}
    found = CodeMarker(project, Options(seed=33)).mark(files, Process())  # a weighted sum in it is exactly 0
    assert {mark.verdict.status for mark in found} == {Status.CERTIFIED}


def test_a_box_that_ends_between_its_answers_changes_no_verdict(
    marker: CodeMarker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counted, "started_for", [])
    above = "import os\ncount = 0\n"
    body = """global count
    count += 1
    if count > 40:
        os._exit(0)
    q = np.where(p > 0, beta * p, p * beta) - alpha * gradient(theta)
    return theta + q, q"""
    found = marker.mark({"solution.py": STEP.format(above=above, body=body).encode()}, Counted())
    assert {mark.verdict.status for mark in found} == {Status.CERTIFIED}
    assert len(Counted.started_for) > 1


def test_several_files_may_import_each_other(marker: CodeMarker) -> None:
    files = {
        "random.py": b"def scaled(v, s):\n    return v * s\n",
        "b_step.py": b"from a_help import scaled\ndef momentum_step(theta, p, gradient, alpha, beta):\n"
        b"    q = scaled(p, beta) - scaled(gradient(theta), alpha)\n    return theta + q, q\n",
        "a_help.py": b"def scaled(v, s):\n    return v * s\n",
    }
    verdicts = [found.verdict for found in marker.mark(files, Process())]
    assert verdicts
    assert all(verdict.accepted for verdict in verdicts)


def notebook(*cells: str) -> bytes:
    data = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# Title"}, *data], "nbformat": 4}).encode()


SHOWING = "%matplotlib inline\nimport no_such_plots as plt\n!pip install x\nplt.plot()"


def test_the_code_cells_of_a_notebook_are_one_module(marker: CodeMarker) -> None:
    content = notebook(SHOWING, "%%bash\nls", STEP.format(above="", body=GOOD), "print(momentum_step)")
    verdicts = [found.verdict for found in marker.mark({"my homework.ipynb": content}, Process())]
    assert verdicts
    assert all(verdict.accepted for verdict in verdicts)


def test_an_error_in_a_notebook_names_the_cell_and_its_line(marker: CodeMarker) -> None:
    content = notebook(SHOWING, STEP.format(above="", body="return theta + missing, p"))
    shown = marker.mark({"hw.ipynb": content}, Process())[0].verdict.counterexample
    assert shown is not None
    assert shown.where == "hw.ipynb, cell 3, line 5"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.py", b"\xff\xfe"),
        ("a.py", b"#" * 500_001),
        ("a.ipynb", b"{}"),
        ("a.ipynb", b"[" * 50_000),
        ("a.ipynb", b"x"),
    ],
)
def test_a_file_that_is_no_code_is_told_so(file: str, content: bytes, marker: CodeMarker) -> None:
    with pytest.raises(AnswerError, match="the code cannot be read"):
        marker.mark({file: content}, Process())


@pytest.mark.parametrize("kind", [Kind.TIME, Kind.ISOLATION])
def test_what_a_busy_machine_may_have_caused_is_no_verdict_on_the_code(kind: Kind, marker: CodeMarker) -> None:
    files = {"solution.py": STEP.format(above="", body=GOOD).encode()}
    with pytest.raises(InternalError, match="stopped after"):
        marker.mark(files, Fixed(None, Failure(kind, "stopped after 8 s")))
