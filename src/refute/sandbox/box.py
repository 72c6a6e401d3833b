"""A box: one Python process in namespaces of its own, with a file system in which nothing can be written.

bubblewrap makes the namespaces. Inside there are Python, three packages, the engine, the C library, and the files
handed in, each read-only; no /proc, no /dev, no /tmp, no network. The process can start threads but no process: its own
address space bounds the memory of all there is, and its own clock the time. All of it ends with the first process of
the box, and that one with the thread that started it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import refute
from refute.errors import UsageError
from refute.sandbox import seccomp
from refute.sandbox.cgroup import group
from refute.sandbox.records import Limits
from refute.sandbox.supervise import Conversation, Supervisor, conversation, orders, pipe

NOBODY = 65534
SUBMISSION = "/submission"
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
LOADER_CACHE = "/etc/ld.so.cache"
SHARED_PREFIXES = ("/usr", "/usr/local")  # where Python's is not the only lib
PACKAGES = {"numpy": "numpy.libs", "flint": "python_flint.libs", "mpmath": "mpmath.libs"}  # and what wheels put beside
CATALOGUE = "_catalogue"  # of an installed engine: the right answers, which no box may see
ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
PATHS = {"PYTHONPATH": "/engine:/packages", "LD_LIBRARY_PATH": "/python/lib"}
PYTHON = ("-s", "-S", "-P", "-B")  # as isolated as -I, but it hears PYTHONHASHSEED, so that equal runs are equal
NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*){0,7}", re.ASCII)
MOST_FILES = 200
INSTALL = "apt install bubblewrap, dnf install bubblewrap or pacman -S bubblewrap"


class Box(Supervisor):
    """Runs untrusted Python. A box that cannot be made is an outcome of kind ``isolation``."""

    @contextmanager
    def started(self, files: Mapping[str, bytes], limits: Limits) -> Iterator[Conversation]:
        """A box of its own for code in the files; nothing of it is left afterwards.

        Raises UsageError for a name or a size of a file that is not allowed, and where there is no bubblewrap.
        """
        check_files(files, limits)
        uid = unprivileged()
        with ExitStack() as stack:
            joining = stack.enter_context(group(limits))
            given = [(name, stack.enter_context(sealed(data))) for name, data in sorted(files.items())]
            rules = stack.enter_context(sealed(seccomp.program()))
            information = stack.enter_context(pipe())
            start = [*joining, *_isolation(uid), *_machine(), *self._more(), *_submission(given), "--remount-ro", "/"]
            start += ["--seccomp", str(rules), "--info-fd", str(information[1]), "--", *_python()]
            yield stack.enter_context(
                conversation(
                    lambda channel: start + orders(channel, self.session, SUBMISSION, limits, uid=uid, boxed=True),
                    limits,
                    isolated=True,
                    environment={},
                    folder="/",
                    descriptors=[rules, information[1], *(descriptor for _, descriptor in given)],
                    kill=lambda process: _kill(process, information[0]),
                )
            )

    def _more(self) -> Iterator[str]:
        for name, path in (self.packages or {}).items():
            yield from ("--ro-bind", str(path), f"/packages/{name}")


def check_files(files: Mapping[str, bytes], limits: Limits) -> None:
    """Raise UsageError unless the files can be handed in: sane relative names, and not too many or too large."""
    for name in files:
        if not NAME.fullmatch(name) or len(name) > 200 or any(other.startswith(f"{name}/") for other in files):
            raise UsageError(
                "a file with this name cannot be run",
                expected="letters, digits, _, - and . in at most 8 parts, none beginning with a . or -",
                got=repr(name[:200]),
                example="'lstm.py'",
            )
    size = sum(map(len, files.values()))
    if size > limits.files or len(files) > MOST_FILES:
        raise UsageError(
            "too much to run",
            expected=f"at most {MOST_FILES} files with {limits.files:,} bytes",
            got=f"{len(files)} files with {size:,} bytes",
        )


@contextmanager
def sealed(data: bytes) -> Iterator[int]:
    """A descriptor of the bytes, in memory, which nobody can change any more; at its beginning."""
    import fcntl

    descriptor = os.memfd_create("refute", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(descriptor, "wb", closefd=False) as stream:
            stream.write(data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        yield descriptor
    finally:
        os.close(descriptor)


def unprivileged() -> int | None:
    """A user id for a box that root makes: a fresh one, so that no two boxes count as one user.

    None where we are not root, or root of a namespace with too few ids: there a user namespace makes us nobody.
    """
    if os.geteuid() != 0:
        return None
    first, _, count = map(int, Path("/proc/self/uid_map").read_text(encoding="ascii").split()[:3])
    if count < NOBODY:
        return None
    last = min(first + count, 1 << 31)
    return secrets.SystemRandom().randrange((first + last) // 2, last - 1)


def bubblewrap() -> str:
    """Where bubblewrap is. Raises UsageError, which says how to install it."""
    path = shutil.which("bwrap") if sys.platform == "linux" else None
    if path is None:
        raise UsageError(
            "code that somebody handed in runs only in a box, and there is no bubblewrap to make one",
            expected="bubblewrap, on Linux",
            got=sys.platform if sys.platform != "linux" else "no program bwrap",
            example=INSTALL,
        )
    return path


def _isolation(uid: int | None) -> Iterator[str]:
    yield bubblewrap()
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
    yield from ("--die-with-parent", "--new-session", "--hostname", "box", "--cap-drop", "ALL")
    if uid is None:
        yield from ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
    else:
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    yield "--clearenv"
    for name, value in (ENVIRONMENT | PATHS).items():
        yield from ("--setenv", name, value)


@cache
def _machine() -> tuple[str, ...]:
    """The mounts that are the same for every box."""
    return tuple(_libraries()) + tuple(_installation())


def _libraries() -> Iterator[str]:
    """The C library and its like: of a folder with one for each architecture, ours alone."""
    for path in map(Path, LIBRARIES):
        ours = path / f"{platform.machine()}-linux-gnu"
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif ours.is_dir():
            for part in (ours, *path.glob("ld-*.so*")):
                yield from _mounted(part, part)
        elif path.is_dir():
            yield from _without_packages(path, path)
    if Path(LOADER_CACHE).exists():
        yield from _mounted(Path(LOADER_CACHE), Path(LOADER_CACHE))


def _mounted(path: Path, inside: Path) -> tuple[str, ...]:
    return (*_folders(inside.parent), "--ro-bind", str(path.resolve()), str(inside))


def _installation() -> Iterator[str]:
    yield from _mounted(Path(sys.executable), Path(_python()[0]))
    base = Path(sys.base_prefix)
    for name in ("lib", "lib64"):
        if not (base / name).is_dir() or (base / name).is_symlink():
            continue
        if str(base) in SHARED_PREFIXES:
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            for path in (*(base / name).glob(version), *(base / name).glob("libpython*.so*")):
                yield from _without_packages(path, Path("/python", name, path.name))
        else:
            yield from _without_packages(base / name, Path("/python", name))
    for package, libraries in PACKAGES.items():
        path = _folder_of(package)
        yield from _mounted(path, Path("/packages", package))
        if (path.parent / libraries).is_dir():
            yield from _mounted(path.parent / libraries, Path("/packages", libraries))
    engine = Path(refute.__file__).resolve().parent
    yield from _mounted(engine, Path("/engine/refute"))
    if (engine / CATALOGUE).is_dir():
        yield from _hidden(Path("/engine/refute", CATALOGUE))


def _without_packages(path: Path, inside: Path) -> Iterator[str]:
    """Libraries, without what is installed among them for Python: that may be the engine again, with its catalogue."""
    yield from _mounted(path, inside)
    for installed in sorted({*path.glob("*-packages"), *path.glob("python*/*-packages")}):
        if not installed.is_symlink() and not installed.parent.is_symlink():
            yield from _hidden(inside / installed.relative_to(path))


def _hidden(inside: Path) -> tuple[str, ...]:
    return ("--tmpfs", str(inside), "--remount-ro", str(inside))


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"the package {package} is not installed", expected="an installation of refute that is whole")
    return Path(found.submodule_search_locations[0]).resolve()


def _submission(given: list[tuple[str, int]]) -> Iterator[str]:
    yield from _folders(Path(SUBMISSION))
    for name, descriptor in given:
        path = Path(SUBMISSION, name)
        yield from _folders(path.parent)
        yield from ("--perms", "0444", "--file", str(descriptor), str(path))


def _folders(path: Path) -> Iterator[str]:
    """Make a folder and those above it, which bubblewrap by itself would make for root alone."""
    for folder in [*reversed(path.parents), path][1:]:
        yield from ("--perms", "0755", "--dir", str(folder))


def _python() -> list[str]:
    version = sys.version_info
    return [
        f"/python/bin/python{version.major}.{version.minor}",
        *PYTHON,
        "/engine/refute/sandbox/harness.py",
    ]


def _kill(process: subprocess.Popen[bytes], information: int) -> None:
    """Kill the first process of the box, and so the kernel all of it; then bubblewrap, which waits for that one."""
    if process.poll() is not None:
        return
    try:
        if not select.select([information], [], [], 2)[0]:  # sooner, bubblewrap would leave its child behind
            raise TimeoutError
        os.kill(json.loads(os.read(information, 4096))["child-pid"], signal.SIGKILL)
        process.wait(1)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        process.kill()  # bubblewrap hangs: with --die-with-parent that ends the box too
