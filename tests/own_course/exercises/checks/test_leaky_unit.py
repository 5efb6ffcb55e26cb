"""Public checks: leaky unit.

Numbers worked by hand in the handout. Passing them all is a good sign and not
yet full marks: grading uses other inputs.
Run them with `nox -s check -- leaky_unit`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import expect_close
from grader.pytest_plugin import points

RETURNS = {
    "leak_step": "h",
    "half_life": "n",
}


@points(1)
def test_step(student):
    """A quarter of the way from 1 to 2 is 1.25"""
    want = Returned(names=("h",), values=(np.array([[1.25]]),))
    expect_close(student.leak_step(np.array([[2.0]]), np.array([[1.0]]), 0.25), want)


@points(1)
def test_half_life(student):
    """Whoever lets go half of it has half of it left after one step"""
    want = Returned(names=("n",), values=(np.array(1.0),))
    expect_close(student.half_life(0.5), want)
