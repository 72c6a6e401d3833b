"""Templates to fill in, one place for each claim that has points, made from the claims themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from textwrap import fill

from refute.claims import Claim, Question

WIDTH = 100

_HEAD = r"""% A formula goes into the second brackets of \answer{id}{}, without dollar signs. A longer one, over
% several lines or with its derivation, goes between \begin{answer}{id} and \end{answer}, and so does an
% explanation.
\documentclass[11pt]{article}
\usepackage{amsmath}
\setlength{\parindent}{0pt}
\setlength{\parskip}{1ex}

\makeatletter
\newcommand{\answer}[1]{\def\answer@name{answer}%
  \ifx\@currenvir\answer@name \let\next=\answer@text \else \let\next=\answer@formula \fi \next{#1}}
\newcommand{\answer@text}[1]{\par\texttt{\detokenize{#1}}\quad\ignorespaces}
\newcommand{\answer@formula}[2]{\[\text{\texttt{\detokenize{#1}}}\qquad #2\]}
\def\endanswer{\par}
\makeatother

% From here to the end of the preamble: this file is put into the PDF that is made of it, so that its answers can be
% read there. It is looked for under the name of the PDF, or as main.tex.
\newcommand{\attach}[1]{}
\ifdefined\XeTeXversion
  \renewcommand{\attach}[1]{\AtBeginDocument{%
    \special{pdf:fstream @answers (#1) << /Type /EmbeddedFile >>}%
    \special{pdf:obj @answersfile << /Type /Filespec /F (answers.tex) /UF (answers.tex) /EF << /F @answers >> >>}%
    \special{pdf:put @names << /EmbeddedFiles << /Names [(answers.tex) @answersfile] >> >>}}}
\fi
\ifdefined\pdfextension
  \protected\def\pdfobj{\pdfextension obj }
  \protected\def\pdfnames{\pdfextension names }
  \def\pdflastobj{\numexpr\pdffeedback lastobj\relax}
\fi
\ifdefined\pdfnames
  \renewcommand{\attach}[1]{%
    \immediate\pdfobj stream attr {/Type /EmbeddedFile} file {#1}%
    \edef\attached{\the\pdflastobj}%
    \immediate\pdfobj {<< /Type /Filespec /F (answers.tex) /UF (answers.tex) /EF << /F \attached\space 0 R >> >>}%
    \pdfnames {/EmbeddedFiles << /Names [(answers.tex) \the\pdflastobj\space 0 R] >>}}
\fi
\IfFileExists{\jobname.tex}{\attach{\jobname.tex}}{\IfFileExists{main.tex}{\attach{main.tex}}{%
  \AtBeginDocument{\textbf{Hand in the .tex file too: it could not be put into this PDF.}}}}

\begin{document}
"""


def template(questions: Sequence[Question], form: str) -> str:
    """A template for the claims with points, as text; `form` is one of `TEMPLATES`."""
    return TEMPLATES[form]([question for question in questions if any(claim.points for claim in question.claims)])


def _asked(question: Question) -> Iterator[Claim]:
    return (claim for claim in question.claims if claim.points)


def _points(claim: Claim) -> str:
    """``1 point``, ``1/2 point``."""
    return f"{claim.points} point{'s' if claim.points > 1 else ''}"


def _text(question: Question) -> str:
    return " ".join(question.text.split())


def _tex(questions: Sequence[Question]) -> str:
    parts = [_HEAD]
    for question in questions:
        parts.append(f"\n\\section*{{{_escaped(f'{question.id}. {question.title}')}}}\n")
        parts.append(fill(_escaped(_text(question)), WIDTH) + "\n")
        for claim in _asked(question):
            parts.append("\n" + fill(f"{_escaped(claim.ask)} ({_points(claim)})", WIDTH) + "\n")
            place = (
                f"\\answer{{{claim.id}}}{{}}" if claim.blank else f"\\begin{{answer}}{{{claim.id}}}\n\\end{{answer}}"
            )
            parts.append(f"{place}\n")
    return "".join([*parts, "\n\\end{document}\n"])


def _escaped(text: str) -> str:
    """A text as LaTeX prints it."""
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


_ESCAPES = {letter: f"\\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def _question_in_markdown(question: Question) -> str:
    return f"# {question.id}. {question.title}\n\n> {_text(question)}\n"


def _claim_in_markdown(claim: Claim) -> str:
    place = "$$\n\n$$\n" if claim.blank else ""
    return f"## {claim.id}\n\n> {claim.ask} ({_points(claim)})\n\n{place}"


def _cells(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        yield _question_in_markdown(question)
        yield from map(_claim_in_markdown, _asked(question))


def _markdown(questions: Sequence[Question]) -> str:
    return "\n".join(_cells(questions)).rstrip() + "\n"


def _notebook(questions: Sequence[Question]) -> str:
    cells = [
        {"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": text.rstrip("\n").splitlines(True)}
        for number, text in enumerate(_cells(questions), 1)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _yaml(questions: Sequence[Question]) -> str:
    lines = ["# After each id its answer, in single quotes or, over several lines, after a |", "answers:"]
    for question in questions:
        lines += ["", f"  # {question.id}. {question.title}"]
        for claim in _asked(question):
            lines += [f"  # {' '.join(claim.ask.split())} ({_points(claim)})", f"  {claim.id}:"]
    return "\n".join([*lines, ""])


TEMPLATES: dict[str, Callable[[Sequence[Question]], str]] = {
    "tex": _tex, "md": _markdown, "ipynb": _notebook, "yaml": _yaml,
}  # fmt: skip
