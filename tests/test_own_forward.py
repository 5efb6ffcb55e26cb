"""A backward beside the forward it belongs to: what a mistake in an earlier exercise costs."""

import re
from collections.abc import Iterator

import pytest

from grader.grade import Grader
from grader.model import Certainty, Outcome, Report, Status
from grader.sandbox.student import Limits
from tests.helpers import ROOT, SOLUTION, criteria, edited, only, open_grader, together
from tests.toys import EARLY, LATE, toy_course

Change = tuple[str, str]


@pytest.fixture(name="grader", scope="module")
def _grader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    """Grade the backward of the toys; what it needs is judged unasked."""
    with open_grader(toy_course(tmp_path_factory.mktemp("toys")), exercises=["late"]) as grader:
        yield grader


def graded(grader: Grader, early: str | None, late: str) -> Report:
    """Grade two files, of which the first may not be there."""
    return grader.grade(together({"late": late} | ({"early": early} if early else {})))


SINE = ("return np.tanh(a)", "return np.sin(a)")
OF_SINE = ("1.0 - y**2)", 'np.cos(x @ p["W"] + p["b"]))')
#: A forward nobody knows, and the derivative that belongs to it.
OTHER = (
    'y = squash(x @ p["W"] + p["b"])',
    'a = x @ p["W"] + p["b"]\n    y = a + 0.1 * a**2',
)
OF_OTHER = ("1.0 - y**2)", "1.0 + 0.2 * a)")
NO_BIAS = (' + p["b"])', ")")
MIRRORED = ("return y, (", "return y[:, ::-1], (")
OF_MIRRORED = ("da = dy * slope", "da = dy[:, ::-1] * slope")
ZERO = ('y = squash(x @ p["W"] + p["b"])', 'y = 0.0 * (x @ p["W"])')
OF_ZERO = ("1.0 - y**2)", "0.0 * y)")
WRONG = ("da = dy * slope", "da = 0.7 * dy * slope")
NO_SLOPE = ("da = dy * slope", "da = dy")
MEAN = ("da.sum(axis", "da.mean(axis")
MEND_FIRST = (
    "not judged yet: your forward is not right enough to say what its gradient should be; "
    "mend it first, and this is judged again"
)
FOLLOWS = "this follows from your own forward"

# --- both files have a mistake: nothing is given --------------------------------------

LOST: dict[str, tuple[tuple[Change, ...], tuple[Change, ...], str, str | None]] = {
    "a right forward, a wrong backward": (
        (), (WRONG,), r"the gradients of x, p\[\"W\"\] and p\[\"b\"\] are wrong; dx\[0, 0\] = ",
        None,
    ),
    "a right forward, a known bug": (
        (), (NO_SLOPE,), r"the gradients of x, p\[\"W\"\] and p\[\"b\"\] are wrong; ", "no-slope",
    ),
    "an unknown forward, a wrong backward": (
        (OTHER, OF_OTHER), (WRONG,), r"compared with your own forward: the gradients of x, ", None,
    ),
    "a known slip, a wrong backward": (
        (SINE, OF_SINE), (WRONG,), r"compared with your own forward: the gradients of x, ", None,
    ),
    "an unknown forward, one wrong output": (
        (OTHER, OF_OTHER), (MEAN,),
        r"compared with your own forward: the gradient of p\[\"b\"\] is wrong; "
        r"everything else is right; dp\[\"b\"\]\[0, 0\] = ", None,
    ),
    "no cache at all": (
        (('return y, (x, p["W"], 1.0 - y**2)', "return y"),), (),
        "^`forward` should return y, cache, and `backward` needs the last of it$", None,
    ),
    "a forward that raises": (
        (("    y = squash", "    raise ValueError(x)\n    y = squash"),), (),
        r"^`backward` raised ValueError \(line 15: `raise ValueError\(x\)`\); "
        r"called with arrays of shape \(3, 4\)$", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("early", "late", "says", "bug"), LOST.values(), ids=LOST)
def test_a_wrong_backward_is_lost_whatever_its_forward(
    grader: Grader, early: tuple[Change, ...], late: tuple[Change, ...], says: str, bug: str | None
) -> None:
    """No mistake in the forward excuses one in the backward; it is told which one was asked."""
    found = criteria(graded(grader, edited(*early, of=EARLY), edited(*late, of=LATE)))
    line = found["gradients"]
    assert (line.outcome, line.points, line.carried_forward) == (Outcome.FAILED, 0, False)
    assert re.search(says, line.message), line.message
    assert (line.diagnosis.bug if line.diagnosis else None) == bug
    assert found["own"].outcome is Outcome.PASSED


# --- the forward alone has a mistake --------------------------------------------------

CARRIED: dict[str, tuple[tuple[Change, ...], tuple[Change, ...], str | None]] = {
    "a known slip, with the derivative that belongs to it": ((SINE, OF_SINE), (), "sine"),
    "a known slip, with the derivative of what was asked": ((SINE,), (), "sine"),
    "a known slip that leaves an entry without influence": ((NO_BIAS,), (), "no-bias"),
    "the same, and a gradient that is honestly zero": (
        (NO_BIAS,), (("da.sum(axis=0, keepdims=True)", "0.0 * da[:1]"),), "no-bias",
    ),
    "a mistake nobody knows": ((OTHER, OF_OTHER), (), None),
    "another convention in both files": ((MIRRORED,), (OF_MIRRORED,), "mirrored"),
}  # fmt: skip


@pytest.mark.parametrize(("early", "late", "bug"), CARRIED.values(), ids=CARRIED)
def test_a_backward_that_belongs_to_its_forward_is_given(
    grader: Grader, early: tuple[Change, ...], late: tuple[Change, ...], bug: str | None
) -> None:
    """The mistake is paid for in the forward; the backward earns all, and says why."""
    found = criteria(graded(grader, edited(*early, of=EARLY), edited(*late, of=LATE)))
    line = found["gradients"]
    assert (line.outcome, line.points, line.carried_forward) == (Outcome.PASSED, 4, True)
    assert line.message == FOLLOWS
    named = (line.diagnosis.bug, line.diagnosis.certainty) if line.diagnosis else None
    assert named == ((bug, Certainty.EXACT) if bug else None)
    assert found["linear"].points == 1


def test_a_right_backward_beside_a_wrong_forward_needs_no_mercy(grader: Grader) -> None:
    """Where the gradient is the right one, nobody asks about the forward."""
    early = edited(("return y, (", "return y + y.mean(axis=0), ("), of=EARLY)
    line = criteria(graded(grader, early, LATE))["gradients"]
    assert (line.points, line.carried_forward, line.message) == (4, False, "")


HOPELESS: dict[str, tuple[tuple[Change, ...], tuple[Change, ...]]] = {
    "zeros in both files": ((ZERO, OF_ZERO), ()),
    "zeros, and a backward of zeros": ((ZERO,), (("da = dy * slope", "da = 0.0 * dy"),)),
    "a forward of its own, far from right": (
        (("return y, (x", "return y + y.mean(axis=0), (x"), OF_ZERO), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("early", "late"), HOPELESS.values(), ids=HOPELESS)
def test_a_forward_that_says_nothing_earns_no_gradient(
    grader: Grader, early: tuple[Change, ...], late: tuple[Change, ...]
) -> None:
    """With less than half of the forward right its gradient is not judged, in kind words."""
    found = criteria(graded(grader, edited(*early, of=EARLY), edited(*late, of=LATE)))
    line = found["gradients"]
    assert (line.outcome, line.points, line.carried_forward) == (Outcome.SKIPPED, 0, False)
    assert line.message == MEND_FIRST
    assert found["linear"].points == 0


def test_points_lost_in_an_earlier_exercise_are_lost_there_only(grader: Grader) -> None:
    """The report of the later one alone has no line, point or message of the earlier one."""
    report = graded(grader, edited(OTHER, OF_OTHER, of=EARLY), LATE)
    assert [result.name for result in report.exercises] == ["late"]
    assert (report.points, report.max_points) == (7, 7)


def test_both_are_reported_when_both_are_asked_for(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The forward pays for its mistake, the backward does not; each once."""
    course = toy_course(tmp_path_factory.mktemp("toys"))
    with open_grader(course, exercises=["early", "late"]) as grader:
        report = graded(grader, edited(OTHER, OF_OTHER, of=EARLY), LATE)
    early, late = report.exercises
    assert [(line.id, line.points) for line in early.criteria] == [
        ("squash", 1), ("values", 0), ("rows", 2),
    ]  # fmt: skip
    assert (late.points, late.max_points) == (7, 7)


def test_one_submission_does_not_answer_for_another(grader: Grader) -> None:
    """The forward of the student before is forgotten."""
    first = graded(grader, edited(OTHER, OF_OTHER, of=EARLY), LATE)
    second = graded(grader, EARLY, edited(WRONG, of=LATE))
    third = graded(grader, edited(OTHER, OF_OTHER, of=EARLY), LATE)
    assert criteria(first)["gradients"].carried_forward
    assert not criteria(second)["gradients"].message.startswith("compared with your own")
    assert criteria(first) == criteria(third)


# --- an earlier file that is wanting --------------------------------------------------

WANTING: dict[str, tuple[str | None, str, str]] = {
    "is missing": (
        None, "`backward` needs your earlier work: there is no early.py in your submission",
        "`half` needs your earlier work: there is no early.py in your submission",
    ),
    "does not compile": (
        "def forward(:\n",
        "`backward` needs your earlier work: early.py cannot be imported: "
        "SyntaxError: invalid syntax (line 1: `def forward(:`)",
        "`half` needs your earlier work: early.py cannot be imported: "
        "SyntaxError: invalid syntax (line 1: `def forward(:`)",
    ),
    "raises before anything is defined": (
        "1 / 0\n" + EARLY,
        "`backward` needs your earlier work: early.py cannot be imported: "
        "ZeroDivisionError: division by zero (line 1: `1 / 0`)",
        "`half` needs your earlier work: early.py cannot be imported: "
        "ZeroDivisionError: division by zero (line 1: `1 / 0`)",
    ),
    "is a stub": (
        "stub", "`backward` needs `forward` of your early.py, which is not written yet",
        "`half` needs `squash` of your early.py, which is not written yet",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("early", "backward", "half"), WANTING.values(), ids=WANTING)
def test_what_an_earlier_file_lacks_is_told_where_it_is_needed(
    grader: Grader, early: str | None, backward: str, half: str
) -> None:
    """Lines that need it are not tried and say why; the others are graded."""
    source = grader.course.stub("early") if early == "stub" else early
    result = only(graded(grader, source, LATE))
    found = {line.id: line for line in result.criteria}
    assert result.status is Status.GRADED
    assert found["gradients"].message == f"not tried: {backward}"
    assert found["half"].message == f"not tried: {half}"
    assert {found[name].outcome for name in ("gradients", "linear", "half")} == {Outcome.SKIPPED}
    assert (found["own"].outcome, result.points) == (Outcome.PASSED, 1)


def test_a_function_an_earlier_file_lacks_is_told_where_it_is_called(grader: Grader) -> None:
    """A name that is not there costs the lines that call it, as a missing file does."""
    found = criteria(graded(grader, "x = 1\n", LATE))
    assert found["half"].message == (
        "not tried: `half` needs your earlier work: "
        "it asks for something that your early.py does not have"
    )
    assert {found[name].outcome for name in ("gradients", "linear", "half")} == {Outcome.SKIPPED}
    assert found["own"].points == 1


@pytest.mark.xfail(strict=True, reason="it says `your .py`, without the name of the file")
def test_a_forward_an_earlier_file_lacks_is_told_with_the_file(grader: Grader) -> None:
    """A cache that cannot be made for want of its function names where that should be."""
    message = criteria(graded(grader, "x = 1\n", LATE))["gradients"].message
    assert "early.py" in message


def test_a_file_that_ends_badly_still_has_what_it_defined(grader: Grader) -> None:
    """An error below the functions costs none of them."""
    assert only(graded(grader, EARLY + "\n1 / 0\n", LATE)).points == 7


def test_a_forward_that_hangs_costs_what_needs_it(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop in the earlier file is cut; what does not run it is graded."""
    monkeypatch.setattr(grader, "limits", Limits(request=0.3))
    early = edited(("    y = squash", "    while True: pass\n    y = squash"), of=EARLY)
    found = criteria(graded(grader, early, LATE))
    assert found["gradients"].outcome is Outcome.FAILED
    assert (found["half"].points, found["own"].points) == (1, 1)


# --- the course's own LSTM ------------------------------------------------------------

FORWARD, BACKWARD = "lstm_forward", "lstm_backward"
LSTM_BACKWARD = (ROOT / "solutions" / f"{BACKWARD}.py").read_text("utf-8")
PATH_INTO_C = "(1.0 - tanh_c**2)\n        da_i"

LSTM: dict[str, tuple[tuple[Change, ...], tuple[Change, ...], str | None]] = {
    "h = o ⊙ c in both files, a known slip": (
        (
            ("h = o * tanh_c", "h = o * c"),
            ("        tanh_c = np.tanh(c)\n", "        tanh_c = c\n"),
        ),
        ((PATH_INTO_C, "1.0\n        da_i"),),
        "forward-hidden-without-tanh",
    ),
    "h = o ⊙ arctan(c) in both files, which nobody knows": (
        (("tanh_c = np.tanh(c)", "tanh_c = np.arctan(c)"),),
        ((PATH_INTO_C, "np.cos(tanh_c) ** 2\n        da_i"),),
        None,
    ),
    "batch first in both files": (
        (
            ("    T, B, _ = X.shape", "    X = X.swapaxes(0, 1)\n    T, B, _ = X.shape"),
            ("return Hout, c, h, cache", "return Hout.swapaxes(0, 1), c, h, cache"),
        ),
        (
            ("    W, steps = cache\n", "    W, steps = cache\n    dHout = dHout.swapaxes(0, 1)\n"),
            ("return dX, dW, dc, dh", "return dX.swapaxes(0, 1), dW, dc, dh"),
        ),
        "forward-batch-first",
    ),
}


@pytest.fixture(name="lstm", scope="module")
def _lstm() -> Iterator[Grader]:
    with open_grader(exercises=[BACKWARD]) as grader:
        yield grader


@pytest.mark.parametrize(("forward", "backward", "bug"), LSTM.values(), ids=LSTM)
def test_a_backward_that_belongs_to_a_wrong_lstm_is_given(
    lstm: Grader, forward: tuple[Change, ...], backward: tuple[Change, ...], bug: str | None
) -> None:
    """Every gradient of a sequence follows from the student's own forward, block by block."""
    sources = {FORWARD: edited(*forward), BACKWARD: edited(*backward, of=LSTM_BACKWARD)}
    found = criteria(lstm.grade(together(sources)))
    for name in ("one_step", "weights", "inputs", "initial_states", "last_states"):
        assert found[name].carried_forward, (name, found[name].message)
        assert found[name].points == found[name].max_points
        assert (found[name].diagnosis.bug if found[name].diagnosis else None) == bug  # type: ignore[union-attr]
    for name in ("step_weights", "step_states"):
        assert (found[name].outcome, found[name].carried_forward) == (Outcome.PASSED, False)


def test_a_verdict_on_gradients_says_where_and_since_when(lstm: Grader) -> None:
    """The block of W, in words, and the step at which it goes wrong on the way back."""
    add = "        dW += row.T @ da\n"
    slip = (add, add + "        dW[1 + D :, H : 2 * H] += 0.1 * (T > 2)\n")
    sources = {FORWARD: SOLUTION, BACKWARD: edited(slip, of=LSTM_BACKWARD)}
    line = criteria(lstm.grade(together(sources)))["weights"]
    assert line.message.startswith(
        "the gradient of the recurrent weights of the forget gate is wrong from t = 1 backwards; "
        "everything else is right there; dW["
    )
    assert line.where is not None
    assert (line.where.output, line.where.block, line.where.time) == ("dW", "recurrent/f", 1)


#: More than one step: the sum of everything that came in, and the gradient of that.
SUM_OF_ALL = (
    "    H = W.shape[1] // 4\n",
    "    H = W.shape[1] // 4\n"
    "    if T > 1:\n"
    "        s = sum(a.sum() for a in (X, W, c0, h0) if a is not None)\n"
    "        return s * np.ones((T, B, H)), *(s * np.ones((B, H)),) * 2, (X, W, None)\n",
)
OF_SUM = (
    "    W, steps = cache\n",
    "    if len(cache) == 3:\n"
    "        (T, B, H), (X, W, _) = dHout.shape, cache\n"
    "        g = sum(a.sum() for a in (dHout, dcn, dhn) if a is not None)\n"
    "        return tuple(g * np.ones(s) for s in (X.shape, W.shape, (B, H), (B, H)))\n"
    "    W, steps = cache\n",
)


def test_the_gradient_of_no_lstm_at_all_earns_nothing_for_sequences(lstm: Grader) -> None:
    """Right for one step, and for more the sum of all that comes in: no way back through time."""
    sources = {FORWARD: edited(SUM_OF_ALL), BACKWARD: edited(OF_SUM, of=LSTM_BACKWARD)}
    found = criteria(lstm.grade(together(sources)))
    through_time = ("weights", "inputs", "initial_states", "last_states")
    assert {name: found[name].points for name in through_time} == dict.fromkeys(through_time, 0)
