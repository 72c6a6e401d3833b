"""Read YAML, TOML and JSON: maps from ids to answers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from refute.grade.gather import Gatherer
from refute.grade.origins import Origins
from refute.grade.records import Place

MAX_LENGTH = 50_000  # characters of a YAML or TOML document: their readers are slow
MAX_ENTRIES = 2_000
MAX_DEPTH = 20


@dataclass(frozen=True)
class Entry:
    """A value, the keys that lead to it, and where it is: a character of the text."""

    keys: tuple[str, ...]
    value: Any
    at: int


def read_mapping(text: str, suffix: str, origins: Origins, gatherer: Gatherer) -> None:
    """Gather the answers of a YAML, TOML or JSON document. Raises ValueError, with the reason, if it cannot be read."""
    for number, entry in enumerate(_ENTRIES[suffix](text)):
        if number >= MAX_ENTRIES:
            gatherer.problem(f"only the first {MAX_ENTRIES:,} entries are read", needs_person=True)
            return
        _take_in(entry, origins.place(entry.at), gatherer)


def _take_in(entry: Entry, place: Place, gatherer: Gatherer) -> None:
    keys = entry.keys[1:] if entry.keys[0].casefold() == "answers" and len(entry.keys) > 1 else entry.keys
    identifier = ".".join(keys)
    if identifier.casefold() == "submitted":
        _submitted(entry.value, place, gatherer)
    elif not gatherer.is_label(identifier):
        gatherer.problem(f"no blank has the id {identifier[:60]!r}", place)
    elif entry.value is None:
        gatherer.labelled(identifier, "", place)
    elif isinstance(entry.value, str | int | float) and not isinstance(entry.value, bool):
        gatherer.labelled(identifier, str(entry.value).strip(), place)
    else:
        message = f"the answer under {identifier[:60]!r} is no text"
        gatherer.problem(message, place, needs_person=True)


def _submitted(value: Any, place: Place, gatherer: Gatherer) -> None:
    try:
        gatherer.submitted = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        gatherer.problem(f"no time is {str(value)[:40]!r}: expected one such as 2019-03-21T23:59:00-04:00", place)


def _flat(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values of maps in one another, with the keys that lead to them."""
    if not isinstance(value, dict) or not value or len(keys) >= MAX_DEPTH:
        yield keys, None if value == {} else value
        return
    for key, inner in value.items():
        yield from _flat(inner, (*keys, str(key)))


def _placed(text: str, value: Any) -> Iterator[Entry]:
    """The entries of a document, with the places of their keys: they stand in the text in the same order."""
    if not isinstance(value, dict):
        raise ValueError(f"expected a map from ids to answers, got a {type(value).__name__}")
    at = 0
    for keys, inner in _flat(value, ()):
        if not keys:
            return
        match = re.compile(rf"""(?<![\w]){re.escape(keys[-1])}["']?[ \t]*[:=][ \t]*["']*\s*""").search(text, at)
        at = match.end() if match is not None else at
        yield Entry(keys, inner, at)


def _json(text: str) -> Iterator[Entry]:
    yield from _placed(text, json.loads(text, object_pairs_hook=_once))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:60]!r} is there twice")
        found[key] = value
    return found


def _toml(text: str) -> Iterator[Entry]:
    _check_length(text)
    yield from _placed(text, tomllib.loads(text))


def _yaml(text: str) -> Iterator[Entry]:
    import yaml  # only where there is such a file

    class Loader(yaml.SafeLoader):
        """Refuses references to other parts: with them a short text holds an answer without end."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise ValueError("it refers to another part of it with a *")
            return super().compose_node(parent, index)

    _check_length(text)
    try:
        node: Any = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"{' '.join(str(error).split())}; a formula may need single quotes") from error
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise ValueError(f"expected a map from ids to answers, got a {node.id}")
    yield from _nodes(text, node, ())


def _nodes(text: str, node: Any, keys: tuple[str, ...]) -> Iterator[Entry]:
    """The entries of a YAML document, whose values are taken as they are written."""
    if node is None:
        return
    start = node.start_mark.index
    if node.id == "mapping" and len(keys) < MAX_DEPTH:
        for key, value in node.value:
            yield from _nodes(text, value, (*keys, str(key.value)))
    elif node.id == "scalar":
        is_null = node.tag == "tag:yaml.org,2002:null"
        yield Entry(keys, None if is_null else node.value, start + (node.style in ("'", '"')))
    else:
        yield Entry(keys, text[start : node.end_mark.index], start)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has more than {MAX_LENGTH:,} characters")


_ENTRIES: dict[str, Callable[[str], Iterator[Entry]]] = {
    ".json": _json, ".toml": _toml, ".yaml": _yaml, ".yml": _yaml,
}  # fmt: skip
