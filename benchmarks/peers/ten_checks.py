"""The ten checks of one LSTM step, as graders without a sandbox write them.

One call of the student's function per difference, in the process that judges.
The same work as the rubric in benchmarks/ten_checks: 3 checks of the forward
against the reference, 2 of the backward, 5 complete numerical gradients of the
student's own forward (1,810 forward calls in all). Needs NumPy and nothing of ours.
"""

import numpy as np
import reference

DELTA = 1e-5
TOLERANCE = 1e-6


def problem(seed, N=3, D=10, H=10):
    """Draw x, h_prev, c_prev, Wx, Wh, b."""
    rng = np.random.default_rng(seed)
    sizes = ((N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,))
    return [rng.standard_normal(size) for size in sizes]


def upstream(seed, shape):
    """Draw dh and dc."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape), rng.standard_normal(shape)


def close(got, want):
    """Expect two arrays to agree."""
    assert got.shape == want.shape
    error = np.max(np.abs(got - want) / np.maximum(1e-8, np.abs(got) + np.abs(want)))
    assert error < TOLERANCE, f"relative error {error:.2g}"


def compare_forward(forward, seed, **sizes):
    """Compare h and c of one step with the reference."""
    case = problem(seed, **sizes)
    got, want = forward(*case), reference.step_forward(*case)
    close(got[0], want[0])
    close(got[1], want[1])


def compare_backward(forward, backward, seed, **sizes):
    """Compare all gradients of one step with the reference's."""
    case = problem(seed, **sizes)
    dh, dc = upstream(seed + 1, case[1].shape)
    got = backward(dh, dc, forward(*case)[2])
    want = reference.step_backward(dh, dc, reference.step_forward(*case)[2])
    for mine, right in zip(got, want, strict=True):
        close(mine, right)


def compare_gradient(forward, backward, seed, k, output):
    """Compare one gradient with central differences, entry by entry."""
    case = problem(seed)
    dh, dc = upstream(seed + 1, case[1].shape)
    got = backward(dh, dc, forward(*case)[2])[output]
    numerical = np.empty_like(case[k])
    flat, out = case[k].reshape(-1), numerical.reshape(-1)
    for j in range(flat.size):
        kept = flat[j]
        flat[j] = kept + DELTA
        h, c, _ = forward(*case)
        above = np.sum(h * dh) + np.sum(c * dc)
        flat[j] = kept - DELTA
        h, c, _ = forward(*case)
        below = np.sum(h * dh) + np.sum(c * dc)
        flat[j] = kept
        out[j] = (above - below) / (2 * DELTA)
    assert np.max(np.abs(got - numerical)) < TOLERANCE * max(1.0, np.max(np.abs(numerical)))


#: Name -> what is checked of step_forward and step_backward.
CHECKS = {
    "forward": lambda forward, _: compare_forward(forward, 1),
    "forward_one_row": lambda forward, _: compare_forward(forward, 2, N=1),
    "forward_other_sizes": lambda forward, _: compare_forward(forward, 3, N=7, D=5, H=6),
    "backward": lambda forward, backward: compare_backward(forward, backward, 4),
    "backward_other_sizes": lambda forward, backward: compare_backward(
        forward, backward, 5, N=7, D=5, H=6
    ),
    "gradient_x": lambda forward, backward: compare_gradient(forward, backward, 6, 0, 0),
    "gradient_h": lambda forward, backward: compare_gradient(forward, backward, 7, 1, 1),
    "gradient_Wx": lambda forward, backward: compare_gradient(forward, backward, 8, 3, 3),
    "gradient_Wh": lambda forward, backward: compare_gradient(forward, backward, 9, 4, 4),
    "gradient_b": lambda forward, backward: compare_gradient(forward, backward, 10, 5, 5),
}


def check(name, forward, backward):
    """Run one check.

    Raises:
        AssertionError: the student's functions fail it.
    """
    CHECKS[name](forward, backward)
