"""Sources: the bytes of a .py or .ipynb as text."""

import io
import tokenize

from grader.errors import SubmissionError
from grader.intake.limits import SOURCE
from grader.intake.names import NOTEBOOK
from grader.intake.notebook import notebook_source
from grader.model import SourceFile

__all__ = ["source_of"]

#: What else people save as .py, by how it begins.
_OTHERS = (
    (b"{\\rtf", "a rich text document"),
    (b"%PDF", "a PDF"),
    (b"PK\3\4", "a zip or a Word document"),
    (b"\xd0\xcf\x11\xe0", "a Word document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)


def source_of(data: bytes, suffix: str, shown: str) -> SourceFile:
    """Read a source as text; a notebook that was renamed .py is a notebook.

    Raises:
        SubmissionError: neither Python nor a notebook; says what to do.
    """
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if suffix == NOTEBOOK or (start.startswith(b"{") and b'"nbformat"' in data):
        source = notebook_source(data, shown)
        if len(source.text) > SOURCE.size:
            raise SubmissionError(SOURCE.says(shown))
        return source
    for begin, what in _OTHERS:
        if start.startswith(begin.lower()):
            message = f"{shown}: {what}, not Python; save it as plain text"
            raise SubmissionError(message)
    return SourceFile(path=shown, text=_text(data, shown))


def _text(data: bytes, shown: str) -> str:
    if b"\0" in data:
        message = f"{shown}: not a text file (UTF-16, or not Python at all); save it as UTF-8"
        raise SubmissionError(message)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        text.encode()  # an exotic encoding may yield what is no text
    except (SyntaxError, UnicodeError, LookupError) as error:
        message = f"{shown}: not in the encoding it claims to be; save it as UTF-8"
        raise SubmissionError(message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
