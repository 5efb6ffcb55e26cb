"""A program as a few numbers that are nearly the same for nearly the same program.

Comments, layout, strings and the names a student has chosen do not count: runs
of LENGTH tokens do, but those of the stub. Every run has a hash; a sketch keeps
the smallest of each of BINS classes of hashes. The share of classes in which two
sketches agree estimates the share of runs that two programs have in common. A
sketch cannot be turned back into a program, so reports may hold it.
"""

import base64
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from keyword import iskeyword

import numpy as np
import numpy.typing as npt

__all__ = ["likeness", "sketch"]

LENGTH = 8
BINS = 128
#: Shorter programs are all alike.
FEWEST = 100
LONGEST = 500_000
EMPTY = 0xFFFFFFFF

Runs = npt.NDArray[np.uint64]

# a lexer that never fails: what is no Python has tokens, too
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<text>[rbfuRBFU]{0,2}(?:'{3}.*?(?:'{3}|\Z)|"{3}.*?(?:"{3}|\Z)
        |'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))
  | (?P<attribute>\.\s*[^\W\d]\w*)
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BITS = np.uint64(32)


def sketch(text: str, stub: str = "") -> str:
    """Sketch a program, but for what it has from its stub; empty where little is left."""
    runs = np.setdiff1d(_runs(text[:LONGEST]), _of_stub(stub))
    if len(runs) < FEWEST:
        return ""
    smallest = np.full(BINS, EMPTY, dtype=np.uint32)
    high = (runs >> _BITS).astype(np.uint32)
    np.minimum.at(smallest, (runs % np.uint64(BINS)).astype(np.intp), high)
    return base64.b64encode(smallest.astype("<u4").tobytes()).decode()


def likeness(sketches: Sequence[str]) -> npt.NDArray[np.float64]:
    """Estimate for every two sketches which share of their runs they have in common.

    What is no sketch is like nothing.
    """
    rows = np.array([_classes(each) for each in sketches], dtype=np.uint32).reshape(-1, BINS)
    alike = np.zeros((len(rows), len(rows)))
    there = rows != EMPTY
    for at, row in enumerate(rows):
        either = (there | there[at]).sum(axis=1)
        alike[at] = ((rows == row) & there[at]).sum(axis=1) / np.maximum(either, 1)
    return alike


def _classes(text: str) -> npt.NDArray[np.uint32]:
    try:
        found = np.frombuffer(base64.b64decode(text, validate=True), dtype="<u4")
    except ValueError:
        found = np.zeros(0, dtype=np.uint32)
    return found if len(found) == BINS else np.full(BINS, EMPTY, dtype=np.uint32)


@lru_cache(maxsize=32)
def _of_stub(stub: str) -> Runs:
    return _runs(stub)


def _runs(text: str) -> Runs:
    """Hash every run of LENGTH tokens."""
    tokens = np.array([_number(token) for token in _tokens(text)], dtype=np.uint64)
    if len(tokens) < LENGTH:
        return np.zeros(0, dtype=np.uint64)
    hashes = np.zeros(len(tokens) - LENGTH + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for at in range(LENGTH):
            hashes = (hashes ^ tokens[at : at + len(hashes)]) * _ODD
            hashes ^= hashes >> _BITS
    return np.unique(hashes)


def _tokens(text: str) -> list[str]:
    tokens = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "name":
            tokens.append(token if iskeyword(token) else "a")
        elif kind == "text":
            tokens.append("''")
        elif kind != "comment":
            tokens.append("".join(token.split()))
    return tokens


@lru_cache(maxsize=4096)
def _number(token: str) -> int:
    return zlib.crc32(token.encode(errors="surrogatepass"))
