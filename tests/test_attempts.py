"""Attempts accumulate, in whatever order they come to be known."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.attempts import Attempts, joined
from grader.errors import UsageError
from grader.mark import Attempt


def attempt(content: str, submitted: str = "", assignment: str = "a") -> Attempt:
    return Attempt(submission="x", content=content, submitted=submitted, assignment=assignment)


JOINED = {
    "the same again": ([("1", ""), ("1", "")], [("1", "", 1)]),
    "other files": ([("1", ""), ("2", "")], [("1", "", 1), ("2", "", 2)]),
    "another time": ([("1", "T1"), ("1", "T2")], [("1", "T1", 1), ("1", "T2", 2)]),
    "a time learnt later": ([("1", ""), ("2", ""), ("1", "T1")], [("1", "T1", 1), ("2", "", 2)]),
    "a time that is known": ([("1", "T1"), ("1", "")], [("1", "T1", 1)]),
}


@pytest.mark.parametrize(("given_", "kept"), JOINED.values(), ids=JOINED)
def test_an_attempt_is_its_files_and_its_time(
    given_: list[tuple[str, str]], kept: list[tuple[str, str, int]]
) -> None:
    """Numbers are those of the first time an attempt was graded."""
    found: tuple[Attempt, ...] = ()
    for content, time in given_:
        found = joined(found, attempt(content, time))
    assert [(one.content, one.submitted, one.number) for one in found] == kept


@given(st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["", "T1", "T2"]))))
def test_nothing_is_lost_and_nothing_is_there_twice(given_: list[tuple[str, str]]) -> None:
    """Every content and every time stays; numbers count up."""
    found: tuple[Attempt, ...] = ()
    for content, time in given_:
        found = joined(found, attempt(content, time))
    kept = [(one.content, one.submitted) for one in found]
    assert len(set(kept)) == len(kept)
    assert {one for one in given_ if one[1]} <= set(kept)
    assert {content for content, _ in given_} == {content for content, _ in kept}
    assert [one.number for one in found] == list(range(1, len(found) + 1))


def test_assignments_do_not_share_attempts() -> None:
    """The same file for two assignments is an attempt at each."""
    found = joined(joined((), attempt("1")), attempt("1", assignment="b"))
    assert [one.assignment for one in found] == ["a", "b"]


def test_a_folder_without_attempts_and_one_of_another_schema_are_named(tmp_path: Path) -> None:
    """What to do is said; nothing is taken for an empty history."""
    attempts = Attempts(tmp_path)
    with pytest.raises(UsageError, match="no attempts in it; grade first"):
        list(attempts)
    attempts.add(attempt("1"))
    path = attempts.path("x")
    path.write_text(path.read_text("utf-8").replace("attempts/v1", "attempts/v9"), "utf-8")
    with pytest.raises(UsageError, match=r"of schema grader/attempts/v9; this grader reads"):
        attempts.of("x")
