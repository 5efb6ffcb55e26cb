"""What was asked for when a bundle is made."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What goes into a bundle.

    assignment: only its exercises; "" for all. visibility: from when on a
    platform shows results, in its word. roster: packed, too. hidden: the hidden
    graders, where a bundle has them only on request.
    """

    assignment: str = ""
    visibility: str = ""
    roster: Path | None = None
    hidden: bool = False
