"""Read a PDF: the source that the template puts into it, as an attachment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

MAX_ATTACHMENTS = 20
MAX_SIZE = 5_000_000  # bytes of all attachments

WHAT_TO_DO = (
    "compile the template, which puts its source into the PDF, or hand in the source, such as the .tex file, too"
)

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it warns of is no matter of ours, nor is stderr


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files that a PDF carries, by name. Raises ValueError for a PDF that cannot be read, or carries too much."""
    from pypdf import PdfReader  # only where there is a PDF

    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("it is encrypted")
    size = 0
    for number, attachment in enumerate(reader.attachment_list):
        if number >= MAX_ATTACHMENTS:
            raise ValueError(f"it carries more than {MAX_ATTACHMENTS} files")
        content = attachment.content
        size += len(content)
        if size > MAX_SIZE:
            raise ValueError(f"it carries more than {MAX_SIZE:,} bytes")
        yield PurePosixPath((attachment.alternative_name or attachment.name).replace("\\", "/")).name, content
