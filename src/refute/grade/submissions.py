"""Find submissions, and read them: files in the formats that people hand in, folders and zip files of these."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from refute.deciding.verdict import fault
from refute.errors import UsageError
from refute.grade.blanks import Blanks
from refute.grade.files import LEFT_OUT, MAX_TEXT, Contents, File, add_path, add_zip, decode, shown
from refute.grade.gather import Gatherer
from refute.grade.lines import read_lines
from refute.grade.mappings import read_mapping
from refute.grade.markdown import read_markdown, read_notebook
from refute.grade.origins import Origins
from refute.grade.pdf import WHAT_TO_DO, attachments
from refute.grade.records import Place, Submission
from refute.grade.tex import read_tex

Reader = Callable[[str, File, Gatherer], None]


def _with_origins(read: Callable[[str, Origins, Gatherer], None]) -> Reader:
    return lambda text, file, gatherer: read(text, Origins(file.path, text), gatherer)


def _mapping(text: str, file: File, gatherer: Gatherer) -> None:
    read_mapping(text, file.suffix, Origins(file.path, text), gatherer)


READERS: dict[str, Reader] = {
    ".tex": _with_origins(read_tex),
    **dict.fromkeys((".md", ".markdown"), _with_origins(read_markdown)),
    ".ipynb": lambda text, file, gatherer: read_notebook(text, file.path, gatherer),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".json"), _mapping),
    ".txt": _with_origins(read_lines),
}
FORMATS = (*READERS, ".pdf", ".zip")
METADATA = "submission_metadata.yml"  # what Gradescope exports beside the submissions
MAX_METADATA = 2_000_000  # bytes
MAX_PROBLEM = 500  # characters of what a reader has to say


# --- finding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Where a submission is, not read yet: a file or a folder, or a `folder` in a zip file."""

    name: str
    path: Path
    folder: str = ""
    submitted: datetime | None = None  # when, if the platform's export says so


def find(paths: Iterable[Path]) -> list[Source]:
    """The submissions at paths, with names that differ.

    A file is a submission, and so is a folder with answers in it; a folder without, whose sub-folders and zip files are
    submissions, is one for each of them, and a zip file likewise, as MarkUs and Gradescope export them. Raises
    UsageError for a path that is not there.
    """
    found: list[Source] = []
    for path in paths:
        try:
            found.extend(_found_at(path.resolve(strict=True)))
        except OSError as error:
            raise UsageError(
                "a submission cannot be opened", expected="a file or a folder", got=f"{path} ({error.strerror})"
            ) from error
    return _with_own_names(found)


def _found_at(path: Path) -> list[Source]:
    if path.is_dir():
        return _in_folder(path)
    return _in_zip(path) if path.suffix.lower() == ".zip" else [Source(shown(path.stem), path)]


def _in_folder(path: Path) -> list[Source]:
    entries = sorted(entry for entry in path.iterdir() if not LEFT_OUT.search(f"{entry.name}{'/' * entry.is_dir()}"))
    folders = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    archives = [entry for entry in entries if entry.is_file() and entry.suffix.lower() == ".zip"]
    parts = sorted([*folders, *archives])
    has_answers = any(_is_answer(entry) for entry in entries if entry not in parts)
    if has_answers or not (folders or len(archives) > 1):
        return [Source(shown(path.name), path)]
    submitted = _submitted(path / METADATA)
    return [
        Source(shown(part.stem if part.is_file() else part.name), part, "", submitted.get(part.name)) for part in parts
    ]


def _is_answer(path: Path | PurePosixPath) -> bool:
    return path.suffix.lower() in FORMATS and path.stem.lower() != "readme"


def _in_zip(path: Path) -> list[Source]:
    """One submission, or one for each folder of a zip file that has nothing else in it."""
    whole = [Source(shown(path.stem), path)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/") and "\\" not in name]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return whole  # reading it says what is wrong
    parts = [name.parts for name in names if not LEFT_OUT.search(str(name)) and _is_answer(name)]
    depth = 0
    while parts and all(len(part) > depth + 2 for part in parts) and len({part[: depth + 1] for part in parts}) == 1:
        depth += 1  # all in one folder
    folders = dict.fromkeys("/".join(part[: depth + 1]) for part in parts)
    if len(folders) < 2 or any(len(part) < depth + 2 for part in parts):
        return whole
    return [Source(shown(PurePosixPath(folder).name), path, folder) for folder in folders]


def _submitted(path: Path) -> dict[str, datetime]:
    """When each submission of an export was handed in, as far as its metadata say so."""
    import yaml  # only where there are submissions

    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_METADATA:
        return {}
    try:
        metadata = yaml.safe_load(decode(path.read_bytes()).text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}  # they are the platform's, and no part of any submission
    times = {}
    for name, about in metadata.items() if isinstance(metadata, dict) else ():
        created = about.get(":created_at") if isinstance(about, dict) else None
        if isinstance(created, datetime):
            times[str(name)] = created
    return times


def _with_own_names(sources: list[Source]) -> list[Source]:
    """The sources with names that differ: those that clash are called after their folder too, else numbered."""
    often = Counter(source.name for source in sources)
    renamed = [
        replace(source, name=shown(f"{source.path.parent.name}-{source.name}")) if often[source.name] > 1 else source
        for source in sources
    ]
    seen: Counter[str] = Counter()
    unique = []
    for source in renamed:
        seen[source.name] += 1
        unique.append(replace(source, name=f"{source.name}-{seen[source.name]}") if seen[source.name] > 1 else source)
    return unique


# --- reading --------------------------------------------------------------------------------------------------------


def read_submission(source: Source, blanks: Blanks) -> Submission:
    """Read a submission. Whatever it holds, nothing is raised: what is wrong is among its problems."""
    contents = Contents()
    try:
        if source.folder:
            with source.path.open("rb") as stream:
                add_zip(contents, stream.read(), shown(source.path.name), folder=source.folder)
        else:
            add_path(contents, source.path)
    except OSError as error:
        contents.refuse(shown(source.path.name), error.strerror or str(error))
    submission = _read(source.name, contents, blanks)
    return replace(submission, submitted=submission.submitted or source.submitted)


def read_files(name: str, files: Iterable[File], blanks: Blanks) -> Submission:
    """Read a submission whose files are at hand."""
    contents = Contents()
    for file in files:
        contents.add(file.path, file.data)
    return _read(name, contents, blanks)


def _read(name: str, contents: Contents, blanks: Blanks) -> Submission:
    gatherer = Gatherer(blanks)
    for problem in contents.problems:
        gatherer.problem(problem.message, problem.place, needs_person=problem.needs_person)
    for file in _to_read(contents.files, gatherer):
        try:
            _read_file(file, gatherer)
        except (ValueError, RecursionError) as error:
            reason = str(error)[:MAX_PROBLEM] if isinstance(error, ValueError) else "it is nested too deep"
            gatherer.problem(f"{file.path} cannot be read: {reason}", Place(file.path), needs_person=True)
        except Exception as error:  # noqa: BLE001  # a fault of ours is one file's, and goes to a person
            reason = fault(error).message[:MAX_PROBLEM]
            gatherer.problem(f"{file.path} cannot be read: {reason}", Place(file.path), needs_person=True)
    has_content = any(file.data.strip() for file in contents.files)
    if not has_content:
        gatherer.problem("nothing was handed in")
    elif not (gatherer.has_places or gatherer.has_code or gatherer.needs_person):
        message = "no answer was found: none stands under its id, and no formula has a left-hand side that is asked for"
        gatherer.problem(message, needs_person=True)
    return gatherer.submission(name)


def _to_read(files: list[File], gatherer: Gatherer) -> Iterator[File]:
    """The files to read; a PDF beside the source it was made from is passed over."""
    sources = {PurePosixPath(file.path).with_suffix("") for file in files if file.suffix in READERS}
    for file in files:
        if file.suffix == ".pdf" and PurePosixPath(file.path).with_suffix("") in sources:
            gatherer.problem(f"{file.path} is not read: its source is there", Place(file.path))
        else:
            yield file


def _read_file(file: File, gatherer: Gatherer) -> None:
    if file.suffix == ".pdf":
        _read_pdf(file, gatherer)
    elif file.suffix == ".py":
        gatherer.code(file.path, file.data)
    elif file.suffix in READERS:
        if file.suffix == ".ipynb":
            gatherer.code(file.path, file.data)
        _read_text(file, gatherer)
    elif file.data.strip():
        message = f"{file.path} is not read: its format is none of {', '.join(FORMATS)}"
        gatherer.problem(message, Place(file.path), needs_person=True)


def _read_text(file: File, gatherer: Gatherer) -> None:
    decoded = decode(file.data)
    for problem in decoded.problems:
        gatherer.problem(f"{file.path}: {problem}", Place(file.path))
    if len(decoded.text) > MAX_TEXT:
        raise ValueError(f"it has more than {MAX_TEXT:,} characters")
    READERS[file.suffix](decoded.text, file, gatherer)


def _read_pdf(file: File, gatherer: Gatherer) -> None:
    try:
        found = [File(f"{file.path}/{shown(name)}", content) for name, content in attachments(file.data)]
    except Exception as error:  # noqa: BLE001  # of a PDF that is not in order, pypdf raises whatever it stumbles on
        reason = f"{error or type(error).__name__}"[:MAX_PROBLEM]
        gatherer.problem(f"{file.path} cannot be read: {reason}; {WHAT_TO_DO}", Place(file.path), needs_person=True)
        return
    texts = [inner for inner in found if inner.suffix in READERS]
    if not texts:
        message = f"{file.path} carries no source, and is not read itself; {WHAT_TO_DO}"
        gatherer.problem(message, Place(file.path), needs_person=True)
    for text in texts:
        _read_text(text, gatherer)
