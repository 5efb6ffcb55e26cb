"""Public checks: gradient check.

Numbers worked by hand in the handout, and gradients planted right and wrong.
Passing them all is a good sign and not yet full marks: grading plants other
mistakes. Run them with `nox -s check -- gradient_check`.
"""

import numpy as np

from grader.calls import Callback, Returned
from grader.expect import expect, expect_close, expect_quiet, expect_shape
from grader.pytest_plugin import points

RETURNS = {
    "numerical_gradient": "g &1:x",
    "relative_error": "error",
    "check_gradients": "errors wrong &2:params",
}


def function(body):
    """Make a function f of a few lines."""
    return Callback(source=f"import numpy as np\n\n{body}\n", name="f")


CUBES = function("def f(x):\n    return np.sum(x**3)")
LINE = function("def f(x):\n    return 2.0 * np.sum(x)")
PRODUCT = function("def f(x):\n    return x[0] * x[1]")
PAIR = function('def f(p):\n    return np.sum(p["w"] ** 2) / 2 + np.sum(np.sin(p["b"]))')

#: Half the sum of squares of w has the gradient w; the sines of b have cos b.
PARAMS = {"w": np.array([[1.0, -2.0], [0.5, 3.0]]), "b": np.array([0.5, 1.0])}
RIGHT = {"w": PARAMS["w"], "b": np.cos(PARAMS["b"])}


def by_hand(**values):
    """Name what the handout works out."""
    arrays = tuple(np.array(value, float) for value in values.values())
    return Returned(names=tuple(values), values=arrays)


def wrong_names(student, grads, params=PARAMS):
    """Ask the checker which gradients are wrong."""
    wrong = student.check_gradients(PAIR, grads, params).wrong
    expect(isinstance(wrong, tuple | list), "wrong should be a list of names")
    return list(wrong)


@points(1)
def test_cubes(student):
    """numerical_gradient: x³ at 1 and 2 with delta = 0.5 gives 3.25 and 12.25"""
    got = student.numerical_gradient(CUBES, np.array([1.0, 2.0]), 0.5)
    expect_close(got, by_hand(g=[3.25, 12.25]), "g", instead="by hand")
    got = student.numerical_gradient(CUBES, np.array([1.0, 2.0]))
    expect_close(got, by_hand(g=[3.0, 12.0]), "g", instead="with the usual delta, by hand")


@points(1)
def test_shape(student):
    """numerical_gradient: a matrix of slopes for a matrix x, one number for one number"""
    got = student.numerical_gradient(CUBES, np.array([[1.0, 2.0, 0.0]]), 0.5)
    expect_close(got, by_hand(g=[[3.25, 12.25, 0.25]]), "g", instead="by hand")
    expect_shape(student.numerical_gradient(CUBES, np.array(2.0), 0.5).g, "g", ())


@points(1, needs=test_cubes)
def test_one_at_a_time(student):
    """numerical_gradient: of x0 · x1 at 3 and 5, with delta = 1, it is 5 and 3"""
    got = student.numerical_gradient(PRODUCT, np.array([3.0, 5.0]), 1.0)
    expect_close(got, by_hand(g=[5.0, 3.0]), "g", instead="by hand")


@points(1, needs=test_cubes)
def test_put_back(student):
    """numerical_gradient: x is what it was, bit for bit, even after delta = 1e15"""
    x = np.array([0.1, -0.3])
    got = student.numerical_gradient(LINE, x, 1e15)
    after = expect_shape(got.x, "x", (2,))
    message = f"x[0] was 0.1 and is {after[0]:.3g} now; keep the old value and put that back"
    expect(after.tobytes() == x.tobytes(), message)


@points(1)
def test_relative_error(student):
    """relative_error: [3, 4] and [3, 0] are 0.5 apart; opposite signs are 1 apart"""
    a, n = np.array([3.0, 4.0]), np.array([3.0, 0.0])
    expect_close(student.relative_error(a, n), by_hand(error=0.5), instead="by hand")
    expect_close(student.relative_error(a, -a), by_hand(error=1.0), instead="by hand")
    expect_close(student.relative_error(a, a), by_hand(error=0.0), instead="by hand")


@points(1, needs=test_relative_error)
def test_zero_by_zero(student):
    """relative_error: zeros and zeros agree, without a warning; tiny is not zero"""
    got = student.relative_error(np.zeros(3), np.zeros(3))
    expect_close(got, by_hand(error=0.0), instead="by hand")
    expect_quiet(got, "relative_error(0, 0)")
    got = student.relative_error(np.array([3e-9]), np.array([1e-9]))
    expect_close(got, by_hand(error=0.5), instead="by hand")


@points(1, needs=test_relative_error)
def test_other_shape(student):
    """relative_error: a column for a row is wrong altogether, error 1"""
    got = student.relative_error(np.ones((2, 1)), np.ones(2))
    expect_close(got, by_hand(error=1.0), instead="by hand")


@points(1, needs=(test_cubes, test_relative_error))
def test_right_ones_pass(student):
    """check_gradients: right gradients pass, and so do zeros where the loss depends on nothing"""
    expect(wrong_names(student, RIGHT) == [], "right gradients are called wrong")
    unused = {"unused": np.zeros(3)}
    names = wrong_names(student, RIGHT | unused, PARAMS | unused)
    expect(names == [], "a gradient of zeros is wrong for you, where the true one is zero too")


@points(1, needs=(test_cubes, test_relative_error))
def test_wrong_ones_are_found(student):
    """check_gradients: a sign, a factor and a single entry are found, each under its name"""
    entry = RIGHT["w"].copy()
    entry[1, 0] *= 1.001
    for words, name, spoilt in (
        ("-db", "b", -RIGHT["b"]),
        ("2 dw", "w", 2.0 * RIGHT["w"]),
        ("dw, one entry of it 0.1 % too large", "w", entry),
    ):
        names = wrong_names(student, RIGHT | {name: spoilt})
        expect(names == [name], f"for {words}, wrong should be [{name!r}]; it is {names!r:.60}")


@points(1, needs=test_wrong_ones_are_found)
def test_odd_ones_are_found(student):
    """check_gradients: nan is wrong, and so is a gradient that is missing"""
    hole = np.array([np.nan, np.cos(1.0)])
    expect(wrong_names(student, RIGHT | {"b": hole}) == ["b"], "nan in db should make it wrong")
    names = wrong_names(student, {"b": RIGHT["b"]})
    expect(names == ["w"], "without dw, wrong should be ['w']")
