"""Finds a claim project and loads it: its questions, and the implementations on trial.

A claim project is a folder whose pyproject.toml has a [tool.refute] table. Its `specs/` say what is claimed, and its
`impl/` is on trial.
"""

from __future__ import annotations

import sys
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from refute.claims import Claim, Question
from refute.errors import ProjectError, RefuteError, UsageError


@dataclass(frozen=True)
class Project:
    """A claim project that has been loaded. The ids of its questions are unique, and so are those of its claims.

    `implementations` has, by claim id, the module in `impl/` of the same name as that of `specs/` which a claim is
    written in; a claim about a model alone has none.
    """

    name: str
    root: Path
    questions: tuple[Question, ...]
    implementations: Mapping[str, ModuleType]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, in the order of the files and of the questions in them."""
        return tuple(claim for question in self.questions for claim in question.claims)

    def claim(self, identifier: str) -> Claim:
        """The claim of that id. Raises UsageError for an id that no claim has."""
        for claim in self.claims:
            if claim.id == identifier:
                return claim
        raise self._unmatched(identifier)

    def select(self, globs: Sequence[str] = ()) -> tuple[Claim, ...]:
        """The claims whose id matches any of the globs; all of them without one.

        Raises UsageError for a glob that matches no claim.
        """
        for glob in globs:
            if not any(fnmatchcase(claim.id, glob) for claim in self.claims):
                raise self._unmatched(glob)
        return tuple(c for c in self.claims if not globs or any(fnmatchcase(c.id, glob) for glob in globs))

    def _unmatched(self, glob: str) -> UsageError:
        ids = [claim.id for claim in self.claims]
        closest = get_close_matches(glob, ids, n=1)
        hint = f"; did you mean {closest[0]}?" if closest else ""
        return UsageError(f"no claim matches {glob!r}{hint}", expected=f"a glob over {', '.join(ids)}", got=repr(glob))

    def implementation_of(self, claim: Claim) -> ModuleType | None:
        """The implementation that the claim is checked against; None for a claim about a model alone."""
        return self.implementations.get(claim.id)


def find_root(start: Path) -> Path:
    """The root of the claim project to use from the folder `start`.

    It is the nearest folder, `start` or above it, that is a claim project; else the checkout this engine runs from;
    else the claim project bundled with the engine. Raises ProjectError if there is none, or if a pyproject.toml cannot
    be read.
    """
    start, engine = start.resolve(), Path(__file__).resolve()
    for folder in (start, *start.parents, engine.parents[2], engine.parent / "_catalogue"):
        if _settings(folder) is not None:
            return folder
    raise ProjectError(
        "there is no claim project here",
        expected="a folder whose pyproject.toml has a [tool.refute] table",
        got="none in this folder or above it, and none bundled with refute",
        where=str(start),
        example='[tool.refute] with name = "homework"',
    )


def load(start: Path | None = None) -> Project:
    """Load the claim project to use from the folder `start`, by default the current one.

    Its root becomes the first entry of this process's `sys.path`, and every module of its `specs` is imported, with the
    module of the same name in `impl` if there is one. Raises ProjectError, with the file, for whatever is not in order.
    """
    root = find_root(start or Path.cwd())
    if sys.path[:1] != [str(root)]:
        sys.path.insert(0, str(root))
    specs = _modules(root, "specs", _names(root, "specs"))
    impl = _modules(root, "impl", _names(root, "impl") & specs.keys())
    found = tuple(_questions(specs))
    claims = [(claim, name) for name, question in found for claim in question.claims]
    _check_some(claims, root)
    _check_unique("question", [(question.id, specs[name]) for name, question in found])
    _check_unique("claim", [(claim.id, specs[name]) for claim, name in claims])
    _check_implemented(claims, impl, root)
    return Project(
        name=_name(root),
        root=root,
        questions=tuple(question for _, question in found),
        implementations={claim.id: impl[name] for claim, name in claims if name in impl},
    )


def _settings(folder: Path) -> dict[str, Any] | None:
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
        case {"tool": {"refute": dict(settings)}}:
            return settings
    return None


def _name(root: Path) -> str:
    match _settings(root):
        case {"name": str(name)}:
            return name
    raise ProjectError(
        "the claim project has no name",
        expected="a text, name, in the table [tool.refute]",
        got=repr(_settings(root)),
        where=str(root / "pyproject.toml"),
        example='name = "homework"',
    )


def _names(root: Path, folder: str) -> set[str]:
    return {module.name for module in iter_modules([str(root / folder)])}


def _modules(root: Path, package: str, names: Set[str]) -> dict[str, ModuleType]:
    """The package's modules by their names in it, sorted."""
    if names:
        _import(package, root)
    return {name: _import(f"{package}.{name}", root) for name in sorted(names)}


def _import(name: str, root: Path) -> ModuleType:
    """The module, which must lie under the root: a module of that name from elsewhere is not the project's."""
    try:
        module = import_module(name)
    except Exception as error:
        raise _not_imported(name, error, root) from error
    if not _file(module).is_relative_to(root):
        raise ProjectError(
            f"the name {name} is taken by a module from elsewhere",
            expected=f"{name} from {root}",
            got=f"{name} from {_file(module)}",
            example=f"an empty {name.partition('.')[0]}/__init__.py, in a process that has not imported the other",
        )
    return module


def _file(module: ModuleType) -> Path:
    return Path(module.__file__ or module.__path__[0]).resolve()


def _not_imported(name: str, error: Exception, root: Path) -> ProjectError:
    """What is wrong with a module of the project, in the words of the error that importing it raised."""
    message, place = f"{name} cannot be imported", _place(error, root)
    if isinstance(error, RefuteError):
        where = ", ".join(text for text in (place, error.where) if text)
        message = f"{message}: {error.message}"
        return ProjectError(message, expected=error.expected, got=error.got, where=where, example=error.example)
    got = f"{type(error).__name__}: {error}"
    return ProjectError(message, expected="a module that imports without an error", got=got, where=place)


def _place(error: Exception, root: Path) -> str | None:
    """The file and line at fault: the innermost ones in the project's own folders."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    own = (root / "specs", root / "impl")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"{f.filename}:{f.lineno}" for f in frames if any(Path(f.filename).is_relative_to(folder) for folder in own)
    ]
    return lines[-1] if lines else None


def _questions(specs: Mapping[str, ModuleType]) -> Iterator[tuple[str, Question]]:
    """Each question, after the name of the first module that has it: others may import it from there."""
    seen: list[Question] = []
    for name, module in specs.items():
        for value in vars(module).values():
            if isinstance(value, Question) and not any(value is question for question in seen):
                seen.append(value)
                yield name, value


def _check_some(claims: Sequence[tuple[Claim, str]], root: Path) -> None:
    if not claims:
        raise ProjectError(
            "the claim project claims nothing",
            expected="a question with a claim in a module of specs",
            got="none",
            where=str(root / "specs"),
            example='QUESTION = Question("1", title="...", text="...", claims=(Claim("1a", ...),))',
        )


def _check_unique(kind: str, owners: Sequence[tuple[str, ModuleType]]) -> None:
    first: dict[str, Path] = {}
    for identifier, module in owners:
        if identifier in first:
            raise ProjectError(
                f"two {kind}s have the id {identifier}",
                expected=f"{kind} ids that are unique in the project",
                got=f"{identifier} in {first[identifier]} and in {_file(module)}",
            )
        first[identifier] = _file(module)


def _check_implemented(claims: Sequence[tuple[Claim, str]], impl: Mapping[str, ModuleType], root: Path) -> None:
    for claim, name in claims:
        if claim.functions and name not in impl:
            raise ProjectError(
                f"claim {claim.id} has no implementation",
                expected=f"a module with {' and '.join(claim.functions)}",
                got="no such file",
                where=str(root / "impl" / f"{name}.py"),
            )
