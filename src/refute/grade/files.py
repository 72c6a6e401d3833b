"""The files of a submission, in memory: a folder or a zip file is read within limits, and nothing is ever extracted."""

from __future__ import annotations

import codecs
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath

from refute.grade.records import Place, Problem

MAX_FILES = 200
MAX_SIZE = 10_000_000  # bytes of one file
MAX_TOTAL = 50_000_000  # bytes of a submission
MAX_RATIO = 100  # of a zip entry to what it is packed in,
SMALL = 100_000  # unless it is at most so many bytes
MAX_DEPTH = 12  # folders in one another
MAX_NESTED = 1  # zip files in zip files
MAX_TEXT = 2_000_000  # characters of one document
MAX_ENTRIES = 20_000  # of a zip file that is looked into at all

LEFT_OUT = re.compile(  # hidden files, and what programs leave behind
    r"""(?ix) (?:^|/) (?: \.(?!\.?(?:/|$)) | __MACOSX/ | __pycache__/
                        | (?: thumbs\.db | desktop\.ini | submission_metadata\.yml )$ )
    | \. (?: aux | log | out | toc | synctex\.gz | fls | fdb_latexmk | bbl | blg | bib | sty | cls | nav | snm )$"""
)
_BOMS = (
    *((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)


@dataclass(frozen=True)
class File:
    """A file of a submission: its path in it, with slashes, and what it holds."""

    path: str
    data: bytes

    @property
    def suffix(self) -> str:
        """How the name ends, ``.tex``, in small letters."""
        return PurePosixPath(self.path).suffix.lower()


@dataclass
class Contents:
    """The files of a submission, and what kept others from being read. It takes no more than the limits."""

    files: list[File] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_folder: bool = False  # so that paths in a zip file begin with its name
    total: int = 0

    def refuse(self, path: str, reason: str, *, needs_person: bool = True) -> None:
        """Note that a file is not read; a person is to look, since it may hold an answer."""
        self.problems.append(Problem(f"{path} is not read: {reason}", Place(path), needs_person=needs_person))

    def has_room(self, path: str, size: int) -> bool:
        """Whether a file of that many bytes still fits; if not, it is refused."""
        if size > MAX_SIZE:
            self.refuse(path, f"it has more than {MAX_SIZE:,} bytes")
        elif self.total + size > MAX_TOTAL:
            self.refuse(path, f"the submission has more than {MAX_TOTAL:,} bytes")
        else:
            return True
        return False

    def add(self, path: str, data: bytes, nested: int = 0) -> None:
        """Take in a file, or what a zip file holds."""
        if not self.has_room(path, len(data)):
            return
        if path.lower().endswith(".zip"):
            if nested > MAX_NESTED:
                self.refuse(path, "it is a zip file in a zip file in a zip file")
            else:
                add_zip(self, data, path, prefix=f"{path}/" if nested or self.is_folder else "", nested=nested)
            return
        self.total += len(data)
        self.files.append(File(path, data))

    def is_full(self, name: str) -> bool:
        """Whether there are as many files as are read; the first one beyond is noted."""
        if len(self.files) < MAX_FILES:
            return False
        message = f"only the first {MAX_FILES} files of {name} are read"
        if all(problem.message != message for problem in self.problems):
            self.problems.append(Problem(message, needs_person=True))
        return True


def add_path(contents: Contents, path: Path) -> None:
    """Take in a file or a folder."""
    if path.is_symlink():
        contents.refuse(shown(path.name), "it is a link")
    elif path.is_dir():
        contents.is_folder = True
        _add_folder(contents, path)
    else:
        _add_file(contents, path, shown(path.name))


def _add_folder(contents: Contents, root: Path) -> None:
    for path in walk(root):
        name = shown(path.relative_to(root).as_posix())
        if LEFT_OUT.search(name):
            continue
        if contents.is_full(shown(root.name)):
            return
        if path.is_symlink():
            contents.refuse(name, "it is a link")
        elif path.is_dir():
            contents.refuse(name, f"it is in more than {MAX_DEPTH} folders")
        else:
            _add_file(contents, path, name)


def walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    """The files in a folder, sorted, and links, which are not followed; a folder that is too deep is given itself."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if not entry.is_dir(follow_symlinks=False) or depth >= MAX_DEPTH:
            yield Path(entry.path)
        elif not LEFT_OUT.search(f"{entry.name}/"):
            yield from walk(Path(entry.path), depth + 1)


def _add_file(contents: Contents, path: Path, name: str) -> None:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            contents.refuse(name, "it is no ordinary file")
        elif contents.has_room(name, status.st_size):
            with path.open("rb") as stream:
                contents.add(name, stream.read(MAX_SIZE + 1))
    except OSError as error:
        contents.refuse(name, error.strerror or str(error))


def add_zip(contents: Contents, data: bytes, name: str, *, prefix: str = "", folder: str = "", nested: int = 0) -> None:
    """Take in the entries of a zip file, under a prefix; those of a folder in it if one is given."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        contents.refuse(name, f"it is no zip file that can be read ({error})")
        return
    with archive:
        if len(entries) > MAX_ENTRIES:
            contents.refuse(name, f"it has more than {MAX_ENTRIES:,} entries")
            return
        start = f"{folder}/" if folder else ""
        for entry in entries:
            inner = entry.filename.replace("\\", "/")
            if entry.is_dir() or not inner.startswith(start) or LEFT_OUT.search(inner):
                continue
            if contents.is_full(name):
                return
            _add_entry(contents, archive, entry, shown(prefix + inner.removeprefix(start)), nested)


def _add_entry(contents: Contents, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, nested: int) -> None:
    reason = _refusal(entry)
    if reason is not None:
        contents.refuse(path, reason)
        return
    if not contents.has_room(path, entry.file_size):
        return
    try:
        with archive.open(entry) as stream:
            data = stream.read(MAX_SIZE + 1)
    except Exception as error:  # noqa: BLE001  # zipfile raises what its decompressors raise, which differ by method
        contents.refuse(path, f"it cannot be unpacked ({error})")
        return
    contents.add(path, data, nested + 1)


def _refusal(entry: zipfile.ZipInfo) -> str | None:
    """What is wrong with an entry of a zip file, if anything."""
    name = entry.orig_filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or re.match(r"[A-Za-z]:", name):
        return "its path leads out of the zip file"
    if len(parts) > MAX_DEPTH:
        return f"it is in more than {MAX_DEPTH} folders"
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link" if stat.S_ISLNK(mode) else "it is no ordinary file"
    if entry.flag_bits & 1:
        return "it is encrypted"
    if entry.file_size > max(SMALL, MAX_RATIO * entry.compress_size):
        return f"it is packed more than {MAX_RATIO} times"
    return None


def shown(name: str) -> str:
    """A file's name as text that can be printed."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


@dataclass(frozen=True)
class Decoded:
    """A text, with what was odd about its bytes."""

    text: str
    problems: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded:
    """The text of a file: UTF-8, or UTF-16 or UTF-32 with a byte order mark, else Latin-1. Lines end with a newline."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    problems = []
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        problems.append(f"it is not {encoding.upper()} (byte {error.start + 1}), and was read as Latin-1")
    if "\0" in text:
        problems.append("it has NUL characters, which were read as spaces")
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " "), tuple(problems))
