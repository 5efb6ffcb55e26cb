"""Whose row of a sheet is whose mark: by every id a row has, then by address, then by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.export.material import Told
from grader.roster import Student, match, plain_id

__all__ = ["Owner", "Owners", "owners"]

_ROW = "\0row "


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """What a row says about its student; ids: the best first."""

    row: int
    ids: tuple[str, ...]
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Rows beside marks. unknown: students with a mark and without a row."""

    marks: Mapping[int, Told]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    """A mark, as the roster's matching looks at submissions."""

    id: str
    name: str
    email: str
    also: Sequence[str] = ()


def owners(rows: Sequence[Owner], told: Sequence[Told]) -> Owners:
    """Find the mark of every row; one student has one row."""
    of = {one.mark.student: one for one in told}
    left = {one.row: one for one in rows}
    found: dict[int, Told] = {}
    taken: set[str] = set()
    ways = max((len(one.ids) for one in rows), default=0)
    for way in range(ways):
        for row, owner in list(left.items()):
            id_ = plain_id(owner.ids[way]) if way < len(owner.ids) else ""
            if id_ in of and id_ not in taken:
                found[row] = of[id_]
                taken.add(id_)
                del left[row]
    # addresses and names are left; no submission can have such an id, whatever it is called
    students = [Student(id=f"{_ROW}{k}", name=one.name, email=one.email) for k, one in left.items()]
    marked = [
        _Marked(id=one.mark.student, name=one.mark.name, email=one.mark.email)
        for one in told
        if one.mark.student not in taken
    ]
    for name, student in match(students, marked).known.items():
        found[int(student.id.removeprefix(_ROW))] = of[name]
    placed = {one.mark.student for one in found.values()}
    unknown = tuple(one.mark.student for one in told if one.mark.student not in placed)
    return Owners(marks=found, unknown=unknown)
