"""One wrong line in a spec or an implementation: `refute check` exits 1 and shows a counterexample and the place."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Edit:
    """In `file`, `old` becomes `new`; the claim `claim` must then be refuted."""

    file: str
    old: str
    new: str
    claim: str


EDITS = (
    Edit("specs/lstm.py", 'c_bar[t+1]*f[t+1]",\n    mistakes', 'c_bar[t+1]*f[t]",\n    mistakes', "1a.c_bar"),
    Edit("specs/lstm.py", 'formula="c_bar[t]*c[t-1]"', 'formula="c_bar[t]*c[t]"', "1a.f_bar"),
    Edit("specs/lstm.py", '*{read}, t, 1, T)",\n        mis', '*{read}, t, 2, T)",\n        mis', "1b.w_ix_bar"),
    Edit("specs/lstm.py", "c[t] = f[t]*c[t-1] + i[t]*g[t]", "c[t] = f[t]*c[t-1] + i[t]*h[t-1]", "1a.c_bar"),
    Edit("specs/lstm.py", '"norm": "1 + 3*W*(1 + C)*eps"', '"norm": "1 + W*eps"', "1c.bounded"),
    Edit("specs/mdrnn.py", 'formula="2*H^2 + D*H"', 'formula="2*H^2 + D*H + 1"', "2a.weights"),
    Edit("specs/mdrnn.py", 'additions": "G^2*H*(D + 2*H - 1)"', 'additions": "G^2*H*(D + 2*H)"', "2a.operations"),
    Edit("specs/mdrnn.py", 'ed border: total": "G^2*(H^2 + D*H)"', 'ed border: total": "G^2*H^2*D"', "2a.operations"),
    Edit("specs/mdrnn.py", 'formula="2*G - 1"', 'formula="2*G"', "2b.steps"),
    Edit("specs/momentum.py", 'formula="(p[k+1] + alpha', 'formula="(p[k+1] - alpha', "3a.p"),
    Edit("specs/momentum.py", 'for theta": "[[I, I], [0, I]]"', 'for theta": "[[I, 0], [I, I]]"', "3b.factors"),
    Edit("specs/momentum.py", 'formula="beta^D"', 'formula="beta^(2*D)"', "3b.det"),
    Edit("specs/momentum.py", 'per parameter": "K*log2(1/beta)"', 'per parameter": "K"', "3.exact_reversal"),
    Edit("impl/lstm.py", "c = f * c + i * g", "c = i * c + f * g", "1a.i_bar"),
    Edit("impl/lstm.py", "* o[t] * slope_c[t] + c_later", "* o[t] * tanh_c[t] + c_later", "1a.c_bar"),
    Edit("impl/lstm.py", "c_later = c_bar * f[t]", "c_later = c_bar * f[t - 1]", "1a.c_bar"),
    Edit("impl/lstm.py", "return 4 * e / (1 + e) ** 2", "return 2 * e / (1 + e) ** 2", "1b.w_gx_bar"),
    Edit("impl/lstm.py", "(z_bar * h_before).sum(axis=0)", "(z_bar * h).sum(axis=0)", "1b.w_fh_bar"),
    Edit("impl/mdrnn.py", "z = z + from_north @ row[-1]", "z = z + from_west @ row[-1]", "2a.weights"),
    Edit("impl/mdrnn.py", "[W_in, W_W, W_N]", "[W_in, W_N, W_W]", "2.activations"),
    Edit("impl/mdrnn.py", "min(s + 1, rows)  # the", "min(s + 1, rows - 1)  # the", "2b.steps"),
    Edit("impl/momentum.py", "return theta + p, p", "return theta + beta * p, p", "3a.theta"),
    Edit("impl/momentum.py", "gradient(theta)) / beta", "gradient(theta + p)) / beta", "3a.roundtrip"),
    Edit("impl/momentum.py", "+ buffer % n, buffer // n", ", buffer // n", "3.exact_reversal"),
)  # fmt: skip


def check(project: Path, claim: str) -> tuple[int, dict[str, object]]:
    command = [sys.executable, "-m", "refute", "check", claim, "--json", "--jobs", "1"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)
    assert not done.stderr
    assert done.returncode in (0, 1)
    (verdict,) = json.loads(done.stdout)["claims"]
    return done.returncode, verdict


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("specs", "impl"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_text('[tool.refute]\nname = "edited"\n', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.file}: {edit.new.splitlines()[0]}")
def test_a_wrong_line_is_refuted_with_a_counterexample(edit: Edit, project: Path) -> None:
    path = project / edit.file
    text = path.read_text(encoding="utf-8")
    assert edit.old in text
    path.write_text(text.replace(edit.old, edit.new, 1), encoding="utf-8")
    code, verdict = check(project, edit.claim)
    counterexample = verdict["counterexample"]
    assert (code, verdict["verdict"], verdict["accepted"]) == (1, "refuted", False)
    assert isinstance(counterexample, dict)
    assert counterexample["expected"] != counterexample["observed"]
    assert str(project) in str(counterexample["where"])


def test_without_an_edit_the_copied_project_stands(project: Path) -> None:
    code, verdict = check(project, "1a.c_bar")
    assert (code, verdict["verdict"], verdict["accepted"]) == (0, "certified", True)
