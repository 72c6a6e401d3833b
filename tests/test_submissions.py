"""The other formats, folders and zip files: what is found, what is refused, and which submissions there are."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest

from refute.errors import UsageError
from refute.grade.files import MAX_FILES, MAX_SIZE, File
from refute.grade.records import Submission
from refute.grade.submissions import find, read_files, read_submission
from tests.reading import answers, blanks, needs_person, places, problems, read, strays

G_BAR = r"\overline{g^{(t)}} = \overline{c^{(t)}} i^{(t)}"
PLAIN = "c_bar[t]*i[t]"


def notebook(*sources: str | list[str], kind: str = "markdown") -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for source in sources]})


FOUND = {
    "md, label": ("hw.md", "1a.g_bar: $x_t$", "x_t"),
    "md, label and equals sign": ("hw.md", "1a.g_bar = $x_t$", "x_t"),
    "md, bold label": ("hw.md", "**1a.g_bar** $$\nx_t\n$$", "x_t"),
    "md, bold label with colon": ("hw.md", "**1a.g_bar:** $x_t$", "x_t"),
    "md, heading": ("hw.md", "# 1\n\n### 1a.g_bar (half a point)\n\nWe find\n\n$$x_t$$\n\nq. e. d.\n\n## 2", "x_t"),
    "md, escaped": ("hw.md", r"## 1a.g\_bar" + "\n$$x_t$$", "x_t"),
    "md, list": ("hw.md", "- 1a.g_bar: $x_t$\n- done", "x_t"),
    "md, table": ("hw.md", "| id | answer |\n|---|---|\n| 1a.g_bar | $x_t$ |\n| and | so on |", "x_t"),
    "md, plain text": ("hw.md", f"1a.g_bar: {PLAIN}\n\nwhich one sees", PLAIN),
    "md, code": ("hw.md", f"1a.g_bar: `{PLAIN}`", PLAIN),
    "md, block of code": ("hw.md", f"## 1a.g_bar\n```\n{PLAIN}\n```\n", PLAIN),
    "md, left-hand side": ("hw.md", f"So\n$$\n{G_BAR}\n$$\n", G_BAR),
    "md, inline": ("hw.md", f"So ${G_BAR}$.", G_BAR),
    "md, brackets": ("hw.md", rf"So \[{G_BAR}\].", G_BAR),
    "md, block of mathematics": ("hw.md", f"```math\n{G_BAR}\n```\n", G_BAR),
    "md, another equation in the section": ("hw.md", f"## 1a.g_bar\n$$x = 1$$\n$${G_BAR}$$\n$$y = 2$$", G_BAR),
    "ipynb, text": ("hw.ipynb", notebook("1a.g_bar: $x_t$"), "x_t"),
    "ipynb, lines": ("hw.ipynb", notebook("# hi", ["### 1a.g_bar\n", "\n", "$$x_t$$"]), "x_t"),
    "ipynb, the next cell": ("hw.ipynb", notebook("### 1a.g_bar", "$$x_t$$"), "x_t"),
    "yaml": ("hw.yaml", f"1a.g_bar: {PLAIN}", PLAIN),
    "yaml, quoted": ("hw.yml", rf"1a.g_bar: '{G_BAR}'", G_BAR),
    "yaml, lines": ("hw.yaml", f"answers:\n  1a.g_bar: |\n    {PLAIN}\n", PLAIN),
    "yaml, by question": ("hw.yaml", f"answers:\n  1a:\n    g_bar: {PLAIN}", PLAIN),
    "toml": ("hw.toml", f"1a.g_bar = '{PLAIN}'", PLAIN),
    "toml, quoted id": ("hw.toml", f"[answers]\n\"1a.g_bar\" = '{PLAIN}'", PLAIN),
    "toml, table": ("hw.toml", f"[1a]\ng_bar = '''\n{PLAIN}\n'''", PLAIN),
    "json": ("hw.json", json.dumps({"1a.g_bar": G_BAR}), G_BAR),
    "json, by question": ("hw.json", json.dumps({"answers": {"1a": {"g_bar": PLAIN}}}), PLAIN),
    "txt": ("hw.txt", f"1a.g_bar: {PLAIN}", PLAIN),
    "txt, equals sign": ("hw.txt", f"1a.g_bar = {PLAIN}  # a comment", PLAIN),
    "txt, lines": ("hw.txt", "1a.g_bar: # half a point\n   a\n   + b\n+ c", "a + b + c"),
    "txt, left-hand side": ("hw.txt", f"g_bar[t] = {PLAIN}", f"g_bar[t] = {PLAIN}"),
    "txt, LaTeX": ("hw.txt", f"Alice\n{G_BAR}", G_BAR),
}


@pytest.mark.parametrize("name", FOUND)
def test_an_answer_is_found(name: str) -> None:
    file, text, written = FOUND[name]
    found = read(text, file)
    assert (answers(found), problems(found)) == ({"1a.g_bar": written}, [])


NOTHING = {
    "md, code": ("hw.md", f"```python\n$${G_BAR}$$\n```"),
    "md, comment": ("hw.md", f"<!-- $${G_BAR}$$ -->"),
    "md, quotation": ("hw.md", f"> $${G_BAR}$$"),
    "md, prose": ("hw.md", "It costs $5, and 1a.g_bar costs $6."),
    "md, another blank's": ("hw.md", "## 1a.c_bar\n$$x$$"),
    "md, empty": ("hw.md", "## 1a.g_bar\n\n$$\n\n$$\n"),
    "ipynb, code": ("hw.ipynb", notebook(f"$${G_BAR}$$", kind="code")),
    "yaml, empty": ("hw.yaml", "1a.g_bar:"),
    "yaml, null": ("hw.yaml", "1a.g_bar: null"),
    "toml, empty": ("hw.toml", "1a.g_bar = ''"),
    "json, null": ("hw.json", '{"1a.g_bar": null}'),
    "json, empty": ("hw.json", '{"1a.g_bar": {}}'),
    "txt, empty": ("hw.txt", "1a.g_bar:\n1a.c_bar: x[t]"),
    "txt, comment": ("hw.txt", f"# 1a.g_bar: {PLAIN}"),
    "txt, another's": ("hw.txt", f"c[t] = {PLAIN}"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_answer_is_not_found(name: str) -> None:
    file, text = NOTHING[name]
    assert "1a.g_bar" not in answers(read(text, file))


@pytest.mark.parametrize(
    ("file", "text"),
    [("hw.md", "1a.gbar: $x$"), ("hw.md", "### 1a.g_br\n$$x$$"), ("hw.txt", "1a.gbar: x"), ("hw.yaml", "1a.gbar: x"),
     ("hw.yaml", "1a: {gbar: x}"), ("hw.toml", "1a.gbar = 'x'"), ("hw.json", '{"1a.gbar": "x"}'),
     ("hw.ipynb", notebook("1a.gbar: $x$"))],
)  # fmt: skip
def test_a_misspelt_id_is_not_lost(file: str, text: str) -> None:
    found = read(text, file)
    assert answers(found) == {}
    assert [message.partition(";")[2] for message, _ in problems(found)] == [" did you mean 1a.g_bar?"]
    assert (needs_person(found), len(strays(found))) == (True, 1)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("hw.md", "2c.depth: it is slow,\nsince $G$ is large.\n\nVery slow."),
        ("hw.md", "## 2c.depth\n\nit is slow,\nsince $G$ is large.\n\nVery slow.\n\n## 3\nx"),
        ("hw.txt", "2c.depth: it is slow,\nsince $G$ is large.\n\nVery slow.\n3b.det: 1"),
    ],
)
def test_an_explanation_is_kept_whole(file: str, text: str) -> None:
    assert answers(read(text, file))["2c.depth"] == "it is slow, since $G$ is large. Very slow."


def test_an_explanation_ends_where_an_equation_begins() -> None:
    found = read(f"2c.depth: slow,\nvery.\ng_bar[t] = {PLAIN}\n", "hw.txt")
    assert answers(found) == {"2c.depth": "slow, very.", "1a.g_bar": f"g_bar[t] = {PLAIN}"}


def test_an_equation_in_an_explanation_replaces_no_answer() -> None:
    found = read(f"1a.g_bar: {PLAIN}\n2c.depth: slow\ng_bar[t] = 0 if i is 0\n", "hw.txt")
    assert answers(found)["1a.g_bar"] == PLAIN


PLACES = {
    "hw.md": ("# a\n\n> q\n\n1a.g_bar: $x$", (5, 12)),
    "hw.yaml": ("answers:\n  # c\n  1a.g_bar: 'x'", (3, 14)),
    "hw.toml": ("# 1\n[1a]\ng_bar = 'x'", (3, 10)),
    "hw.json": ('{\n "1a.c_bar": "1a.g_bar",\n  "1a.g_bar": "x"}', (3, 16)),
    "hw.txt": ("# 1\n\n1a.g_bar:  # c\n\n  x", (5, 3)),
}


@pytest.mark.parametrize("file", PLACES)
def test_places_are_those_of_the_file(file: str) -> None:
    text, place = PLACES[file]
    assert places(read(text, file))["1a.g_bar"] == place


def test_places_in_a_notebook_name_the_cell() -> None:
    code, last = {"cell_type": "code", "source": "1"}, {"cell_type": "markdown", "source": "c\n\n1a.g_bar: $x$"}
    text = json.dumps({"cells": [code, {"cell_type": "markdown", "source": ["a\n", "b"]}, last]})
    (answer,) = read(text, "hw.ipynb").answers
    assert (answer.place.cell, answer.place.line, answer.place.column) == (3, 3, 12)
    assert str(answer.place) == "hw.ipynb, cell 3, line 3"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("hw.yaml", "submitted: 2019-03-21T23:59:00-04:00\n3b.det: 1"),
        ("hw.toml", "submitted = 2019-03-21T23:59:00-04:00"),
        ("hw.json", '{"submitted": "2019-03-21T23:59:00-04:00"}'),
    ],
)
def test_the_time_of_submission_is_read(file: str, text: str) -> None:
    assert read(text, file).submitted == datetime(2019, 3, 21, 23, 59, tzinfo=timezone(timedelta(hours=-4)))


def test_a_time_that_is_none_is_said() -> None:
    found = read("submitted: yesterday\n3b.det: 1", "hw.yaml")
    assert found.submitted is None
    assert problems(found)[0][0].startswith("no time is 'yesterday'")


def test_a_number_is_an_answer() -> None:
    assert answers(read('{"2b.steps": 5, "3b.det": 0.5}', "hw.json")) == {"2b.steps": "5", "3b.det": "0.5"}
    assert answers(read("2b.steps: 5\n3b.factors: [[I, 0], [0, I]]", "hw.yaml")) == {
        "2b.steps": "5",
        "3b.factors": "[[I, 0], [0, I]]",
    }


# --- what cannot be read --------------------------------------------------------------------------------------------

UNREADABLE = {
    "yaml": ("hw.yaml", "a: [1"),
    "yaml, references": ("hw.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"),
    "yaml, a list": ("hw.yaml", "- a"),
    "yaml, deep": ("hw.yaml", "[" * 5_000),
    "yaml, long": ("hw.yaml", "a: b\n" * 20_000),
    "yaml, two documents": ("hw.yaml", "a: b\n---\na: b"),
    "yaml, an object": ("hw.yaml", "3b.det: !!python/object/apply:os.system ['true']\n- x"),
    "toml": ("hw.toml", "a ="),
    "toml, twice": ("hw.toml", "a = 1\na = 2"),
    "toml, deep": ("hw.toml", "a = " + "[" * 5_000),
    "json": ("hw.json", "{"),
    "json, a list": ("hw.json", "[]"),
    "json, deep": ("hw.json", "[" * 100_000),
    "json, twice": ("hw.json", '{"3b.det": "1", "3b.det": "2"}'),
    "json, a number without end": ("hw.json", '{"3b.det": ' + "9" * 5_000 + "}"),
    "ipynb": ("hw.ipynb", "{"),
    "ipynb, no cells": ("hw.ipynb", '{"cells": 3}'),
    "ipynb, deep": ("hw.ipynb", '{"cells": ' * 50_000),
    "pdf": ("hw.pdf", "%PDF-1.4 nonsense"),
    "zip": ("hw.zip", "PK nonsense"),
    "too long": ("hw.tex", "x" * 2_000_001),
    "formulas without end": ("hw.tex", "$" * 100_000),
    "unknown format": ("hw.docx", "x"),
    "picture": ("scan.png", "x"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_goes_to_a_person(name: str) -> None:
    file, text = UNREADABLE[name]
    found = read(text, file)
    assert (answers(found), needs_person(found)) == ({}, True)
    assert "fault" not in problems(found)[0][0]


def test_one_bad_file_does_not_stop_the_others() -> None:
    files = [File("a.yaml", b"a: ["), File("b.txt", b"3b.det: 1"), File("c.pdf", b"%PDF"), File("d.docx", b"x")]
    found = read_files("hw", files, blanks())
    assert answers(found) == {"3b.det": "1"}
    assert [problem.place and problem.place.file for problem in found.problems] == ["a.yaml", "c.pdf", "d.docx"]


def test_the_message_on_a_pdf_without_source_says_what_to_do() -> None:
    from pypdf import PdfWriter

    writer, stream = PdfWriter(), BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(stream)
    ((message, needs),) = problems(read(stream.getvalue(), "hw.pdf"))
    assert needs
    assert "carries no source" in message
    assert "hand in the source, such as the .tex file" in message


def pdf(*attachments: tuple[str, bytes], password: str = "") -> bytes:
    from pypdf import PdfWriter

    writer, stream = PdfWriter(), BytesIO()
    writer.add_blank_page(72, 72)
    for name, data in attachments:
        writer.add_attachment(name, data)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


def test_a_pdf_is_read_by_its_attachment() -> None:
    found = read(pdf(("hw.tex", rf"\[{G_BAR}\]".encode()), ("logo.png", b"x")), "hw.pdf")
    assert (answers(found), problems(found)) == ({"1a.g_bar": G_BAR}, [])
    assert found.answers[0].place.file == "hw.pdf/hw.tex"


@pytest.mark.parametrize(
    "data",
    [
        pdf(("hw.png", b"x")),
        pdf(("hw.tex", b" " * 6_000_000)),
        pdf(*((f"{n}.tex", b"x") for n in range(30))),
        pdf(("hw.tex", rf"\[{G_BAR}\]".encode()), password="secret"),
        pdf(("hw.tex", rf"\[{G_BAR}\]".encode()))[:300],
    ],
    ids=["picture", "large", "many", "encrypted", "cut off"],
)
def test_a_pdf_that_is_not_in_order_goes_to_a_person(data: bytes) -> None:
    found = read(data, "hw.pdf")
    assert (answers(found), needs_person(found)) == ({}, True)


def test_a_pdf_beside_its_source_is_passed_over() -> None:
    files = [File("hw.pdf", b"%PDF"), File("hw.tex", rb"\answer{3b.det}{1}"), File("other.pdf", b"%PDF")]
    found = read_files("hw", files, blanks())
    assert [(problem.place and problem.place.file, problem.needs_person) for problem in found.problems] == [
        ("hw.pdf", False),
        ("other.pdf", True),
    ]


def test_the_template_that_was_filled_in_and_compiled_is_read_back() -> None:
    data = (Path(__file__).parent / "submissions" / "filled_in.pdf").read_bytes()
    found = read(data, "hw.pdf")
    assert answers(found) == {
        "1a.h_bar": r"\overline{i^{(t+1)}} i^{(t+1)}",
        "1a.c_bar": r"\overline{h^{(t)}} o^{(t)}(1-\tanh^2 c^{(t)}) + \overline{c^{(t+1)}} f^{(t+1)}",
        "1a.g_bar": G_BAR,
        "2a.weights": "2H^2+DH",
        "2c.depth": "It takes $2G-1$ steps, one after the other.",
        "3b.det": r"\beta^D",
    }
    assert problems(found) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("3b.det: 1  # é".encode("latin-1"), "Latin-1"),
        ("3b.det: 1".encode("utf-16"), None),
        ("3b.det: 1".encode("utf-32"), None),
        (b"\xef\xbb\xbf3b.det: 1\r\n", None),
        (b"3b.det: 1\r1a.g_bar:", None),
        (b"3b.det: 1\0", "NUL"),
    ],
)
def test_encodings(data: bytes, said: str | None) -> None:
    found = read(data, "hw.txt")
    assert answers(found) == {"3b.det": "1"}
    assert [said in message if said else message for message, _ in problems(found)] == ([True] if said else [])
    assert not needs_person(found)


def test_code_that_defines_what_is_asked_for_is_kept() -> None:
    source = b"def lstm_forward(x, h_0, c_0, weights):\n    return {}\n"
    cells = [
        {"cell_type": "markdown", "source": "3b.det: $1$"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip install x\n", "import numpy as np\n"]},
        {"cell_type": "code", "source": "momentum_step = np.add\n"},
    ]
    notebook = json.dumps({"cells": cells}).encode()
    found = read_files(
        "hw", [File("my code.py", source), File("helper.py", b"a = 1"), File("n.ipynb", notebook)], blanks()
    )
    assert found.code == {"my code.py": source, "helper.py": b"a = 1", "n.ipynb": notebook}
    assert answers(found) == {"3b.det": "1"}
    assert not problems(found)


def test_code_that_defines_nothing_that_is_asked_for_is_not_run_and_nobody_has_to_look() -> None:
    found = read_files("hw", [File("a.py", b"1"), File("b.txt", b"3b.det: 1")], blanks())
    assert problems(found) == [("a.py is not run: it defines no function that is asked for", False)]


@pytest.mark.parametrize("files", [[], [File("hw.tex", b" \n")]])
def test_nothing_handed_in_is_no_work_for_a_person(files: list[File]) -> None:
    assert problems(read_files("hw", files, blanks())) == [("nothing was handed in", False)]


# --- folders and zip files ------------------------------------------------------------------------------------------


def zipped(entries: Mapping[str, bytes | str], **modes: int) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = modes.get(name.partition(".")[0], 0o100644) << 16
            archive.writestr(info, data)
    return stream.getvalue()


def test_a_zip_file_is_read_without_being_extracted() -> None:
    found = read(zipped({"hw/a.txt": "3b.det: 1", "__MACOSX/hw/a.txt": "3b.det: 2", "hw/.DS_Store": "x"}), "hw.zip")
    assert (answers(found), problems(found)) == ({"3b.det": "1"}, [])
    assert found.answers[0].place.file == "hw/a.txt"


REFUSED_ENTRIES: dict[str, tuple[dict[str, bytes | str], dict[str, int], str]] = {
    "out": ({"../a.txt": "3b.det: 1"}, {}, "its path leads out"),
    "out, deeper": ({"a/../../a.txt": "3b.det: 1"}, {}, "its path leads out"),
    "out, backwards": ({"..\\a.txt": "3b.det: 1"}, {}, "its path leads out"),
    "from the root": ({"/a.txt": "3b.det: 1"}, {}, "its path leads out"),
    "drive": ({"C:\\a.txt": "3b.det: 1"}, {}, "its path leads out"),
    "link": ({"a.txt": "/etc/passwd"}, {"a": 0o120777}, "it is a link"),
    "device": ({"a.txt": "3b.det: 1"}, {"a": 0o020666}, "it is no ordinary file"),
    "bomb": ({"a.txt": "3b.det: 1" + " " * 5_000_000}, {}, "it is packed more than"),
    "large": (
        {"a.txt": b"".join(os.urandom(100) + bytes(1_900) for _ in range(MAX_SIZE // 2_000 + 1))},
        {},
        "it has more than",
    ),
    "deep": ({"a/" * 20 + "a.txt": "3b.det: 1"}, {}, "it is in more than"),
    "in one another": ({"b.zip": zipped({"c.zip": zipped({"d.zip": b"x"})})}, {}, "it is a zip file in a zip file in"),
}


@pytest.mark.parametrize("name", REFUSED_ENTRIES)
def test_what_a_zip_file_must_not_hold_is_refused(name: str) -> None:
    entries, modes, reason = REFUSED_ENTRIES[name]
    found = read(zipped({**entries, "ok.txt": "2b.steps: G"}, **modes), "hw.zip")
    assert answers(found) == {"2b.steps": "G"}
    (message,) = [message for message, needs in problems(found) if needs]
    assert reason in message


def test_a_zip_file_in_a_zip_file_is_read() -> None:
    found = read(zipped({"b.zip": zipped({"a.txt": "3b.det: 1"})}), "hw.zip")
    assert (answers(found), found.answers[0].place.file) == ({"3b.det": "1"}, "b.zip/a.txt")


def test_files_beyond_the_limit_are_not_read_and_it_says_so() -> None:
    found = read(zipped({f"{n:04}.txt": "2b.steps: G" for n in range(MAX_FILES)} | {"z.txt": "3b.det: 1"}), "hw.zip")
    assert answers(found) == {"2b.steps": "G"}
    assert problems(found) == [(f"only the first {MAX_FILES} files of hw.zip are read", True)]


def test_all_files_together_have_a_limit() -> None:
    files = [File(f"{n}.png", bytes(9_000_000)) for n in range(6)]
    found = read_files("hw", [*files, File("a.txt", b"3b.det: 1")], blanks())
    assert answers(found) == {"3b.det": "1"}
    assert problems(found)[0] == ("5.png is not read: the submission has more than 50,000,000 bytes", True)


def test_an_encrypted_zip_file_goes_to_a_person() -> None:
    data = bytearray(zipped({"a.txt": "3b.det: 1"}))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    assert "it is encrypted" in problems(read(bytes(data), "hw.zip"))[0][0]


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def read_all(*paths: Path) -> dict[str, Submission]:
    return {source.name: read_submission(source, blanks()) for source in find(paths)}


def found_in(*paths: Path) -> dict[str, dict[str, str]]:
    return {name: answers(submission) for name, submission in read_all(*paths).items()}


ONE, TWO = "3b.det: 1", "2b.steps: G"
LAYOUTS: dict[str, tuple[dict[str, str | bytes], dict[str, dict[str, str]]]] = {
    "MarkUs": (
        {"group_a/hw.txt": ONE, "group_b/hw4/hw.txt": TWO, ".git/x": "y"},
        {"group_a": {"3b.det": "1"}, "group_b": {"2b.steps": "G"}},
    ),
    "Gradescope": (
        {"submission_1/hw.txt": ONE, "submission_2/hw.txt": TWO, "submission_metadata.yml": "x: 1"},
        {"submission_1": {"3b.det": "1"}, "submission_2": {"2b.steps": "G"}},
    ),
    "zip files": (
        {"ann.zip": zipped({"hw.txt": ONE}), "bob.zip": zipped({"hw.txt": TWO})},
        {"ann": {"3b.det": "1"}, "bob": {"2b.steps": "G"}},
    ),
    "with a page of the course": ({"ann/hw.txt": ONE, "README.md": "# Course"}, {"ann": {"3b.det": "1"}}),
    "one submission": ({"a.txt": ONE, "more/b.txt": TWO}, {"all": {"3b.det": "1", "2b.steps": "G"}}),
    "one submission, a zip file": ({"a.zip": zipped({"a.txt": ONE})}, {"all": {"3b.det": "1"}}),
    "an empty one among others": ({"ann/hw.txt": ONE, "bob/.keep": ""}, {"ann": {"3b.det": "1"}, "bob": {}}),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_submissions_of_a_folder(name: str, tmp_path: Path) -> None:
    files, expected = LAYOUTS[name]
    assert found_in(write(tmp_path / "all", files)) == expected


@pytest.mark.parametrize("name", ["MarkUs", "Gradescope", "one submission"])
@pytest.mark.parametrize("top", ["", "export/", "export/hw4/"])
def test_the_submissions_of_a_zip_file_are_those_of_the_folder(name: str, top: str, tmp_path: Path) -> None:
    files, expected = LAYOUTS[name]
    path = write(tmp_path, {"all.zip": zipped({f"{top}{file}": data for file, data in files.items()})}) / "all.zip"
    assert found_in(path) == expected


def test_names_differ(tmp_path: Path) -> None:
    root = write(tmp_path, {"ann/hw.txt": ONE, "bob/hw.txt": TWO, "x/bob/hw.txt": ONE, "cy.txt": ONE})
    paths = [root / "ann/hw.txt", root / "bob/hw.txt", root / "x/bob/hw.txt", root / "cy.txt"]
    assert [source.name for source in find(paths)] == ["ann-hw", "bob-hw", "bob-hw-2", "cy"]


def test_the_metadata_of_an_export_say_when(tmp_path: Path) -> None:
    when = ":created_at: 2019-03-21 23:59:00.000000000 -04:00"
    metadata = f"submission_1:\n  :submitters:\n  - :name: Ann\n  {when}\nsubmission_2: 3\n"
    files: dict[str, str | bytes] = {"submission_1/a.txt": ONE, "submission_2/a.txt": ONE}
    found = read_all(write(tmp_path, {**files, "submission_metadata.yml": metadata}))
    submitted = found["submission_1"].submitted
    assert submitted is not None
    assert submitted.astimezone(UTC) == datetime(2019, 3, 22, 3, 59, tzinfo=UTC)
    assert found["submission_2"].submitted is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, {"secret.txt": ONE, "other/b.txt": ONE})
    root = write(tmp_path / "hw", {"a.txt": TWO})
    (root / "link.txt").symlink_to(secret / "secret.txt")
    (root / "folder").symlink_to(secret / "other")
    (root / "round").symlink_to(root)
    os.mkfifo(root / "pipe.txt")
    (found,) = read_all(root).values()
    assert answers(found) == {"2b.steps": "G"}
    assert sorted(problems(found)) == [
        ("folder is not read: it is a link", True),
        ("link.txt is not read: it is a link", True),
        ("pipe.txt is not read: it is no ordinary file", True),
        ("round is not read: it is a link", True),
    ]


def test_a_path_that_is_not_there_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a submission cannot be opened"):
        find([tmp_path / "nowhere"])
