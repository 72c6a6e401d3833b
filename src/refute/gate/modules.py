"""The modules in a project's `impl/` that nothing checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules

from refute.project import Project

FOLDER = "impl"


def unchecked_modules(project: Project) -> tuple[str, ...]:
    """The modules in `impl/` that have no namesake in `specs/`, that the settings do not list, and that nothing which
    is checked imports. A project that extends another has no `impl/` of its own."""
    root = project.root
    if project.settings.extends is not None:
        return ()
    modules = {module.name for module in iter_modules([str(root / FOLDER)])}
    listed = {_outermost(name.partition(":")[0]) for name in project.settings.implementations}
    specs = {module.name for module in iter_modules([str(root / "specs")])}
    reached = {"", *(m for m in modules if m in specs or f"{FOLDER}.{m}" in listed)}
    imports = {module: set(_imports(root / FOLDER, module)) for module in ("", *modules)}
    waiting = list(reached)
    while waiting:
        new = imports[waiting.pop()] & modules - reached
        reached |= new
        waiting += new
    return tuple(sorted(modules - reached))


def _outermost(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _imports(folder: Path, module: str) -> Iterator[str]:
    """The names in `impl` that a module of it imports; '' is impl's own ``__init__``."""
    own = {"": folder / "__init__.py"}.get(module, folder / f"{module}.py")
    for file in (own, *(folder / module).rglob("*.py")) if module else (own,):
        if file.is_file():
            yield from _imported(ast.parse(file.read_bytes()), (FOLDER, *file.relative_to(folder).parent.parts))


def _imported(tree: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[tuple[str, ...]] = []
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            source = (*base, *(node.module.split(".") if node.module else ()))
            names = [(*source, alias.name) for alias in node.names]
        yield from (name[1] for name in names if name[0] == FOLDER and len(name) > 1)
