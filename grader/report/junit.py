"""Results as JUnit XML, which CI systems show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # written here, never read

from grader.model import CriterionResult, ExerciseResult, Outcome, Status
from grader.report.lines import reason
from grader.report.prose import line_of
from grader.report.text import plain
from grader.report.wording import STATUSES, lead_in

__all__ = ["Suite", "junit"]

_BROKEN = frozenset({Status.UNREADABLE, Status.NEEDS_ATTENTION})
_UNTRIED = frozenset({Outcome.SKIPPED, Outcome.NOT_STARTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One exercise of one student.

    properties: what else is to be known, such as points.
    """

    name: str
    exercise: ExerciseResult
    file: str = ""
    properties: Sequence[tuple[str, str]] = ()


def junit(suites: Iterable[Suite]) -> bytes:
    """Write test suites as XML; the same suites give the same bytes."""
    root = ET.Element("testsuites", name="carousel")
    for suite in suites:
        _suite(root, suite)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(one.get(key, "0")) for one in root)))
    ET.indent(root)
    text: str = ET.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _suite(root: ET.Element, suite: Suite) -> None:
    each = suite.exercise
    node = ET.SubElement(root, "testsuite", name=plain(suite.name))
    if suite.properties:
        inside = ET.SubElement(node, "properties")
        for key, value in suite.properties:
            ET.SubElement(inside, "property", name=plain(key), value=plain(value))
    if each.status in _BROKEN:
        case = _case(node, suite, f"{each.name} {STATUSES[each.status]}")
        kind = "failure" if each.status is Status.UNREADABLE else "error"
        _said(case, kind, each.message)
    elif not each.criteria:
        case = _case(node, suite, each.name)
        if each.status is not Status.GRADED:
            _said(case, "skipped", each.message or STATUSES[each.status])
        elif each.points < each.max_points:
            _said(case, "failure", f"{each.points} of {each.max_points} points")
    for line in each.criteria:
        _line(_case(node, suite, line.title or line.id, line_of(line.message)), line)
    cases = node.findall("testcase")
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        node.set(key, str(sum(case.find(tag) is not None for case in cases)))
    node.set("tests", str(len(cases)))


def _case(node: ET.Element, suite: Suite, name: str, line: int = 0) -> ET.Element:
    case = ET.SubElement(node, "testcase", classname=plain(suite.name), name=plain(name))
    if suite.file:
        case.set("file", suite.file)
        if line:
            case.set("line", str(line))
    return case


def _line(case: ET.Element, line: CriterionResult) -> None:
    if line.outcome is Outcome.FAILED:
        why = f"\n{lead_in(line.diagnosis)} {line.diagnosis.says}" if line.diagnosis else ""
        _said(case, "failure", reason(line) + why)
    elif line.outcome is Outcome.ERROR:
        _said(case, "error", reason(line))
    elif line.outcome in _UNTRIED:
        _said(case, "skipped", reason(line))


def _said(case: ET.Element, tag: str, words: str) -> None:
    text = plain(words).strip()
    ET.SubElement(case, tag, message=text.partition("\n")[0]).text = text
