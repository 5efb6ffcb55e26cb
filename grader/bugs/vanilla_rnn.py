"""Known bugs of `vanilla_rnn`: where people really go wrong.

Sources of the real ones: the notebook behind RNN-LSTM-in-numpy (hidden[t - 1]
wraps around at t = 0) and its issue #1 (what step t + 1 sends back is never
set); nicklashansen/rnn_lstm_from_scratch #1 (gradient checks that fail);
andrew_ng_deep_learning #1 (da_prev never updated); cs231n.github.io #123 (dh
returned where dprev_h is meant); learn_dl #53 (bias gradients); a well-known
character model that clips inside its backward, entry by entry; and texts that
call that clipping by the norm.
"""

from dataclasses import replace

import numpy as np

from grader.calls import Made
from grader.catalogue import Bug

ROW = "row = np.hstack([ones, X[t], h])"
START = "    h = np.zeros((B, H)) if h0 is None else h0\n"
DH = "dh = dHout[t] + dh_next"
DA = "da = dh * (1.0 - Hout[t] ** 2)"
DW = "dW += rows[t].T @ da"
CARRY = "dh_next = drow[:, 1 + D :]"
LAST = "dh_next = np.zeros((B, H)) if dhn is None else dhn"
GRADIENTS = "    return dX, dW, dh_next\n"
NORM = "norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))"
FACTOR = "    factor = max_norm / max(norm, max_norm)\n"
SHRUNK = "return {name: factor * g for name, g in grads.items()}, float(norm)"
OWN_NORM = "norm = np.linalg.norm(g)"
OWN_FACTOR = "clipped[name] = g * (max_norm / max(norm, max_norm))"
CUT = "np.clip(g, -limit, limit)"
JACOBIAN = "J = (1.0 - h**2)[:, None] * W_hh.T"
PRODUCT = "product = product @ J"
SIZE = "norms.append(np.linalg.norm(product, 2))"
POWER = "return steps * float(np.log10(scale))"
CURVE = 'axes.plot(steps, gradient_scale(scale, steps), label=f"{scale:g} per step")'


class Adapted:
    """Asks a student of another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


def recipe(cache, X=None, W=None):
    """Make a cache from other arguments."""
    if not isinstance(cache, Made):
        return cache
    old_X, old_W, *h0 = cache.args
    return replace(cache, args=(old_X if X is None else X, old_W if W is None else W, *h0))


def turned(seen, name, turn):
    """Turn one of the returned arrays, if it is one that can be turned."""
    k = seen.names.index(name)
    value = seen.values[k]
    if getattr(value, "ndim", 0) < 2:
        return seen
    return replace(seen, values=(*seen.values[:k], turn(value), *seen.values[k + 1 :]))


def swapped(array):
    """Swap time and batch."""
    return array.swapaxes(0, 1).copy()


class BatchFirst(Adapted):
    """X, Hout and their gradients as (B, T, .)."""

    def rnn_forward(self, X, W, *h0):
        """Swap time and batch on the way in and on the way out."""
        return turned(self._student.rnn_forward(swapped(X), W, *h0), "Hout", swapped)

    def rnn_backward(self, dHout, cache, *dhn):
        """Swap time and batch on the way in and on the way out."""
        cache = recipe(cache, X=swapped(cache.args[0]))
        return turned(self._student.rnn_backward(swapped(dHout), cache, *dhn), "dX", swapped)

    def jacobian_norms(self, X, W, *h0):
        """Swap time and batch on the way in."""
        return self._student.jacobian_norms(swapped(X), W, *h0)


class Reordered(Adapted):
    """W with its rows in another order."""

    @staticmethod
    def there(W, D):
        """Put the course's rows into the student's order."""
        raise NotImplementedError

    @staticmethod
    def here(W, D):
        """Put the student's rows into the course's order."""
        raise NotImplementedError

    def rnn_forward(self, X, W, *h0):
        """Reorder the rows on the way in."""
        return self._student.rnn_forward(X, self.there(W, X.shape[2]), *h0)

    def rnn_backward(self, dHout, cache, *dhn):
        """Reorder the rows of W on the way in, of dW on the way out."""
        X, W, *_ = cache.args
        D = X.shape[2]
        seen = self._student.rnn_backward(dHout, recipe(cache, W=self.there(W, D)), *dhn)
        return turned(seen, "dW", lambda dW: self.here(dW, D))

    def jacobian_norms(self, X, W, *h0):
        """Reorder the rows on the way in."""
        return self._student.jacobian_norms(X, self.there(W, X.shape[2]), *h0)


class RecurrentFirst(Reordered):
    """W with the recurrent rows before the input rows."""

    @staticmethod
    def there(W, D):
        """From bias, input, recurrent."""
        return np.vstack([W[:1], W[1 + D :], W[1 : 1 + D]])

    @staticmethod
    def here(W, D):
        """From bias, recurrent, input."""
        return np.vstack([W[:1], W[len(W) - D :], W[1 : len(W) - D]])


class BiasLast(Reordered):
    """W with its bias row at the bottom."""

    @staticmethod
    def there(W, D):  # noqa: ARG004  all rows move, whatever D is
        """From bias, input, recurrent."""
        return np.roll(W, -1, axis=0)

    @staticmethod
    def here(W, D):  # noqa: ARG004  as above
        """From input, recurrent, bias."""
        return np.roll(W, 1, axis=0)


class StateBeforeWeights(Adapted):
    """dX, dh0, dW instead of dX, dW, dh0."""

    def rnn_backward(self, *args):
        """Put the returned gradients in the course's order."""
        seen = self._student.rnn_backward(*args)
        dX, dh0, dW = seen.values
        return replace(seen, values=(dX, dW, dh0))


BUGS = [
    # --- forward: form
    Bug(
        id="forward-batch-first",
        old="    T, B, _ = X.shape\n",
        new="    X = X.swapaxes(0, 1)\n    T, B, _ = X.shape\n",
        also=(
            ("return Hout, h, cache", "return Hout.swapaxes(0, 1), h, cache"),
            (
                "    dX = np.empty((T, B, D))\n",
                "    dHout = dHout.swapaxes(0, 1)\n    dX = np.empty((T, B, D))\n",
            ),
            (GRADIENTS, "    return dX.swapaxes(0, 1), dW, dh_next\n"),
            ("reversed(Hout[:, 0])", "reversed(Hout[0])"),
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
        also=(("reversed(Hout[:, 0])", "reversed(Hout.reshape(len(X), -1, H)[:, 0])"),),
        caught_by="edge_sizes",
        says="Your Hout loses its axes of length 1; it stays (T, B, H) for every T, B and H.",
    ),
    # --- forward: one step
    Bug(
        id="forward-recurrent-rows-before-input",
        old=ROW,
        new="row = np.hstack([ones, h, X[t]])",
        also=(
            ("dX[t] = drow[:, 1 : 1 + D]", "dX[t] = drow[:, 1 + H :]"),
            (CARRY, "dh_next = drow[:, 1 : 1 + H]"),
            ("W_hh = W[-H:]", "W_hh = W[1 : 1 + H]"),
        ),
        caught_by="forward_step",
        says="You multiply W by [1, h, x]; its rows are ordered [1, x, h].",
        convention=True,
        adapter="RecurrentFirst",
    ),
    Bug(
        id="forward-bias-last",
        old=ROW,
        new="row = np.hstack([X[t], h, ones])",
        also=(
            ("dX[t] = drow[:, 1 : 1 + D]", "dX[t] = drow[:, :D]"),
            (CARRY, "dh_next = drow[:, D:-1]"),
            ("W_hh = W[-H:]", "W_hh = W[-1 - H : -1]"),
        ),
        caught_by="forward_step",
        says="You multiply W by [x, h, 1]; the bias belongs in row 0, so it is [1, x, h].",
        convention=True,
        adapter="BiasLast",
    ),
    Bug(
        id="forward-without-bias",
        old="ones = np.ones((B, 1))",
        new="ones = np.zeros((B, 1))",
        caught_by="forward_step",
        says="Your pre-activations leave out the bias: row 0 of W is multiplied by 1, not by 0.",
    ),
    Bug(
        id="forward-without-tanh",
        old="h = np.tanh(row @ W)",
        new="h = row @ W",
        caught_by="forward_step",
        says="Your h is the pre-activation itself: the tanh around it is missing.",
    ),
    Bug(
        id="forward-through-sigmoid",
        old="h = np.tanh(row @ W)",
        new="h = 1.0 / (1.0 + np.exp(-(row @ W)))",
        caught_by="forward_step",
        says="Your h goes through a sigmoid; this network uses tanh, from -1 to 1.",
    ),
    Bug(
        id="forward-h-never-used",
        old=ROW,
        new="row = np.hstack([ones, X[t], 0.0 * h])",
        caught_by="forward_step",
        says="Your pre-activations leave out h_{t-1}: the recurrent rows of W have no effect.",
    ),
    Bug(
        id="forward-h0-ignored",
        old=START,
        new="    h = np.zeros((B, H))\n",
        caught_by="forward_step",
        says="Your recurrence starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="forward-residual",
        old="h = np.tanh(row @ W)",
        new="h = h + np.tanh(row @ W)",
        caught_by="forward_step",
        says="You add tanh(a_t) to the old h; here h_t is tanh(a_t) alone.",
    ),
    Bug(
        id="forward-first-row-for-all",
        old=ROW,
        new="row = np.hstack([ones, X[t], np.broadcast_to(h[0], h.shape)])",
        caught_by="edge_sizes",
        says="Every row of your batch sees the hidden state of row 0; each has its own.",
    ),
    # --- forward: through time
    Bug(
        id="forward-hidden-not-carried",
        old=ROW,
        new="row = np.hstack([ones, X[t], np.zeros((B, H)) if h0 is None else h0])",
        caught_by="sequence",
        says="Your pre-activations use h0 at every step; step t needs h_{t-1}.",
    ),
    Bug(
        id="forward-backwards-in-time",
        old="for t in range(T):",
        new="for t in reversed(range(T)):",
        also=(("rows.append(row)", "rows.insert(0, row)"),),
        caught_by="sequence",
        says="You walk through time backwards: step 0 comes first.",
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
        old="    return Hout, h, cache\n",
        new="    Hout = np.broadcast_to(h, Hout.shape).copy()\n    return Hout, h, cache\n",
        caught_by="sequence",
        says="All steps of your Hout equal the last one: the same array was stored every time; "
        "store a copy.",
    ),
    Bug(
        id="forward-stores-the-state-before",
        old="        h = np.tanh(row @ W)\n        Hout[t] = h\n",
        new="        Hout[t] = h\n        h = np.tanh(row @ W)\n",
        caught_by="sequence",
        says="Your Hout[t] is the state before step t; store h_t after it is computed.",
    ),
    Bug(
        id="forward-default-state-is-ones",
        old=START,
        new=START.replace("np.zeros", "np.ones"),
        caught_by="initial_state",
        says="Without h0 your recurrence starts from ones; it should start from zeros.",
    ),
    Bug(
        id="forward-in-float32",
        old="    Hout = np.empty((T, B, H))\n",
        new="    Hout = np.empty((T, B, H), np.float32)\n"
        "    X, W = X.astype(np.float32), W.astype(np.float32)\n"
        "    h, ones = h.astype(np.float32), ones.astype(np.float32)\n",
        caught_by="precision",
        says="Your rnn_forward computes in float32; gradient checks need float64.",
    ),
    # --- backward: one step
    Bug(
        id="backward-without-derivative",
        old=DA,
        new="da = dh",
        caught_by="backward_step",
        says="Your da is dh itself: the derivative of tanh, 1 - h², is missing.",
    ),
    Bug(
        id="backward-tanh-twice",
        old=DA,
        new="da = dh * (1.0 - np.tanh(Hout[t]) ** 2)",
        caught_by="backward_step",
        says="Your derivative is 1 - tanh(h)²; h has been through tanh already, so it is 1 - h².",
    ),
    Bug(
        id="backward-derivative-not-squared",
        old=DA,
        new="da = dh * (1.0 - Hout[t])",
        caught_by="backward_step",
        says="Your derivative of tanh is 1 - h; it is 1 - h².",
    ),
    Bug(
        id="backward-derivative-of-sigmoid",
        old=DA,
        new="da = dh * Hout[t] * (1.0 - Hout[t])",
        caught_by="backward_step",
        says="Your derivative is h (1 - h), that of a sigmoid; for tanh it is 1 - h².",
    ),
    Bug(
        id="backward-recurrent-not-transposed",
        old=CARRY,
        new="dh_next = da @ W[1 + D :]",
        caught_by="backward_inputs",
        says="You send da back through W_hh; the way back is through its transpose.",
    ),
    Bug(
        id="backward-carries-dh-for-da",
        old=CARRY,
        new="dh_next = dh @ W[1 + D :].T",
        caught_by="backward_inputs",
        says="What you send back to h_{t-1} starts from dh; it must pass tanh first, as da.",
    ),
    Bug(
        id="backward-dX-includes-the-bias-row",
        old="dX[t] = drow[:, 1 : 1 + D]",
        new="dX[t] = drow[:, :D]",
        caught_by="backward_step",
        says="Your dX is one column early: it takes the bias row of W and leaves out the last "
        "input row.",
    ),
    Bug(
        id="backward-returns-dh-for-dh0",
        old=GRADIENTS,
        new="    return dX, dW, dh\n",
        caught_by="backward_start",
        says="Your dh0 is the gradient of the first Hout; one more step back, through tanh and W_hh, "
        "is missing.",
    ),
    Bug(
        id="backward-state-before-dW",
        old=GRADIENTS,
        new="    return dX, dh_next, dW\n",
        caught_by="backward_step",
        says="Your rnn_backward returns dX, dh0, dW; the order is dX, dW, dh0.",
        convention=True,
        adapter="StateBeforeWeights",
    ),
    Bug(
        id="backward-h0-not-in-dW",
        old=DW,
        new="h_prev = Hout[t - 1] if t > 0 else np.zeros((B, H))\n"
        "        dW += np.hstack([rows[t][:, : 1 + D], h_prev]).T @ da",
        caught_by="backward_step",
        says="Your dW takes zeros for the state before the first step; there it is h0.",
    ),
    Bug(
        id="backward-wraps-around",
        old=DW,
        new="dW += np.hstack([rows[t][:, : 1 + D], Hout[t - 1]]).T @ da",
        caught_by="backward_step",
        says="At t = 0 your h_{t-1} is Hout[-1], the last state of all; there it is h0.",
    ),
    Bug(
        id="backward-dW-of-the-new-state",
        old=DW,
        new="dW += np.hstack([rows[t][:, : 1 + D], Hout[t]]).T @ da",
        caught_by="backward_step",
        says="Your recurrent rows of dW multiply da_t by h_t; what W met was h_{t-1}.",
    ),
    Bug(
        id="backward-bias-of-one-row",
        old=DW,
        new="dW += rows[t].T @ da\n        dW[0] += da[0] - da.sum(axis=0)",
        caught_by="backward_step",
        says="Your bias gradient takes row 0 of the batch only; sum da over the batch.",
    ),
    Bug(
        id="backward-bias-averaged",
        old=GRADIENTS,
        new="    dW[0] /= B\n    return dX, dW, dh_next\n",
        caught_by="backward_step",
        says="Your bias gradient is the mean over the batch; it is the sum, like the rest of dW.",
    ),
    Bug(
        id="backward-weights-averaged",
        old=GRADIENTS,
        new="    return dX, dW / B, dh_next\n",
        caught_by="backward_step",
        says="Your dW is the mean over the batch; it is the sum: the loss decides what is averaged.",
    ),
    # --- backward: through time
    Bug(
        id="backward-not-through-time",
        old=DH,
        new="dh = dHout[t] + (dh_next if t == T - 1 else 0.0)",
        caught_by="backward_inputs",
        says="What step t+1 sends back is not added to dh: no gradient goes back in time.",
    ),
    Bug(
        id="backward-loss-on-the-last-step-only",
        old=DH,
        new="dh = dh_next + (dHout[t] if t == T - 1 else 0.0)",
        caught_by="backward_inputs",
        says="You use dHout at the last step only; every step of Hout may be in the loss.",
    ),
    Bug(
        id="backward-dX-in-reversed-order",
        old=GRADIENTS,
        new="    return dX[::-1], dW, dh_next\n",
        caught_by="backward_inputs",
        says="Your dX runs backwards in time: its first entry belongs to the last step.",
    ),
    Bug(
        id="backward-weights-overwritten",
        old=DW,
        new="dW = rows[t].T @ da",
        caught_by="backward_weights",
        says="Your dW keeps one step only: each step overwrites it, where it should add.",
    ),
    Bug(
        id="backward-bias-overwritten",
        old=DW,
        new="dW += rows[t].T @ da\n        dW[0] = da.sum(axis=0)",
        caught_by="backward_weights",
        says="Your bias gradient keeps one step only: each step overwrites it, where it should add.",
    ),
    Bug(
        id="backward-weights-averaged-over-time",
        old=GRADIENTS,
        new="    return dX, dW / T, dh_next\n",
        caught_by="backward_weights",
        says="Your dW is the mean over the time steps; it is the sum.",
    ),
    Bug(
        id="backward-dh0-summed-over-time",
        old=CARRY,
        new="dh_next = drow[:, 1 + D :]\n        dh0 = dh_next + (0.0 if t == T - 1 else dh0)",
        also=((GRADIENTS, "    return dX, dW, dh0\n"),),
        caught_by="backward_start",
        says="Your dh0 adds up what all steps send back; only the first step has h0 before it.",
    ),
    Bug(
        id="backward-dh0-of-the-last-step",
        old=CARRY,
        new="dh_next = drow[:, 1 + D :]\n        dh0 = dh_next if t == T - 1 else dh0",
        also=((GRADIENTS, "    return dX, dW, dh0\n"),),
        caught_by="backward_start",
        says="Your dh0 is what the last step sends back; only the first step has h0 before it.",
    ),
    Bug(
        id="backward-dhn-ignored",
        old=LAST,
        new="dh_next = np.zeros((B, H))",
        caught_by="backward_last",
        says="Your rnn_backward leaves out dhn: a loss on hn has no gradient.",
    ),
    Bug(
        id="backward-dhn-replaces",
        old=DH,
        new="dh = dh_next if t == T - 1 and dhn is not None else dHout[t] + dh_next",
        caught_by="backward_last",
        says="Your dhn replaces the last dHout; it is added to it, since hn is in both.",
    ),
    Bug(
        id="backward-dhn-at-every-step",
        old=DH,
        new="dh = dHout[t] + dh_next + (0.0 if dhn is None or t == T - 1 else dhn)",
        caught_by="backward_last",
        says="You add dhn at every step; it joins in at the last step only.",
    ),
    Bug(
        id="backward-dhn-at-the-first-step",
        old=LAST,
        new="dh_next = np.zeros((B, H))",
        also=((DH, "dh = dHout[t] + dh_next + (0.0 if dhn is None or t > 0 else dhn)"),),
        caught_by="backward_last",
        says="You add dhn at the first step; hn is the state of the last.",
    ),
    Bug(
        id="backward-clips",
        old=GRADIENTS,
        new="    return dX, np.clip(dW, -5.0, 5.0), dh_next\n",
        caught_by="linear",
        says="Your rnn_backward clips dW; clipping is a step of its own, after the gradient.",
    ),
    Bug(
        id="backward-in-float32",
        old="    dW = np.zeros_like(W)\n",
        new="    W, Hout, dHout = (v.astype(np.float32) for v in (W, Hout, dHout))\n"
        "    rows = [row.astype(np.float32) for row in rows]\n"
        "    dW = np.zeros_like(W)\n",
        caught_by="precision",
        says="Your rnn_backward computes in float32; gradient checks need float64.",
    ),
    # --- clipping
    Bug(
        id="clip-global-entry-by-entry",
        old=SHRUNK,
        new="return {name: np.clip(g, -max_norm, max_norm) for name, g in grads.items()}, float(norm)",
        caught_by="clip_global",
        says="Your clip_global cuts entry by entry, which turns the gradient; "
        "all entries share one factor.",
    ),
    Bug(
        id="clip-global-array-by-array",
        old=SHRUNK,
        new="return {k: g * (max_norm / max(np.linalg.norm(g), max_norm)) "
        "for k, g in grads.items()}, float(norm)",
        caught_by="clip_global",
        says="Your clip_global gives every array a factor of its own; all arrays share one.",
    ),
    Bug(
        id="clip-global-norm-not-rooted",
        old=NORM,
        new="norm = sum(np.sum(g**2) for g in grads.values())",
        caught_by="clip_global",
        says="Your norm is the sum of the squares; the square root is missing.",
    ),
    Bug(
        id="clip-global-sum-of-norms",
        old=NORM,
        new="norm = sum(np.sqrt(np.sum(g**2)) for g in grads.values())",
        caught_by="clip_global",
        says="Your norm adds the norms of the arrays; it is the root of the sum of all squares.",
    ),
    Bug(
        id="clip-global-largest-norm",
        old=NORM,
        new="norm = max(np.sqrt(np.sum(g**2)) for g in grads.values())",
        caught_by="clip_global",
        says="Your norm is that of the largest array; it is the root of the sum of all squares.",
    ),
    Bug(
        id="clip-global-returns-the-norm-after",
        old=SHRUNK,
        new="return {name: factor * g for name, g in grads.items()}, float(factor * norm)",
        caught_by="clip_global",
        says="Your norm is the one after clipping; the one before is what tells you about "
        "your training.",
    ),
    Bug(
        id="clip-global-norm-first",
        old=SHRUNK,
        new="return float(norm), {name: factor * g for name, g in grads.items()}",
        caught_by="clip_global",
        says="Your clip_global returns norm, clipped; the clipped gradients come first.",
    ),
    Bug(
        id="clip-global-stretches",
        old=FACTOR,
        new="    factor = max_norm / norm if norm > 0 else 1.0\n",
        caught_by="clip_within",
        says="Your clip_global also stretches a short gradient to max_norm; it only ever shrinks.",
    ),
    Bug(
        id="clip-global-zero-by-zero",
        old=FACTOR,
        new="    factor = min(norm, max_norm) / norm\n",
        caught_by="clip_within",
        says="Your clip_global divides 0 by 0 when all gradients are zero, and NaN comes out.",
    ),
    Bug(
        id="clip-per-matrix-by-the-common-norm",
        old=OWN_NORM,
        new="norm = np.sqrt(sum(np.sum(v**2) for v in grads.values()))",
        caught_by="clip_per_matrix",
        says="Your clip_per_matrix uses the norm of all arrays together; each array has its own.",
    ),
    Bug(
        id="clip-per-matrix-spectral",
        old=OWN_NORM,
        new="norm = np.linalg.norm(g, 2)",
        caught_by="clip_per_matrix",
        says="Your norm of a matrix is its largest singular value; here it is the root of the "
        "sum of the squared entries.",
        convention=True,
    ),
    Bug(
        id="clip-per-matrix-stretches",
        old=OWN_FACTOR,
        new="clipped[name] = g * (max_norm / norm) if norm > 0 else g",
        caught_by="clip_within",
        says="Your clip_per_matrix also stretches short arrays to max_norm; it only ever shrinks.",
    ),
    Bug(
        id="clip-elementwise-from-above-only",
        old=CUT,
        new="np.minimum(g, limit)",
        caught_by="clip_elementwise",
        says="Your clip_elementwise cuts large positive entries only; -limit is a limit too.",
    ),
    Bug(
        id="clip-elementwise-drops",
        old=CUT,
        new="np.where(np.abs(g) <= limit, g, 0.0)",
        caught_by="clip_elementwise",
        says="Your clip_elementwise sets large entries to zero; they become limit or -limit.",
    ),
    Bug(
        id="clip-elementwise-by-the-norm",
        old=CUT,
        new="g * min(1.0, limit / np.linalg.norm(g))",
        caught_by="clip_elementwise",
        says="Your clip_elementwise shrinks whole arrays; it cuts every entry by itself.",
    ),
    Bug(
        id="clip-elementwise-by-the-largest",
        old=CUT,
        new="g * min(1.0, limit / np.abs(g).max())",
        caught_by="clip_elementwise",
        says="Your clip_elementwise scales an array by its largest entry; it cuts every entry "
        "by itself.",
    ),
    # --- memory
    Bug(
        id="jacobian-frobenius",
        old=SIZE,
        new="norms.append(np.linalg.norm(product))",
        also=(("norms = [1.0]", "norms = [np.linalg.norm(product)]"),),
        caught_by="jacobian_norms",
        says="You measure the Frobenius norm; the spectral norm is the largest singular value.",
        convention=True,
    ),
    Bug(
        id="jacobian-spectral-radius",
        old=SIZE,
        new="norms.append(np.abs(np.linalg.eigvals(product)).max())",
        caught_by="jacobian_norms",
        says="You take the largest eigenvalue; a norm is the largest singular value, and for a "
        "matrix that is not symmetric that is more.",
    ),
    Bug(
        id="jacobian-product-of-norms",
        old=SIZE,
        new="norms.append(norms[-1] * np.linalg.norm(J, 2))",
        caught_by="jacobian_norms",
        says="You multiply the norms of the steps; that is only an upper bound for the norm of "
        "the product.",
    ),
    Bug(
        id="jacobian-wrong-order",
        old=PRODUCT,
        new="product = J @ product",
        caught_by="jacobian_norms",
        says="Your product is in the wrong order: going back, every new J_t joins on the right.",
    ),
    Bug(
        id="jacobian-not-transposed",
        old=JACOBIAN,
        new="J = (1.0 - h**2)[:, None] * W_hh",
        caught_by="jacobian_norms",
        says="Your J_t uses W_hh; its rows are the units of h_t, so it is W_hh transposed.",
    ),
    Bug(
        id="jacobian-derivative-on-the-other-side",
        old=JACOBIAN,
        new="J = (1.0 - h**2) * W_hh.T",
        caught_by="jacobian_norms",
        says="You scale the columns of W_hh^T by 1 - h²; diag on the left scales its rows.",
    ),
    Bug(
        id="jacobian-without-tanh",
        old=JACOBIAN,
        new="J = W_hh.T",
        caught_by="jacobian_norms",
        says="Your J_t is W_hh^T alone: the derivative of tanh, 1 - h_t², is missing.",
    ),
    Bug(
        id="jacobian-without-lag-zero",
        old="return np.array(norms)",
        new="return np.array(norms[1:])",
        caught_by="jacobian_norms",
        says="Your norms begin at lag 1; entry 0 is the norm of the identity, 1.",
    ),
    Bug(
        id="jacobian-forwards-in-time",
        old="for h in reversed(Hout[:, 0]):",
        new="for h in Hout[:, 0]:",
        caught_by="jacobian_norms",
        says="You multiply from the first step on; lag k looks back from the last state.",
    ),
    Bug(
        id="jacobian-h0-ignored",
        old="Hout, _, _ = rnn_forward(X, W, h0)",
        new="Hout, _, _ = rnn_forward(X, W)",
        caught_by="jacobian_norms",
        says="Your jacobian_norms starts from h = 0 even when h0 is given.",
    ),
    Bug(
        id="sharing-without-bias",
        old="shared = (1 + D + H) * H",
        new="shared = (D + H) * H",
        caught_by="parameter_sharing",
        says="You leave out the bias row: W has 1 + D + H rows.",
    ),
    Bug(
        id="sharing-swapped",
        old="return shared, T * shared",
        new="return T * shared, shared",
        caught_by="parameter_sharing",
        says="Your counts are swapped: shared comes first.",
    ),
    Bug(
        id="sharing-counts-recurrent-only",
        old="return shared, T * shared",
        new="return shared, shared + (T - 1) * H * H",
        caught_by="parameter_sharing",
        says="Your unshared count gives every step recurrent weights of its own, but one bias and "
        "one set of input weights for all.",
    ),
    Bug(
        id="scale-overflows",
        old=POWER,
        new="return np.log10(scale**steps)",
        caught_by="gradient_scale",
        says="You compute scale^steps first, which overflows or ends at 0; "
        "log10(s^n) is n log10(s).",
    ),
    Bug(
        id="scale-natural-logarithm",
        old=POWER,
        new="return steps * float(np.log(scale))",
        caught_by="gradient_scale",
        says="Your power is one of e; use log10, so that it is a power of ten.",
        convention=True,
    ),
    Bug(
        id="scale-itself",
        old=POWER,
        new="return scale**steps",
        caught_by="gradient_scale",
        says="You return scale^steps itself; asked is its power of ten, which no length overflows.",
    ),
    Bug(
        id="scale-linear",
        old=POWER,
        new="return np.log10(steps * scale)",
        caught_by="gradient_scale",
        says="You multiply scale by steps; over many steps it is raised to that power.",
    ),
    # --- the figure
    Bug(
        id="plot-scale-first-curve-only",
        old=CURVE,
        new=CURVE + "\n        break",
        caught_by="scale_drawn",
        says="Your plot_gradient_scale draws one scale; draw all that are given.",
    ),
    Bug(
        id="plot-scale-by-the-scale",
        old=CURVE,
        new='axes.plot(steps, np.log10(scale * steps), label=f"{scale:g} per step")',
        caught_by="scale_drawn",
        says="Your plot_gradient_scale draws scale times the steps; over many steps scale is "
        "raised to that power.",
    ),
    Bug(
        id="plot-scale-against-the-index",
        old=CURVE,
        new='axes.plot(gradient_scale(scale, steps), label=f"{scale:g} per step")',
        caught_by="scale_drawn",
        says="Your plot_gradient_scale draws against 0, 1, 2 and so on; draw against the steps, "
        "which may begin elsewhere.",
    ),
    Bug(
        id="plot-scale-without-labels",
        old='        xlabel="steps",\n        ylabel="log10 of what is left",\n',
        new="",
        caught_by="scale_drawn",
        says="Your plot_gradient_scale labels no axis: say which one counts the steps and which "
        "one is a logarithm.",
    ),
    Bug(
        id="plot-scale-not-returned",
        old="        figure.savefig(path)\n    return figure\n",
        new="        figure.savefig(path)\n",
        caught_by="scale_drawn",
        says="Your plot_gradient_scale returns nothing; return the Figure.",
    ),
    Bug(
        id="plot-scale-linear",
        old=CURVE,
        new='axes.plot(steps, scale**steps, label=f"{scale:g} per step")',
        caught_by="scale_dressed",
        says="Your plot_gradient_scale has a linear axis: whatever is below 1 lies flat on zero.",
    ),
    Bug(
        id="plot-scale-logarithm-twice",
        old="    axes.axhline(0.0,",
        new='    axes.set_yscale("log")\n    axes.axhline(0.0,',
        caught_by="scale_dressed",
        says="Your plot_gradient_scale draws logarithms on a logarithmic axis; once is enough.",
    ),
    Bug(
        id="plot-scale-without-legend",
        old="    axes.legend()\n",
        new="",
        caught_by="scale_dressed",
        says="Your plot_gradient_scale has no legend: which curve is which?",
    ),
    Bug(
        id="plot-scale-path-ignored",
        old="    if path is not None:\n        figure.savefig(path)\n",
        new="",
        caught_by="scale_saved",
        says="Your plot_gradient_scale does not save the figure when it is given a path.",
    ),
]
