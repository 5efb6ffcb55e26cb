"""Hints an author wrote: three levels per function, shown one after the other.

They live beside the exercises, in exercises/hints/<exercise>.toml:

    [lstm_step]
    idea = "What to think of."
    equation = "What to compute, in the letters of the notation key."
    shape = "What the code looks like, line by line, without being it."
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.errors import AuthoringError

__all__ = ["LEVELS", "Hint", "load_hints"]

LEVELS = ("idea", "equation", "shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Three levels of help with one function."""

    idea: str
    equation: str
    shape: str

    def upto(self, level: int) -> tuple[tuple[str, str], ...]:
        """List the first levels, each with its name."""
        return tuple((name, str(getattr(self, name)).strip()) for name in LEVELS[:level])


def load_hints(path: Path) -> Mapping[str, Hint]:
    """Read the hints of an exercise, by function; none without a file.

    Raises:
        AuthoringError: the file is damaged, or a level is missing; names it.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=dict[str, Hint])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{path}: {error}"
        raise AuthoringError(message) from error
