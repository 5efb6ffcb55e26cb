"""Known bugs of `variants`: where people really go wrong.

Sources of the real ones: the peephole of o at c_{t-1} (in many a public cell),
a whole padded batch turned round for the backward direction (the padding is then
read first), both biases of PyTorch filled with the same numbers, ONNX's i, o, f, c
read as i, f, c, o (onnx/tensorflow-onnx discussion 2042), and 1 - i against 1 - f,
which papers write both ways.
"""

from dataclasses import replace

import numpy as np

from grader.catalogue import Bug

# peephole_forward
STATES = (
    "    c = np.zeros((B, H)) if c0 is None else c0\n"
    "    h = np.zeros((B, H)) if h0 is None else h0\n"
)
PEEP_START = "    H = W.shape[1] // 4\n" + STATES
PEEP_HOUT = "    Hout = np.empty((T, B, H))\n    for t"
PEEP_SPLIT = "a_i, a_f, a_o, a_g = np.split(np.hstack([np.ones((B, 1)), X[t], h]) @ W, 4, axis=1)"
PEEP_I = "i = sigmoid(a_i + P[0] * c)"
PEEP_F = "f = sigmoid(a_f + P[1] * c)"
PEEP_C = "c = f * c + i * np.tanh(a_g)\n"
PEEP_O = "o = sigmoid(a_o + P[2] * c)"
PEEP_H = "h = o * np.tanh(c)\n        Hout[t] = h\n    return"
PEEP_BACK = "return Hout, c, h\n"
# coupled_forward
COUPLED_START = "    H = W.shape[1] // 3\n" + STATES
COUPLED_HOUT = "    Hout = np.empty((T, B, H))\n    steps"
COUPLED_SPLIT = "a_f, a_o, a_g = np.split(row @ W, 3, axis=1)"
COUPLED_C = "c = f * c_prev + (1.0 - f) * g\n"
COUPLED_H = "h = o * np.tanh(c)\n        Hout[t] = h\n        steps"
COUPLED_BACK = "return Hout, c, h, (W, steps)"
# coupled_backward
START_C = "dc = np.zeros((B, H)) if dcn is None else dcn"
START_H = "dh = np.zeros((B, H)) if dhn is None else dhn"
ARRIVES = "dh = dHout[t] + dh\n"
DO = "do = dh * tanh_c\n"
DC = "dc = dc + dh * o * (1.0 - tanh_c**2)"
DF = "df = dc * (c_prev - g)"
DG = "dg = dc * (1.0 - f)\n"
DA = "da = np.hstack([df * f * (1.0 - f), do * o * (1.0 - o), dg * (1.0 - g**2)])"
DW = "dW += row.T @ da"
DX = "dX[t] = drow[:, 1 : 1 + D]"
CARRIED = "        dc = dc * f\n"
BACK = "return dX, dW, dc, dh"
# stack_layers
LAYER = "X, _, hn, _ = lstm_forward(X, W)"
APPEND = "hns.append(hn)"
LAYERS_BACK = "return X, hns"
# bidirectional
EACH = "for b, n in enumerate(lengths):"
FORWARDS = "forwards, *_ = lstm_forward(real, Wf)"
BACKWARDS = "backwards, *_ = lstm_forward(real[::-1], Wb)"
PUT_FORWARDS = "both[:n, b, :H] = forwards[:, 0]"
PUT_BACKWARDS = "both[:n, b, H:] = backwards[::-1, 0]"
# other libraries
BLOCKS = "blocks = dict(zip(ORDERS[source], np.split(W, 4, axis=-1), strict=True))"
JOINED = "return np.concatenate([blocks[gate] for gate in ORDERS[target]], axis=-1)"
CONVERTED = 'V = reorder_gates(W, "course", library)'
CUT = "bias, from_x, from_h = V[0], V[1:-H], V[-H:]"
IH, HH = '"weight_ih": from_x.T', '"weight_hh": from_h.T'
KERNELS = '"kernel": from_x, "recurrent_kernel": from_h'
ONNX_W, ONNX_R = '"W": from_x.T[None]', '"R": from_h.T[None]'
ONNX_B = '"B": np.concatenate([bias, nothing])[None]'


class Adapted:
    """Asks a student of another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


class CandidateThird(Adapted):
    """peephole_forward with PyTorch's columns i, f, g, o."""

    def peephole_forward(self, X, W, *others):
        """Exchange the last two blocks of columns."""
        i, f, o, g = np.split(W, 4, axis=1)
        return self._student.peephole_forward(X, np.hstack([i, f, g, o]), *others)


class Coupled(Adapted):
    """A convention of coupled_forward that coupled_backward shares."""

    def weights(self, W):
        """Translate W into the student's words, or dW back into ours."""
        return W

    def coupled_forward(self, X, W, *states):
        """Translate W."""
        return self._student.coupled_forward(X, self.weights(W), *states)

    def coupled_backward(self, dHout, cache, *states):
        """Translate what the cache is made of, and dW."""
        X, W, *others = cache.args
        made = replace(cache, args=(X, self.weights(W), *others))
        seen = self._student.coupled_backward(dHout, made, *states)
        if getattr(seen.dW, "shape", None) != W.shape:
            return seen
        dX, dW, *rest = seen.values
        return replace(seen, values=(dX, self.weights(dW), *rest))


class GateLoads(Coupled):
    """The one gate loads: f = 1 - i, so its columns are negated."""

    def weights(self, W):
        """Negate the first block of columns."""
        f, o, g = np.split(W, 3, axis=1)
        return np.hstack([-f, o, g])


class CandidateSecond(Coupled):
    """Columns f, g, o."""

    def weights(self, W):
        """Exchange the last two blocks of columns."""
        f, o, g = np.split(W, 3, axis=1)
        return np.hstack([f, g, o])


BUGS = [
    # --- peepholes
    Bug(
        id="peephole-of-o-at-the-old-cell",
        old=PEEP_C,
        new="c_prev, c = c, f * c + i * np.tanh(a_g)\n",
        also=((PEEP_O, "o = sigmoid(a_o + P[2] * c_prev)"),),
        caught_by="peephole_output",
        says="Your o looks at c_{t-1}; the output gate comes last and looks at c_t, "
        "the cell as it has just become.",
    ),
    Bug(
        id="peephole-of-o-missing",
        old=PEEP_O,
        new="o = sigmoid(a_o)",
        caught_by="peephole_output",
        says="Your o has no peephole: P[2] ⊙ c_t is missing.",
    ),
    Bug(
        id="peephole-h-without-tanh",
        old=PEEP_H,
        new=PEEP_H.replace("np.tanh(c)", "c"),
        caught_by="peephole_output",
        says="Your peephole_forward shows o ⊙ c_t; h_t = o ⊙ tanh(c_t).",
    ),
    Bug(
        id="peepholes-of-i-and-f-exchanged",
        old=PEEP_I,
        new="i = sigmoid(a_i + P[1] * c)",
        also=((PEEP_F, "f = sigmoid(a_f + P[0] * c)"),),
        caught_by="peephole_cell",
        says="Your rows of P for i and f are exchanged: P[0] is i's, P[1] is f's.",
    ),
    Bug(
        id="peepholes-in-the-order-i-o-f",
        old=PEEP_F,
        new="f = sigmoid(a_f + P[2] * c)",
        also=((PEEP_O, "o = sigmoid(a_o + P[1] * c)"),),
        caught_by="peephole_cell",
        says="You read the rows of P as i, o, f, which is ONNX's order; here they are i, f, o.",
    ),
    Bug(
        id="peephole-of-f-missing",
        old=PEEP_F,
        new="f = sigmoid(a_f)",
        caught_by="peephole_cell",
        says="Your f has no peephole: P[1] ⊙ c_{t-1} is missing.",
    ),
    Bug(
        id="peephole-of-the-candidate",
        old=PEEP_C,
        new="c = f * c + i * np.tanh(a_g + P[0] * c)\n",
        caught_by="peephole_cell",
        says="Your g looks at the cell; peepholes belong to the three gates, and g is none.",
    ),
    Bug(
        id="peepholes-at-the-hidden-state",
        old=PEEP_I,
        new="i = sigmoid(a_i + P[0] * h)",
        also=((PEEP_F, "f = sigmoid(a_f + P[1] * h)"),),
        caught_by="peephole_cell",
        says="Your i and f look at h_{t-1} once more; a peephole is a look at the cell, c_{t-1}.",
    ),
    Bug(
        id="peepholes-outside-the-sigmoid",
        old=PEEP_I,
        new="i = sigmoid(a_i) + P[0] * c",
        also=((PEEP_F, "f = sigmoid(a_f) + P[1] * c"),),
        caught_by="peephole_cell",
        says="You add P ⊙ c to i and f after the sigmoid; it belongs to the sum inside.",
    ),
    Bug(
        id="peepholes-not-there",
        old=PEEP_I,
        new="i = sigmoid(a_i)",
        also=((PEEP_F, "f = sigmoid(a_f)"), (PEEP_O, "o = sigmoid(a_o)")),
        caught_by="peephole_cell",
        says="Your peephole_forward never uses P: it is a plain LSTM.",
    ),
    Bug(
        id="peephole-columns-of-pytorch",
        old=PEEP_SPLIT,
        new=PEEP_SPLIT.replace("a_o, a_g", "a_g, a_o"),
        caught_by="peephole_cell",
        says="In peephole_forward you read the columns of W as i, f, g, o, PyTorch's order; "
        "they are i | f | o | g.",
        convention=True,
        adapter="CandidateThird",
    ),
    Bug(
        id="peephole-state-not-carried",
        old=PEEP_SPLIT,
        new="first = np.zeros((B, H)) if h0 is None else h0\n        "
        + PEEP_SPLIT.replace(", h])", ", first])"),
        caught_by="peephole_sequence",
        says="Your peephole_forward reads h0 at every step; step t reads h_{t-1}.",
    ),
    Bug(
        id="peephole-states-exchanged",
        old=PEEP_BACK,
        new="return Hout, h, c\n",
        caught_by="peephole_sequence",
        says="Your peephole_forward returns hn before cn; the cell comes first.",
        convention=True,
    ),
    Bug(
        id="peephole-h0-ignored",
        old=PEEP_START,
        new=PEEP_START.replace(" if h0 is None else h0", ""),
        caught_by="no_peepholes",
        says="Your peephole_forward starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="peephole-c0-ignored",
        old=PEEP_START,
        new=PEEP_START.replace(" if c0 is None else c0", ""),
        caught_by="no_peepholes",
        says="Your peephole_forward starts from c = 0 even when c0 is given.",
    ),
    Bug(
        id="peephole-squeezed",
        old=PEEP_BACK,
        new="return Hout.squeeze(), c, h\n",
        caught_by="no_peepholes",
        says="Your Hout loses its axes of length 1; it stays (T, B, H) for every T, B and H.",
    ),
    Bug(
        id="peephole-batch-first",
        old=PEEP_BACK,
        new="return Hout.swapaxes(0, 1), c, h\n",
        caught_by="shapes",
        says="Your peephole_forward returns Hout as (B, T, H); time comes first here.",
        convention=True,
    ),
    # --- coupled, forwards
    Bug(
        id="coupled-without-cache",
        old=COUPLED_BACK,
        new="return Hout, c, h",
        caught_by="shapes",
        says="Your coupled_forward returns Hout, cn, hn; the fourth value, the cache, is missing.",
    ),
    Bug(
        id="coupled-load-not-gated",
        old=COUPLED_C,
        new="c = f * c_prev + g\n",
        caught_by="coupled",
        says="Your cell adds all of g: the gate that loads, 1 - f, is forgotten.",
    ),
    Bug(
        id="coupled-nothing-forgotten",
        old=COUPLED_C,
        new="c = c_prev + (1.0 - f) * g\n",
        caught_by="coupled",
        says="Your cell keeps all of c_{t-1}: f ⊙ c_{t-1} is what stays.",
    ),
    Bug(
        id="coupled-load-times-f",
        old=COUPLED_C,
        new="c = f * c_prev + f * g\n",
        caught_by="coupled",
        says="Your cell loads f ⊙ g; what is loaded is the share that is not kept, 1 - f.",
    ),
    Bug(
        id="coupled-with-the-output-gate",
        old=COUPLED_C,
        new="c = f * c_prev + (1.0 - o) * g\n",
        caught_by="coupled",
        says="Your cell loads (1 - o) ⊙ g; it is f that answers for both, so (1 - f) ⊙ g.",
    ),
    Bug(
        id="coupled-gate-loads",
        old=COUPLED_C,
        new="c = (1.0 - f) * c_prev + f * g\n",
        also=(
            (DF, "df = dc * (g - c_prev)"),
            (DG, "dg = dc * f\n"),
            (CARRIED, "        dc = dc * (1.0 - f)\n"),
        ),
        caught_by="coupled",
        says="Your one gate loads and 1 minus it keeps, as in f = 1 - i; "
        "here it is f, which keeps, and i = 1 - f.",
        convention=True,
        adapter="GateLoads",
    ),
    Bug(
        id="coupled-candidate-second",
        old=COUPLED_SPLIT,
        new="a_f, a_g, a_o = np.split(row @ W, 3, axis=1)",
        also=(
            (
                DA,
                DA.replace(
                    "do * o * (1.0 - o), dg * (1.0 - g**2)", "dg * (1.0 - g**2), do * o * (1.0 - o)"
                ),
            ),
        ),
        caught_by="coupled",
        says="In the coupled cell you read the columns of W as f, g, o; they are f | o | g.",
        convention=True,
        adapter="CandidateSecond",
    ),
    Bug(
        id="coupled-h-without-tanh",
        old=COUPLED_H,
        new=COUPLED_H.replace("np.tanh(c)", "c"),
        caught_by="coupled",
        says="Your coupled_forward shows o ⊙ c_t; h_t = o ⊙ tanh(c_t).",
    ),
    Bug(
        id="coupled-h0-ignored",
        old=COUPLED_START,
        new=COUPLED_START.replace(" if h0 is None else h0", ""),
        caught_by="coupled",
        says="Your coupled_forward starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="coupled-c0-ignored",
        old=COUPLED_START,
        new=COUPLED_START.replace(" if c0 is None else c0", ""),
        caught_by="coupled_gate",
        says="Your coupled_forward starts from c = 0 even when c0 is given.",
    ),
    # --- coupled, backwards
    Bug(
        id="df-without-g",
        old=DF,
        new="df = dc * c_prev",
        caught_by="coupled_weights",
        says="Your df is the LSTM's, dc ⊙ c_{t-1}; here f also takes from g, "
        "so df = dc ⊙ (c_{t-1} - g).",
    ),
    Bug(
        id="df-without-the-cell",
        old=DF,
        new="df = -dc * g",
        caught_by="coupled_weights",
        says="Your df has only what f takes from g; it keeps c_{t-1}, too: "
        "df = dc ⊙ (c_{t-1} - g).",
    ),
    Bug(
        id="df-turned-round",
        old=DF,
        new="df = dc * (g - c_prev)",
        caught_by="coupled_weights",
        says="Your df has the wrong sign: more f is more c_{t-1} and less g.",
    ),
    Bug(
        id="df-adds-both",
        old=DF,
        new="df = dc * (c_prev + g)",
        caught_by="coupled_weights",
        says="Your df adds g; f stands before g with a minus sign, so df = dc ⊙ (c_{t-1} - g).",
    ),
    Bug(
        id="dg-with-f",
        old=DG,
        new="dg = dc * f\n",
        caught_by="coupled_weights",
        says="Your dg is dc ⊙ f; g came into the cell times 1 - f.",
    ),
    Bug(
        id="dg-not-gated",
        old=DG,
        new="dg = dc\n",
        caught_by="coupled_weights",
        says="Your dg is all of dc; g came into the cell times 1 - f.",
    ),
    Bug(
        id="gate-derivative-missing",
        old=DA,
        new=DA.replace("df * f * (1.0 - f)", "df"),
        caught_by="coupled_weights",
        says="Your da_f lacks the sigmoid's derivative, f ⊙ (1 - f).",
    ),
    Bug(
        id="do-with-the-cell",
        old=DO,
        new="do = dh * c\n",
        caught_by="coupled_weights",
        says="Your do is dh ⊙ c_t; h_t = o ⊙ tanh(c_t), so do = dh ⊙ tanh(c_t).",
    ),
    Bug(
        id="dc-overwritten",
        old=DC,
        new="dc = dh * o * (1.0 - tanh_c**2)",
        caught_by="coupled_weights",
        says="Your coupled_backward overwrites dc with what comes through h_t; "
        "what step t+1 sent is still in it: add, do not assign.",
    ),
    Bug(
        id="dc-without-output-gate",
        old=DC,
        new="dc = dc + dh * (1.0 - tanh_c**2)",
        caught_by="coupled_weights",
        says="Your dh goes into the cell without the output gate: h_t = o ⊙ tanh(c_t), "
        "so the factor o stays.",
    ),
    Bug(
        id="dw-overwritten",
        old=DW,
        new="dW = row.T @ da",
        caught_by="coupled_weights",
        says="Your dW is overwritten at every step; all steps share W, so their shares add up.",
    ),
    Bug(
        id="hidden-not-carried",
        old=ARRIVES,
        new="dh = dHout[t] + (dh if t == T - 1 else 0.0)\n",
        caught_by="coupled_weights",
        says="Your dh is dHout[t] alone: what step t+1 sends back to h_t is missing.",
    ),
    Bug(
        id="cell-carried-whole",
        old=CARRIED,
        new="",
        caught_by="coupled_inputs",
        says="Your dc goes back to c_{t-1} whole; kept was the share f: dc ⊙ f.",
    ),
    Bug(
        id="cell-carried-by-one-minus-f",
        old=CARRIED,
        new="        dc = dc * (1.0 - f)\n",
        caught_by="coupled_inputs",
        says="Your dc goes back to c_{t-1} times 1 - f; kept was the share f: dc ⊙ f.",
    ),
    Bug(
        id="cell-not-carried",
        old=CARRIED,
        new="        dc = 0.0 * dc\n",
        caught_by="coupled_inputs",
        says="Your dc does not go back to c_{t-1} at all: dc ⊙ f is missing.",
    ),
    Bug(
        id="dx-from-the-bias-row",
        old=DX,
        new="dX[t] = drow[:, :D]",
        caught_by="coupled_inputs",
        says="Your dX is cut out one row too early: row 0 of W is the bias, x starts at row 1.",
    ),
    Bug(
        id="gradients-of-the-states-exchanged",
        old=BACK,
        new="return dX, dW, dh, dc",
        caught_by="coupled_inputs",
        says="Your coupled_backward returns dh0 before dc0; the cell comes first.",
        convention=True,
    ),
    Bug(
        id="dcn-ignored",
        old=START_C,
        new="dc = np.zeros((B, H))",
        caught_by="coupled_last",
        says="Your coupled_backward ignores dcn; dc starts with it at the last step.",
    ),
    Bug(
        id="dhn-ignored",
        old=START_H,
        new="dh = np.zeros((B, H))",
        caught_by="coupled_last",
        says="Your coupled_backward ignores dhn; it arrives at the last step, added to dHout[T-1].",
    ),
    # --- layers
    Bug(
        id="every-layer-reads-x",
        old=LAYER,
        new="Hout, _, hn, _ = lstm_forward(X, W)",
        also=((LAYERS_BACK, "return Hout, hns"),),
        caught_by="layers",
        says="Each of your layers reads X; only the lowest does, the others read the Hout below.",
    ),
    Bug(
        id="hout-of-the-lowest",
        old=LAYERS_BACK,
        new="return lstm_forward(given, weights[0])[0], hns",
        also=(("hns = []", "hns, given = [], X"),),
        caught_by="layers",
        says="Your stack_layers returns Hout of the lowest layer; asked for is the highest.",
    ),
    Bug(
        id="layers-handed-the-last-state",
        old=LAYER,
        new="X, _, hn, _ = lstm_forward(X, W)\n        X = np.broadcast_to(hn, X.shape)",
        caught_by="layers",
        says="Your layers hand up the last hidden state at every step; "
        "the layer above reads the whole sequence, Hout.",
    ),
    Bug(
        id="hns-highest-first",
        old=LAYERS_BACK,
        new="return X, hns[::-1]",
        caught_by="layer_states",
        says="Your hns begins with the highest layer; the lowest comes first.",
    ),
    Bug(
        id="hns-only-the-highest",
        old=LAYERS_BACK,
        new="return X, hns[-1:]",
        caught_by="layer_states",
        says="Your hns has the highest layer alone; every layer has its last state there.",
    ),
    Bug(
        id="hns-are-cells",
        old=LAYER,
        new="X, hn, _, _ = lstm_forward(X, W)",
        caught_by="layer_states",
        says="Your hns holds cells: lstm_forward returns Hout, cn, hn, and hn is the third.",
    ),
    Bug(
        id="hns-whole-sequences",
        old=APPEND,
        new="hns.append(X)",
        caught_by="layer_states",
        says="Your hns holds every layer's whole Hout; asked for is its last step, (B, H).",
    ),
    # --- both directions
    Bug(
        id="padding-read-first",
        old=BACKWARDS,
        new="backwards, *_ = lstm_forward(X[::-1, b : b + 1], Wb)",
        also=((PUT_BACKWARDS, "both[:n, b, H:] = backwards[::-1, 0][:n]"),),
        caught_by="lengths",
        says="You turn round all T steps, so a short sequence is read from its padding; "
        "turn round its own lengths[b] steps only.",
    ),
    Bug(
        id="backwards-at-the-end",
        old=PUT_BACKWARDS,
        new="both[T - n :, b, H:] = backwards[::-1, 0]",
        caught_by="lengths",
        says="Your backward half of a short sequence stands at the end of the T steps; "
        "its step t belongs beside the forward one's, at t.",
    ),
    Bug(
        id="lengths-ignored",
        old=EACH,
        new="for b, n in enumerate([T] * len(lengths)):",
        caught_by="lengths",
        says="Your bidirectional never looks at lengths: it reads the padding like any step.",
    ),
    Bug(
        id="backwards-not-turned-back",
        old=PUT_BACKWARDS,
        new="both[:n, b, H:] = backwards[:, 0]",
        caught_by="both_directions",
        says="Your backward half is still backwards: turn it round again, so that its step t "
        "stands at t.",
    ),
    Bug(
        id="halves-exchanged",
        old=PUT_FORWARDS,
        new="both[:n, b, H:] = forwards[:, 0]",
        also=((PUT_BACKWARDS, "both[:n, b, :H] = backwards[::-1, 0]"),),
        caught_by="both_directions",
        says="Your halves are exchanged: forwards is in the first H columns.",
        convention=True,
    ),
    Bug(
        id="both-read-forwards",
        old=BACKWARDS,
        new="backwards, *_ = lstm_forward(real, Wb)",
        also=((PUT_BACKWARDS, "both[:n, b, H:] = backwards[:, 0]"),),
        caught_by="both_directions",
        says="Both your LSTMs read forwards; the one of Wb begins at the last real step.",
    ),
    Bug(
        id="one-w-for-both",
        old=BACKWARDS,
        new="backwards, *_ = lstm_forward(real[::-1], Wf)",
        caught_by="both_directions",
        says="Both your directions use Wf; the backward one has weights of its own, Wb.",
    ),
    Bug(
        id="last-real-step-unread",
        old=EACH,
        new="for b, n in enumerate(np.maximum(lengths - 1, 1)):",
        caught_by="both_directions",
        says="Your sequences end one step early: lengths[b] counts the real steps, "
        "so they are 0 to lengths[b] - 1.",
    ),
    Bug(
        id="forwards-past-the-end",
        old=FORWARDS,
        new="forwards, *_ = lstm_forward(X[:, b : b + 1], Wf)",
        also=((PUT_FORWARDS, "both[:, b, :H] = forwards[:, 0]"),),
        caught_by="padding",
        says="Your forward half goes on into the padding; after lengths[b] steps both are zero.",
    ),
    Bug(
        id="last-state-in-the-padding",
        old=PUT_FORWARDS,
        new="both[:n, b, :H] = forwards[:, 0]\n        both[n:, b, :H] = forwards[-1, 0]",
        caught_by="padding",
        says="Your forward half repeats its last state in the padding; there both are zero.",
    ),
    Bug(
        id="padding-times-zero",
        old=FORWARDS,
        new="forwards, *_ = lstm_forward(X[:, b : b + 1], Wf)\n"
        "        forwards = forwards * (np.arange(T) < n)[:, None, None]",
        also=((PUT_FORWARDS, "both[:, b, :H] = forwards[:, 0]"),),
        caught_by="padding",
        says="You multiply the padding by 0, and 0 times NaN is NaN; "
        "leave it out, or use np.where.",
    ),
    # --- other libraries
    Bug(
        id="source-and-target-exchanged",
        old=BLOCKS,
        new=BLOCKS.replace("source", "target"),
        also=((JOINED, JOINED.replace("target", "source")),),
        caught_by="reorder",
        says="Your source and target are exchanged: the blocks of W stand in source's order.",
    ),
    Bug(
        id="source-taken-for-the-course",
        old=BLOCKS,
        new=BLOCKS.replace("source", '"course"'),
        caught_by="reorder",
        says="Your reorder_gates takes every W for one of the course; source says whose it is.",
    ),
    Bug(
        id="single-columns-moved",
        old=BLOCKS,
        new="blocks = {gate: W[..., k::4] for k, gate in enumerate(ORDERS[source])}",
        also=(
            (
                JOINED,
                "return np.stack([blocks[k] for k in ORDERS[target]], axis=-1).reshape(W.shape)",
            ),
        ),
        caught_by="reorder",
        says="You move single columns, as if the gates took turns; "
        "a gate is a block of H columns side by side.",
    ),
    Bug(
        id="onnx-in-pytorch-order",
        old='"onnx": "iofg"',
        new='"onnx": "ifgo"',
        caught_by="reorder",
        says="Your ONNX has PyTorch's order, i, f, g, o; ONNX stacks i, o, f, c.",
    ),
    Bug(
        id="keras-candidate-last",
        old='"keras": "ifgo"',
        new='"keras": "ifog"',
        caught_by="reorder",
        says="Your Keras has the candidate last; Keras stacks i, f, c, o.",
    ),
    Bug(
        id="only-matrices",
        old=BLOCKS,
        new=BLOCKS.replace("axis=-1", "axis=1"),
        also=((JOINED, JOINED.replace("axis=-1", "axis=1")),),
        caught_by="round_trip",
        says="Your reorder_gates works on the axis 1; a bias has none, and the gates are on the "
        "last axis, -1.",
    ),
    Bug(
        id="libraries-in-our-order",
        old=CONVERTED,
        new="V = W",
        caught_by="pytorch",
        says="Your to_library leaves the gates in the course's order; reorder them first.",
    ),
    Bug(
        id="recurrent-rows-first",
        old=CUT,
        new="bias, from_h, from_x = V[0], V[1 : 1 + H], V[1 + H :]",
        caught_by="pytorch",
        says="You take the first rows below the bias for the recurrent ones; "
        "W has bias, input, recurrent.",
    ),
    Bug(
        id="pytorch-bias-twice",
        old='"bias_hh": nothing',
        new='"bias_hh": bias',
        caught_by="pytorch",
        says="Your bias is in bias_ih and in bias_hh; PyTorch adds the two, so it counts twice.",
    ),
    Bug(
        id="pytorch-not-turned",
        old=IH,
        new=IH.removesuffix(".T"),
        also=((HH, HH.removesuffix(".T")),),
        caught_by="pytorch",
        says="Your matrices for PyTorch are (D, 4H) and (H, 4H); it keeps (4H, D) and (4H, H).",
    ),
    Bug(
        id="pytorch-matrices-exchanged",
        old=IH,
        new='"weight_ih": from_h.T',
        also=((HH, '"weight_hh": from_x.T'),),
        caught_by="pytorch",
        says="Your weight_ih and weight_hh are exchanged: ih reads x, hh reads h.",
    ),
    Bug(
        id="keras-turned-round",
        old=KERNELS,
        new='"kernel": from_x.T, "recurrent_kernel": from_h.T',
        caught_by="keras",
        says="Your kernels for Keras are turned round; it multiplies rows, as we do: (D, 4H) "
        "and (H, 4H).",
    ),
    Bug(
        id="onnx-without-direction",
        old=ONNX_W,
        new='"W": from_x.T',
        also=(
            (ONNX_R, '"R": from_h.T'),
            (ONNX_B, '"B": np.concatenate([bias, nothing])'),
        ),
        caught_by="onnx",
        says="Your arrays for ONNX lack their first axis, one entry per direction: (1, 4H, D).",
    ),
    Bug(
        id="onnx-not-turned",
        old=ONNX_W,
        new='"W": from_x[None]',
        also=((ONNX_R, '"R": from_h[None]'),),
        caught_by="onnx",
        says="Your W and R for ONNX are (1, D, 4H) and (1, H, 4H); it keeps (1, 4H, D) and "
        "(1, 4H, H).",
    ),
    Bug(
        id="onnx-one-bias",
        old=ONNX_B,
        new='"B": bias[None]',
        caught_by="onnx",
        says="Your B is (1, 4H); ONNX wants the input biases and the recurrent ones, (1, 8H).",
    ),
    Bug(
        id="onnx-bias-twice",
        old=ONNX_B,
        new='"B": np.concatenate([bias, bias])[None]',
        caught_by="onnx",
        says="Your bias is in both halves of B; ONNX adds them, so it counts twice.",
    ),
    # --- precision
    Bug(
        id="peepholes-in-float32",
        old=PEEP_HOUT,
        new="    X, W, P = (v.astype(np.float32) for v in (X, W, P))\n"
        "    Hout = np.empty((T, B, H), np.float32)\n    for t",
        caught_by="precision",
        says="Your peephole_forward computes in float32; gradient checks need float64.",
    ),
    Bug(
        id="coupled-in-float32",
        old=COUPLED_HOUT,
        new="    X, W = X.astype(np.float32), W.astype(np.float32)\n"
        "    Hout = np.empty((T, B, H), np.float32)\n    steps",
        caught_by="precision",
        says="Your coupled_forward computes in float32; gradient checks need float64.",
    ),
]
