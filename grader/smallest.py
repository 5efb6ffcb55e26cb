"""The smallest failing example: where a submission goes wrong on numbers anybody may see.

After a criterion is lost, the function it asked is asked again: public numbers,
a worker that has seen no other, sizes from one upwards. The first question that
is answered wrongly in the same way is made smaller still, number by number. What
is compared is the reference, or, where a gradient was judged by the student's own
forward, central differences of that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np

from grader.byhand import needed
from grader.calls import Call, Made, Observation, Raised, Returned, Signature, Trouble
from grader.expect import Lost
from grader.families import (
    Arguments,
    Family,
    Probe,
    like,
    probes,
)
from grader.faults import STRIKING, Fault, faults, told
from grader.gradients import Differentiated, Gradient
from grader.model import Example, Where
from grader.numerics import TOLERANCE
from grader.pasteable import call_lines
from grader.reference import Reference
from grader.sandbox.student import Student, StudentError
from grader.shrinking import shrunk

__all__ = ["Evidence", "Examples", "Search"]

#: What can be seen in three digits; less is taken if there is nothing else.
VISIBLE = 0.02
#: Calls in a request: a slow program shall answer within its deadline.
TOGETHER = 8
#: A program that raises this often is not asked on and on.
PATIENCE = 30

#: What is the student's own answer to one question, not the end of the worker.
_ANSWERS = frozenset({Trouble.RAISED, Trouble.FORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a lost criterion: its calls, and where it differed first.

    own: a gradient that was compared with that of the student's own forward.
    bug: the known slip behind it, if that is sure.
    """

    criterion: str
    calls: Sequence[Call]
    where: Where | None = None
    own: bool = False
    bug: str = ""


#: A call, and in which way its answer is wrong.
Suspect = tuple[Call, Fault]


@dataclass(slots=True)
class Examples:
    """What the examples of one exercise are made of; kept between submissions.

    name: the exercise's.
    modules: function -> the file it is imported from.
    """

    name: str
    families: Mapping[str, Family]
    signatures: Mapping[str, Signature]
    gradients: Mapping[str, Gradient]
    reference: Reference
    modules: Mapping[str, str]
    _probes: dict[str, tuple[Probe, ...]] = field(default_factory=dict)

    def members(self, function: str) -> tuple[Probe, ...]:
        """List the public questions to a function."""
        if function not in self._probes:
            self._probes[function] = probes(self.families[function])
        return self._probes[function]

    def suspect(self, evidence: Evidence) -> Suspect | None:
        """Find the call that lost a criterion, and in which way it was wrong.

        None: every answer is right, so a property was asked; or what is wrong
        comes from earlier work.
        """
        place = evidence.where.output if evidence.where else None
        for call in evidence.calls:
            if evidence.own:
                if call.function in self.gradients.keys() & self.families.keys():
                    output = place or self.signatures[call.function].names[0]
                    return call, Fault("value", output)
                continue
            known = call.function in self.families
            if not known and self.modules.get(call.function, self.name) == self.name:
                continue  # nothing that could be shown in a few lines, and maybe slow
            want = self.reference.observe(call.function, call.args, call.kwargs)
            if isinstance(want, Raised):
                continue
            family = self.families.get(call.function)
            found = faults(call.seen, want, TOLERANCE, family)
            if found:
                named = next((f for f in found if f.output == place), found[0])
                return (call, named) if known else None
        return None


#: What came back, and what should have; None where there is nothing to compare with.
_Answer = tuple[Observation, Returned] | None


class Search:
    """The examples of one submission to one exercise.

    student: a proxy whose worker has seen no hidden input.
    here: a file that is pasted into, not imported from: a notebook.
    """

    def __init__(self, examples: Examples, student: Student, *, here: str = "") -> None:
        self._examples = examples
        self._student = student
        self._here = here
        self._answers: dict[tuple[str, bool], list[_Answer]] = {}
        self._shown: dict[tuple[str, str, str], str] = {}
        self._by_bug: dict[str, str] = {}

    def example(self, evidence: Evidence, suspect: Suspect | None) -> Example | None:
        """Find the smallest example for a lost criterion; None if none is to be had.

        suspect: what `Examples.suspect` says of it.
        """
        if evidence.bug in self._by_bug:
            return Example(same_as=self._by_bug[evidence.bug])
        if suspect is None:
            return None
        try:
            found = self._found(evidence, *suspect)
        except StudentError:  # it hangs or dies: that has been said
            return None
        if evidence.bug:
            self._by_bug[evidence.bug] = found.same_as or evidence.criterion
        return found

    def _found(self, evidence: Evidence, call: Call, fault: Fault) -> Example:
        function, own = call.function, evidence.own
        found = self._smallest(call, fault, own=own)
        if found is None:
            words = ", ".join(_described(function, call.args, self._examples.families))
            return Example(situation=f"{function} with {words or 'other numbers'}")
        probe, same, enough = found
        key = (function, repr(probe.args), same.output)
        if key in self._shown:
            return Example(same_as=self._shown[key])
        self._shown[key] = evidence.criterion
        if same.striking:
            enough = STRIKING
        args, last = self._shrunk(function, probe.args, same, enough, own=own)
        return self._written(function, replace(probe, args=args), last, own=own)

    def _smallest(
        self, call: Call, fault: Fault, *, own: bool
    ) -> tuple[Probe, Fault, float] | None:
        """Find the first public question that is answered wrongly in the same way."""
        function = call.function
        judge = self._judge(own=own)
        words = {value for value in call.args if isinstance(value, str)}
        known, asked = self._examples.members(function), (function, own)
        family = self._examples.families[function]
        if asked not in self._answers:
            self._answers[asked] = self._ask(function, [one.args for one in known], judge)
        pairs = [
            (probe, answer)
            for probe, answer in zip(known, self._answers[asked], strict=True)
            if words <= {value for value in probe.args if isinstance(value, str)}
        ]
        for alike in (False, True):
            if alike:  # nothing small is wrong: as large as what was asked, with other numbers
                shapes = None if call.kwargs else like(call.args)
                if shapes is None:
                    return None
                probe = Probe(args=shapes, sizes={})
                (answer,) = self._ask(function, [probe.args], judge)
                pairs = [(probe, answer)]
            for enough, least in ((VISIBLE, 2), (TOLERANCE, 1)):
                found = [
                    (one.resembles(fault), probe, one)
                    for probe, answer in pairs
                    if answer
                    for one in faults(*answer, enough, family)
                ]
                best = max((rank for rank, *_ in found), default=0)
                if best >= least:
                    return next((p, f, enough) for rank, p, f in found if rank == best)
        return None

    def _judge(self, *, own: bool) -> Reference | Differentiated:
        if not own:
            return self._examples.reference
        return Differentiated(self._student, self._examples.gradients, self._examples.signatures)

    def _ask(
        self, function: str, cases: Sequence[Arguments], judge: Reference | Differentiated
    ) -> list[_Answer]:
        """Put these questions to the student and to the judge."""
        answers: list[_Answer] = []
        for args, seen in zip(cases, self._seen(function, cases), strict=False):
            want = _wanted(judge, function, args)
            answers.append((seen, want) if want else None)
        return answers + [None] * (len(cases) - len(answers))

    def _seen(self, function: str, cases: Sequence[Arguments]) -> list[Observation]:
        """Ask the student, a few questions in a request; what raises is an answer."""
        seen: list[Observation] = []
        raised = 0
        while len(seen) < len(cases) and raised < PATIENCE:
            self._student.forget()
            some = cases[len(seen) : len(seen) + TOGETHER]
            try:
                self._student.each(function, [(args, {}) for args in some])
            except StudentError as error:
                if error.trouble not in _ANSWERS:
                    raise
                raised += 1
            seen += [call.seen for call in self._student.calls if call.function == function]
        return seen

    def _shrunk(
        self, function: str, args: Arguments, fault: Fault, enough: float, *, own: bool
    ) -> tuple[Arguments, Fault]:
        """Make the arguments simpler, as long as the same output stays wrong."""
        judge, family = self._judge(own=own), self._examples.families[function]

        def still(answer: _Answer) -> Fault | None:
            found = faults(*answer, enough, family) if answer else ()
            alike = (one for one in found if one.kind == fault.kind and one.base == fault.base)
            return next(alike, None)

        def asked(cases: Sequence[Arguments]) -> list[Fault | None]:
            return [still(answer) for answer in self._ask(function, cases, judge)]

        return shrunk(function, args, fault, asked, self._examples.families)

    def _written(self, function: str, probe: Probe, fault: Fault, *, own: bool) -> Example:
        examples, args = self._examples, probe.args
        if fault.kind == "form":  # what it should return, without arguments looked at
            fault = replace(fault, want=", ".join(examples.signatures[function].names))
        family = examples.families[function]
        printed = fault.kind in {"value", "shape", "array", "words"}
        head = call_lines(
            function, args, fault.base if printed else "",
            families=examples.families, signatures=examples.signatures,
            modules={k: file for k, file in examples.modules.items() if file != self._here},
        )  # fmt: skip
        by_hand: tuple[str, ...] = ()
        if family.by_hand and fault.kind == "value" and not own and probe.smallest:
            by_hand = needed(family.by_hand(*args), fault.output)
        of = examples.gradients[function].of if own else ""
        last, got, want = told(fault, f"central differences of your {of} say" if of else "")
        return Example(
            code=(*head, last) if printed else (*head[:-1], f"{head[-1]}  {last}"),
            got=got,
            want=want,
            by_hand=by_hand,
            situation=probe.words,
        )


def _wanted(judge: Reference | Differentiated, function: str, args: Arguments) -> Returned | None:
    """Ask the judge; None where there is nothing to compare with."""
    try:
        if isinstance(judge, Reference):
            seen = judge.observe(function, args, {})
            return seen if isinstance(seen, Returned) else None
        return judge.each(function, [(args, {})])[0]
    except (Lost, StudentError, TypeError):
        return None


def _described(function: str, args: Arguments, families: Mapping[str, Family]) -> Iterator[str]:
    """Describe hidden arguments by what is no secret about them: names and shapes."""
    names = families[function].names.split()
    for name, value in zip_longest(names, args):
        if isinstance(value, Made):
            yield from _described(value.function, value.args, families)
        elif isinstance(value, np.ndarray):
            zeros = "" if value.any() else "zeros "
            yield f"{zeros}{name} {value.shape}"
        elif value is None:
            yield f"no {name}"
        elif isinstance(value, str):
            yield f"{name} = {value!r}"
