"""How a class was graded: isolation, keys, environments and time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.model import Report

__all__ = ["Circumstances", "circumstances"]

SLOWEST = 3
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the reports of a class say about their making.

    isolation, keys: each that occurs, with how often. environments: how many.
    slowest: submissions and what they took, in words.
    """

    isolation: tuple[tuple[str, int], ...]
    keys: tuple[tuple[str, int], ...]
    environments: int
    total: str
    median: str
    slowest: tuple[tuple[str, str], ...]

    @property
    def mixed(self) -> bool:
        """Not everybody was graded in the same circumstances."""
        return max(len(self.isolation), len(self.keys), self.environments) > 1


def circumstances(reports: Sequence[Report]) -> Circumstances | None:
    """Sum up how reports were made; None where there are none."""
    if not reports:
        return None
    taken = [(report.timing.get("seconds", 0.0), report.submission) for report in reports]
    slowest = sorted(taken, key=lambda each: (-each[0], each[1]))[:SLOWEST]
    return Circumstances(
        isolation=tuple(Counter(report.isolation for report in reports).most_common()),
        keys=tuple(Counter(report.key for report in reports).most_common()),
        environments=len({report.content.environment for report in reports}),
        total=_words(sum(seconds for seconds, _ in taken)),
        median=_words(median(seconds for seconds, _ in taken)),
        slowest=tuple((student, _words(seconds)) for seconds, student in slowest if seconds),
    )


def _words(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
