"""Thirty submissions of every kind, as a class hands them in, with what each is to earn."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from refute.project import load

PROJECT = load(Path(__file__).parents[1])
RIGHT = {
    claim.id: " ".join(claim.formulas[claim.blank.right[0]].split())
    for claim in PROJECT.claims
    if claim.blank is not None and claim.points
}
FULL, EXPLAINED = 8.5, 1.5
LATEX = {
    "1a.h_bar": r"\frac{\partial L}{\partial h^{(t)}} + \overline{i^{(t+1)}} i^{(t+1)} (1 - i^{(t+1)}) w_{ih}"
    r" + \overline{f^{(t+1)}} f^{(t+1)} (1 - f^{(t+1)}) w_{fh} + \overline{o^{(t+1)}} o^{(t+1)} (1 - o^{(t+1)}) w_{oh}"
    r" + \overline{g^{(t+1)}} (1 - (g^{(t+1)})^2) w_{gh}",
    "1a.c_bar": r"\overline{h^{(t)}} o^{(t)} (1 - \tanh^2(c^{(t)})) + \overline{c^{(t+1)}} f^{(t+1)}",
    "1a.g_bar": r"\overline{c^{(t)}} i^{(t)}",
    "1a.o_bar": r"\overline{h^{(t)}} \tanh(c^{(t)})",
    "1a.f_bar": r"\overline{c^{(t)}} c^{(t-1)}",
    "1a.i_bar": r"\overline{c^{(t)}} g^{(t)}",
    "1b.w_ix_bar": r"\sum_{t=1}^{T} \overline{i^{(t)}} i^{(t)} (1 - i^{(t)}) x^{(t)}",
    "3a.theta": r"\theta^{(k+1)} - p^{(k+1)}",
    "3a.p": r"\frac{p^{(k+1)} + \alpha \nabla J(\theta^{(k)})}{\beta}",
}
LEFT = {
    **{f"1a.{name}_bar": rf"\overline{{{name}^{{(t)}}}}" for name in "hcgofi"},
    "1b.w_ix_bar": r"\overline{w_{ix}}",
    "3a.theta": r"\theta^{(k)}",
    "3a.p": r"p^{(k)}",
}
BY_HAND_LEFT = 5.0  # points of the blanks in LEFT
DET = r"\[ \det \frac{\partial s^{(k+1)}}{\partial s^{(k)}} = \beta^D \]"


@dataclass(frozen=True)
class HandedIn:
    """A submission's files, what it earns of how much, and whether a person has to look."""

    files: dict[str, bytes]
    score: float
    of: float = FULL
    needs_person: bool = False


def document(*parts: str, preamble: str = "") -> str:
    body = "\n".join(parts)
    head = f"\\documentclass{{article}}\n\\usepackage{{amsmath}}\n{preamble}\n"
    return f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n"


def commands(given: dict[str, str]) -> str:
    return document(*(f"\\answer{{{claim}}}{{{text}}}" for claim, text in given.items()))


def lines(given: dict[str, str]) -> str:
    return "".join(f"{claim}: {text}\n" for claim, text in given.items())


def mapping(given: dict[str, str]) -> str:
    return json.dumps({"answers": given})


def notebook(given: dict[str, str]) -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [f"**{claim}** ${text}$"]} for claim, text in given.items()
    ]
    code = {"cell_type": "code", "metadata": {}, "source": ["import os"]}
    return json.dumps({"cells": [*cells, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


def aligned(given: dict[str, str]) -> str:
    rows = " \\\\\n".join(f"{LEFT[claim]} &= {text}" for claim, text in given.items())
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"


def one(name: str, text: str | bytes, score: float, of: float = FULL, *, needs_person: bool = False) -> HandedIn:
    return HandedIn({name: text.encode() if isinstance(text, str) else text}, score, of, needs_person)


def wrong_in(claim: str, text: str, score: float) -> HandedIn:
    """All right but for one answer."""
    return one("hw.json", mapping({**RIGHT, claim: text}), score)


def unread(text: str) -> HandedIn:
    """All right but for an answer that cannot be read, which a person decides."""
    return one("hw.json", mapping({**RIGHT, "1a.f_bar": text}), FULL - 0.5, FULL - 0.5, needs_person=True)


def wrong(claim: str) -> str:
    """The first mistake that a claim names."""
    found = PROJECT.claim(claim)
    assert found.blank is not None
    parts = (formulas for _, formulas, _ in found.mistaken_formulas())
    return next(text for formulas in parts for part, text in formulas.items() if part in found.blank.right)


def everything() -> dict[str, HandedIn]:
    """Each submission by its name."""
    slipped = {**RIGHT, "1a.c_bar": wrong("1a.c_bar"), "3b.det": wrong("3b.det")}
    macros = r"\newcommand{\adj}[1]{\overline{#1^{(t)}}}"
    bomb = "\\newcommand{\\a}{x x}\n" + "".join(
        f"\\newcommand{{\\{chr(98 + i)}}}{{\\{chr(97 + i)}\\{chr(97 + i)}}}\n" for i in range(24)
    )
    pdf = (Path(__file__).with_name("submissions") / "filled_in.pdf").read_bytes()
    return {
        "text": one("hw.txt", lines(RIGHT), FULL),
        "json": one("hw.json", mapping(RIGHT), FULL),
        "yaml": one("hw.yaml", mapping(RIGHT), FULL),
        "toml": one("hw.toml", "[answers]\n" + "".join(f'"{c}" = {json.dumps(t)}\n' for c, t in RIGHT.items()), FULL),
        "notebook": one("hw.ipynb", notebook(RIGHT), FULL),
        "markdown": one("hw.md", "\n\n".join(f"{c}: ${t}$" for c, t in RIGHT.items()), FULL),
        "commands": one("hw.tex", commands(RIGHT), FULL),
        "by-left-hand-side": one("hw.tex", document(aligned(LATEX), DET), BY_HAND_LEFT + 1),
        "own-macros": one(
            "hw.tex",
            document(r"\begin{align*} \adj{f} &= \adj{c} c^{(t-1)} \end{align*}", preamble=macros),
            0.5,
        ),
        "zip": one("hw.zip", zipped(hw__tex=commands(RIGHT)), FULL),
        "two-files": HandedIn(
            {"a.txt": lines({c: RIGHT[c] for c in list(RIGHT)[:7]}).encode(),
             "b.md": "\n\n".join(f"{c}: ${RIGHT[c]}$" for c in list(RIGHT)[7:]).encode()}, FULL
        ),
        "two-slips": one("hw.txt", lines(slipped), FULL - 1.5),
        "all-wrong": one("hw.txt", lines({claim: wrong(claim) for claim in RIGHT}), 0.5),  # h_bar without L_h is right
        "twice": one("hw.txt", lines({"3b.det": "-beta^D"}) + lines(RIGHT), FULL),
        "half": one("hw.txt", lines({c: t for c, t in RIGHT.items() if c.startswith("3")}), 3),
        "near-miss": wrong_in("3b.det", "beta^D*(1 + 1e-30)", FULL - 1),
        "circular": wrong_in("3a.theta", "theta[k+1] - beta*p[k] + alpha*grad_J(theta[k])", 8),
        "misspelt": unread("c_bar[t]*zeta[t]"),
        "unbalanced": unread("c_bar[t]*(c[t-1]"),
        "huge": unread("x+" * 60_000 + "x"),
        "deep": unread("(" * 5_000 + "1" + ")" * 5_000),
        "script": unread("<script>alert(1)</script>"),
        "python": unread("__import__('os').system('true')"),
        "empty": one("hw.txt", b"", 0),
        "template": one("hw.tex", document(), 0, 0, needs_person=True),
        "pdf": one("hw.pdf", pdf, 2.5),
        "pdf-without-source": one("hw.pdf", b"%PDF-1.4\n%%EOF\n", 0, 0, needs_person=True),
        "binary": one("hw.docx", bytes(range(256)) * 9, 0, 0, needs_person=True),
        "macro-bomb": one("hw.tex", document(r"\[ \overline{f^{(t)}} = \y \]", preamble=bomb), 0, 0, needs_person=True),
        "traversal": one("hw.zip", zipped(**{"../../evil__tex": commands(RIGHT)}), 0, 0, needs_person=True),
    }  # fmt: skip
