"""Known bugs of `gru`: where people really go wrong.

Sources of the real ones: pytorch/pytorch #20129 and #60645 (z the other way
round), #8153 and #99531 (reset before or after the product), tracel-ai/burn
#2701 (the state lost between steps, unseen by a test with T = 1),
zhiyongc/GRU-D #2 (reset never applied), hanbt/learn_dl #53 (all bias gradients
from one gate), a much copied notebook (σ' of an activated gate, an index that
wraps around at t = 0), Burton2000/CS231n-2017 #7 (a gradient written over while
it is still needed), and counts of gates taken for counts of weights.
"""

from dataclasses import replace

import numpy as np

from grader.catalogue import Bug

# gru_forward
START = "h = np.zeros((B, H)) if h0 is None else h0\n    ones"
ROW = "row = np.hstack([ones, X[t], h_prev])"
SPLIT = "z, r = np.split(sigmoid(row @ W[:, : 2 * H]), 2, axis=1)"
ROW_N = "row_n = np.hstack([ones, X[t], r * h_prev])"
CANDIDATE = "n = np.tanh(row_n @ W[:, 2 * H :])"
MIX = "h = (1.0 - z) * h_prev + z * n\n"
STEPS = "steps.append((row, row_n, h_prev, z, r, n))"
CACHE = "    cache = (W, steps)\n"
# gru_backward
TAKEN = "row, row_n, h_prev, z, r, n = steps[t]"
ARRIVES = "dh = dHout[t] + dh_next"
DZ = "dz = dh * (n - h_prev)"
DN = "dn = dh * z\n"
STRAIGHT = "dh_prev = dh * (1.0 - z)"
DA_N = "da_n = dn * (1.0 - n**2)"
DRH = "drh = drow_n[:, 1 + D :]"
DR = "dr = drh * h_prev"
THROUGH_N = "dh_prev = dh_prev + drh * r"
DA_ZR = "da_zr = np.hstack([dz * z * (1.0 - z), dr * r * (1.0 - r)])"
THROUGH_GATES = "dh_prev = dh_prev + drow[:, 1 + D :]"
DX = "dX[t] = drow[:, 1 : 1 + D] + drow_n[:, 1 : 1 + D]"
DW_ZR = "dW[:, : 2 * H] += row.T @ da_zr"
DW_N = "dW[:, 2 * H :] += row_n.T @ da_n"
CARRIED = "dh_next = dh_prev\n"
BACK = "    return dX, dW, dh_next\n"
# gru_forward_after
START_AFTER = "h = np.zeros((B, H)) if h0 is None else h0\n    W_x"
PRODUCTS = "from_x, from_h = W[0] + X[t] @ W_x, h @ W_h"
GATES_AFTER = "z, r = gates[:, :H], gates[:, H:]"
CANDIDATE_AFTER = "n = np.tanh(from_x[:, 2 * H :] + r * (from_h[:, 2 * H :] + b_hn))"
MIX_AFTER = "h = h + z * (n - h)"
# to_torch_gru
STACK = "V = np.hstack([r, -z, n]).T"
BIAS_IH = '"bias_ih": V[:, 0]'
BIAS_HH = '"bias_hh": np.concatenate([np.zeros(2 * H), b_hn])'


class Adapted:
    """Asks a student of another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


class Throughout(Adapted):
    """A convention of gru_forward that gru_backward shares.

    The cache of a gru_backward is a question too, and translated with it.
    """

    def sequence(self, X):
        """Translate what is (T, B, .), there and back."""
        return X

    def weights(self, W):
        """Translate W into the student's words."""
        return W

    def gradient(self, dW):
        """Translate dW back into ours."""
        return self.weights(dW)

    def gru_forward(self, X, W, *h0):
        """Translate X, W and Hout."""
        return self._ours(self._student.gru_forward(self.sequence(X), self.weights(W), *h0))

    def gru_backward(self, dHout, cache, *dhn):
        """Translate dHout, what the cache is made of, dX and dW."""
        X, W, *h0 = cache.args
        made = replace(cache, args=(self.sequence(X), self.weights(W), *h0))
        seen = self._ours(self._student.gru_backward(self.sequence(dHout), made, *dhn))
        dX, dW, dh0 = seen.values
        if getattr(dW, "shape", None) != W.shape:
            return seen
        return replace(seen, values=(dX, self.gradient(dW), dh0))

    def _ours(self, seen):
        first, *others = seen.values
        if getattr(first, "ndim", 0) < 2:
            return seen
        return replace(seen, values=(self.sequence(first), *others))


class AfterOnly(Adapted):
    """A convention of gru_forward_after alone."""

    def weights(self, W):
        """Translate W into the student's words."""
        return W

    def gru_forward_after(self, X, W, *others):
        """Translate W."""
        return self._student.gru_forward_after(X, self.weights(W), *others)


class BatchFirst(Throughout):
    """X and Hout as (B, T, .)."""

    def sequence(self, X):
        """Swap time and batch."""
        return X.swapaxes(0, 1).copy()


class NegatedUpdate:
    """The z of PyTorch, which keeps: our W with z's columns negated."""

    def weights(self, W):
        """Negate the columns of z."""
        z, others = np.split(W, [W.shape[1] // 3], axis=1)
        return np.hstack([-z, others])


class ResetFirst:
    """W with columns r, z, n."""

    def weights(self, W):
        """Exchange the first two blocks of columns."""
        first, second, n = np.split(W, 3, axis=1)
        return np.hstack([second, first, n])


class RecurrentFirst(Throughout):
    """W with the recurrent rows before the input rows."""

    def weights(self, W):
        """Move the recurrent rows up."""
        bias, x, h = np.split(W, [1, W.shape[0] - W.shape[1] // 3])
        return np.vstack([bias, h, x])

    def gradient(self, dW):
        """Move them down again."""
        bias, h, x = np.split(dW, [1, 1 + dW.shape[1] // 3])
        return np.vstack([bias, x, h])


class UpdateKeeps(NegatedUpdate, Throughout):
    """PyTorch's z in gru_forward and gru_backward."""


class UpdateKeepsAfter(NegatedUpdate, AfterOnly):
    """PyTorch's z in gru_forward_after."""


class ColumnsResetFirst(ResetFirst, Throughout):
    """PyTorch's columns in gru_forward and gru_backward."""


class ColumnsResetFirstAfter(ResetFirst, AfterOnly):
    """PyTorch's columns in gru_forward_after."""


BUGS = [
    # --- initial weights and their number
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
        old="rng.standard_normal((1 + D + H, 3 * H))",
        new="rng.uniform(-(3.0**0.5), 3.0**0.5, (1 + D + H, 3 * H))",
        caught_by="init_weights",
        says="Your initial weights are uniform; they should be standard normal, scaled.",
    ),
    Bug(
        id="init-random-bias",
        old="    W[0] = 0.0\n",
        new="",
        caught_by="init_weights",
        says="Your bias row is left random; init_gru starts with a bias of zero.",
    ),
    Bug(
        id="init-with-forget-bias",
        old="    W[0] = 0.0\n",
        new="    W[0] = 0.0\n    W[0, :H] = 3.0\n",
        caught_by="init_weights",
        says="You give z the LSTM's forget bias of +3; here z overwrites, so that would erase 95 % "
        "of the state per step, and init_gru has no bias at all.",
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
        new="    W = np.tile(W[:, :H], 3)\n    W[0] = 0.0\n",
        caught_by="init_weights",
        says="Your three blocks start with the same weights; each needs its own draws.",
    ),
    Bug(
        id="count-gates-only",
        old='{"rnn": 1, "gru": 3, "lstm": 4}',
        new='{"rnn": 1, "gru": 2, "lstm": 3}',
        caught_by="count_parameters",
        says="Your count has a block per gate: 2 and 3. The candidate has weights as well, so the "
        "GRU has 3 blocks and the LSTM 4.",
    ),
    Bug(
        id="count-without-bias",
        old="(1 + D + H) * H",
        new="(D + H) * H",
        caught_by="count_parameters",
        says="Your count leaves out the bias row of W.",
    ),
    Bug(
        id="count-two-biases",
        old="(1 + D + H) * H",
        new="(2 + D + H) * H",
        caught_by="count_parameters",
        says="You count two biases per unit, as PyTorch keeps them; W has one bias row.",
        convention=True,
    ),
    Bug(
        id="count-gru-like-lstm",
        old='"gru": 3',
        new='"gru": 4',
        caught_by="count_parameters",
        says="Your GRU counts four blocks, like the LSTM; it has three: z, r and n.",
    ),
    Bug(
        id="count-with-b-hn",
        old="return blocks * (1 + D + H) * H",
        new='return blocks * (1 + D + H) * H + (H if cell == "gru" else 0)',
        caught_by="count_parameters",
        says="Your GRU counts b_hn as well; only the entries of W are asked for.",
        convention=True,
    ),
    # --- gru_forward: form and conventions
    Bug(
        id="forward-batch-first",
        old="    T, B, _ = X.shape\n",
        new="    X = X.swapaxes(0, 1)\n    T, B, _ = X.shape\n",
        also=(
            ("return Hout, h, cache", "return Hout.swapaxes(0, 1), h, cache"),
            (
                "    T, B, H = dHout.shape\n",
                "    dHout = dHout.swapaxes(0, 1)\n    T, B, H = dHout.shape\n",
            ),
            (BACK, "    return dX.swapaxes(0, 1), dW, dh_next\n"),
        ),
        caught_by="shapes",
        says="You read X as (B, T, D); here time comes first: X (T, B, D).",
        convention=True,
        adapter="BatchFirst",
    ),
    Bug(
        id="forward-squeezed",
        old="return Hout, h, cache",
        new="return Hout.squeeze(), h, cache",
        caught_by="rows_and_sizes",
        says="Your Hout loses its axes of length 1; it stays (T, B, H) for every T, B and H.",
    ),
    Bug(
        id="update-keeps-throughout",
        old=MIX,
        new="h = z * h_prev + (1.0 - z) * n\n",
        also=(
            (DZ, "dz = dh * (h_prev - n)"),
            (DN, "dn = dh * (1.0 - z)\n"),
            (STRAIGHT, "dh_prev = dh * z"),
        ),
        caught_by="forward_step",
        says="Your z is PyTorch's: it keeps the old state, h = z ⊙ h_{t-1} + (1 - z) ⊙ n, and your "
        "gru_backward agrees. In this course z overwrites: h = (1 - z) ⊙ h_{t-1} + z ⊙ n.",
        convention=True,
        adapter="UpdateKeeps",
    ),
    Bug(
        id="update-keeps-in-forward",
        old=MIX,
        new="h = z * h_prev + (1.0 - z) * n\n",
        caught_by="forward_step",
        says="Your gru_forward has z and 1 - z exchanged: z overwrites, 1 - z keeps. "
        "(Your gru_backward has them right.)",
    ),
    Bug(
        id="columns-reset-first",
        old=SPLIT,
        new=SPLIT.replace("z, r", "r, z"),
        also=((DA_ZR, "da_zr = np.hstack([dr * r * (1.0 - r), dz * z * (1.0 - z)])"),),
        caught_by="forward_step",
        says="You read the columns of W as r, z, n, PyTorch's order; the course's is z | r | n.",
        convention=True,
        adapter="ColumnsResetFirst",
    ),
    Bug(
        id="rows-recurrent-first",
        old=ROW,
        new="row = np.hstack([ones, h_prev, X[t]])",
        also=(
            (ROW_N, "row_n = np.hstack([ones, r * h_prev, X[t]])"),
            (DRH, "drh = drow_n[:, 1 : 1 + H]"),
            (THROUGH_GATES, "dh_prev = dh_prev + drow[:, 1 : 1 + H]"),
            (DX, "dX[t] = drow[:, 1 + H :] + drow_n[:, 1 + H :]"),
        ),
        caught_by="forward_step",
        says="You multiply W by [1, h, x]; its rows are ordered [1, x, h].",
        convention=True,
        adapter="RecurrentFirst",
    ),
    # --- gru_forward: one step
    Bug(
        id="sigmoid-sign",
        old="np.tanh(0.5 * a)",
        new="np.tanh(-0.5 * a)",
        caught_by="forward_step",
        says="Your sigmoid falls where it should rise: it is 1 / (1 + e^a), the sign of a is lost.",
    ),
    Bug(
        id="sigmoid-half-angle",
        old="np.tanh(0.5 * a)",
        new="np.tanh(a)",
        caught_by="forward_step",
        says="Your sigmoid is twice too steep: written with tanh, its argument is a / 2.",
    ),
    Bug(
        id="reset-after-the-product",
        old=CANDIDATE,
        new="W_n = W[:, 2 * H :]\n"
        "        n = np.tanh(row[:, :-H] @ W_n[:-H] + r * (h_prev @ W_n[-H:]))",
        caught_by="forward_step",
        says="Your gru_forward resets after the product, r ⊙ (h @ W_hn); that is gru_forward_after. "
        "Here r meets h first: (r ⊙ h) @ W_hn.",
    ),
    Bug(
        id="reset-not-applied",
        old=ROW_N,
        new="row_n = np.hstack([ones, X[t], h_prev])",
        caught_by="forward_step",
        says="Your candidate sees all of h_{t-1}: the reset gate is computed and never applied.",
    ),
    Bug(
        id="reset-by-the-update-gate",
        old=ROW_N,
        new="row_n = np.hstack([ones, X[t], z * h_prev])",
        caught_by="forward_step",
        says="Your candidate sees z ⊙ h_{t-1}; it is the reset gate that belongs there: r ⊙ h_{t-1}.",
    ),
    Bug(
        id="reset-reversed",
        old=ROW_N,
        new="row_n = np.hstack([ones, X[t], (1.0 - r) * h_prev])",
        caught_by="forward_step",
        says="Your candidate sees (1 - r) ⊙ h_{t-1}; r = 1 lets the past in: r ⊙ h_{t-1}.",
    ),
    Bug(
        id="reset-of-everything",
        old=CANDIDATE,
        new="n = np.tanh(r * (row @ W[:, 2 * H :]))",
        caught_by="forward_step",
        says="Your reset gate scales all of the candidate's a_n, x_t and bias included; "
        "it belongs to h_{t-1} alone.",
    ),
    Bug(
        id="reset-kept-in-the-mix",
        old=MIX,
        new="h = (1.0 - z) * (r * h_prev) + z * n\n",
        caught_by="forward_step",
        says="Your new state keeps (1 - z) ⊙ r ⊙ h_{t-1}; the reset gate is for the candidate only, "
        "kept is (1 - z) ⊙ h_{t-1}.",
    ),
    Bug(
        id="candidate-through-sigmoid",
        old=CANDIDATE,
        new="n = sigmoid(row_n @ W[:, 2 * H :])",
        caught_by="forward_step",
        says="Your candidate n goes through sigmoid; it must go through tanh, "
        "or no unit could ever be negative.",
    ),
    Bug(
        id="candidate-without-past",
        old=ROW_N,
        new="row_n = np.hstack([ones, X[t], 0 * h_prev])",
        caught_by="forward_step",
        says="Your candidate reads x_t alone: the recurrent rows of W_n have no effect.",
    ),
    Bug(
        id="gates-through-tanh",
        old=SPLIT,
        new=SPLIT.replace("sigmoid(", "np.tanh("),
        caught_by="forward_step",
        says="Your gates z and r go through tanh; a gate goes through sigmoid.",
    ),
    Bug(
        id="gates-without-past",
        old=ROW,
        new="row = np.hstack([ones, X[t], 0 * h_prev])",
        caught_by="forward_step",
        says="Your gates z and r leave out h_{t-1}: the recurrent rows of W_z and W_r have no effect.",
    ),
    Bug(
        id="forward-without-bias",
        old="ones = np.ones((B, 1))",
        new="ones = np.zeros((B, 1))",
        caught_by="forward_step",
        says="Your pre-activations leave out the bias: row 0 of W is multiplied by 1, not by 0.",
    ),
    Bug(
        id="mix-without-old-state",
        old=MIX,
        new="h = z * n\n",
        caught_by="forward_step",
        says="Your new state is z ⊙ n alone; the share 1 - z of the old state stays: "
        "(1 - z) ⊙ h_{t-1} + z ⊙ n.",
    ),
    Bug(
        id="mix-keeps-everything",
        old=MIX,
        new="h = h_prev + z * n\n",
        caught_by="forward_step",
        says="Your new state keeps all of h_{t-1}; what z overwrites has to go: (1 - z) ⊙ h_{t-1}.",
    ),
    Bug(
        id="mix-takes-everything",
        old=MIX,
        new="h = (1.0 - z) * h_prev + n\n",
        caught_by="forward_step",
        says="Your new state takes in all of n; only the share z of it is written: z ⊙ n.",
    ),
    Bug(
        id="forward-h0-ignored",
        old=START,
        new="h = np.zeros((B, H))\n    ones",
        caught_by="forward_step",
        says="Your gru_forward starts from h = 0 even when h0 is given.",
    ),
    # --- gru_forward: through time
    Bug(
        id="state-never-updated",
        old="        h_prev = h\n",
        new="        h_prev = np.zeros((B, H)) if h0 is None else h0\n",
        caught_by="sequence",
        says="Every step of your gru_forward starts from h0 again; step t needs h_{t-1}. "
        "With T = 1 nobody would notice.",
    ),
    Bug(
        id="gates-see-h0-only",
        old=ROW,
        new="start = np.zeros((B, H)) if h0 is None else h0\n"
        "        row = np.hstack([ones, X[t], start])",
        also=((ROW_N, "row_n = np.hstack([ones, X[t], r * start])"),),
        caught_by="sequence",
        says="Your gates and candidate read h0 at every step, only the mix uses h_{t-1}; "
        "all of them need h_{t-1}.",
    ),
    Bug(
        id="forward-backwards-in-time",
        old="for t in range(T):\n        h_prev",
        new="for t in reversed(range(T)):\n        h_prev",
        caught_by="sequence",
        says="Your gru_forward walks through time backwards: step 0 comes first.",
    ),
    Bug(
        id="forward-hn-of-the-first-step",
        old="return Hout, h, cache",
        new="return Hout, Hout[0], cache",
        caught_by="sequence",
        says="Your hn is the hidden state of the first step; it should be that of the last.",
    ),
    Bug(
        id="forward-one-buffer-for-all-steps",
        old=CACHE,
        new="    Hout[:] = h\n" + CACHE,
        caught_by="sequence",
        says="All steps of your Hout equal the last one: the same array was stored every time; "
        "store a copy.",
    ),
    Bug(
        id="forward-default-state-is-ones",
        old=START,
        new=START.replace("np.zeros", "np.ones"),
        caught_by="sequence",
        says="Without h0 your gru_forward starts from ones; it should start from zeros.",
    ),
    Bug(
        id="forward-first-row-for-all",
        old=ROW,
        new="row = np.hstack([ones, X[t], np.broadcast_to(h_prev[0], h_prev.shape)])",
        caught_by="forward_step",
        says="The gates of every row of your batch see the state of row 0; each has its own.",
    ),
    # --- gru_backward: the weights, one step
    Bug(
        id="dz-candidate-only",
        old=DZ,
        new="dz = dh * n",
        caught_by="backward_weights",
        says="Your dz is dh ⊙ n; z also takes away (1 - z) ⊙ h_{t-1}: dz = dh ⊙ (n - h_{t-1}).",
    ),
    Bug(
        id="dz-old-state-only",
        old=DZ,
        new="dz = -dh * h_prev",
        caught_by="backward_weights",
        says="Your dz is -dh ⊙ h_{t-1}; z also brings in z ⊙ n: dz = dh ⊙ (n - h_{t-1}).",
    ),
    Bug(
        id="dz-both-added",
        old=DZ,
        new="dz = dh * (n + h_prev)",
        caught_by="backward_weights",
        says="Your dz is dh ⊙ (n + h_{t-1}); 1 - z has a minus sign: dz = dh ⊙ (n - h_{t-1}).",
    ),
    Bug(
        id="dz-sign",
        old=DZ,
        new="dz = dh * (h_prev - n)",
        caught_by="backward_weights",
        says="Your dz has the wrong sign: z overwrites here, so dz = dh ⊙ (n - h_{t-1}).",
    ),
    Bug(
        id="dz-without-derivative",
        old=DA_ZR,
        new=DA_ZR.replace("dz * z * (1.0 - z)", "dz"),
        caught_by="backward_weights",
        says="Your da_z is dz: the derivative of the sigmoid, z ⊙ (1 - z), is missing.",
    ),
    Bug(
        id="dr-without-derivative",
        old=DA_ZR,
        new=DA_ZR.replace("dr * r * (1.0 - r)", "dr"),
        caught_by="backward_weights",
        says="Your da_r is dr: the derivative of the sigmoid, r ⊙ (1 - r), is missing.",
    ),
    Bug(
        id="gates-activated-twice",
        old=DA_ZR,
        new="sz, sr = sigmoid(z), sigmoid(r)\n"
        "        da_zr = np.hstack([dz * sz * (1.0 - sz), dr * sr * (1.0 - sr)])",
        caught_by="backward_weights",
        says="You take the sigmoid's derivative at z and r, which are through the sigmoid already; "
        "it is z ⊙ (1 - z) and r ⊙ (1 - r).",
    ),
    Bug(
        id="dn-without-update-gate",
        old=DN,
        new="dn = dh\n",
        caught_by="backward_weights",
        says="Your dn is dh; only the share z of n reaches h_t: dn = dh ⊙ z.",
    ),
    Bug(
        id="dn-without-derivative",
        old=DA_N,
        new="da_n = dn",
        caught_by="backward_weights",
        says="Your da_n is dn: the derivative of tanh, 1 - n², is missing.",
    ),
    Bug(
        id="dn-with-sigmoid-derivative",
        old=DA_N,
        new="da_n = dn * n * (1.0 - n)",
        caught_by="backward_weights",
        says="Your da_n has n ⊙ (1 - n), the derivative of a sigmoid; tanh has 1 - n².",
    ),
    Bug(
        id="dn-activated-twice",
        old=DA_N,
        new="da_n = dn * (1.0 - np.tanh(n) ** 2)",
        caught_by="backward_weights",
        says="You take tanh of n once more before its derivative; n is through tanh already: 1 - n².",
    ),
    Bug(
        id="update-keeps-in-backward",
        old=DZ,
        new="dz = dh * (h_prev - n)",
        also=((DN, "dn = dh * (1.0 - z)\n"), (STRAIGHT, "dh_prev = dh * z")),
        caught_by="backward_weights",
        says="Your gru_backward has z and 1 - z exchanged, as in PyTorch's formula; "
        "your gru_forward has them right.",
    ),
    Bug(
        id="dr-missing",
        old=DR,
        new="dr = 0.0 * drh",
        caught_by="backward_weights",
        says="Your reset gate gets no gradient: dr is what arrives at r ⊙ h_{t-1}, times h_{t-1}.",
    ),
    Bug(
        id="dr-without-state",
        old=DR,
        new="dr = drh",
        caught_by="backward_weights",
        says="Your dr leaves out h_{t-1}: what arrives at r ⊙ h_{t-1} goes to r times h_{t-1}.",
    ),
    Bug(
        id="dr-without-weights",
        old=DR,
        new="dr = da_n * h_prev",
        caught_by="backward_weights",
        says="Your dr skips W_hn: da_n has to go back through the recurrent rows of W_n first.",
    ),
    Bug(
        id="dr-of-the-other-gru",
        old=DR,
        new="dr = da_n * (h_prev @ W_n[1 + D :])",
        caught_by="backward_weights",
        says="Your dr is that of a reset after the product, da_n ⊙ (h_{t-1} @ W_hn); "
        "here it is (da_n @ W_hn^T) ⊙ h_{t-1}.",
    ),
    Bug(
        id="dw-of-the-candidate-without-reset",
        old=DW_N,
        new="dW[:, 2 * H :] += row.T @ da_n",
        caught_by="backward_weights",
        says="Your dW_n is made with [1, x, h]; the candidate has read [1, x, r ⊙ h].",
    ),
    Bug(
        id="dw-of-the-gates-with-reset",
        old=DW_ZR,
        new="dW[:, : 2 * H] += row_n.T @ da_zr",
        caught_by="backward_weights",
        says="Your dW_z and dW_r are made with [1, x, r ⊙ h]; the gates have read [1, x, h].",
    ),
    Bug(
        id="dw-gates-exchanged",
        old=DW_ZR,
        new="dW[:, : 2 * H] += np.roll(row.T @ da_zr, H, axis=1)",
        caught_by="backward_weights",
        says="Your dW has z and r in each other's columns; the order is z | r | n.",
    ),
    Bug(
        id="dw-with-the-new-state",
        old=STEPS,
        new="steps.append((np.hstack([ones, X[t], h]), row_n, h_prev, z, r, n))",
        caught_by="backward_weights",
        says="Your dW_z and dW_r are made with h_t; the gates of step t have read h_{t-1}.",
    ),
    Bug(
        id="bias-in-the-wrong-block",
        old=BACK,
        new="    dW[0, : 2 * H] = np.roll(dW[0, : 2 * H], H)\n" + BACK,
        caught_by="backward_weights",
        says="Your bias gradients of z and r stand in each other's columns.",
    ),
    Bug(
        id="bias-all-from-z",
        old=BACK,
        new="    dW[0] = np.tile(dW[0, :H], 3)\n" + BACK,
        caught_by="backward_weights",
        says="Your bias gradients of r and n are copies of z's; each block has its own.",
    ),
    Bug(
        id="bias-without-gradient",
        old=BACK,
        new="    dW[0] = 0.0\n" + BACK,
        caught_by="backward_weights",
        says="Your bias row gets no gradient; it is the sum of da over steps and batch.",
    ),
    Bug(
        id="dw-averaged-over-the-batch",
        old=BACK,
        new="    return dX, dW / B, dh_next\n",
        caught_by="backward_weights",
        says="Your dW is divided by the batch size; the loss is a sum here, so dW is a sum too.",
        convention=True,
    ),
    Bug(
        id="state-off-by-one",
        old=STEPS,
        new="steps.append((row, row_n, h, z, r, n))",
        caught_by="backward_weights",
        says="Your dz and dr use h_t where h_{t-1} belongs: you are one step off.",
    ),
    Bug(
        id="state-wraps-around",
        old=CACHE,
        new="    first = steps[0]\n"
        "    wrapped = np.hstack([ones, X[0], h])\n"
        "    steps[0] = (wrapped, first[1], h, *first[3:])\n" + CACHE,
        caught_by="backward_weights",
        says="At t = 0 your gru_backward takes the last hidden state for h_{t-1} (index -1 wraps "
        "around); before the first step there is h0.",
    ),
    Bug(
        id="dh-written-over",
        old=DZ,
        new="dz = dh\n        dz *= n - h_prev",
        caught_by="backward_weights",
        says="You write dz over dh while dh is still needed: dz = dh names the same array twice. "
        "Multiply into a new one.",
    ),
    # --- gru_backward: inputs and initial state, one step
    Bug(
        id="dx-without-candidate",
        old=DX,
        new="dX[t] = drow[:, 1 : 1 + D]",
        caught_by="backward_inputs",
        says="Your dX leaves out the candidate: x_t is read by z, r and n.",
    ),
    Bug(
        id="dx-without-gates",
        old=DX,
        new="dX[t] = drow_n[:, 1 : 1 + D]",
        caught_by="backward_inputs",
        says="Your dX leaves out the gates: x_t is read by z, r and n.",
    ),
    Bug(
        id="dx-from-the-bias-row",
        old=DX,
        new="dX[t] = drow[:, :D] + drow_n[:, :D]",
        caught_by="backward_inputs",
        says="Your dX is cut out one row too early: row 0 of W is the bias, x starts at row 1.",
    ),
    Bug(
        id="past-not-straight",
        old=STRAIGHT,
        new="dh_prev = np.zeros((B, H))",
        caught_by="backward_inputs",
        says="Your dh_{t-1} lacks the straight way: dh ⊙ (1 - z), past gates and candidate.",
    ),
    Bug(
        id="past-straight-with-z",
        old=STRAIGHT,
        new="dh_prev = dh * z",
        caught_by="backward_inputs",
        says="Your straight way into the past is dh ⊙ z; kept is the share 1 - z: dh ⊙ (1 - z).",
    ),
    Bug(
        id="past-straight-only",
        old=THROUGH_N,
        new="dh_prev = dh_prev + 0.0 * drh",
        also=((THROUGH_GATES, "dh_prev = dh_prev + 0.0 * drow[:, 1 + D :]"),),
        caught_by="backward_inputs",
        says="Your dh_{t-1} is the straight way alone, dh ⊙ (1 - z); "
        "the candidate and both gates have read h_{t-1} as well.",
    ),
    Bug(
        id="past-not-through-candidate",
        old=THROUGH_N,
        new="dh_prev = dh_prev + 0.0 * drh",
        caught_by="backward_inputs",
        says="Your dh_{t-1} lacks the way through the candidate: "
        "what arrives at r ⊙ h_{t-1}, times r.",
    ),
    Bug(
        id="past-through-candidate-without-reset",
        old=THROUGH_N,
        new="dh_prev = dh_prev + drh",
        caught_by="backward_inputs",
        says="Your way through the candidate leaves out r: "
        "what arrives at r ⊙ h_{t-1} goes to h_{t-1} times r.",
    ),
    Bug(
        id="past-not-through-gates",
        old=THROUGH_GATES,
        new="dh_prev = dh_prev + 0.0 * drow[:, 1 + D :]",
        caught_by="backward_inputs",
        says="Your dh_{t-1} lacks the ways through z and r: both gates have read h_{t-1}.",
    ),
    Bug(
        id="past-not-through-z",
        old=THROUGH_GATES,
        new="dh_prev = dh_prev + da_zr[:, H:] @ W[1 + D :, H : 2 * H].T",
        caught_by="backward_inputs",
        says="Your dh_{t-1} lacks the way through z: the update gate has read h_{t-1} as well.",
    ),
    Bug(
        id="past-not-through-r",
        old=THROUGH_GATES,
        new="dh_prev = dh_prev + da_zr[:, :H] @ W[1 + D :, :H].T",
        caught_by="backward_inputs",
        says="Your dh_{t-1} lacks the way through r: the reset gate has read h_{t-1} as well.",
    ),
    Bug(
        id="dh0-one-step-short",
        old=BACK,
        new="    return dX, dW, dh\n",
        caught_by="backward_inputs",
        says="Your dh0 is the gradient of h_1; go back through the first step too.",
    ),
    # --- gru_backward: through time
    Bug(
        id="nothing-carried",
        old=ARRIVES,
        new="dh = dHout[t]",
        caught_by="backward_sequence",
        says="Your dh is dHout[t] alone: what step t+1 sends back is missing, "
        "so nothing goes back through time.",
    ),
    Bug(
        id="upstream-of-the-last-step-only",
        old=ARRIVES,
        new="dh = dHout[t] + dh_next if t == T - 1 else dh_next",
        caught_by="backward_sequence",
        says="Your dh uses dHout at the last step only; every step has its own dHout[t] to add.",
    ),
    Bug(
        id="upstream-off-by-one",
        old=ARRIVES,
        new="dh = dHout[t - 1] + dh_next",
        caught_by="backward_sequence",
        says="Your dh takes dHout[t-1] at step t: you are one step off.",
    ),
    Bug(
        id="dw-overwritten",
        old=DW_ZR,
        new=DW_ZR.replace("+=", "="),
        also=((DW_N, DW_N.replace("+=", "=")),),
        caught_by="backward_sequence",
        says="Your dW is overwritten at every step; all steps share W, so their shares add up.",
    ),
    Bug(
        id="backward-forwards-in-time",
        old="for t in reversed(range(T)):",
        new="for t in range(T):",
        caught_by="backward_sequence",
        says="Your gru_backward walks forwards in time; it has to start at the last step.",
    ),
    Bug(
        id="dhn-ignored",
        old="dh_next = np.zeros((B, H)) if dhn is None else dhn",
        new="dh_next = np.zeros((B, H))",
        caught_by="upstream",
        says="Your gru_backward ignores dhn; it arrives at the last step, added to dHout[T-1].",
    ),
    Bug(
        id="dhn-at-every-step",
        old=ARRIVES,
        new="dh = dHout[t] + dh_next\n"
        "        if dhn is not None and t < T - 1:\n"
        "            dh = dh + dhn",
        caught_by="upstream",
        says="Your dhn is added at every step; hn is the last state, so it arrives there only.",
    ),
    Bug(
        id="dhn-instead-of-upstream",
        old=ARRIVES,
        new="dh = dh_next if t == T - 1 and dhn is not None else dHout[t] + dh_next",
        caught_by="upstream",
        says="Your dhn replaces dHout[T-1]; hn and Hout[T-1] are the same state, "
        "so their gradients add up.",
    ),
    Bug(
        id="clipped-inside",
        old=CARRIED,
        new="dh_next = np.clip(dh_prev, -20.0, 20.0)\n",
        caught_by="upstream",
        says="You clip dh inside gru_backward; it should return the true gradient, "
        "and clipping comes after it.",
    ),
    # --- gru_forward_after
    Bug(
        id="after-without-b-hn",
        old=CANDIDATE_AFTER,
        new=CANDIDATE_AFTER.replace(" + b_hn", ""),
        caught_by="after",
        says="Your gru_forward_after leaves out b_hn.",
    ),
    Bug(
        id="after-b-hn-outside",
        old=CANDIDATE_AFTER,
        new="n = np.tanh(from_x[:, 2 * H :] + r * from_h[:, 2 * H :] + b_hn)",
        caught_by="after",
        says="Your b_hn is outside the reset; r scales it together with h @ W_hn.",
    ),
    Bug(
        id="after-reset-before-the-product",
        old=CANDIDATE_AFTER,
        new="n = np.tanh(from_x[:, 2 * H :] + (r * h) @ W_h[:, 2 * H :] + r * b_hn)",
        caught_by="after",
        says="Your gru_forward_after still resets before the product, (r ⊙ h) @ W_hn; "
        "here r comes after it: r ⊙ (h @ W_hn + b_hn).",
    ),
    Bug(
        id="after-is-gru-forward",
        old=CANDIDATE_AFTER,
        new="n = np.tanh(from_x[:, 2 * H :] + (r * h) @ W_h[:, 2 * H :] + b_hn)",
        caught_by="after",
        says="Your gru_forward_after is gru_forward with one more bias: r has to come after the "
        "product, and around b_hn: r ⊙ (h @ W_hn + b_hn).",
    ),
    Bug(
        id="after-reset-not-applied",
        old=CANDIDATE_AFTER,
        new=CANDIDATE_AFTER.replace("r * (", "("),
        caught_by="after",
        says="Your gru_forward_after computes r and never applies it.",
    ),
    Bug(
        id="after-reset-of-everything",
        old=CANDIDATE_AFTER,
        new="n = np.tanh(r * (from_x[:, 2 * H :] + from_h[:, 2 * H :] + b_hn))",
        caught_by="after",
        says="In gru_forward_after your r scales x_t and b_n as well; "
        "it belongs to h @ W_hn + b_hn alone.",
    ),
    Bug(
        id="after-bias-inside",
        old=CANDIDATE_AFTER,
        new="n = np.tanh(from_x[:, 2 * H :] - W[0, 2 * H :]"
        " + r * (from_h[:, 2 * H :] + b_hn + W[0, 2 * H :]))",
        caught_by="after",
        says="In gru_forward_after your b_n is inside the reset with b_hn; it stays outside.",
    ),
    Bug(
        id="after-update-keeps",
        old=MIX_AFTER,
        new="h = n + z * (h - n)",
        caught_by="after",
        says="In gru_forward_after your z keeps, as PyTorch's does; here z overwrites, "
        "only to_torch_gru turns it round.",
        convention=True,
        adapter="UpdateKeepsAfter",
    ),
    Bug(
        id="after-columns-reset-first",
        old=GATES_AFTER,
        new=GATES_AFTER.replace("z, r", "r, z"),
        caught_by="after",
        says="In gru_forward_after you read the columns of W as r, z, n; they are z | r | n.",
        convention=True,
        adapter="ColumnsResetFirstAfter",
    ),
    Bug(
        id="after-without-bias",
        old=PRODUCTS,
        new="from_x, from_h = X[t] @ W_x, h @ W_h",
        caught_by="after",
        says="Your gru_forward_after leaves out the bias row of W; b_hn comes on top of it.",
    ),
    Bug(
        id="after-h0-ignored",
        old=START_AFTER,
        new="h = np.zeros((B, H))\n    W_x",
        caught_by="after",
        says="Your gru_forward_after starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="after-products-of-h0",
        old=PRODUCTS,
        new="start = np.zeros((B, H)) if h0 is None else h0\n"
        "        from_x, from_h = W[0] + X[t] @ W_x, start @ W_h",
        caught_by="after",
        says="Your gru_forward_after multiplies h0 by W_h at every step; step t needs h_{t-1}.",
    ),
    # --- to_torch_gru
    Bug(
        id="torch-z-not-negated",
        old=STACK,
        new="V = np.hstack([r, z, n]).T",
        caught_by="torch_weights",
        says="Your z goes to PyTorch as it is; its z is our 1 - z = σ(-a), "
        "so the weights and the bias of z change their sign.",
    ),
    Bug(
        id="torch-reshaped-instead-of-transposed",
        old=STACK,
        new="V = np.hstack([r, -z, n])",
        also=(
            ('"weight_ih": V[:, 1 : 1 + D]', '"weight_ih": V[1 : 1 + D].reshape(3 * H, D)'),
            ('"weight_hh": V[:, 1 + D :]', '"weight_hh": V[1 + D :].reshape(3 * H, H)'),
            ('"bias_ih": V[:, 0]', '"bias_ih": V[0]'),
        ),
        caught_by="torch_weights",
        says="Your rows for PyTorch have the right shape and scrambled entries: reshape keeps the "
        "order in memory; transpose each block of W.",
    ),
    Bug(
        id="torch-columns-as-they-are",
        old=STACK,
        new="V = W.T",
        caught_by="torch_weights",
        says="Your rows for PyTorch are z, r, n as in W; they should be r, z, n, with z negated.",
    ),
    Bug(
        id="torch-rows-update-first",
        old=STACK,
        new="V = np.hstack([-z, r, n]).T",
        caught_by="torch_weights",
        says="Your rows for PyTorch are z, r, n, as Keras has them; PyTorch stacks r, z, n.",
        convention=True,
    ),
    Bug(
        id="torch-one-minus-weights",
        old=STACK,
        new="V = np.hstack([r, 1.0 - z, n]).T",
        caught_by="torch_weights",
        says="You subtract z's weights from 1; it is the gate that becomes 1 - z, "
        "and 1 - σ(a) = σ(-a): negate them.",
    ),
    Bug(
        id="torch-reset-negated",
        old=STACK,
        new="V = np.hstack([-r, z, n]).T",
        caught_by="torch_weights",
        says="You negate r for PyTorch; it is z that is the other way round.",
    ),
    Bug(
        id="torch-only-bias-negated",
        old=STACK,
        new="V = np.hstack([r, np.vstack([-z[:1], z[1:]]), n]).T",
        caught_by="torch_weights",
        says="You negate the bias of z for PyTorch, but not its weights: σ(-a) needs both.",
    ),
    Bug(
        id="torch-only-weights-negated",
        old=STACK,
        new="V = np.hstack([r, np.vstack([z[:1], -z[1:]]), n]).T",
        caught_by="torch_biases",
        says="You negate the weights of z for PyTorch, but not its bias: σ(-a) needs both.",
    ),
    Bug(
        id="torch-not-transposed",
        old='"weight_ih": V[:, 1 : 1 + D]',
        new='"weight_ih": V[:, 1 : 1 + D].T',
        also=(('"weight_hh": V[:, 1 + D :]', '"weight_hh": V[:, 1 + D :].T'),),
        caught_by="torch_weights",
        says="Your matrices for PyTorch are (D, 3H) and (H, 3H); it multiplies columns, "
        "so they are (3H, D) and (3H, H).",
    ),
    Bug(
        id="torch-matrices-exchanged",
        old='"weight_ih": V[:, 1 : 1 + D]',
        new='"weight_ih": V[:, 1 + D :]',
        also=(('"weight_hh": V[:, 1 + D :]', '"weight_hh": V[:, 1 : 1 + D]'),),
        caught_by="torch_weights",
        says="Your weight_ih and weight_hh are exchanged: ih reads x, hh reads h.",
    ),
    Bug(
        id="torch-b-hn-with-the-input",
        old=BIAS_IH,
        new='"bias_ih": V[:, 0] + np.concatenate([np.zeros(2 * H), b_hn])',
        also=((BIAS_HH, '"bias_hh": np.zeros(3 * H)'),),
        caught_by="torch_biases",
        says="Your b_hn is in bias_ih, where r cannot reach it; it belongs in bias_hh.",
    ),
    Bug(
        id="torch-b-hn-of-the-reset-gate",
        old=BIAS_HH,
        new='"bias_hh": np.concatenate([b_hn, np.zeros(2 * H)])',
        caught_by="torch_biases",
        says="Your b_hn stands in the first block of bias_hh, which is r's; n's is the last.",
    ),
    Bug(
        id="torch-biases-of-n-exchanged",
        old=BIAS_IH,
        new='"bias_ih": np.concatenate([V[: 2 * H, 0], b_hn])',
        also=((BIAS_HH, '"bias_hh": np.concatenate([np.zeros(2 * H), V[2 * H :, 0]])'),),
        caught_by="torch_biases",
        says="Your b_n is in bias_hh and b_hn in bias_ih; r scales bias_hh, and that is b_hn.",
    ),
    Bug(
        id="torch-biases-twice",
        old=BIAS_HH,
        new='"bias_hh": np.concatenate([V[: 2 * H, 0], b_hn])',
        caught_by="torch_biases",
        says="Your biases of r and z are in bias_ih and in bias_hh; PyTorch adds the two, "
        "so they count twice.",
    ),
    # --- precision
    Bug(
        id="forward-in-float32",
        old="    Hout = np.empty((T, B, H))\n    steps",
        new="    X, W, h, ones = (v.astype(np.float32) for v in (X, W, h, ones))\n"
        "    Hout = np.empty((T, B, H), np.float32)\n    steps",
        caught_by="precision",
        says="Your gru_forward computes in float32; gradient checks need float64.",
    ),
]
