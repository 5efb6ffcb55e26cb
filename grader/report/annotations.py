"""What GitHub shows beside a line of the student's file: one workflow command a line.

A command is read from the start of a line only, and everything in these is
escaped; whatever else is printed in the same step may be the student's, and has to
stand between `stop` and `go`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.model import CriterionResult, ExerciseResult, Outcome, Status
from grader.report.examples import resolved
from grader.report.lines import reason
from grader.report.prose import line_of
from grader.report.text import one_line, plain

__all__ = ["Annotation", "annotations", "commands", "go", "stop"]

#: GitHub shows about ten of a kind for each step.
MOST = 10
_LONGEST = 2000
_FUNCTION = re.compile(r"`(\w+)`")
_CALLED = re.compile(r"\b(\w+)\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One remark. line: 0 if it is about no line in particular."""

    level: str
    file: str
    line: int
    title: str
    message: str


def annotations(
    exercises: Iterable[ExerciseResult], files: Mapping[str, tuple[str, str]]
) -> tuple[Annotation, ...]:
    """Remark on what is lost, once per line of a file and once per slip.

    files: exercise -> where its file is in the repository, and its text.
    """
    return tuple(
        one
        for each in exercises
        for one in _of(each, *files.get(each.name, (f"exercises/{each.name}.py", "")))
    )


def _of(each: ExerciseResult, file: str, text: str) -> Iterable[Annotation]:
    if each.status is Status.UNREADABLE:
        title = f"{each.name} cannot be loaded"
        yield Annotation(
            level="error", file=file, line=line_of(each.message), title=title, message=each.message
        )
    if each.status is Status.NEEDS_ATTENTION:
        yield Annotation(
            level="warning", file=file, line=0, title=f"{each.name} is not final",
            message=each.message or "a part of the grader failed; that is not your fault",
        )  # fmt: skip
    groups: dict[str, list[CriterionResult]] = {}
    for line in each.criteria:
        if line.outcome is Outcome.FAILED:
            quoted = line_of(line.message)
            slip = f"slip {line.diagnosis.bug}" if line.diagnosis else line.id
            groups.setdefault(f"line {quoted}" if quoted else slip, []).append(line)
    for lines in groups.values():
        yield _together(each, lines, file, text)


def _together(
    each: ExerciseResult, lines: Sequence[CriterionResult], file: str, text: str
) -> Annotation:
    first, *others = lines
    words = [reason(first), first.diagnosis.says if first.diagnosis else ""]
    if others:
        words.append(f"The same loses {len(others)} more: {'; '.join(o.title for o in others)}")
    return Annotation(
        level="error",
        file=file,
        line=line_of(first.message) or _defined(first, each.criteria, text),
        title=f"{each.name}: {first.title or first.id}",
        message="\n".join(filter(None, words)) or "not right yet",
    )


def _defined(line: CriterionResult, lines: Sequence[CriterionResult], text: str) -> int:
    """Find the function that a lost line is about in the student's file; 0 if it is not there."""
    example = resolved(line.example, lines)
    code = "\n".join(example.code) if example else ""
    for name in (*_FUNCTION.findall(line.message), *_CALLED.findall(code)[::-1]):
        found = re.search(rf"^def {name}\(", text, re.MULTILINE)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 0


def commands(found: Iterable[Annotation]) -> str:
    """Write workflow commands, those with a line first, as many as are shown."""
    every = sorted(found, key=lambda one: not one.line)
    shown = every[:MOST]
    text = "".join(f"{_command(one)}\n" for one in shown)
    left = len(every) - len(shown)
    return text + (f"::notice::{left} more in the summary of this run\n" if left else "")


def stop(token: str) -> str:
    """Have GitHub read no commands until `go` with the same token, which nobody can guess."""
    return f"::stop-commands::{token}\n"


def go(token: str) -> str:
    """Have GitHub read commands again."""
    return f"\n::{token}::\n"


def _command(one: Annotation) -> str:
    properties = [f"file={_property(one.file)}"]
    properties += [f"line={one.line}"] if one.line else []
    properties.append(f"title={_property(one_line(one.title))}")
    return f"::{one.level} {','.join(properties)}::{_data(plain(one.message)[:_LONGEST])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
