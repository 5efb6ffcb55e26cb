"""The references themselves: gradients beside central differences, numbers beside PyTorch's.

Two tables, a row per backward and per frozen run; an exercise that is in
neither, though it should be, is found.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from grader.calls import Array, Made, leaves
from grader.course import Course
from grader.gradients import Differentiated, Gradient
from grader.numerics import block_errors, relative_error
from grader.pytest_session import Rubric, RubricSession
from grader.reference import Reference
from tests.helpers import ROOT

COURSE = Course.load(ROOT)
T, B, D, H = 3, 2, 4, 3
#: Central differences in float64 are good to about 1e-9.
NEAR, EXACT = 1e-7, 1e-12

Draw = Callable[..., Array]


# --- gradients -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Backward:
    """One backward: what its forward is asked, and how dW is divided.

    arguments: of its forward, in order.
    upstream: the words of its `given` that are gradients: word -> shape.
    position: where its forward returns the cache; None without one.
    gates: the columns of W; "" where W is not packed.
    """

    exercise: str
    arguments: Callable[[Draw], tuple[Any, ...]]
    upstream: Mapping[str, tuple[int, ...]]
    position: int | None
    gates: str = ""


def packed(gates: int) -> Callable[[Draw], tuple[Array, Array]]:
    """Draw X (T, B, D) and W (R, gates H)."""
    return lambda draw: (draw(T, B, D), 0.7 * draw(1 + D + H, gates * H))


def per_gate(draw: Draw) -> dict[str, Array]:
    """Draw the matrices and biases of lstm_gates."""
    return {f"W_{gate}": draw(H, H + D) for gate in "figo"} | {
        f"b_{gate}": draw(H, 1) for gate in "figo"
    }


def additive(draw: Draw) -> dict[str, Array]:
    """Draw the weights of an additive score; three units of a score."""
    return {"W_q": draw(D, 3), "W_e": draw(H, 3), "b": draw(3), "v": draw(3)}


BACKWARDS: Mapping[str, Backward] = {
    "rnn_backward": Backward(
        exercise="vanilla_rnn", position=2, gates="h",
        arguments=lambda draw: (*packed(1)(draw), draw(B, H)),
        upstream={"dHout": (T, B, H), "dhn": (B, H)},
    ),
    "lstm_step_backward": Backward(
        exercise="lstm_backward", position=None,
        arguments=lambda draw: (draw(D, 1), draw(H, 1), draw(H, 1), per_gate(draw)),
        upstream={"dh": (H, 1), "dc": (H, 1)},
    ),
    "lstm_backward": Backward(
        exercise="lstm_backward", position=3, gates="ifog",
        arguments=lambda draw: (*packed(4)(draw), draw(B, H), draw(B, H)),
        upstream={"dHout": (T, B, H), "dcn": (B, H), "dhn": (B, H)},
    ),
    "gru_backward": Backward(
        exercise="gru", position=2, gates="zrn",
        arguments=lambda draw: (*packed(3)(draw), draw(B, H)),
        upstream={"dHout": (T, B, H), "dhn": (B, H)},
    ),
    "ablated_backward": Backward(
        exercise="ablation", position=3, gates="ifog",
        arguments=lambda draw: (*packed(4)(draw), "coupled", draw(B, H), draw(B, H)),
        upstream={"dHout": (T, B, H), "dcn": (B, H), "dhn": (B, H)},
    ),
    "coupled_backward": Backward(
        exercise="variants", position=3, gates="fog",
        arguments=lambda draw: (*packed(3)(draw), draw(B, H), draw(B, H)),
        upstream={"dHout": (T, B, H), "dcn": (B, H), "dhn": (B, H)},
    ),
    "block_backward": Backward(  # two blocks of two cells: eight units
        exercise="lstm_1997", position=2,
        arguments=lambda draw: (
            draw(T, B, D), 0.5 * draw(1 + D + 8, 8), draw(1 + 4, 2), draw(B, 4)
        ),
        upstream={"dY": (T, B, 2), "dS": (T, B, 4)},
    ),
    "dot_attention_backward": Backward(
        exercise="attention", position=2,
        arguments=lambda draw: (draw(2, B, H), draw(T, B, H), np.ones((T, B), bool)),
        upstream={"dcontext": (2, B, H), "dweights": (2, B, T)},
    ),
    "additive_attention_backward": Backward(
        exercise="attention", position=2,
        arguments=lambda draw: (
            draw(2, B, D), draw(T, B, H), np.ones((T, B), bool), additive(draw)
        ),
        upstream={"dcontext": (2, B, H), "dweights": (2, B, T)},
    ),
}  # fmt: skip


@pytest.fixture(name="rubrics", scope="module")
def _rubrics() -> Iterator[Mapping[str, Rubric]]:
    """Read what the hidden graders declare."""
    session = RubricSession(COURSE.hidden(name) for name in COURSE.names)
    found = session.rubrics()
    yield {name: found[COURSE.hidden(name).resolve()] for name in COURSE.names}
    session.close()


def blocks_of(gates: str) -> dict[str, Any]:
    """Divide W into bias, input and recurrent rows by gate."""
    rows = {"bias": np.s_[:1], "input": np.s_[1 : 1 + D], "recurrent": np.s_[1 + D :]}
    columns = {gate: np.s_[k * H : (k + 1) * H] for k, gate in enumerate(gates)}
    return {f"{row}/{gate}": (r, c) for row, r in rows.items() for gate, c in columns.items()}


def question(row: Backward, gradient: Gradient, seed: int, weighted: str) -> tuple[Any, ...]:
    """Ask as the rubric declares it, with a weight on all outputs or on one."""
    rng = np.random.default_rng(seed)
    forward = row.arguments(lambda *shape: rng.standard_normal(shape))
    words: dict[str, Any] = {
        word: rng.standard_normal(shape) * (weighted in ("all", word))
        for word, shape in row.upstream.items()
    }
    if row.position is not None:
        words["cache"] = Made(function=gradient.of, args=forward, kwargs={}, position=row.position)
    plain = iter(forward)
    return tuple(words[word] if word in words else next(plain) for word in gradient.given.split())


def test_every_backward_of_the_course_is_in_the_table(rubrics: Mapping[str, Rubric]) -> None:
    """A gradient that a hidden grader declares is checked here."""
    declared = {(name, key) for name, rubric in rubrics.items() for key in rubric.gradients}
    assert declared == {(row.exercise, key) for key, row in BACKWARDS.items()}


ASKED = [
    pytest.param(function, weighted, id=f"{function}, a weight on {weighted}")
    for function, row in BACKWARDS.items()
    for weighted in ("all", *row.upstream)
    if weighted != "dS"  # the read-out has no part in the cells, and no gradient alone
]


@pytest.mark.parametrize(("function", "weighted"), ASKED)
def test_the_reference_gradient_is_the_gradient(
    function: str, weighted: str, rubrics: Mapping[str, Rubric]
) -> None:
    """Block by block, it agrees with central differences of the reference forward."""
    row = BACKWARDS[function]
    rubric = rubrics[row.exercise]
    trusted = Reference(COURSE.functions(row.exercise), rubric.signatures)
    measured = Differentiated(trusted, rubric.gradients, rubric.signatures)
    asked = question(row, rubric.gradients[function], 1, weighted)
    found, wanted = (
        dict(leaves("", dict(zip(seen.names, seen.values, strict=True))))
        for seen in (getattr(who, function)(*asked) for who in (trusted, measured))
    )
    assert found.keys() == wanted.keys()
    errors: dict[str, float] = {}
    for name, got in found.items():
        want: Any = wanted[name]
        assert isinstance(got, np.ndarray)
        assert got.shape == want.shape, name
        blocks = blocks_of(row.gates) if row.gates and name == '["dW"]' else {"": ...}
        errors |= {f"{name} {k}": e for k, e in block_errors(got, want, blocks).items()}
    assert {name: error for name, error in errors.items() if not error <= NEAR} == {}


# --- PyTorch ---------------------------------------------------------------------------

Witness = Mapping[str, Array]


def named(names: str, values: tuple[Array, ...]) -> dict[str, Array]:
    """Name the first values of a result."""
    return dict(zip(names.split(), values, strict=False))


def lstm(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Run forward as the witness did."""
    return named("Hout cn hn", f["lstm_forward"](w["X"], w["W"], w["c0"], w["h0"]))


def lstm_back(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Run forward, then backward, as the witness did."""
    *_, made = f["lstm_forward"](w["X"], w["W"], w["c0"], w["h0"])
    return named("dX dW dc0 dh0", f["lstm_backward"](w["dHout"], made, w["dcn"], w["dhn"]))


def rnn(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Run forward and backward as the witness did."""
    Hout, hn, made = f["rnn_forward"](w["X"], w["W"], w["h0"])
    back = f["rnn_backward"](w["dHout"], made, w["dhn"])
    return named("Hout hn", (Hout, hn)) | named("dX dW dh0", back)


def gru(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Run with the reset before the product, back again, and with the reset after it."""
    Hout, hn, made = f["gru_forward"](w["before_X"], w["before_W"], w["before_h0"])
    back = f["gru_backward"](w["before_dHout"], made, w["before_dhn"])
    after = f["gru_forward_after"](w["after_X"], w["after_W"], w["after_b_hn"], w["after_h0"])
    return (
        named("before_Hout before_hn", (Hout, hn))
        | named("before_dX before_dW before_dh0", back)
        | named("after_Hout after_hn", after)
    )


def attention(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Run both kinds of attention, and back again."""
    results: dict[str, Array] = {}
    for kind in ("dot", "additive"):
        given = [w[f"{kind}_{name}"] for name in ("query", "encoder", "mask")]
        p = {name: w[f"additive_{name}"] for name in ("W_q", "W_e", "b", "v")}
        more = [p] if kind == "additive" else []
        context, weights, made = f[f"{kind}_attention"](*given, *more)
        upstream = w[f"{kind}_dcontext"], made, w[f"{kind}_dweights"]
        dquery, dencoder, *grads = f[f"{kind}_attention_backward"](*upstream)
        names = " ".join(f"{kind}_{name}" for name in ("context", "weights", "dquery", "dencoder"))
        results |= named(names, (context, weights, dquery, dencoder))
        for some in grads:
            results |= {f"{kind}_d{name}": slope for name, slope in some.items()}
    return results


def variants(f: Mapping[str, Any], w: Witness) -> dict[str, Array]:
    """Write weights as three libraries had them; run two of them here, too."""
    results: dict[str, Array] = {}
    for library in ("pytorch", "keras", "onnx"):
        weights = f["to_library"](w[f"{library}_course"], library)
        results |= {
            f"{library}_{name}": array
            for name, array in weights.items()
            if name not in {"bias_ih", "bias_hh", "B"}  # shared in any way
        }
    for library in ("pytorch", "keras"):  # ONNX Runtime has it in single precision
        Hout, *_ = f["lstm_forward"](w["X"], w[f"{library}_course"])
        results[f"{library}_Hout"] = Hout
    return results


WITNESSES: Mapping[str, Callable[[Mapping[str, Any], Witness], dict[str, Array]]] = {
    "vanilla_rnn": rnn, "lstm_forward": lstm, "lstm_backward": lstm_back, "gru": gru,
    "attention": attention, "variants": variants,
}  # fmt: skip
FROZEN = {path.stem: path for path in (ROOT / "grader/hidden/witness").glob("*.npz")}


def test_every_frozen_run_is_in_the_table() -> None:
    """A witness nobody asks is found, and so is one that is gone."""
    assert FROZEN.keys() == WITNESSES.keys()


@pytest.mark.parametrize("name", WITNESSES)
def test_the_reference_agrees_with_pytorch(name: str) -> None:
    """A frozen run of torch.nn, or of its autograd, is the witness from outside."""
    with np.load(FROZEN[name]) as file:
        witness = dict(file)
    version = witness.get("version", witness.get("version_torch"))
    assert str(version).startswith("2.13")
    results = WITNESSES[name](COURSE.functions(name), witness)
    assert results
    for key, got in results.items():
        assert got.shape == witness[key].shape, key
        assert relative_error(got, witness[key]) < EXACT, key
        near = 1e-12 if key.rpartition("_")[2].startswith("d") else 1e-14
        np.testing.assert_allclose(got, witness[key], rtol=0, atol=near, err_msg=key)
