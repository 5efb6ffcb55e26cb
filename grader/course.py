"""A course on disk: course.toml and the files of its exercises.

Knows where things are and what they are worth; runs no student's code. The
files an instructor keeps private (solutions, hidden graders, bugs) are read
from the course folder, never from an installed package.
"""

import hashlib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from grader.catalogue import Bug, patched
from grader.errors import AuthoringError, UsageError
from grader.model import ExerciseResult
from grader.policy import Assignment, Rules, read_rules
from grader.reference import load_functions
from grader.rescore import rescored
from grader.sandbox import figures
from grader.stub import make_stub

__all__ = ["Course", "Entry"]

_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)
LIMITS = frozenset({"load", "request", "total", "submission"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exercise as course.toml lists it; points by criterion id.

    does: what the student writes, for the tables of exercises.
    needs: earlier exercises it imports.
    limits: seconds per "load", "request" or in "total", where they are its own.
    figures: it draws, so its workers have matplotlib.
    training: it trains, so that one submission takes seconds.
    bugs_are_secret: finding them is the exercise, so a hand-out holds no
        arrays of theirs.
    """

    name: str
    title: str
    does: str
    points: dict[str, int]
    needs: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    figures: bool = False
    training: bool = False
    bugs_are_secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    exercises: list[Entry]
    sample: str = ""
    handouts: str = ""
    limits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A loaded course.

    root: the folder course.toml lies in. sample: the class that comes with it.
    handouts: the address under which students read the handouts, if there is one.
    limits: seconds student code may take per "load", "request", exercise
        ("total") or "submission", where they are not the usual ones.
    """

    root: Path
    name: str
    exercises: Mapping[str, Entry]
    sample: Path | None = None
    handouts: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    _rules: Rules = field(default_factory=lambda: Rules(points={}))
    _homes: Mapping[str, Path] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)
    _conventions: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> "Course":
        """Read course.toml.

        Raises:
            UsageError: there is none in this folder.
            AuthoringError: it contradicts itself; names the field.
        """
        path = root / "course.toml"
        tables, homes = tables_of(path)
        return cls._made(path, tables, homes)

    @classmethod
    def _made(cls, path: Path, tables: Mapping[str, Any], homes: Mapping[str, Path]) -> "Course":
        try:
            file = msgspec.convert(tables, _File)
        except msgspec.ValidationError as error:
            message = f"{path}: {error}"
            raise AuthoringError(message) from error
        exercises = {entry.name: entry for entry in file.exercises}
        problems = list(_problems(file, exercises))
        points = {name: entry.points for name, entry in exercises.items()}
        rules = read_rules(tables, points, problems)
        if problems:
            raise AuthoringError("\n".join(f"{path}: {problem}" for problem in problems))
        sample = path.parent / file.sample if file.sample else None
        return cls(
            root=path.parent, name=file.name, exercises=exercises, sample=sample,
            handouts=file.handouts.rstrip("/"), limits=file.limits, _rules=rules, _homes=homes,
        )  # fmt: skip

    def under(self, path: Path) -> "Course":
        """Take what another version of course.toml says, with the files of this course.

        Raises:
            UsageError, AuthoringError: as `load`.
        """
        tables, homes = tables_of(path)
        other = self._made(path, tables, homes)
        return replace(other, root=self.root, _homes={**homes, **self._homes})

    @property
    def rules(self) -> Rules:
        """What marks depend on."""
        conventions = {name: self._conventions_of(name) for name in self.names}
        return replace(self._rules, conventions=conventions)

    def assignment(self, name: str) -> Assignment:
        """Look up an assignment.

        Raises:
            UsageError: there is none of this name; says which there are.
        """
        for one in self._rules.assignments:
            if one.name == name:
                return one
        there = ", ".join(one.name for one in self._rules.assignments) or "none in course.toml"
        message = f"no assignment {name}; there are: {there}"
        raise UsageError(message)

    @property
    def names(self) -> tuple[str, ...]:
        """The exercises, in the order of the course."""
        return tuple(self.exercises)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of this course and of those it builds on, this one first."""
        return tuple(dict.fromkeys((self.root, *self._homes.values())))

    def home(self, name: str) -> Path:
        """Find the course folder an exercise lies in: this one, or the one it builds on."""
        return self._homes.get(name, self.root)

    def solution(self, name: str) -> Path:
        """Where the solution of an exercise is."""
        return self.home(name) / "solutions" / f"{name}.py"

    def hidden(self, name: str) -> Path:
        """Where the hidden grader of an exercise is."""
        return self.home(name) / "grader" / "hidden" / f"test_{name}.py"

    def checks(self, name: str) -> Path:
        """Where the public checks of an exercise are."""
        return self.home(name) / "exercises" / "checks" / f"test_{name}.py"

    def hints(self, name: str) -> Path:
        """Where the hints of an exercise are."""
        return self.home(name) / "exercises" / "hints" / f"{name}.toml"

    def handout(self, name: str) -> Path:
        """Where the handout of an exercise is."""
        return self.home(name) / "exercises" / "handouts" / f"{name}.md"

    def lookalikes(self, name: str) -> Path:
        """Where a hand-out keeps what known bugs answer to the public checks."""
        return self.home(name) / "exercises" / ".lookalikes" / f"{name}.npz"

    def stub_path(self, name: str) -> Path:
        """Where the stub of an exercise is kept for students."""
        return self.home(name) / "exercises" / f"{name}.py"

    def stub(self, name: str) -> str:
        """Cut the stub of an exercise from its solution.

        A hand-out has no solutions; it keeps the stubs as given out in
        exercises/.stubs. Without either, no file counts as untouched.
        """
        if self.solution(name).exists():
            return make_stub(self.source(name), f"{name}.py")
        kept = self.home(name) / "exercises" / ".stubs" / f"{name}.py"
        return _read(kept, f"the stub of {name}") if kept.exists() else ""

    def stubs(self) -> dict[str, str]:
        """Cut all stubs: exercise name -> stub."""
        return {name: self.stub(name) for name in self.names}

    def source(self, name: str) -> str:
        """Read the solution of an exercise."""
        if name not in self._sources:
            self._sources[name] = _read(self.solution(name), f"the solution of {name}")
        return self._sources[name]

    def needs(self, name: str) -> tuple[str, ...]:
        """List the exercises one imports, and those they import, earliest first."""
        found: dict[str, None] = {}
        for earlier in self.exercises[name].needs:
            found |= dict.fromkeys((*self.needs(earlier), earlier))
        return tuple(found)

    def draws(self, name: str) -> bool:
        """Tell whether an exercise, or one it imports, needs matplotlib."""
        return any(self.exercises[one].figures for one in (*self.needs(name), name))

    def functions(self, name: str, bug: Bug | None = None, of: str | None = None) -> dict[str, Any]:
        """Run the solution of an exercise, and of those it needs.

        bug: put into it, or into the earlier exercise `of`.
        """
        sources = {key: self.source(key) for key in (*self.needs(name), name)}
        if bug is not None:
            sources[of or name] = patched(sources[of or name], bug)
        if self.draws(name):
            figures.prepare()
        functions = load_functions(sources)
        if self.data(name).exists():
            arrays = self.arrays(name, bug)
            functions["submitted"] = lambda: arrays
        return functions

    def data(self, name: str) -> Path:
        """Where the arrays are that the solution of an exercise would hand in."""
        return self.solution(name).with_suffix(".npz")

    def arrays(self, name: str, bug: Bug | None = None) -> dict[str, Any]:
        """Read those arrays, with a bug of theirs if one is given."""
        with np.load(self.data(name)) as file:
            arrays = dict(file)
        return bug.data(arrays) if bug and bug.data else arrays

    def modules(self, name: str) -> dict[str, str]:
        """Tell which file each function is in that an exercise has, or imports."""
        found: dict[str, str] = {}
        for file in (*self.needs(name), name):
            found |= dict.fromkeys(_FUNCTION.findall(self.source(file)), file)
        return found

    def bugs(self, name: str) -> tuple[Bug, ...]:
        """Read the bug catalogue of an exercise; without one, no bugs."""
        return tuple(self._bug_file(name).get("BUGS", ()))

    def scored(self, result: ExerciseResult) -> ExerciseResult:
        """Give a judged exercise the points that course.toml says."""
        points = self.exercises[result.name].points
        return rescored(result, points, self._conventions_of(result.name))

    def _conventions_of(self, name: str) -> frozenset[str]:
        if name not in self._conventions:
            bugs = self.bugs(name)
            self._conventions[name] = frozenset(bug.id for bug in bugs if bug.convention)
        return self._conventions[name]

    def adapter(self, name: str, bug: Bug) -> Any:  # noqa: ANN401
        """Look up the adapter a convention bug names, as this exercise has it, or None."""
        return self._bug_file(name).get(bug.adapter or "")

    def grader_digest(self, name: str) -> str:
        """Digest everything that decides how an exercise is graded; points do not."""
        entry = self.exercises[name]
        decides = (name, entry.needs, sorted(entry.limits.items()), self.draws(name))
        digest = hashlib.sha256(repr((decides, sorted(self.limits.items()))).encode())
        earlier = [self.solution(needed) for needed in self.needs(name)]
        own = (self.solution(name), self.data(name), self.hidden(name), self.bug_path(name))
        for path in (*earlier, *own):
            digest.update(path.read_bytes() if path.exists() else b"")
        for path in sorted((self.home(name) / "grader" / "hidden").glob(f"**/{name}.npz")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def bug_path(self, name: str) -> Path:
        """Where the known bugs of an exercise are."""
        return self.home(name) / "grader" / "bugs" / f"{name}.py"

    def _bug_file(self, name: str) -> dict[str, Any]:
        path = self.bug_path(name)
        if not path.exists():
            return {}
        names: dict[str, Any] = {"__name__": f"bugs_{name}"}
        exec(compile(path.read_text("utf-8"), str(path), "exec"), names)  # noqa: S102  our own file
        return names


def tables_of(path: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Read course.toml as tables, on top of those of the course it builds on.

    `base` names that course's folder. Its exercises come first; an exercise
    listed again changes what it says of it. Returns the home of each, too.

    Raises:
        UsageError: there is no such file.
        AuthoringError: it is no TOML, or builds on itself.
    """
    return _on_top(path, ())


def _on_top(path: Path, above: tuple[Path, ...]) -> tuple[dict[str, Any], dict[str, Path]]:
    if path.resolve() in above:
        message = f"{path}: this course builds on itself; mend `base`"
        raise AuthoringError(message)
    try:
        tables = msgspec.toml.decode(path.read_bytes())
    except OSError as error:
        message = f"{path}: no course here; run in the folder of the course, or give --course DIR"
        raise UsageError(message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{path}: {error}"
        raise AuthoringError(message) from error
    base = tables.pop("base", "")
    names = list(_listed(tables))
    if not isinstance(base, str) or not base:
        return tables, dict.fromkeys(names, path.parent)
    below, homes = _on_top(path.parent / base / "course.toml", (*above, path.resolve()))
    exercises = _listed(below)
    for name, one in _listed(tables).items():
        known = exercises.get(name, {})
        both = [entry.get("points", {}) for entry in (known, one)]
        whole = all(isinstance(points, dict) for points in both)
        points = {"points": both[0] | both[1]} if whole else {}
        exercises[name] = {**known, **one, **points}
    kept = {key: value for key, value in below.items() if key in {"name", "limits"}}
    tables = {**kept, **tables, "exercises": list(exercises.values())}
    return tables, {**dict.fromkeys(names, path.parent), **homes}


def _listed(tables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Find the exercises of a file that may be wrong in any way."""
    given = tables.get("exercises", [])
    every = given if isinstance(given, list) else []
    tables_ = [one for one in every if isinstance(one, dict)]
    return {one["name"]: one for one in tables_ if isinstance(one.get("name"), str)}


def _problems(file: _File, exercises: Mapping[str, Entry]) -> Iterator[str]:
    if len(exercises) < len(file.exercises):
        yield "an exercise is listed twice"
    for entry in file.exercises:
        if strange := set(entry.needs) - exercises.keys() | {entry.name} & set(entry.needs):
            yield f"{entry.name} needs {', '.join(sorted(strange))}: no such one"
        yield from _limit_problems(f"{entry.name}: ", entry.limits, LIMITS - {"submission"})
        if wrong := [key for key, value in entry.points.items() if value < 0]:
            yield f"{entry.name}: points below zero: {', '.join(wrong)}"
    yield from _limit_problems("", file.limits, LIMITS)


def _limit_problems(
    where: str, limits: Mapping[str, float], known: Collection[str]
) -> Iterator[str]:
    if strange := limits.keys() - set(known):
        yield f"{where}no such limit: {', '.join(sorted(strange))}"
    if wrong := [name for name, seconds in limits.items() if not 0 < seconds < math.inf]:
        yield f"{where}a limit is a number of seconds above zero: {', '.join(sorted(wrong))}"


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        message = f"{path}: cannot read {what}: {error.strerror}"
        raise AuthoringError(message) from error
