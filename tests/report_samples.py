"""Sample reports for the tests of `grader.report`: every kind of page."""

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace

from grader.model import (
    BlockMap,
    Certainty,
    Content,
    Cost,
    CriterionResult,
    Diagnosis,
    Drawing,
    ExerciseResult,
    Outcome,
    Plot,
    Proof,
    Report,
    Series,
    Status,
    Where,
)

RUBRIC = (
    ("sigmoid", 1, "σ(a) = 1 / (1 + e^-a), for an array of any shape"),
    ("sigmoid_stable", 1, "No overflow, no NaN, even at a = ±10000"),
    ("gates", 3, "f, i, o = σ(W [h; x] + b) and g = tanh(...), in the order f, i, g, o"),
    ("cell_state", 1, "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t"),
    ("hidden_state", 1, "h_t = o_t ⊙ tanh(c_t)"),
    ("pack_gates", 3, "W holds bias, input and recurrent rows in columns i | f | o | g"),
    ("init_weights", 1, "Weights are normal / sqrt(D + H), drawn from rng alone"),
    (
        "forget_bias",
        1,
        "The forget bias is added to the forget gate, so a young LSTM remembers",
    ),
    ("shapes", 1, "Hout is (T, B, H); cn and hn are (B, H)"),
    ("forward_cell", 3, "One step of a batch: cn = f ⊙ c0 + i ⊙ g"),
    ("forward_hidden", 1, "One step of a batch: hn = o ⊙ tanh(cn)"),
    ("sequence", 2, "Every step of Hout, and the last cn and hn"),
    ("initial_state", 1, "c0 and h0 are used when given and zero when not"),
    ("conveyor_belt", 1, "An open forget gate and a shut input gate carry c0 through unchanged"),
    ("batch_rows", 1, "The rows of a batch do not see each other"),
    ("edge_sizes", 1, "B = 1, T = 1 and H = 1 work like any other size"),
    ("precision", 1, "Everything is computed in float64"),
    ("pytorch", 1, "The same numbers as torch.nn.LSTM"),
)

FORGET_GATE_MISSING = Diagnosis(
    bug="forget-gate-missing",
    says="c keeps all of c_{t-1}: the forget gate is computed but never applied.",
    certainty=Certainty.EXACT,
)
SQUEEZED = Diagnosis(
    bug="squeezed-batch",
    says="A batch of one loses its axis, so (1, H) becomes (H,).",
    certainty=Certainty.LIKELY,
)


def _rubric(**changed: Mapping[str, object]) -> tuple[CriterionResult, ...]:
    """Pass every line of the rubric but the ones named."""
    passed = {
        id_: CriterionResult(
            id=id_, title=title, points=points, max_points=points, outcome=Outcome.PASSED
        )
        for id_, points, title in RUBRIC
    }
    return tuple(
        replace(line, **changed.get(id_, {}))  # type: ignore[arg-type]
        for id_, line in passed.items()
    )


def _map(values: tuple[tuple[float | None, ...], ...]) -> BlockMap:
    return BlockMap(
        title="Twelve blocks of W",
        caption="How far off your output is in its response to each block of W.",
        row_label="rows of W",
        column_label="gate",
        rows=("bias", "input", "recurrent"),
        columns=("i", "f", "o", "g"),
        values=values,
    )


def _exercise(
    *criteria: CriterionResult, pictures: tuple[BlockMap, ...] = (), advice: tuple[str, ...] = ()
) -> ExerciseResult:
    return ExerciseResult(
        name="lstm_forward",
        points=sum(line.points for line in criteria),
        max_points=sum(line.max_points for line in criteria),
        status=Status.GRADED,
        criteria=criteria,
        pictures=pictures,
        advice=advice,
    )


def _report(
    submission: str,
    *exercises: ExerciseResult,
    status: Status = Status.GRADED,
    notes: tuple[str, ...] = (),
) -> Report:
    counted = [each for each in exercises if each.status is not Status.MISSING]
    return Report(
        submission=submission,
        points=sum(exercise.points for exercise in exercises),
        max_points=sum(exercise.max_points for exercise in counted or exercises),
        status=status,
        seed=20260101,
        isolation="confined",
        key="demo",
        content=Content(submission="3f9a" * 16, grader="c07d" * 16, environment="81be" * 16),
        exercises=exercises,
        notes=notes,
    )


def _unopened(status: Status, message: str) -> ExerciseResult:
    return ExerciseResult(
        name="lstm_forward", points=0, max_points=25, status=status, message=message
    )


_FAILED = {"points": 0, "outcome": Outcome.FAILED}
_CARRIED = {"carried_forward": True}
_ALL_RIGHT = ((0.0, 3e-16, 0.0, 0.0), (0.0, 0.0, 1e-16, 0.0), (0.0, 0.0, 0.0, 0.0))

REMEMBERS = Plot(
    title="Your cell remembers",
    caption="One unit, weights set by hand.",
    x_label="time step",
    y_label="gates and cell state",
    series=(
        Series(label="f", x=(0, 1, 2, 3), y=(0.98, 0.98, 0.02, 0.98)),
        Series(label="c", x=(0, 1, 2, 3), y=(0.0, 0.9, 0.02, 0.02)),
    ),
)
FULL = _report(
    "grace",
    replace(
        _exercise(
            *_rubric(),
            pictures=(_map(_ALL_RIGHT),),
            advice=("np.hstack copies X[t] at every step; a buffer outside the loop is faster.",),
        ),
        plots=(REMEMBERS,),
    ),
)

WRONG = _report(
    "ada",
    _exercise(
        *_rubric(
            forward_cell={
                **_FAILED,
                "message": "cn[0, 0] = 0.131, expected 0.482 (27 of 30 entries differ)\n"
                "lstm_forward(X=[[[1.0]]], W=..., c0=[[2.0]])\n"
                "you get  cn = [[2.46]]\n"
                "by hand  cn = [[1.92]]",
                "where": Where(output="cn", block="f", time=0, index=(0, 0)),
                "diagnosis": FORGET_GATE_MISSING,
            },
            forward_hidden=_CARRIED,
            sequence=_CARRIED,
            conveyor_belt={
                **_FAILED,
                "message": "cn[1, 2] = 1.31, expected 0 (10 of 10 entries differ)",
                "diagnosis": FORGET_GATE_MISSING,
            },
            edge_sizes={
                **_FAILED,
                "message": "With B = 1, hn has shape (5,), expected (1, 5)",
                "diagnosis": SQUEEZED,
            },
            pytorch={
                "points": 0,
                "outcome": Outcome.SKIPPED,
                "message": "Not tried: it needs “One step of a batch: cn = f ⊙ c0 + i ⊙ g”.",
            },
        ),
        pictures=(
            _map(((0.21, 1.0, 0.04, 0.18), (0.35, 1.0, 0.002, 0.52), (0.63, 1.0, 0.0, None))),
        ),
        advice=(
            "Your function changed its argument c0. Work on a copy: somebody may still need it.",
            "A RuntimeWarning was printed at line 41: overflow encountered in exp.",
        ),
    ),
    notes=("Two files were called lstm_forward.py; part2/lstm_forward.py was used.",),
)

NOT_STARTED = _report(
    "linus",
    ExerciseResult(name="lstm_forward", points=0, max_points=25, status=Status.NOT_STARTED),
    status=Status.NOT_STARTED,
)

UNREADABLE = _report(
    "margaret",
    _unopened(
        Status.UNREADABLE,
        "lstm_forward.py, line 58: '(' was never closed\n    c = f * c_prev + (i * g",
    ),
    status=Status.UNREADABLE,
)

MISSING = _report(
    "edsger", _unopened(Status.MISSING, ""), status=Status.MISSING, notes=("The zip is empty.",)
)

NEEDS_ATTENTION = _report(
    "barbara",
    replace(
        _exercise(
            *_rubric(
                precision={"points": 0, "outcome": Outcome.ERROR},
                sigmoid={"points": 0, "outcome": Outcome.NOT_STARTED},
            )
        ),
        status=Status.NEEDS_ATTENTION,
        message="The worker ended before it was asked anything.",
    ),
    status=Status.NEEDS_ATTENTION,
)

SEVERAL = _report(
    "alan",
    replace(FULL.exercises[0], name="activations", pictures=()),
    WRONG.exercises[0],
    replace(FULL.exercises[0], name="gru", advice=()),
    ExerciseResult(name="lstm_backward", points=0, max_points=20, status=Status.NOT_STARTED),
    ExerciseResult(name="attention", points=0, max_points=0, status=Status.MISSING),
)


def png(width: int = 48, height: int = 24) -> str:
    """Draw stripes and write them as a PNG, in base64."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = [bytes([0, *(40 + (5 * x * y) % 200 for x in range(width))]) for y in range(height)]
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"".join(rows)))]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")).decode()


def _line(id_: str, worth: int, title: str, /, **changed: object) -> CriterionResult:
    line = CriterionResult(
        id=id_, title=title, points=worth, max_points=worth, outcome=Outcome.PASSED
    )
    return replace(line, **changed)  # type: ignore[arg-type]


def _skipped(message: str) -> dict[str, object]:
    return {"points": 0, "outcome": Outcome.SKIPPED, "message": message}


PYTORCH_ORDER = Diagnosis(
    bug="gates-in-pytorch-order",
    says="You read the columns of W as i, f, g, o, PyTorch's order; the course's is i | f | o | g.",
    certainty=Certainty.EXACT,
)
_OWN_FORWARD = {
    "carried_forward": True,
    "message": "this follows from your own lstm_forward",
    "diagnosis": PYTORCH_ORDER,
}
NEEDS_FORWARD = (
    "not tried: `lstm_backward` needs your earlier work: "
    "there is no lstm_forward.py in your submission"
)
_ONE_STEP = "A batch of one step: dX, dc0, dh0, and dW block by block"
_WEIGHTS = "A sequence: dW block by block, summed over all steps and rows"
_INPUTS = "A sequence: dX at every step"

BACKWARD = replace(
    _exercise(
        _line("step_weights", 4, "One step: the gradient of every W_k and b_k"),
        _line("one_step", 4, _ONE_STEP, **_OWN_FORWARD),
        _line(
            "weights",
            4,
            _WEIGHTS,
            **_FAILED,
            message="compared with your own lstm_forward: the gradient of the recurrent weights of "
            "the forget gate is wrong from t = 2 backwards; everything else is right there; "
            "dW[4, 5] = 0.216, expected -0.0838",
            where=Where(output="dW", block="recurrent/f", time=2, index=(4, 5)),
        ),
        _line("inputs", 3, _INPUTS, **_OWN_FORWARD),
        _line("chain", 1, "Two chunks equal the whole", carried_forward=True,
              message="this follows from your own lstm_forward"),
        _line("linear", 1, "Twice the upstream gradient gives twice the gradients",
              **_skipped(f"not tried until this works: “{_WEIGHTS}”")),
        _line("conveyor_belt", 1, "The belt hands dcn back to dc0 unchanged", carried_forward=True,
              message="this follows from your own lstm_forward"),
        _line("batch_rows", 1, "dW of a batch is the sum over its rows",
              **_skipped(f"not tried until this works: “{_WEIGHTS}”")),
        pictures=(
            _map(((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), (0.0, 0.74, 0.0, 0.0))),
            replace(_map(_ALL_RIGHT), title="dX, step by step"),
        ),
    ),
    name="lstm_backward",
)  # fmt: skip

UNTRIED = replace(
    _exercise(
        _line("step_weights", 4, "One step: the gradient of every W_k and b_k",
              **_skipped(NEEDS_FORWARD.replace("lstm_backward", "lstm_step_backward"))),
        _line("one_step", 4, _ONE_STEP, **_skipped(NEEDS_FORWARD)),
        _line("weights", 4, _WEIGHTS, **_skipped(NEEDS_FORWARD)),
        _line("inputs", 3, _INPUTS, **_skipped(NEEDS_FORWARD)),
        _line("linear", 1, "Twice the upstream gradient gives twice the gradients",
              **_skipped(f"not tried until one of these works: “{_WEIGHTS}”; “{_INPUTS}”")),
        _line("precision", 1, "Computes in float64 from beginning to end",
              **_skipped(f"not tried until one of these works: “{_ONE_STEP}”; “{_WEIGHTS}”")),
    ),
    name="lstm_backward",
)  # fmt: skip

TO_REVIEW = "no array of this figure is the gates': is that what it shows?"
ANALYSIS = replace(
    _exercise(
        _line("gate_activations", 3, "i, f, o, g, c and h, each (T, B, H)"),
        _line("gate_statistics", 2, "Mean, standard deviation and shares, per unit"),
        _line("plot_gates", 2, "plot_gates shows the gates over time", review=True,
              message=TO_REVIEW),
        _line("plot_gradient_flow", 1, "plot_gradient_flow is logarithmic, with a legend"),
        _line("lag_gru", 1, "gradient_by_lag of a GRU",
              **_skipped("not tried: `gradient_by_lag` needs your earlier work: "
                         "there is no gru.py in your submission")),
    ),
    name="gate_analysis",
    drawings=(
        Drawing(title="Gates over time", caption="Drawn by your plot_gates.", png=png(480, 300)),
        Drawing(title="Gradient by lag", caption="Drawn by plot_gradient_flow.", png=png(640, 360)),
    ),
)  # fmt: skip

WHOLE_COURSE = _report(
    "noor",
    replace(FULL.exercises[0], name="vanilla_rnn", pictures=(), advice=(), plots=()),
    _exercise(
        *_rubric(
            forward_cell={
                "points": 2,
                "outcome": Outcome.FAILED,
                "message": "cn[0, 0] = -0.68, expected 0.235 (15 of 15 entries differ)",
                "diagnosis": PYTORCH_ORDER,
            },
            forward_hidden={**_CARRIED, "diagnosis": PYTORCH_ORDER},
            sequence={**_CARRIED, "diagnosis": PYTORCH_ORDER},
        ),
        pictures=(_map(((0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.9, 0.8), (0.0, 0.0, 0.7, 1.0))),),
    ),
    BACKWARD,
    ANALYSIS,
    ExerciseResult(name="gru", points=0, max_points=25, status=Status.MISSING),
    ExerciseResult(
        name="long_dependency",
        points=0,
        max_points=30,
        status=Status.NOT_STARTED,
        criteria=(_line("adding", 3, "The adding problem", points=0, outcome=Outcome.NOT_STARTED),),
    ),
)

WITHOUT_FORWARD = _report(
    "peter",
    ExerciseResult(name="vanilla_rnn", points=0, max_points=25, status=Status.MISSING),
    _unopened(Status.MISSING, "no lstm_forward.py and no lstm_forward.ipynb in the submission"),
    UNTRIED,
)

REVIEWED = _report(
    "sofia", replace(ANALYSIS, criteria=ANALYSIS.criteria[:4], points=8, max_points=8)
)

PROOFS = (
    Proof(
        exercise="lstm_forward",
        max_points=8,
        criteria=("gates", "cell_state", "pytorch"),
        costs=(
            Cost(
                bug="forget-gate-missing",
                caught_by="cell_state",
                says="c keeps all of c_{t-1}.",
                lost=1,
                outcomes={
                    "gates": Outcome.PASSED,
                    "cell_state": Outcome.FAILED,
                    "pytorch": Outcome.PASSED,
                },
                carried=("pytorch",),
                diagnosed="forget-gate-missing",
            ),
            Cost(
                bug="gates-without-bias",
                caught_by="gates",
                says="The biases of the gates are never added.",
                lost=4,
                outcomes={
                    "gates": Outcome.FAILED,
                    "cell_state": Outcome.SKIPPED,
                    "pytorch": Outcome.FAILED,
                },
                carried=(),
                diagnosed="",
            ),
        ),
        problems=("bug gates-without-bias is diagnosed as nothing",),
    ),
    Proof(exercise="gru", max_points=0, criteria=(), costs=(), problems=()),
)

HOSTILE_STRINGS = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "quote": "' onmouseover='alert(1)",
    "template": "{{7*7}} {% raw %} {#",
    "ansi": "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x9b2J",
    "markup": "[bold red]loud[/] [link=http://evil.example]x[/link] :boom: [/nope]",
    "nul": "a\x00b\x07c\x7f",
    "direction": "abc\u202efdp.exe\u2066\u200f",
    "surrogate": "half \ud83d of a pair",
    "lines": "one\r\nmain> two\u2028three\x85four",
    "style": "</style><style>body{display:none}</style>",
    "comment": "--><b>out</b><!--",
    "path": "../../etc/passwd",
    "scheme": "javascript:alert(1)",
    "long": "W" * 5000,
    "empty": "",
}


def curves(text: str) -> Plot:
    """Draw two curves whose every word is the same."""
    shown = Series(label=text, x=(0.0, 1.0, 2.0), y=(1.0, None, 3.0))
    return Plot(
        title=text,
        caption=text,
        x_label=text,
        y_label=text,
        series=(shown, replace(shown, y=(2.0, 2.5, 1e-9), dashed=True)),
    )


def hostile(text: str) -> Report:
    """Put one string everywhere a string can be in a report."""
    line = CriterionResult(
        id=text,
        title=text,
        points=0,
        max_points=1,
        outcome=Outcome.FAILED,
        message=text,
        where=Where(output=text, block=text, time=0),
        diagnosis=Diagnosis(bug=text, says=text, certainty=Certainty.LIKELY),
    )
    picture = BlockMap(
        title=text,
        caption=text,
        row_label=text,
        column_label=text,
        rows=(text,),
        columns=(text,),
        values=((0.5,),),
    )
    exercise = ExerciseResult(
        name=text,
        points=0,
        max_points=2,
        status=Status.NEEDS_ATTENTION,
        criteria=(
            line,
            replace(line, outcome=Outcome.SKIPPED),
            replace(line, outcome=Outcome.SKIPPED),
            replace(line, outcome=Outcome.PASSED, carried_forward=True),
            replace(line, outcome=Outcome.PASSED, review=True),
        ),
        message=text,
        advice=(text,),
        pictures=(picture, picture),
        drawings=(Drawing(title=text, caption=text, png=text),),
        plots=(curves(text), replace(curves(text), points=True)),
    )
    return Report(
        submission=text,
        points=0,
        max_points=2,
        status=Status.NEEDS_ATTENTION,
        seed=1,
        isolation=text,
        key=text,
        content=Content(submission=text, grader=text, environment=text),
        exercises=(
            exercise,
            replace(exercise, status=Status.UNREADABLE),
            replace(exercise, status=Status.MISSING),
        ),
        notes=(text,),
    )


SAMPLES = {
    "full marks": FULL,
    "wrong": WRONG,
    "not started": NOT_STARTED,
    "unreadable": UNREADABLE,
    "missing": MISSING,
    "needs attention": NEEDS_ATTENTION,
    "several exercises": SEVERAL,
    "the whole course": WHOLE_COURSE,
    "an earlier file is missing": WITHOUT_FORWARD,
    "to be reviewed": REVIEWED,
}


def a_class(size: int = 40) -> list[Report]:
    """Make a class: the samples, and students who lost a line or two."""
    reports = list(SAMPLES.values())
    ids = [id_ for id_, _, _ in RUBRIC]
    for number in range(size - len(reports)):
        lost: dict[str, Mapping[str, object]] = {
            ids[number * 7 % len(ids)]: _FAILED,
            ids[number * 5 % len(ids)]: _FAILED,
        }
        if number % 3 == 0:
            lost["forward_cell"] = {**_FAILED, "diagnosis": FORGET_GATE_MISSING}
        if number % 4 == 0:
            lost["pytorch"] = _FAILED
        reports.append(_report(f"student-{number:03d}", _exercise(*_rubric(**lost))))
    return reports
