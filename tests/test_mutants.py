"""What the session `mutants` counts, and the list of mutants it lets live."""

from collections.abc import Iterable

import pytest

from benchmarks.mutants import (
    ANYTHING,
    Fate,
    Key,
    Mutant,
    Tally,
    kept_list,
    mutant,
    names_taken,
    solution_lines,
    some,
)
from grader.course import Course
from tests.helpers import ROOT

SOURCE = """\
def scale(a, b):
    c = 2 * a
    ### BEGIN SOLUTION
    d = c + b
    return d
    ### END SOLUTION
"""
ONE = mutant("scales", SOURCE, SOURCE.replace("c + b", "c  -  b"))
OTHER = mutant("scales", SOURCE, SOURCE.replace("return d", "return (\n    b\n    )"))


def tally(
    mutants: Iterable[Mutant] = (), survived: Iterable[Mutant] = (), kept: Iterable[Key] = (),
    *, whole: bool = True,
) -> Tally:  # fmt: skip
    fates: dict[Fate, list[Mutant]] = {fate: [] for fate in Fate}
    fates[Fate.SURVIVED] += survived
    explained = dict.fromkeys(kept, "because")
    return Tally(
        exercise="scales", mutants=list(mutants), fates=fates, kept=explained,
        whole=whole, seconds=1.0,
    )  # fmt: skip


def test_only_lines_between_the_markers_are_mutated() -> None:
    assert solution_lines(SOURCE) == {4, 5}


def test_a_mutant_is_known_by_its_function_and_its_line_blanks_apart() -> None:
    assert ONE.key == ("scales", "scale", "d = c + b", "d = c - b")
    assert ONE.line == 4


def test_a_mutant_may_have_more_lines_than_the_solution() -> None:
    assert OTHER.key == ("scales", "scale", "return d", "return (b )")


def test_every_name_that_is_read_becomes_every_name_given_above() -> None:
    made = {mutant("scales", SOURCE, text).new for text in names_taken(SOURCE, {4, 5})}
    assert made == {
        "d = a + b", "d = b + b", "d = c + a", "d = c + c", "return a", "return b", "return c",
    }  # fmt: skip


def test_a_sample_is_the_same_for_the_same_seed_and_holds_no_mutant_twice() -> None:
    many = [mutant("scales", SOURCE, SOURCE.replace("c + b", f"c + {k}")) for k in range(50)]
    assert some(many, 20, seed=1) == some(many, 20, seed=1) != some(many, 20, seed=2)
    assert len({one.new for one in some(many, 20, seed=1)}) == 20
    assert some(many, None, seed=1) == some(many, 99, seed=1) == many


OPEN = {
    "a survivor without a reason": tally([ONE] * 100, [ONE]),
    "too many survivors": tally([ONE] * 10, [ONE], [ONE.key]),
    "a reason for what is killed": tally([ONE] * 100, [], [ONE.key]),
    "a reason for what is not made": tally([ONE] * 100, [], [OTHER.key]),
    "a free line that is not there": tally([ONE] * 100, [], [(*OTHER.key[:3], ANYTHING)]),
}


@pytest.mark.parametrize("case", OPEN)
def test_the_session_fails_on(case: str) -> None:
    assert not OPEN[case].holds


def test_the_session_passes_when_every_survivor_has_its_reason() -> None:
    assert tally([ONE] * 100, [ONE], [ONE.key]).holds


def test_a_part_of_the_mutants_says_nothing_of_reasons_for_the_others() -> None:
    assert tally([ONE] * 100, [], [OTHER.key], whole=False).holds


def test_survivors_on_free_lines_count_for_nothing() -> None:
    free = tally([ONE, OTHER], [ONE], [(*ONE.key[:3], ANYTHING)])
    assert free.holds
    assert free.share == 1.0


def test_the_kept_list_speaks_of_lines_that_are_there_and_gives_reasons() -> None:
    course = Course.load(ROOT)
    for (exercise, function, line, mutated), why in kept_list().items():
        source = course.source(exercise).splitlines()
        inside = "".join(source[number - 1] for number in sorted(solution_lines("\n".join(source))))
        assert f"def {function}(" in course.source(exercise)
        assert "".join(line.split()) in "".join(inside.split()), line
        assert mutated != line
        assert why.endswith("."), line
