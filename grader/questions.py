"""What a rubric asks: its calls, written down while the reference answers them.

The same questions show that no two known bugs look alike, and tell apart two
bugs that one criterion alone cannot.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.calls import Array, Call, Returned
from grader.diagnosis import Twin, agree
from grader.pytest_plugin import Asked, Current
from grader.pytest_session import Rubric
from grader.reference import Reference
from grader.sandbox.student import StudentError
from grader.seeds import Seeds

__all__ = ["questions_of", "tell_apart"]


class _Recorder:
    """Stands in for a student: answers as the reference, notes the questions."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., Returned]:
        def call(*args: Any, **kwargs: Any) -> Returned:  # noqa: ANN401
            seen: Returned = getattr(self._reference, name)(*args, **kwargs)
            self.calls.append(Call(function=name, args=args, kwargs=kwargs, seen=seen))
            return seen

        return call

    def each(
        self, function: str, calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]
    ) -> list[Returned]:
        """Answer several questions."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]

    def sweep(self, *args: Any, **kwargs: Any) -> Sequence[Sequence[Array]]:  # noqa: ANN401
        """Evaluate for differences: hundreds of calls, none of which tells bugs apart."""
        return self._reference.sweep(*args, **kwargs)


def questions_of(exercise: str, rubric: Rubric, reference: Reference, seeds: Seeds) -> list[Call]:
    """List every call the criteria of a rubric make."""
    recorder = _Recorder(reference)
    for criterion in rubric.criteria:
        if criterion.diagnosed:
            rubric.run(criterion.id, Current(exercise, recorder, reference, seeds))
    return recorder.calls


def tell_apart(student: Asked, twins: Sequence[Twin], questions: Sequence[Call]) -> list[Twin]:
    """Keep the twins that go on answering as the student does.

    Only questions to which the twins answer differently are asked, until one
    is left.
    """
    left = list(twins)
    for question in questions:
        if len(left) < 2:  # noqa: PLR2004
            break
        asked = (question.function, question.args, question.kwargs)
        answers = [twin.observe(*asked) for _, twin in left]
        if all(agree(answers[0], answer) for answer in answers[1:]):
            continue
        try:
            seen = getattr(student, question.function)(*question.args, **question.kwargs)
        except StudentError:
            continue
        left = [
            twin
            for twin, answer in zip(left, answers, strict=True)
            if agree(seen, answer, precision=False)
        ]
    return left
