"""Public checks: gate analysis.

Numbers worked by hand in the handout, and gradients beside central differences
of your own forwards. Passing them all is a good sign and not yet full marks:
grading uses other inputs, and looks at what your figures show.
Run them with `nox -s check -- gate_analysis`.
"""

import numpy as np

from grader.calls import Returned
from grader.expect import expect, expect_close, expect_quiet, expect_shape
from grader.figures import (
    expect_colorbar,
    expect_figure,
    expect_histogram,
    expect_images,
    expect_labels,
    expect_legend,
    expect_lines,
    expect_share,
)
from grader.pytest_plugin import points

RETURNS = {
    "gate_activations": "activations",
    "gate_statistics": "statistics",
    "saturated_fraction": "share",
    "memory_timescale": "tau",
    "direct_memory": "memory",
    "event_response": "response",
    "gradient_by_lag": "curve",
    "plot_gates": "@figure",
    "plot_gradient_flow": "@figure",
    "plot_saturation": "@figure",
    # earlier exercises
    "lstm_forward": "Hout cn hn *cache",
    "rnn_forward": "Hout hn *cache",
    "gru_forward": "Hout hn *cache",
}

#: The toy cell of lstm_forward's handout, packed: columns i, f, o, g.
W_TOY = np.array([[-1.0, 1.0, -1.0, 1.0], [1.0, 0.5, 1.0, -1.0], [2.0, -1.0, -1.0, -2.0]])
#: Two steps, one sequence, two units: the handout's little gate.
GATE = np.array([[[0.05, 0.99]], [[0.5, 0.97]], [[0.95, 0.93]], [[0.95, 0.99]]])
#: Four steps of a forget gate, one sequence, one unit.
F = np.array([0.5, 0.9, 0.8, 0.5]).reshape(4, 1, 1)


def by_hand(name, value):
    """Name what the handout works out; arrays, or a dict of arrays."""
    if isinstance(value, dict):
        value = {key: np.array(entry, float) for key, entry in value.items()}
        return Returned(names=(name,), values=(value,))
    return Returned(names=(name,), values=(np.array(value, float),))


def toy(T=5, B=2, H=3):
    """Make gates and states out of a formula, for the figures."""
    numbers = np.arange(T * B * H).reshape(T, B, H)
    gates = {key: 0.5 + 0.5 * np.sin(numbers + k) for k, key in enumerate("ifo")}
    return gates | {key: 2.0 * np.cos(0.7 * numbers + k) for k, key in enumerate("gch")}


@points(1)
def test_activations_by_hand(student):
    """gate_activations: the toy cell over x = 2, 1 from c0 = 0.5, h0 = -1"""
    X, c0, h0 = np.array([[[2.0]], [[1.0]]]), np.array([[0.5]]), np.array([[-1.0]])
    want = {
        "i": [[[0.26894]], [[0.739484]]], "f": [[[0.95257]], [[0.726782]]],
        "o": [[[0.8808]], [[0.372468]]], "g": [[[0.76159]], [[-0.779184]]],
        "c": [[[0.68111]], [[-0.081175]]], "h": [[[0.52164]], [[-0.030169]]],
    }  # fmt: skip
    got = student.gate_activations(X, W_TOY, c0, h0)
    expect_close(got, by_hand("activations", want), instead="by hand")


@points(1, needs=test_activations_by_hand)
def test_activations(student, rng):
    """gate_activations: six arrays (T, B, H) that belong together, T, B, D, H = 4, 2, 3, 5"""
    X, W = rng.standard_normal((4, 2, 3)), rng.standard_normal((9, 20))
    given = student.gate_activations(X, W).activations
    expect(isinstance(given, dict), "gate_activations should return a dict")
    i, f, o, g, c, h = (expect_shape(given.get(key), key, (4, 2, 5)) for key in "ifogch")
    before = np.concatenate([np.zeros((1, 2, 5)), c[:-1]])
    for name, value, want in (("c", c, f * before + i * g), ("h", h, o * np.tanh(c))):
        expect_close(by_hand(name, value), by_hand(name, want), instead="from your own gates")


@points(1)
def test_statistics(student):
    """gate_statistics: two units by hand, steps and sequences alike; a limit itself is neither"""
    want = {
        "mean": [0.6125, 0.97], "std": [0.37312, 0.024495], "closed": [0.25, 0.0],
        "open": [0.5, 1.0],
    }  # fmt: skip
    for gate in (GATE, GATE.reshape(2, 2, 2)):
        expect_close(student.gate_statistics(gate), by_hand("statistics", want), instead="by hand")
    want |= {"closed": [0.0, 0.0], "open": [0.0, 0.75]}
    got = student.gate_statistics(GATE, 0.05, 0.95)
    expect_close(got, by_hand("statistics", want), instead="by hand")


@points(1)
def test_saturated(student):
    """saturated_fraction: 3 of 8 values; 0.05 and 0.95 themselves do not count"""
    got = student.saturated_fraction(GATE)
    expect_close(got, by_hand("share", 0.375), instead="by hand")


@points(1)
def test_timescale(student):
    """memory_timescale: 1.44, 9.49 and 20.6 for 0.5, 0.9 and 0.9526; inf for 1, quietly"""
    f = np.array([0.5, 0.9, 1.0 / (1.0 + np.exp(-3.0))])
    want = by_hand("tau", [1.4427, 9.49122, 20.58149])
    expect_close(student.memory_timescale(f), want, instead="by hand")
    got = student.memory_timescale(np.array([0.5, 1.0]))
    tau = expect_shape(got.tau, "tau", (2,))
    expect(tau[1] == np.inf, f"f = 1 gives {tau[1]:.3g}; it should be inf")
    expect_quiet(got, "memory_timescale(f)")


@points(1)
def test_direct(student):
    """direct_memory: 0.9 · 0.8 · 0.5 = 0.36 from step 0 to 3; 1 from a step to itself"""
    for start, stop, want in ((0, 3, 0.36), (1, 2, 0.8), (2, 2, 1.0)):
        got = student.direct_memory(F, start, stop)
        expect_close(got, by_hand("memory", [[want]]), instead="by hand")


@points(1)
def test_events(student):
    """event_response: unit 0 of the little gate reacts by 0.675, unit 1 by -0.02; then B = 2"""
    events = np.array([[False], [False], [True], [True]])
    got = student.event_response(GATE, events)
    expect_close(got, by_hand("response", [0.675, -0.02]), instead="by hand")
    gate = np.array([[[0.9], [0.8]], [[0.1], [0.5]]])
    got = student.event_response(gate, np.array([[True, True], [False, True]]))
    expect_close(got, by_hand("response", [0.633333]), instead="by hand")


@points(1)
def test_gradient_by_hand(student):
    """gradient_by_lag: the smallest RNN, x = 1, 0, gives 0.434 and 1"""
    X, W = np.array([[[1.0]], [[0.0]]]), np.array([[0.0], [1.0], [0.5]])
    got = student.gradient_by_lag(X, W, "rnn")
    expect_close(got, by_hand("curve", [0.43397, 1.0]), instead="by hand")


def central_differences(student, X, W, cell):
    """Differentiate the sum of hn with respect to each h_t, through your own forward."""
    forward, curve = f"{cell}_forward", []
    for t in range(len(X) - 1):
        # the run up to t, then the rest from its states; only the last one, h, is moved
        states = student.each(forward, [((X[: t + 1], W), {})])[0].values[1:-1]
        args = (X[t + 1 :], W, *states)
        ((hn,),) = student.sweep(forward, args, [len(args) - 1], 1e-5, ["hn"])
        slopes = (hn[0::2] - hn[1::2]).sum(axis=(1, 2)) / 2e-5
        curve.append(np.linalg.norm(slopes))
    return [*curve, np.sqrt(np.size(states[-1]))]


@points(1)
def test_gradient_rnn(student, rng):
    """gradient_by_lag, RNN: equals central differences of your rnn_forward"""
    X, W = rng.standard_normal((4, 2, 3)), 0.5 * rng.standard_normal((9, 5))
    want = by_hand("curve", central_differences(student, X, W, "rnn"))
    expect_close(student.gradient_by_lag(X, W, "rnn"), want, instead="central differences say")


@points(1)
def test_gradient_lstm(student, rng):
    """gradient_by_lag, LSTM: equals central differences of your lstm_forward"""
    X, W = rng.standard_normal((4, 2, 3)), 0.5 * rng.standard_normal((9, 20))
    want = by_hand("curve", central_differences(student, X, W, "lstm"))
    expect_close(student.gradient_by_lag(X, W, "lstm"), want, instead="central differences say")


@points(1)
def test_gradient_gru(student, rng):
    """gradient_by_lag, GRU: equals central differences of your gru_forward"""
    X, W = rng.standard_normal((4, 2, 3)), 0.5 * rng.standard_normal((9, 15))
    want = by_hand("curve", central_differences(student, X, W, "gru"))
    expect_close(student.gradient_by_lag(X, W, "gru"), want, instead="central differences say")


@points(1)
def test_plot_gates(student):
    """plot_gates: i, f, o and c of batch row 0 as heat maps, with labels and a colour bar"""
    activations = toy()
    figure = expect_figure(student.drawn("plot_gates", activations), "plot_gates")
    expect_images(figure, {key: activations[key][:, 0] for key in "ifoc"})
    expect_labels(figure)
    expect_colorbar(figure)


@points(1)
def test_plot_gradient_flow(student):
    """plot_gradient_flow: both curves as lines, labels, and a legend with their names"""
    curves = {"RNN": 10.0 ** np.arange(-5.0, 1.0), "LSTM": np.linspace(0.5, 1.0, 6)}
    figure = expect_figure(student.drawn("plot_gradient_flow", curves), "plot_gradient_flow")
    expect_lines(figure, curves)
    expect_labels(figure)
    expect_legend(figure, list(curves))


@points(1)
def test_plot_saturation(student):
    """plot_saturation: a histogram of all values, and the share in words"""
    gate = 0.5 + 0.5 * np.sin(np.arange(60.0)).reshape(5, 4, 3)
    figure = expect_figure(student.drawn("plot_saturation", gate), "plot_saturation")
    expect_histogram(figure, gate)
    share = float(np.mean((gate < 0.05) | (gate > 0.95)))
    expect_share(figure, share, gate.size)
    expect_labels(figure)
