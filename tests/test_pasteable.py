"""Calls as lines of Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.calls import Array, Callback, Made, Signature
from grader.families import Family
from grader.pasteable import call_lines, literal
from grader.sandbox.protocol import Seed

FAMILIES = {
    "forward": Family(names="X W h0", optional="h0"),
    "backward": Family(names="dHout cache"),
    "drawn": Family(names="D rng"),
    "slope": Family(names="f x"),
}
SIGNATURES = {
    "forward": Signature.parse("Hout hn *cache"),
    "backward": Signature.parse("dX dW"),
    "drawn": Signature.parse("W"),
    "slope": Signature.parse("g &1:x"),
}
MODULES = {"forward": "rnn", "backward": "rnn_backward", "drawn": "rnn", "slope": "rnn"}


def lines(function: str, args: tuple[object, ...], output: str) -> tuple[str, ...]:
    return call_lines(
        function, args, output, families=FAMILIES, signatures=SIGNATURES, modules=MODULES
    )


@given(
    hnp.arrays(
        float,
        hnp.array_shapes(max_dims=4, max_side=3),
        elements=st.floats(-9, 9, width=16) | st.sampled_from([np.inf, -np.inf, np.nan]),
    )
)
def test_a_literal_is_the_array_it_was_written_for(array: Array) -> None:
    back = eval(literal(array), {"np": np})
    assert back.dtype == float
    assert np.array_equal(back, array, equal_nan=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(np.array([[1.0, 0.0]]), "np.array([[1.0, 0]])", id="one float is enough"),
        pytest.param(np.array([[0.5, 2.0]]), "np.array([[0.5, 2]])", id="a half is a float"),
        pytest.param(np.array([3e-9, 1.0]), "np.array([3e-09, 1])", id="so is a billionth"),
        pytest.param(np.zeros((3, 4)), "np.zeros((3, 4))", id="zeros"),
        pytest.param(np.zeros(5), "np.zeros(5)", id="zeros of one axis"),
        pytest.param(np.array([True, False]), "np.array([True, False])", id="bools"),
        pytest.param(
            np.repeat([0.5, 0.0], [1, 2000]), "np.repeat([0.5, 0], [1, 2000])", id="long runs"
        ),
        pytest.param({"a": np.ones(1)}, '{"a": np.array([1.0])}', id="a dict"),
        pytest.param("lstm", "'lstm'", id="a word"),
    ],
)
def test_what_a_value_looks_like(value: object, text: str) -> None:
    assert literal(value) == text


def test_keys_whose_arrays_are_alike_share_one() -> None:
    value = {"a": np.zeros(2), "b": np.zeros(2), "c": np.ones(1)}
    text = literal(value)
    assert text == '{**dict.fromkeys("a b".split(), np.zeros(2)), "c": np.array([1.0])}'
    assert eval(text, {"np": np}).keys() == value.keys()


def test_a_large_public_array_is_drawn_anew() -> None:
    array = np.random.default_rng(1).standard_normal((9, 9))
    assert literal(array) == "np.random.default_rng(1).standard_normal((9, 9))"


def test_a_call_unpacks_up_to_what_is_looked_at() -> None:
    code = lines("forward", (np.ones((1, 1)), np.zeros((2, 1))), "Hout")
    assert code == (
        "import numpy as np",
        "from rnn import forward",
        "X = np.array([[1.0]])",
        "W = np.zeros((2, 1))",
        "Hout, *_ = forward(X, W)",
    )


def test_a_cache_is_made_in_place_and_its_maker_imported() -> None:
    args = (np.ones((1, 1)), np.zeros((2, 1)), None)
    cache = Made(function="forward", args=args, kwargs={}, position=2)
    code = lines("backward", (np.ones(1), cache), "dW")
    assert code[1:3] == ("from rnn import forward", "from rnn_backward import backward")
    assert code[-1] == "dX, dW = backward(dHout, forward(X, W, None)[-1])"


def test_a_generator_is_written_where_it_is_handed_over() -> None:
    assert lines("drawn", (2, Seed(0)), "W")[-1] == "W = drawn(2, np.random.default_rng(0))"


def test_a_call_that_raises_is_not_unpacked() -> None:
    assert lines("forward", (np.ones(1),), "")[-1] == "forward(X)"


SQUARE = Callback(source="import numpy as np\n\ndef f(x):\n    return np.sum(x**2)\n", name="f")


def test_a_function_that_is_handed_over_is_written_out() -> None:
    code = lines("slope", (SQUARE, np.ones(1)), "g")
    assert code == (
        "import numpy as np",
        "from rnn import slope",
        "def f(x):",
        "    return np.sum(x**2)",
        "x = np.array([1.0])",
        "g = slope(f, x)",
    )
    names: dict[str, object] = {}
    exec("\n".join([code[0], *code[2:-1], "y = f(x)"]), names)
    assert names["y"] == 1.0


def test_what_such_a_function_uses_is_imported() -> None:
    own = Callback(source="def f(x): return drawn(1, x)\n", name="f", uses=("drawn",))
    assert lines("slope", (own, np.ones(1)), "g")[1] == "from rnn import drawn, slope"


def test_an_argument_is_looked_at_after_the_call() -> None:
    assert lines("slope", (SQUARE, np.ones(1)), "x")[-1] == "slope(f, x)"
