"""Templates: what an untouched one and a filled-in one read as, and that LaTeX compiles it and puts it into the PDF."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from refute.cli import main
from refute.grade.template import TEMPLATES, template
from refute.project import load
from tests.reading import ROOT, answers, problems, read, strays

FORMULAS = {"1a.h_bar": r"\overline{i^{(t+1)}} i^{(t+1)}", "1b.w_ix_bar": "x^{(t)}", "3b.det": r"\beta^D"}
PROSE = {"2c.depth": "It takes more steps."}
FILLED = {**FORMULAS, **PROSE}
ENGINES = ("pdflatex", "lualatex", "xelatex")


def blank(form: str) -> str:
    return template(load(ROOT).questions, form)


def filled_in(form: str) -> str:
    text = blank(form)
    for claim, formula in FORMULAS.items():
        after = text.index(claim)
        empty, full = {
            "tex": ("{}", f"{{{formula}}}"),
            "md": ("$$\n\n$$", f"$$\n{formula}\n$$"),
            "ipynb": ('"\\n"', json.dumps(f"{formula}\n")),
            "yaml": (f"{claim}:", f"{claim}: '{formula}'"),
        }[form]
        if form == "ipynb":  # the empty line between the dollar signs
            after = text.index("$$", after)
        text = text[:after] + text[after:].replace(empty, full, 1)
    for claim, prose in PROSE.items():
        place, full = {
            "tex": (f"{{{claim}}}\n", f"{{{claim}}}\n{prose}\n"),
            "md": ("(1/2 point)\n", f"(1/2 point)\n\n{prose}\n"),
            "ipynb": ('(1/2 point)"', f'(1/2 point)\\n",\n"\\n",\n"{prose}"'),
            "yaml": (f"{claim}:", f"{claim}: {prose}"),
        }[form]
        after = text.index(claim) - 1
        text = text[:after] + text[after:].replace(place, full, 1)
    return text


@pytest.mark.parametrize("form", TEMPLATES)
def test_an_untouched_template_is_an_empty_submission(form: str) -> None:
    found = read(blank(form), f"hw.{form}")
    assert (answers(found), strays(found), problems(found)) == ({}, [], [])


@pytest.mark.parametrize("form", TEMPLATES)
def test_a_filled_in_template_has_the_answers(form: str) -> None:
    found = read(filled_in(form), f"hw.{form}")
    assert (answers(found), strays(found), problems(found)) == (FILLED, [], [])


@pytest.mark.parametrize("form", TEMPLATES)
def test_there_is_a_place_for_each_claim_with_points_and_no_other(form: str) -> None:
    text = blank(form)
    for claim in load(ROOT).claims:
        assert (claim.id in text.replace(r"\_", "_")) == bool(claim.points), claim.id
        if claim.points:
            assert " ".join(claim.ask.split())[:30] in text.replace(r"\_", "_")


def test_the_notebook_is_one() -> None:
    notebook = json.loads(blank("ipynb"))
    assert (notebook["nbformat"], {cell["cell_type"] for cell in notebook["cells"]}) == (4, {"markdown"})
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_what_a_sheet_says_is_escaped() -> None:
    from dataclasses import replace

    question = load(ROOT).questions[0]
    text = template([replace(question, title="100% of $x_1$ & {y} ~ ^ \\")], "tex")
    assert r"100\% of \$x\_1\$ \& \{y\} \textasciitilde{} \textasciicircum{} \textbackslash{}" in text


def compiled(engine: str, text: str, folder: Path, *options: str, name: str = "hw") -> bytes:
    """The PDF that a TeX engine makes, far from its source."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    (folder / f"{name}.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", *options, f"{name}.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    (made,) = folder.glob("*.pdf")
    return made.read_bytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_compiled_template_carries_its_answers(engine: str, tmp_path: Path) -> None:
    found = read(compiled(engine, filled_in("tex"), tmp_path), "hw.pdf")
    assert (answers(found), strays(found), problems(found)) == (FILLED, [], [])


def test_a_service_that_names_the_pdf_otherwise_compiles_main(tmp_path: Path) -> None:
    data = compiled("pdflatex", filled_in("tex"), tmp_path, "-jobname=output", name="main")
    assert answers(read(data, "output.pdf")) == FILLED


def test_a_pdf_that_cannot_carry_its_source_goes_to_a_person(tmp_path: Path) -> None:
    data = compiled("pdflatex", filled_in("tex"), tmp_path, "-jobname=output")
    assert [needs for _, needs in problems(read(data, "output.pdf"))] == [True]


@pytest.mark.parametrize("form", TEMPLATES)
def test_the_command_prints_it(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["template", "--format", form], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, blank(form))
    written = CliRunner().invoke(main, ["template", "--format", form, "--out", "hw"], catch_exceptions=False)
    assert (written.exit_code, written.stdout) == (0, "")
    assert (tmp_path / "hw").read_text(encoding="utf-8") == blank(form)


def test_another_format_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["template", "--format", "docx"]).exit_code == 2
