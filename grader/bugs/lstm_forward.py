"""Known bugs of `lstm_forward`: where people really go wrong.

Sources of the real ones: numpy-ml #42 (one gate's bias used for others),
nicodjimenez/lstm #47 (tanh of the cell forgotten), torchrecurrent #22 (i + g
for i ⊙ g), tensorflow-onnx discussion 2042 (gate order), and the comment of a
well-known gist that calls a positive forget bias negative.
"""

from dataclasses import replace

import numpy as np

from grader.catalogue import Bug

GATES_I = 'i = sigmoid(p["W_i"] @ hx + p["b_i"])'
GATES_F = 'f = sigmoid(p["W_f"] @ hx + p["b_f"])'
GATES_G = 'g = np.tanh(p["W_g"] @ hx + p["b_g"])'
STEP_C = "    c = f * c_prev + i * g\n    h = o * np.tanh(c)\n"
BATCH_C = "        c = f * c_prev + i * g\n        tanh_c = np.tanh(c)\n"
SPLIT = """        i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)
        g = np.tanh(a[:, 3 * H :])
"""
ROW = "row = np.hstack([ones, X[t], h])"
BLOCK = 'np.vstack([p[f"b_{gate}"].T, W_x.T, W_h.T])'


class Adapted:
    """Asks a student of another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted.

        (`sweep` is not adapted: no rubric of a convention takes gradients.)
        """
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


class BatchFirst(Adapted):
    """X and Hout as (B, T, .)."""

    def lstm_forward(self, X, W, *args, **kwargs):
        """Swap time and batch on the way in and on the way out."""
        seen = self._student.lstm_forward(X.swapaxes(0, 1).copy(), W, *args, **kwargs)
        if getattr(seen.Hout, "ndim", 0) < 2:
            return seen
        return replace(seen, values=(seen.Hout.swapaxes(0, 1), *seen.values[1:]))


class PytorchColumns(Adapted):
    """W with columns i, f, g, o."""

    def lstm_forward(self, X, W, *args, **kwargs):
        """Reorder the columns on the way in."""
        i, f, o, g = np.split(W, 4, axis=1)
        return self._student.lstm_forward(X, np.hstack([i, f, g, o]), *args, **kwargs)


class RecurrentFirst(Adapted):
    """W with the recurrent rows before the input rows."""

    def lstm_forward(self, X, W, *args, **kwargs):
        """Reorder the rows on the way in."""
        bias, x, h = np.split(W, [1, 1 + X.shape[2]])
        return self._student.lstm_forward(X, np.vstack([bias, h, x]), *args, **kwargs)


class HiddenFirst(Adapted):
    """Hout, hn, cn instead of Hout, cn, hn."""

    def lstm_forward(self, X, W, *args, **kwargs):
        """Put the returned states in the course's order."""
        seen = self._student.lstm_forward(X, W, *args, **kwargs)
        Hout, hn, cn, cache = seen.values
        return replace(seen, values=(Hout, cn, hn, cache))


BUGS = [
    # --- sigmoid
    Bug(
        id="sigmoid-sign",
        old="np.tanh(0.5 * a)",
        new="np.tanh(-0.5 * a)",
        caught_by="sigmoid",
        says="Your sigmoid falls where it should rise: it is 1 / (1 + e^a), the sign of a is lost.",
    ),
    Bug(
        id="sigmoid-is-tanh",
        old="return 0.5 * (1.0 + np.tanh(0.5 * a))",
        new="return np.tanh(a)",
        caught_by="sigmoid",
        says="Your sigmoid is tanh: it runs from -1 to 1, a gate must run from 0 to 1.",
    ),
    Bug(
        id="sigmoid-half-angle",
        old="np.tanh(0.5 * a)",
        new="np.tanh(a)",
        caught_by="sigmoid",
        says="Your sigmoid is twice too steep: written with tanh, its argument is a / 2.",
    ),
    Bug(
        id="sigmoid-is-its-derivative",
        old="return 0.5 * (1.0 + np.tanh(0.5 * a))",
        new="s = 0.5 * (1.0 + np.tanh(0.5 * a))\n    return s * (1.0 - s)",
        caught_by="sigmoid",
        says="Your sigmoid returns its derivative s (1 - s), not s.",
    ),
    Bug(
        id="sigmoid-overflows",
        old="return 0.5 * (1.0 + np.tanh(0.5 * a))",
        new="return 1.0 / (1.0 + np.exp(-a))",
        caught_by="sigmoid_stable",
        says="Your sigmoid is right, but e^-a overflows for very negative a; "
        "use a form that only ever exponentiates negative numbers, or tanh.",
    ),
    # --- one example
    Bug(
        id="gates-reads-x-before-h",
        old="np.vstack([h_prev, x])",
        new="np.vstack([x, h_prev])",
        caught_by="gates",
        says="Your gates stack [x; h]; here the column is [h; x], the hidden state on top.",
        convention=True,
    ),
    Bug(
        id="gates-returned-in-packed-order",
        old="return f, i, g, o",
        new="return i, f, o, g",
        caught_by="gates",
        says="Your gates come back as i, f, o, g, the order of W's columns; "
        "lstm_gates returns f, i, g, o.",
        convention=True,
    ),
    Bug(
        id="gates-returned-with-i-first",
        old="return f, i, g, o",
        new="return i, f, g, o",
        caught_by="gates",
        says="Your gates come back as i, f, g, o; lstm_gates returns f, i, g, o.",
        convention=True,
    ),
    Bug(
        id="gates-without-bias",
        old=GATES_F,
        new='f = sigmoid(p["W_f"] @ hx)',
        caught_by="gates",
        says="Your forget gate leaves out its bias b_f.",
    ),
    Bug(
        id="gates-bias-of-another-gate",
        old=GATES_F,
        new='f = sigmoid(p["W_f"] @ hx + p["b_o"])',
        caught_by="gates",
        says="Your forget gate adds the output gate's bias b_o instead of its own b_f.",
    ),
    Bug(
        id="gates-candidate-through-sigmoid",
        old=GATES_G,
        new='g = sigmoid(p["W_g"] @ hx + p["b_g"])',
        caught_by="gates",
        says="Your candidate g goes through sigmoid; it must go through tanh, "
        "or the cell could never be lowered.",
    ),
    Bug(
        id="gates-input-through-tanh",
        old=GATES_I,
        new='i = np.tanh(p["W_i"] @ hx + p["b_i"])',
        caught_by="gates",
        says="Your input gate i goes through tanh; a gate goes through sigmoid.",
    ),
    Bug(
        id="step-without-forget-gate",
        old=STEP_C,
        new=STEP_C.replace("f * c_prev", "c_prev"),
        caught_by="cell_state",
        says="Your lstm_step keeps all of c_{t-1}: the forget gate is not applied.",
    ),
    Bug(
        id="step-adds-instead-of-multiplying",
        old=STEP_C,
        new=STEP_C.replace("i * g", "(i + g)"),
        caught_by="cell_state",
        says="Your lstm_step adds i and g; the input gate scales the candidate: i ⊙ g.",
    ),
    Bug(
        id="step-gates-swapped",
        old=STEP_C,
        new=STEP_C.replace("f * c_prev + i * g", "i * c_prev + f * g"),
        caught_by="cell_state",
        says="Your lstm_step has f and i in each other's place: f scales the old cell, "
        "i the candidate.",
    ),
    Bug(
        id="step-returns-c-before-h",
        old="    return h, c\n",
        new="    return c, h\n",
        caught_by="cell_state",
        says="Your lstm_step returns c, h; it should return h, c.",
        convention=True,
    ),
    Bug(
        id="step-hidden-without-tanh",
        old=STEP_C,
        new=STEP_C.replace("np.tanh(c)", "c"),
        caught_by="hidden_state",
        says="Your lstm_step has h = o ⊙ c: the tanh around the cell state is missing.",
    ),
    Bug(
        id="step-hidden-of-the-old-cell",
        old=STEP_C,
        new=STEP_C.replace("np.tanh(c)", "np.tanh(c_prev)"),
        caught_by="hidden_state",
        says="Your lstm_step takes h from c_{t-1}; it should use the new cell state c_t.",
    ),
    # --- the packed layout
    Bug(
        id="pack-in-pytorch-order",
        old='for gate in "ifog"',
        new='for gate in "ifgo"',
        caught_by="pack_gates",
        says="You pack the columns as i, f, g, o, PyTorch's order; the course's is i | f | o | g.",
        convention=True,
    ),
    Bug(
        id="pack-in-alphabetical-order",
        old='for gate in "ifog"',
        new='for gate in "figo"',
        caught_by="pack_gates",
        says="You pack the columns as f, i, g, o, the order of lstm_gates; W's is i | f | o | g.",
        convention=True,
    ),
    Bug(
        id="pack-recurrent-rows-before-input",
        old=BLOCK,
        new='np.vstack([p[f"b_{gate}"].T, W_h.T, W_x.T])',
        caught_by="pack_gates",
        says="You put the recurrent rows before the input rows; W's rows are bias, input, recurrent.",
        convention=True,
    ),
    Bug(
        id="pack-bias-last",
        old=BLOCK,
        new='np.vstack([W_x.T, W_h.T, p[f"b_{gate}"].T])',
        caught_by="pack_gates",
        says="You put the bias in the last row of W; it belongs in row 0.",
        convention=True,
    ),
    # --- initial weights
    Bug(
        id="init-not-scaled",
        old=" / np.sqrt(D + H)",
        new="",
        caught_by="init_weights",
        says="Your initial weights are not divided by sqrt(D + H).",
    ),
    Bug(
        id="init-scaled-by-inputs-only",
        old="np.sqrt(D + H)",
        new="np.sqrt(D)",
        caught_by="init_weights",
        says="You divide the initial weights by sqrt(D); the recurrent rows count too: sqrt(D + H).",
    ),
    Bug(
        id="init-bias-counted",
        old="np.sqrt(D + H)",
        new="np.sqrt(1 + D + H)",
        caught_by="init_weights",
        says="You divide the initial weights by sqrt(1 + D + H); the bias row does not count.",
    ),
    Bug(
        id="init-uniform",
        old="rng.standard_normal((1 + D + H, 4 * H))",
        new="rng.uniform(-(3.0**0.5), 3.0**0.5, (1 + D + H, 4 * H))",
        caught_by="init_weights",
        says="Your initial weights are uniform; they should be standard normal, scaled.",
    ),
    Bug(
        id="init-random-bias",
        old="    W[0] = 0.0\n",
        new="",
        caught_by="init_weights",
        says="Your bias row is left random; it should be zero before the forget bias is added.",
    ),
    Bug(
        id="init-without-rng",
        old="rng.standard_normal(",
        new="np.random.default_rng(0).standard_normal(",
        caught_by="init_weights",
        says="Your weights do not come from the rng you are handed: another rng gives the same.",
    ),
    Bug(
        id="init-gates-alike",
        old="    W[0] = 0.0\n",
        new="    W = np.tile(W[:, :H], 4)\n    W[0] = 0.0\n",
        caught_by="init_weights",
        says="Your four gates start with the same weights; each needs its own draws.",
    ),
    Bug(
        id="forget-bias-negative",
        old="+= forget_bias",
        new="-= forget_bias",
        caught_by="forget_bias",
        says="Your forget bias is negative: sigmoid(-3) = 0.047 forgets nearly everything. "
        "It is added, so that the gate starts open.",
    ),
    Bug(
        id="forget-bias-on-the-input-gate",
        old="W[0, H : 2 * H] += forget_bias",
        new="W[0, :H] += forget_bias",
        caught_by="forget_bias",
        says="Your forget bias sits in the input gate's columns; f's are H to 2H.",
    ),
    Bug(
        id="forget-bias-ignored",
        old="W[0, H : 2 * H] += forget_bias",
        new="W[0, H : 2 * H] += 1.0",
        caught_by="forget_bias",
        says="Your forget bias is 1 whatever was asked for; use the argument forget_bias.",
    ),
    # --- a batch of sequences: form
    Bug(
        id="forward-batch-first",
        old="    T, B, _ = X.shape\n",
        new="    X = X.swapaxes(0, 1)\n    T, B, _ = X.shape\n",
        also=(("return Hout, c, h, cache", "return Hout.swapaxes(0, 1), c, h, cache"),),
        caught_by="shapes",
        says="You read X as (B, T, D); here time comes first: X (T, B, D).",
        convention=True,
        adapter="BatchFirst",
    ),
    Bug(
        id="forward-without-cache",
        old="return Hout, c, h, cache",
        new="return Hout, c, h",
        caught_by="shapes",
        says="Your lstm_forward returns Hout, cn, hn; the fourth value, the cache, is missing.",
    ),
    Bug(
        id="forward-squeezed",
        old="return Hout, c, h, cache",
        new="return Hout.squeeze(), c, h, cache",
        caught_by="edge_sizes",
        says="Your Hout loses its axes of length 1; it stays (T, B, H) for every T, B and H.",
    ),
    # --- a batch of sequences: one step
    Bug(
        id="forward-gates-in-pytorch-order",
        old=SPLIT,
        new="        i, f = np.split(sigmoid(a[:, : 2 * H]), 2, axis=1)\n"
        "        g, o = np.tanh(a[:, 2 * H : 3 * H]), sigmoid(a[:, 3 * H :])\n",
        caught_by="forward_cell",
        says="You read the columns of W as i, f, g, o, PyTorch's order; the course's is i | f | o | g.",
        convention=True,
        adapter="PytorchColumns",
    ),
    Bug(
        id="forward-input-and-forget-swapped",
        old="i, f, o = np.split(",
        new="f, i, o = np.split(",
        caught_by="forward_cell",
        says="Your input and forget gates are swapped: the first H columns of W belong to i.",
    ),
    Bug(
        id="forward-recurrent-rows-before-input",
        old=ROW,
        new="row = np.hstack([ones, h, X[t]])",
        caught_by="forward_cell",
        says="You multiply W by [1, h, x]; its rows are ordered [1, x, h].",
        convention=True,
        adapter="RecurrentFirst",
    ),
    Bug(
        id="forward-without-bias",
        old="ones = np.ones((B, 1))",
        new="ones = np.zeros((B, 1))",
        caught_by="forward_cell",
        says="Your pre-activations leave out the bias: row 0 of W is multiplied by 1, not by 0.",
    ),
    Bug(
        id="forward-without-forget-gate",
        old=BATCH_C,
        new=BATCH_C.replace("f * c_prev", "c_prev"),
        caught_by="forward_cell",
        says="Your cell keeps all of c_{t-1}: the forget gate is not applied.",
    ),
    Bug(
        id="forward-without-input-gate",
        old=BATCH_C,
        new=BATCH_C.replace("i * g", "g"),
        caught_by="forward_cell",
        says="Your cell takes in all of g: the input gate is not applied.",
    ),
    Bug(
        id="forward-cell-overwritten",
        old=BATCH_C,
        new=BATCH_C.replace("f * c_prev + ", ""),
        caught_by="forward_cell",
        says="Your cell is i ⊙ g alone: the old cell f ⊙ c_{t-1} is overwritten, not added to.",
    ),
    Bug(
        id="forward-candidate-through-sigmoid",
        old="g = np.tanh(a[:, 3 * H :])",
        new="g = sigmoid(a[:, 3 * H :])",
        caught_by="forward_cell",
        says="Your candidate g goes through sigmoid with the gates; it must go through tanh.",
    ),
    Bug(
        id="forward-c0-ignored",
        old="c = np.zeros((B, H)) if c0 is None else c0",
        new="c = np.zeros((B, H))",
        caught_by="forward_cell",
        says="Your recurrence starts from c = 0 even when c0 is given.",
    ),
    Bug(
        id="forward-h0-ignored",
        old="h = np.zeros((B, H)) if h0 is None else h0",
        new="h = np.zeros((B, H))",
        caught_by="forward_cell",
        says="Your recurrence starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="forward-states-swapped",
        old="    ones = np.ones((B, 1))\n",
        new="    c, h = h, c\n    ones = np.ones((B, 1))\n",
        caught_by="forward_cell",
        says="Your initial states are swapped: the arguments are c0 first, then h0.",
    ),
    Bug(
        id="forward-returns-h-before-c",
        old="return Hout, c, h, cache",
        new="return Hout, h, c, cache",
        caught_by="forward_cell",
        says="Your lstm_forward returns Hout, hn, cn; the cell state comes first: Hout, cn, hn.",
        convention=True,
        adapter="HiddenFirst",
    ),
    Bug(
        id="forward-hidden-without-tanh",
        old="h = o * tanh_c",
        new="h = o * c",
        caught_by="forward_hidden",
        says="Your lstm_forward has h = o ⊙ c: the tanh around the cell state is missing.",
    ),
    Bug(
        id="forward-hout-holds-cells",
        old="Hout[t] = h",
        new="Hout[t] = c",
        caught_by="forward_hidden",
        says="Your Hout holds the cell states c_t; it should hold the hidden states h_t.",
    ),
    Bug(
        id="forward-h-never-used",
        old=ROW,
        new="row = np.hstack([ones, X[t], 0 * h])",
        caught_by="forward_cell",
        says="Your pre-activations leave out h_{t-1}: the recurrent rows of W have no effect.",
    ),
    Bug(
        id="forward-adds-instead-of-multiplying",
        old=BATCH_C,
        new=BATCH_C.replace("i * g", "(i + g)"),
        caught_by="forward_cell",
        says="Your cell adds i and g; the input gate scales the candidate: i ⊙ g.",
    ),
    # --- a batch of sequences: through time
    Bug(
        id="forward-hidden-not-carried",
        old=ROW,
        new="row = np.hstack([ones, X[t], np.zeros((B, H)) if h0 is None else h0])",
        caught_by="sequence",
        says="Your pre-activations use h0 at every step; step t needs h_{t-1}.",
    ),
    Bug(
        id="forward-cell-not-carried",
        old="        c_prev = c\n",
        new="        c_prev = np.zeros((B, H)) if c0 is None else c0\n",
        caught_by="sequence",
        says="Your cell starts from c0 at every step; step t needs c_{t-1}.",
    ),
    Bug(
        id="forward-backwards-in-time",
        old="for t in range(T):",
        new="for t in reversed(range(T)):",
        caught_by="sequence",
        says="You walk through time backwards: step 0 comes first.",
    ),
    Bug(
        id="forward-cn-one-step-early",
        old="return Hout, c, h, cache",
        new="return Hout, c_prev, h, cache",
        caught_by="forward_cell",
        says="Your cn is the cell before the last step; it is the one after it.",
    ),
    Bug(
        id="forward-hn-of-the-first-step",
        old="return Hout, c, h, cache",
        new="return Hout, c, Hout[0], cache",
        caught_by="sequence",
        says="Your hn is the hidden state of the first step; it should be that of the last.",
    ),
    Bug(
        id="forward-one-buffer-for-all-steps",
        old="    cache = (W, steps)\n",
        new="    Hout[:] = h\n    cache = (W, steps)\n",
        caught_by="sequence",
        says="All steps of your Hout equal the last one: the same array was stored every time; "
        "store a copy.",
    ),
    Bug(
        id="forward-first-row-for-all",
        old=ROW,
        new="row = np.hstack([ones, X[t], np.broadcast_to(h[0], h.shape)])",
        caught_by="batch_rows",
        says="Every row of your batch sees the hidden state of row 0; each has its own.",
    ),
    Bug(
        id="forward-default-state-is-ones",
        old="c = np.zeros((B, H)) if c0 is None else c0",
        new="c = np.ones((B, H)) if c0 is None else c0",
        caught_by="initial_state",
        says="Without c0 your cell starts from ones; it should start from zeros.",
    ),
    Bug(
        id="forward-in-float32",
        old="    Hout = np.empty((T, B, H))\n",
        new="    Hout = np.empty((T, B, H), np.float32)\n"
        "    X, W = X.astype(np.float32), W.astype(np.float32)\n"
        "    c, h, ones = c.astype(np.float32), h.astype(np.float32), ones.astype(np.float32)\n",
        caught_by="precision",
        says="Your lstm_forward computes in float32; gradient checks need float64.",
    ),
]
