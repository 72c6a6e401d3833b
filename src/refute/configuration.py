"""The [tool.refute] table of a pyproject.toml, which makes a folder a claim project."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from refute.errors import ProjectError

ENGINE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """The table. A project that `extends` the one which comes with refute has that one's claims; `claims` are globs of
    the ids that matter to it, by default of all. `implementations` are other ones to check: names of modules, or
    ``module:object``. With `pytest`, pytest collects the claims even without ``--refute``."""

    name: str
    extends: str | None = None
    claims: tuple[str, ...] = ()
    implementations: tuple[str, ...] = ()
    pytest: bool = False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# What each key takes: the test, in words, and one valid form.
KINDS: Mapping[str, tuple[Callable[[Any], bool], str, str]] = {
    "name": (_is_text, "a text", 'name = "homework"'),
    "extends": (_is_text, "a text", 'extends = "homework"'),
    "claims": (_are_texts, "a list of texts", 'claims = ["1a.*"]'),
    "implementations": (_are_texts, "a list of texts", 'implementations = ["my_package.lstm"]'),
    "pytest": (lambda value: isinstance(value, bool), "true or false", "pytest = true"),
}


def find_root(start: Path) -> Path:
    """The root of the claim project to use from the folder `start`.

    It is the nearest folder, `start` or above it, that is a claim project; else the one that comes with the engine.
    Raises ProjectError if there is none, or if a pyproject.toml cannot be read.
    """
    found = nearest(start) or bundled()
    if found is not None:
        return found
    raise ProjectError(
        "there is no claim project here",
        expected="a folder whose pyproject.toml has a [tool.refute] table",
        got="none in this folder or above it, and none bundled with refute",
        where=str(start.resolve()),
        example='[tool.refute] with name = "homework"',
    )


def nearest(start: Path) -> Path | None:
    """The nearest folder, `start` or above it, that is a claim project. Raises ProjectError if a pyproject.toml on the
    way cannot be read."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if is_project(folder)), None)


def is_project(folder: Path) -> bool:
    """Whether a folder is the root of a claim project. Raises ProjectError if its pyproject.toml cannot be read."""
    return _table(folder) is not None


def bundled() -> Path | None:
    """The claim project that comes with the engine: the checkout it runs from, or what a wheel has of it."""
    return next((folder for folder in (ENGINE.parents[1], ENGINE / "_catalogue") if is_project(folder)), None)


def read_settings(root: Path) -> Settings:
    """The settings of the claim project at a root. Raises ProjectError for a table that is not in order."""
    table = _table(root) or {}
    place = str(root / "pyproject.toml")
    for key, value in table.items():
        if key not in KINDS:
            close = get_close_matches(key, KINDS, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ProjectError(
                f"[tool.refute] has no key {key}{hint}", expected=f"one of {', '.join(KINDS)}", got=key, where=place
            )
        kind, wanted, example = KINDS[key]
        if not kind(value):
            raise ProjectError(
                f"{key} in [tool.refute] does not fit", expected=wanted, got=repr(value), where=place, example=example
            )
    if "name" not in table:
        raise ProjectError(
            "the claim project has no name", expected="a text, name, in the table [tool.refute]", got=repr(table),
            where=place, example=KINDS["name"][2],
        )  # fmt: skip
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
    return Settings(**values)


def _table(folder: Path) -> Mapping[str, Any] | None:
    """The [tool.refute] table of the folder's pyproject.toml, if there is one."""
    path = folder / "pyproject.toml"
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(
            "pyproject.toml cannot be read", expected="a TOML file", got=str(error), where=str(path)
        ) from error
    match document:
        case {"tool": {"refute": dict(table)}}:
            return table
    return None
