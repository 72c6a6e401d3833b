"""Result files for other people's platforms. A format's module is imported when the format is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType


@dataclass(frozen=True)
class Format:
    """A format: its `file`, in the folder of a submission or, with `whole_class`, in that of the class, and its writer.

    The writer takes one Graded, or a sequence of them with `whole_class`, and returns the file's text.
    """

    file: str
    module: str
    function: str
    whole_class: bool = False

    def writer(self) -> Callable[..., str]:
        """The function that writes the format."""
        writer: Callable[..., str] = getattr(import_module(self.module), self.function)
        return writer


def _platform(file: str, function: str, *, module: str | None = None, whole_class: bool = False) -> Format:
    return Format(file, f"{__name__}.{module or function}", function, whole_class)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "json": Format("results.json", "refute.report.json_output", "graded_json", whole_class=True),
        "markus": _platform("markus.jsonl", "markus"),
        "gradescope": _platform("results/results.json", "gradescope"),
        "otter": _platform("otter.json", "otter"),
        "classroom": _platform("classroom.txt", "classroom"),
        "junit": _platform("junit.xml", "junit", whole_class=True),
        "canvas-csv": _platform("gradebook-canvas.csv", "canvas_csv", module="gradebook", whole_class=True),
        "moodle-csv": _platform("gradebook-moodle.csv", "moodle_csv", module="gradebook", whole_class=True),
    }
)
