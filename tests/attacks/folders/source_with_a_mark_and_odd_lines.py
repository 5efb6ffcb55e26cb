"""Hand in source with a byte order mark, form feeds and every kind of line end, quoted in an error.

earns: 0
"""

from pathlib import Path

from tests.attacks.case import WRONG


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Write lines that are counted in different ways by different readers."""
    path.mkdir(parents=True)
    odd = "\n# \x0c \x0b \x1c \x85 \u2028 \u2029\n\x0c\ndef sigmoid(a):\r    raise ValueError\r\n"
    data = b"\xef\xbb\xbf" + (WRONG["lstm_forward"] + odd).encode()
    (path / "lstm_forward.py").write_bytes(data)
