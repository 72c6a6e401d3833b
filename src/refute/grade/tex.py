r"""Read LaTeX: ``\answer{id}{...}``, ``\begin{answer}{id}``, and equations found by their left-hand side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from refute.formula.macros import expand, has_definitions
from refute.grade.formulas import Document
from refute.grade.gather import Gatherer, Label
from refute.grade.origins import Origins

_UNREAD = re.compile(  # comments, and text that is printed as it stands
    r"""(?P<comment>%[^\n]*) | \\begin\s*\{(?P<name>verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?)\}
    | (?P<verb>\\verb\*?(?P<mark>[^A-Za-z\s*])[^\n]{0,500}?(?P=mark))
    | (?P<end>\\end\s*\{document\}) | \\(?:[A-Za-z]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_DECORATION = re.compile(  # what changes how a formula looks, not what it says
    r"\\(?:boxed|ensuremath|color\s?\{[^{}\n]{0,40}\}|textcolor\s?\{[^{}\n]{0,40}\})(?![A-Za-z])"
)
_ELSEWHERE = (
    "input",
    "include",
    "subfile",
    "import",
    "InputIfFileExists",
    "openin",
    "read",
    "verbatiminput",
    "includepdf",
)
_REFUSED = ("catcode", "csname", "loop", "repeat", "expandafter", "directlua", "newread", "futurelet", "aftergroup")
_COMMAND = re.compile(
    rf"\\(?:(?P<elsewhere>{'|'.join(_ELSEWHERE)})|(?P<refused>write\s*18|{'|'.join(_REFUSED)})|(?P<picture>includegraphics))"
    r"(?![A-Za-z])"
)
_BODY = re.compile(r"\\begin\s*\{document\}")
_ANSWER = re.compile(r"\\answer(?![A-Za-z])\s*(?=\{)|\\begin\s*\{answer\}\s*(?=\{)")
_SECOND = re.compile(r"\s*(?=\{)")


def read_tex(text: str, origins: Origins, gatherer: Gatherer) -> None:
    """Gather the answers of a LaTeX document."""
    text = _without_comments(text)
    if has_definitions(text):

        def report(message: str, at: int, needs_person: bool) -> None:
            gatherer.problem(message, origins.place(at), needs_person=needs_person)

        text, pieces = expand(text, report)
        origins = origins.moved(pieces)
    body = _BODY.search(text)
    start = body.end() if body is not None else 0
    _report_refused(text, start, origins, gatherer)
    document = Document(_DECORATION.sub(lambda match: " " * len(match[0]), text), origins)
    gatherer.document(document, start, list(_answers(document, start, gatherer)))


def _without_comments(text: str) -> str:
    """The text up to the end of the document, with blanks for comments and what is printed as it stands."""
    parts: list[str] = []
    at = 0
    unended: set[str] = set()
    position = 0
    while match := _UNREAD.search(text, position):
        position = match.end()
        if match["end"]:
            text = text[: match.start()]
            break
        end = position
        if match["name"]:
            closing = rf"\end{{{match['name']}}}"
            end = -1 if closing in unended else text.find(closing, position)
            if end < 0:
                unended.add(closing)
                continue
            end += len(closing)
        elif not (match["comment"] or match["verb"]):
            continue
        parts += [text[at : match.start()], re.sub(r"[^\n]", " ", text[match.start() : end])]
        at = position = end
    return "".join([*parts, text[at:]])


def _report_refused(text: str, body: int, origins: Origins, gatherer: Gatherer) -> None:
    """Note the commands that are not followed. In the preamble only other files may hold what an answer needs."""
    said: set[str] = set()
    for match in _COMMAND.finditer(text):
        command = match[0].rstrip()
        if command in said:
            continue
        said.add(command)
        if match["picture"]:
            message = "a picture is not read"
        else:
            message = f"{command} is not followed" + (": what it brings in is not read" if match["elsewhere"] else "")
        needs_person = match["elsewhere"] is not None or match.start() >= body
        gatherer.problem(message, origins.place(match.start()), needs_person=needs_person)


def _answers(document: Document, start: int, gatherer: Gatherer) -> Iterator[Label]:
    """The answers with a label."""
    at = start
    while match := _ANSWER.search(document.text, at):
        opened = at = match.end()
        closed = document.closing.get(opened)
        found = None if closed is None else _content(document, match, closed + 1)
        if closed is None or found is None:
            place = document.origins.place(match.start())
            gatherer.problem(f"{match[0].strip()} is not closed", place, needs_person=True)
            continue
        begin, end = found
        yield Label(document.text[opened + 1 : closed], match.start(), begin, end)
        at = end


def _content(document: Document, match: re.Match[str], at: int) -> tuple[int, int] | None:
    """Where the text of an answer begins and ends, after its id; None if it is not closed."""
    if match[0].startswith(r"\begin"):
        ending = document.environment(match.start())
        return None if ending is None else (at, ending[0])
    second = _SECOND.match(document.text, at)
    if second is None or second.end() not in document.closing:
        return None
    return second.end() + 1, document.closing[second.end()]
