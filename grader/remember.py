"""What a student's copy of the course remembers: hints seen, the last verdicts.

One small JSON file beside the exercises. It decides nothing: a file that is
damaged or deleted costs the memory and nothing else.
"""

import contextlib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.files import write_atomically

__all__ = ["FILE", "Memory", "Verdict", "digest_of", "recall"]

FILE = ".progress.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the last check of one exercise went.

    source: digest of the file it was about. started: it was no stub any more.
    """

    passed: int
    of: int
    source: str = ""
    started: bool = True

    @property
    def done(self) -> bool:
        """Whether all public checks passed."""
        return 0 < self.of == self.passed


@dataclass(slots=True, kw_only=True)
class Memory:
    """hints: "exercise.function" -> levels seen. verdicts: by exercise."""

    hints: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def seen(self, exercise: str, function: str) -> int:
        """How many levels of hints about a function have been shown."""
        return self.hints.get(f"{exercise}.{function}", 0)

    def show(self, exercise: str, function: str, level: int) -> None:
        """Note that a level has been shown."""
        self.hints[f"{exercise}.{function}"] = level

    def save(self, folder: Path) -> None:
        """Write it; a folder that cannot be written only costs the memory."""
        data = msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"
        with contextlib.suppress(OSError):
            write_atomically(folder / FILE, data, durably=False)


def recall(folder: Path) -> Memory:
    """Read what is remembered; nothing, if there is nothing to be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Memory()


def digest_of(text: str) -> str:
    """Digest a source."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
