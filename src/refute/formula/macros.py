r"""A writer's own macros, ``\newcommand{\hb}[1]{\overline{h^{(#1)}}}``: each use is replaced by what it stands for.

Macros have no loops: one that would stand for itself is not taken in, so that expanding ends; how much it may give is
bounded.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

MAX_MACROS = 300
MAX_BODIES = 50_000  # characters of all definitions
MAX_USES = 20_000
MAX_EXPANDED = 500_000  # characters that all uses give, those in one another counted each
MAX_NESTED = 100  # uses in one another

RESERVED = frozenset(("answer", "endanswer", "begin", "end"))  # those of the template say where an answer is

_DEFINITION = re.compile(
    r"\\(?P<how>(?:re)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|(?:re)?newenvironment|[gex]?def)"
    r"(?![A-Za-z@])\*?"
)
_NAME = re.compile(r"\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))")
_COUNT = re.compile(r"\s*\[\s*([0-9])\s*\]")
_PARAMETERS = re.compile(r"\s*((?:#[1-9])*)(?=\s*\{)")
_CONTROL = re.compile(r"\\(?:([A-Za-z@]+)|.)", re.DOTALL)
_PARAMETER = re.compile(r"#(#|[1-9])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_OPTION = re.compile(r"\s*\[([^\[\]]{0,1000})\]")
_BLANK = re.compile(r"\s*")

Report = Callable[[str, int, bool], None]  # a message, the place in the text, and whether a person has to look


@dataclass(frozen=True)
class Piece:
    """A part of a text, from character `start` on. It stands in the original at `origin`, character by character if it
    `moves`; else it all came of what stands there, such as a macro."""

    start: int
    origin: int
    moves: bool = True


def origin(pieces: Sequence[Piece], at: int) -> int:
    """Where a character of a text stood in the original."""
    piece = pieces[bisect_right(pieces, at, key=_start) - 1]
    return piece.origin + (at - piece.start if piece.moves else 0)


@dataclass(frozen=True)
class Macro:
    """What a name stands for: literal texts and, as numbers, its arguments; `default` is that of the first."""

    parts: tuple[str | int, ...]
    arity: int = 0
    default: str | None = None
    mentions: frozenset[str] = frozenset()


@dataclass
class _Frame:
    """A text that is being expanded, and where each part of it came from; up to `done` it has been given out."""

    text: str
    pieces: list[Piece]
    at: int = 0
    done: int = 0

    @cached_property
    def closing(self) -> dict[int, int]:
        """Where each bracket closes."""
        return closings(self.text)

    def part(self, start: int, end: int) -> _Frame:
        """A part of the text."""
        first = bisect_right(self.pieces, start, key=_start) - 1
        last = bisect_left(self.pieces, end, key=_start)
        inner = [replace(piece, start=piece.start - start) for piece in self.pieces[first + 1 : last]]
        return _Frame(self.text[start:end], [Piece(0, origin(self.pieces, start), self.pieces[first].moves), *inner])


@dataclass
class _Output:
    """The expanded text."""

    texts: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0

    def add(self, frame: _Frame) -> None:
        """Append a text with its origins. A command that ended what was there keeps its name."""
        if not frame.text:
            return
        if frame.text[0].isalpha() and self.texts and _ends_in_command(self.texts[-1]):
            self.texts.append(" ")
            self.length += 1
        self.pieces.extend(Piece(piece.start + self.length, piece.origin, piece.moves) for piece in frame.pieces)
        self.texts.append(frame.text)
        self.length += len(frame.text)


def has_definitions(text: str) -> bool:
    """Whether a text defines macros."""
    return _DEFINITION.search(text) is not None


def expand(text: str, report: Report) -> tuple[str, list[Piece]]:
    """The text without its definitions, with each macro replaced, and the pieces that say where all of it stands."""
    return _Expander(text, report).run()


class _Expander:
    """Reads a text from left to right, definitions and uses as they come, as TeX does."""

    def __init__(self, text: str, report: Report) -> None:
        self.frames = [_Frame(text, [Piece(0, 0)])]
        self.output = _Output()
        self.macros: dict[str, Macro] = {}
        self.report = report
        self.uses = self.expanded = self.bodies = 0
        self.is_spent = False

    def run(self) -> tuple[str, list[Piece]]:
        while self.frames:
            frame = self.frames[-1]
            match = _CONTROL.search(frame.text, frame.at)
            if match is None:
                self.output.add(frame.part(frame.done, len(frame.text)))
                self.frames.pop()
            elif _DEFINITION.match(frame.text, match.start()):
                self._give_out(frame, match.start())
                frame.at = frame.done = self._define(frame, match.start())
            elif match[1] in self.macros and not self.is_spent:
                self._use(frame, match)
            else:
                frame.at = match.end()
        return "".join(self.output.texts), self.output.pieces

    def _give_out(self, frame: _Frame, end: int) -> None:
        self.output.add(frame.part(frame.done, end))
        frame.done = end

    # --- uses -------------------------------------------------------------------------------------------------------

    def _use(self, frame: _Frame, match: re.Match[str]) -> None:
        macro, call = self.macros[match[1]], frame.part(match.start(), match.end())
        self._give_out(frame, match.start())
        frame.at = frame.done = match.end()
        arguments = [self._option(macro.default)] if macro.default is not None else []
        arguments += [self._argument() for _ in range(macro.arity - len(arguments))]
        self.uses, self.expanded = self.uses + 1, self.expanded + _length(macro, arguments)
        if self.uses > MAX_USES or self.expanded > MAX_EXPANDED or len(self.frames) > MAX_NESTED:
            self.is_spent = True
            message = f"macros give too much: from \\{match[1]} on they are not expanded"
            self.report(message, self.frames[0].done, True)
        else:
            self.frames.append(_filled(macro, arguments, call.pieces[0].origin))

    def _argument(self) -> _Frame:
        """The next bracket, command or letter, after the text that is being expanded too; nothing at the end."""
        while True:
            frame = self.frames[-1]
            at = _end(_BLANK, frame.text, frame.at)
            if at < len(frame.text) or len(self.frames) == 1:
                break
            self.frames.pop()
        close = frame.closing.get(at)
        if close is not None:
            frame.at = frame.done = close + 1
            return frame.part(at + 1, close)
        control = _CONTROL.match(frame.text, at)
        frame.at = frame.done = control.end() if control is not None else min(at + 1, len(frame.text))
        return frame.part(at, frame.at) if at < frame.at else _Frame("", [Piece(0, 0)])

    def _option(self, default: str) -> _Frame:
        frame = self.frames[-1]
        match = _OPTION.match(frame.text, frame.at)
        if match is None:
            return _Frame(default, [Piece(0, origin(frame.pieces, frame.at), moves=False)])
        frame.at = frame.done = match.end()
        return frame.part(*match.span(1))

    # --- definitions ------------------------------------------------------------------------------------------------

    def _define(self, frame: _Frame, start: int) -> int:
        """Take in a definition; where the text goes on."""
        text, closing = frame.text, frame.closing
        how = _DEFINITION.match(text, start)
        assert how is not None, "the caller looked"
        if how["how"].endswith("environment"):
            return _after_groups(text, closing, how.end(), 3)
        name = _NAME.match(text, how.end())
        if name is None:
            return how.end()
        arity, default, at = _signature(text, how["how"], name.end())
        open_at = _end(_BLANK, text, at)
        close = closing.get(open_at)
        if close is None:
            self._refuse(name[1] or name[2], start, "its definition cannot be read")
            return name.end()
        body = text[open_at + 1 : close]
        if how["how"] == "DeclareMathOperator":
            body = rf"\operatorname{{{body}}}"
        self._take_in(name[1] or name[2], body, arity, default, start, is_kept=how["how"] == "providecommand")
        return close + 1

    def _take_in(self, name: str, body: str, arity: int, default: str | None, start: int, *, is_kept: bool) -> None:
        if name in RESERVED or (is_kept and name in self.macros):
            return
        mentions = frozenset(match[1] for match in _CONTROL.finditer(body) if match[1])
        self.bodies += len(body)
        if len(self.macros) >= MAX_MACROS or self.bodies > MAX_BODIES:
            self._refuse(
                name, start, f"more than {MAX_MACROS} macros, or {MAX_BODIES:,} characters of them, are not read"
            )
        elif name in self._reached(mentions):
            self.macros.pop(name, None)
            self._refuse(name, start, "it stands for itself")
        else:
            self.macros[name] = Macro(_parts(body, arity), arity, default, mentions)

    def _reached(self, mentions: frozenset[str]) -> set[str]:
        """All names that names lead to."""
        reached, ahead = set(mentions), list(mentions)
        while ahead:
            macro = self.macros.get(ahead.pop())
            new = macro.mentions - reached if macro is not None else frozenset()
            reached |= new
            ahead.extend(new)
        return reached

    def _refuse(self, name: str, at: int, reason: str) -> None:
        self.report(
            f"the macro \\{name} is not expanded: {reason}", self.frames[0].at if len(self.frames) > 1 else at, False
        )


def closings(text: str) -> dict[int, int]:
    """Where each bracket, of those that close, closes."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            found[opened.pop()] = match.start()
    return found


def _start(piece: Piece) -> int:
    return piece.start


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _signature(text: str, how: str, at: int) -> tuple[int, str | None, int]:
    """How many arguments a macro takes, the default of the first, and where its body begins."""
    if how.endswith("def"):
        parameters = _PARAMETERS.match(text, at)
        return (len(parameters[1]) // 2, None, parameters.end()) if parameters is not None else (0, None, at)
    count = _COUNT.match(text, at)
    if count is None:
        return 0, None, at
    option = _OPTION.match(text, count.end())
    return int(count[1]), option and option[1], option.end() if option is not None else count.end()


def _after_groups(text: str, closing: dict[int, int], at: int, groups: int) -> int:
    """Where the text goes on after so many brackets, and options between them."""
    for _ in range(groups):
        for option in (_COUNT, _OPTION):
            at = _end(option, text, at)
        close = closing.get(_end(_BLANK, text, at))
        if close is None:
            return at
        at = close + 1
    return at


def _parts(body: str, arity: int) -> tuple[str | int, ...]:
    """A body's literal texts and parameters; one beyond the arity stands for nothing."""
    parts: list[str | int] = []
    at = 0
    for match in _PARAMETER.finditer(body):
        parts.append(body[at : match.start()])
        parts.append("#" if match[1] == "#" else int(match[1]))
        at = match.end()
    return tuple(part for part in (*parts, body[at:]) if part != "" and (isinstance(part, str) or part <= arity))


def _length(macro: Macro, arguments: list[_Frame]) -> int:
    """How many characters a macro gives."""
    return sum(len(part if isinstance(part, str) else arguments[part - 1].text) for part in macro.parts)


def _filled(macro: Macro, arguments: list[_Frame], origin: int) -> _Frame:
    """What a macro gives, with its arguments, each of which stands where it was written."""
    output = _Output()
    for part in macro.parts:
        if isinstance(part, str):
            output.add(_Frame(part, [Piece(0, origin, moves=False)]))
        else:
            output.add(arguments[part - 1])
    return _Frame("".join(output.texts), output.pieces or [Piece(0, origin, moves=False)])


def _ends_in_command(text: str) -> bool:
    name = text[text.rfind("\\") + 1 :]
    return len(name) < len(text) and name.isalpha()
