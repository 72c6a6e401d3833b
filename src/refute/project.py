"""Finds a claim project and loads it: its questions, and the implementations on trial.

A claim project is a folder whose pyproject.toml has a [tool.refute] table. Its `specs/` say what is claimed, and its
`impl/` is on trial.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from refute.claims import Claim, Question
from refute.configuration import Settings, bundled, find_root, read_settings
from refute.errors import ProjectError, RefuteError, UsageError

if TYPE_CHECKING:
    from refute.sandbox.local import LocalImplementation


@dataclass(frozen=True)
class Project:
    """A claim project that has been loaded. The ids of its questions are unique, and so are those of its claims.

    `implementations` has, by claim id, the module in `impl/` of the same name as that of `specs/` which a claim is
    written in; a claim about a model alone has none. `others` are further implementations on trial, by name, modules or
    objects that have some of the functions; `missing` says of others why they could not be imported here.
    """

    name: str
    root: Path
    questions: tuple[Question, ...]
    implementations: Mapping[str, ModuleType]
    others: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=lambda: Settings(""))

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
        """The claims whose id matches any of the globs; without one, those that the settings name, or all of them. Of a
        project that extends another, all are those that one of its other implementations has functions of.

        Raises UsageError for a glob that matches no claim.
        """
        globs = globs or self.settings.claims
        for glob in globs:
            if not any(fnmatchcase(claim.id, glob) for claim in self.claims):
                raise self._unmatched(glob)
        if globs:
            return tuple(c for c in self.claims if any(fnmatchcase(c.id, glob) for glob in globs))
        if self.settings.extends is not None and self.others:
            return tuple(c for c in self.claims if any(self.has_functions(name, c) for name in self.others))
        return self.claims

    def _unmatched(self, glob: str) -> UsageError:
        ids = [claim.id for claim in self.claims]
        closest = get_close_matches(glob, ids, n=1)
        hint = f"; did you mean {closest[0]}?" if closest else ""
        return UsageError(f"no claim matches {glob!r}{hint}", expected=f"a glob over {', '.join(ids)}", got=repr(glob))

    def implementation_of(self, claim: Claim) -> ModuleType | None:
        """The implementation that the claim is checked against; None for a claim about a model alone."""
        return self.implementations.get(claim.id)

    def trials(self, claims: Iterable[Claim]) -> tuple[Trial, ...]:
        """Each claim with the project's own implementation, and with each other that has one of its functions."""
        return tuple(trial for claim in claims for trial in self._trials(claim))

    def _trials(self, claim: Claim) -> Iterator[Trial]:
        reference = self.implementations.get(claim.id)
        yield Trial(claim.id, None)
        if reference is not None:
            yield from (Trial(claim.id, name) for name in self.others if self.has_functions(name, claim))

    def has_functions(self, other: str, claim: Claim) -> bool:
        """Whether one of the others has a function that the claim speaks of."""
        return any(callable(getattr(self.others[other], name, None)) for name in claim.functions)

    def other_implementation(self, name: str, claim: Claim) -> LocalImplementation:
        """One of the others, beside the project's own for what it lacks."""
        from refute.sandbox.local import LocalImplementation

        return LocalImplementation(name, self.others[name], self.implementation_of(claim))


class Trial(NamedTuple):
    """A claim's id, and the name of the other implementation that it is checked against, or None for the project's
    own."""

    claim: str
    other: str | None


def load(start: Path | None = None) -> Project:
    """Load the claim project to use from the folder `start`, by default the current one.

    Its root becomes the first entry of this process's `sys.path`, and every module of its `specs` is imported, with the
    module of the same name in `impl` if there is one. A project that `extends` the one which comes with refute takes
    those from there. Raises ProjectError, with the file, for whatever is not in order.
    """
    start = (start or Path.cwd()).resolve()
    root = find_root(start)
    settings = read_settings(root)
    base = root if settings.extends is None else _extended(settings.extends, root)
    _put_on_path(dict.fromkeys((base, root, start)))
    specs = _modules(base, "specs", _names(base, "specs"))
    impl = _modules(base, "impl", _names(base, "impl") & specs.keys())
    found = tuple(_questions(specs))
    claims = [(claim, name) for name, question in found for claim in question.claims]
    _check_some(claims, base)
    _check_unique("question", [(question.id, specs[name]) for name, question in found])
    _check_unique("claim", [(claim.id, specs[name]) for claim, name in claims])
    _check_implemented(claims, impl, base)
    return Project(
        name=settings.name,
        root=root,
        questions=tuple(question for _, question in found),
        implementations={claim.id: impl[name] for claim, name in claims if name in impl},
        settings=settings,
    )


def with_others(project: Project, further: Iterable[str] = ()) -> Project:
    """The project with the other implementations that its settings list, and `further` ones, as `importing` has
    them."""
    return importing(project, (*project.settings.implementations, *further))


def importing(project: Project, names: Iterable[str]) -> Project:
    """The project with the other implementations of those names, imported.

    A name is that of a module, or ``module:object``. Raises ProjectError for one that cannot be imported, unless it is
    for want of a library, and for one that has none of the functions which the claims speak of.
    """
    others: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            others[name] = _other(name)
        except ModuleNotFoundError as error:
            if error.name is None or f"{name.partition(':')[0]}.".startswith(f"{error.name}."):
                raise _not_imported(name, error, project.root) from error
            missing[name] = str(error)
        except Exception as error:
            raise _not_imported(name, error, project.root) from error
    found = replace(project, others=others, missing=missing)
    for name in others:
        _check_useful(name, found)
    return found


def _check_useful(name: str, project: Project) -> None:
    if not any(project.has_functions(name, claim) for claim in project.claims):
        functions = sorted({function for claim in project.claims for function in claim.functions})
        raise ProjectError(
            f"{name} has none of the functions which the claims speak of", expected=f"one of {', '.join(functions)}",
            got=", ".join(key for key in vars(project.others[name]) if not key.startswith("_")) or "nothing",
        )  # fmt: skip


def _extended(name: str, root: Path) -> Path:
    """The root of the project of that name that comes with refute."""
    base = bundled()
    known = None if base is None else read_settings(base).name
    if base is not None and known == name:
        return base
    raise ProjectError(
        f"there is no project {name} to extend", expected="no key extends" if known is None else known, got=name,
        where=str(root / "pyproject.toml"),
    )  # fmt: skip


def _put_on_path(folders: Iterable[Path]) -> None:
    """Make the folders the first entries of this process's `sys.path`."""
    texts = [str(folder) for folder in folders]
    if sys.path[: len(texts)] != texts:
        sys.path[:] = [*texts, *(entry for entry in sys.path if entry not in texts)]


def _other(name: str) -> Any:
    module, _, attribute = name.partition(":")
    found: Any = import_module(module)
    for part in filter(None, attribute.split(".")):
        found = getattr(found, part)
    return found


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
