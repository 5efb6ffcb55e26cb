"""Known bugs of `lstm_backward`: where people really go wrong.

Sources of the real ones: CaptainE/RNN-LSTM-in-numpy #1 (no derivative on the
forget gate, nothing carried), hanbt/learn_dl #53 (all biases from one gate),
apache/mxnet #4057 and cthorey/CS231 #1 (dC assigned, not accumulated),
jinzishuai/learn2deeplearn #44 (derivative of the candidate),
sagarnildass/andrew_ng_deep_learning #1 (what goes to the step before is never
updated), Burton2000/CS231n-2017 #7 (writing over the upstream gradient), and a
much copied notebook with tanh of tanh, σ' of an activated gate, an index off by
one and a wrap-around at t = 0.
"""

from dataclasses import replace

from grader.calls import Made
from grader.catalogue import Bug

BATCH_STATE = "row, c_prev, i, f, o, g, tanh_c = steps[t]"
STEP_TANH = "dc = dc + dh * o * (1.0 - tanh_c**2)\n    #"
BATCH_TANH = "dc = dc + dh * o * (1.0 - tanh_c**2)\n        da_i"
BATCH_DH = "dh = drow[:, 1 + D :]"
BATCH_DC = "        dc = dc * f\n"
STACK = "da = np.hstack([da_i, da_f, da_o, da_g])"
WEIGHTS = "dW += row.T @ da"
START_C = "dc = np.zeros((B, H)) if dcn is None else dcn"
START_H = "dh = np.zeros((B, H)) if dhn is None else dhn"


class Adapted:
    """Asks a student whose lstm_forward follows another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


class HiddenFirst(Adapted):
    """lstm_forward returns Hout, hn, cn."""

    def lstm_forward(self, *args):
        """Put the returned states in the course's order."""
        seen = self._student.lstm_forward(*args)
        Hout, hn, cn, made = seen.values
        return replace(seen, values=(Hout, cn, hn, made))


class BatchFirst(Adapted):
    """lstm_forward and lstm_backward keep X, Hout and their gradients as (B, T, .)."""

    def lstm_forward(self, X, *args):
        """Swap time and batch on the way in and on the way out."""
        seen = self._student.lstm_forward(X.swapaxes(0, 1).copy(), *args)
        return replace(seen, values=(seen.Hout.swapaxes(0, 1), *seen.values[1:]))

    def lstm_backward(self, dHout, cache, *states):
        """Swap time and batch of dHout, of the X behind the cache, and of dX."""
        X, *others = cache.args
        made = Made(
            function=cache.function, args=(X.swapaxes(0, 1).copy(), *others), kwargs={},
            position=cache.position,
        )  # fmt: skip
        seen = self._student.lstm_backward(dHout.swapaxes(0, 1).copy(), made, *states)
        if getattr(seen.dX, "ndim", 0) < 2:
            return seen
        return replace(seen, values=(seen.dX.swapaxes(0, 1), *seen.values[1:]))


BUGS = [
    # --- one step: what flows into c, and from there
    Bug(
        id="step-no-path-through-h",
        old=STEP_TANH,
        new="dc = dc + 0.0 * dh\n    #",
        caught_by="step_weights",
        says="Your step lets only dc into the cell: h_t = o ⊙ tanh(c_t) is a second way into c_t, "
        "so dh ⊙ o ⊙ (1 - tanh²(c_t)) has to be added.",
    ),
    Bug(
        id="step-dc-overwritten",
        old=STEP_TANH,
        new="dc = dh * o * (1.0 - tanh_c**2)\n    #",
        caught_by="step_weights",
        says="Your step overwrites dc with the part that comes through h; "
        "what arrived from step t+1 has to be kept: add, do not assign.",
    ),
    Bug(
        id="step-tanh-of-tanh",
        old=STEP_TANH,
        new="dc = dc + dh * o * (1.0 - np.tanh(tanh_c) ** 2)\n    #",
        caught_by="step_weights",
        says="Your step takes tanh of tanh(c_t) in 1 - tanh²(c_t): tanh(c_t) is squared as it is.",
    ),
    Bug(
        id="step-c-instead-of-tanh",
        old=STEP_TANH,
        new="dc = dc + dh * o * (1.0 - (f * c_prev + i * g) ** 2)\n    #",
        caught_by="step_weights",
        says="Your step uses 1 - c_t² where 1 - tanh²(c_t) belongs.",
    ),
    Bug(
        id="step-tanh-derivative-missing",
        old=STEP_TANH,
        new="dc = dc + dh * o\n    #",
        caught_by="step_weights",
        says="Your step sends dh ⊙ o into the cell without the derivative 1 - tanh²(c_t).",
    ),
    Bug(
        id="step-output-gate-missing-in-dc",
        old=STEP_TANH,
        new="dc = dc + dh * (1.0 - tanh_c**2)\n    #",
        caught_by="step_weights",
        says="Your step sends dh into the cell without the output gate: h_t = o ⊙ tanh(c_t), "
        "so the factor o stays.",
    ),
    Bug(
        id="step-dc-prev-without-f",
        old="return dhx[H:], dhx[:H], dc * f, grads",
        new="return dhx[H:], dhx[:H], dc, grads",
        caught_by="step_states",
        says="Your dc_prev is dc itself: on the way back the belt is scaled by f, dc_prev = dc ⊙ f.",
    ),
    Bug(
        id="step-dc-prev-of-what-arrived",
        old=STEP_TANH,
        new="arrived = dc\n    dc = dc + dh * o * (1.0 - tanh_c**2)\n    #",
        also=(
            (
                "return dhx[H:], dhx[:H], dc * f, grads",
                "return dhx[H:], dhx[:H], arrived * f, grads",
            ),
        ),
        caught_by="step_states",
        says="Your dc_prev has only the dc that arrived; the way through h reaches c_t, too, and "
        "so goes on to c_{t-1}.",
    ),
    Bug(
        id="step-dc-prev-with-i",
        old="return dhx[H:], dhx[:H], dc * f, grads",
        new="return dhx[H:], dhx[:H], dc * (f + i), grads",
        caught_by="step_states",
        says="Your dc_prev has a share through the input gate; only f multiplies c_{t-1}.",
    ),
    Bug(
        id="step-dx-and-dh-swapped",
        old="return dhx[H:], dhx[:H], dc * f, grads",
        new="return dhx[: len(x)], dhx[len(x) :], dc * f, grads",
        caught_by="step_states",
        says="You cut the gradient of [h; x] as if x were on top: dh_prev are its first H entries.",
    ),
    Bug(
        id="step-last-gate-only",
        old='dhx += p[f"W_{gate}"].T @ da[gate]',
        new='dhx = p[f"W_{gate}"].T @ da[gate]',
        caught_by="step_states",
        says="Your dx and dh_prev hold the share of the last gate only: "
        "all four gates read [h; x], so their shares add up.",
    ),
    # --- one step: the gates
    Bug(
        id="step-forget-derivative-missing",
        old='"f": dc * c_prev * f * (1.0 - f)',
        new='"f": dc * c_prev',
        caught_by="step_weights",
        says="Your da_f in the step misses the derivative of σ, f (1 - f).",
    ),
    Bug(
        id="step-sigmoid-twice",
        old='"i": dc * g * i * (1.0 - i)',
        new='"i": dc * g * (1 / (1 + np.exp(-i))) * (1.0 - 1 / (1 + np.exp(-i)))',
        caught_by="step_weights",
        says="Your da_i in the step applies σ once more to i, which is activated already: "
        "the derivative is i (1 - i).",
    ),
    Bug(
        id="step-tanh-twice",
        old='"g": dc * i * (1.0 - g**2)',
        new='"g": dc * i * (1.0 - np.tanh(g) ** 2)',
        caught_by="step_weights",
        says="Your da_g in the step applies tanh once more to g, which is activated already: "
        "the derivative is 1 - g².",
    ),
    Bug(
        id="step-candidate-as-a-gate",
        old='"g": dc * i * (1.0 - g**2)',
        new='"g": dc * i * g * (1.0 - g)',
        caught_by="step_weights",
        says="Your da_g in the step uses σ's derivative g (1 - g); g came from tanh, so it is 1 - g².",
    ),
    Bug(
        id="step-candidate-squared-input",
        old='"g": dc * i * (1.0 - g**2)',
        new='"g": dc * (1.0 - (i * g) ** 2)',
        caught_by="step_weights",
        says="Your da_g in the step is dc (1 - (i g)²): i stands outside, da_g = dc ⊙ i ⊙ (1 - g²).",
    ),
    Bug(
        id="step-forget-reads-new-cell",
        old='"f": dc * c_prev * f',
        new='"f": dc * (f * c_prev + i * g) * f',
        caught_by="step_weights",
        says="Your da_f in the step uses c_t; the forget gate multiplied c_{t-1}.",
    ),
    Bug(
        id="step-i-and-g-swapped",
        old='"i": dc * g * i * (1.0 - i)',
        new='"i": dc * i * i * (1.0 - i)',
        caught_by="step_weights",
        says="Your da_i in the step multiplies by i where the other factor of i ⊙ g belongs: g.",
    ),
    Bug(
        id="step-output-without-tanh",
        old='"o": dh * tanh_c * o',
        new='"o": dh * (f * c_prev + i * g) * o',
        caught_by="step_weights",
        says="Your da_o in the step multiplies dh by c_t; h_t = o ⊙ tanh(c_t), so it is tanh(c_t).",
    ),
    Bug(
        id="step-output-from-dc",
        old='"o": dh * tanh_c * o',
        new='"o": dc * tanh_c * o',
        caught_by="step_weights",
        says="Your da_o in the step starts from dc; the output gate is reached from dh.",
    ),
    Bug(
        id="step-biases-from-one-gate",
        old='grads[f"b_{gate}"] = da[gate]',
        new='grads[f"b_{gate}"] = da["f"]',
        caught_by="step_weights",
        says="All your bias gradients in the step are those of the forget gate; each gate has its own.",
    ),
    Bug(
        id="step-weights-read-x-before-h",
        old="hx = np.vstack([h_prev, x])",
        new="hx = np.vstack([x, h_prev])",
        caught_by="step_weights",
        says="Your weight gradients in the step are taken with [x; h]; the column is [h; x].",
    ),
    # --- a batch: one step
    Bug(
        id="no-path-through-h",
        old=BATCH_TANH,
        new="dc = dc + 0.0 * dh\n        da_i",
        caught_by="one_step",
        says="lstm_backward lets only dc into the cell: h_t = o ⊙ tanh(c_t) is a second way into "
        "c_t, so dh ⊙ o ⊙ (1 - tanh²(c_t)) has to be added.",
    ),
    Bug(
        id="tanh-of-tanh",
        old=BATCH_TANH,
        new="dc = dc + dh * o * (1.0 - np.tanh(tanh_c) ** 2)\n        da_i",
        caught_by="one_step",
        says="lstm_backward takes tanh of tanh(c_t) in 1 - tanh²(c_t): "
        "tanh(c_t) is squared as it is.",
    ),
    Bug(
        id="c-instead-of-tanh",
        old=BATCH_TANH,
        new="dc = dc + dh * o * (1.0 - (f * c_prev + i * g) ** 2)\n        da_i",
        caught_by="one_step",
        says="lstm_backward uses 1 - c_t² where 1 - tanh²(c_t) belongs.",
    ),
    Bug(
        id="tanh-of-the-cell-before",
        old=BATCH_TANH,
        new="tanh_c = np.tanh(c_prev)\n        dc = dc + dh * o * (1.0 - tanh_c**2)\n        da_i",
        caught_by="one_step",
        says="lstm_backward takes tanh of c_{t-1} where tanh(c_t) belongs: its list of cells is off by one.",
    ),
    Bug(
        id="tanh-derivative-missing",
        old=BATCH_TANH,
        new="dc = dc + dh * o\n        da_i",
        caught_by="one_step",
        says="lstm_backward sends dh ⊙ o into the cell without the derivative 1 - tanh²(c_t).",
    ),
    Bug(
        id="forget-derivative-missing",
        old="da_f = dc * c_prev * f * (1.0 - f)",
        new="da_f = dc * c_prev",
        caught_by="one_step",
        says="Your da_f misses the derivative of σ, f (1 - f).",
    ),
    Bug(
        id="sigmoid-twice",
        old="da_i = dc * g * i * (1.0 - i)",
        new="s = 1.0 / (1.0 + np.exp(-i))\n        da_i = dc * g * s * (1.0 - s)",
        caught_by="one_step",
        says="Your da_i applies σ once more to i, which is activated already: "
        "the derivative is i (1 - i).",
    ),
    Bug(
        id="output-sigmoid-twice",
        old="da_o = dh * tanh_c * o * (1.0 - o)",
        new="s = 1.0 / (1.0 + np.exp(-o))\n        da_o = dh * tanh_c * s * (1.0 - s)",
        caught_by="one_step",
        says="Your da_o applies σ once more to o, which is activated already: "
        "the derivative is o (1 - o).",
    ),
    Bug(
        id="tanh-twice",
        old="da_g = dc * i * (1.0 - g**2)",
        new="da_g = dc * i * (1.0 - np.tanh(g) ** 2)",
        caught_by="one_step",
        says="Your da_g applies tanh once more to g, which is activated already: "
        "the derivative is 1 - g².",
    ),
    Bug(
        id="candidate-as-a-gate",
        old="da_g = dc * i * (1.0 - g**2)",
        new="da_g = dc * i * g * (1.0 - g)",
        caught_by="one_step",
        says="Your da_g uses σ's derivative g (1 - g); g came from tanh, so it is 1 - g².",
    ),
    Bug(
        id="candidate-difference-squared",
        old="da_g = dc * i * (1.0 - g**2)",
        new="da_g = dc * i * (1.0 - g) ** 2",
        caught_by="one_step",
        says="Your da_g squares the whole of 1 - g; it is 1 - g².",
    ),
    Bug(
        id="i-and-g-swapped",
        old="da_i = dc * g * i * (1.0 - i)",
        new="da_i = dc * i * i * (1.0 - i)",
        caught_by="one_step",
        says="Your da_i multiplies by i where the other factor of i ⊙ g belongs: g.",
    ),
    Bug(
        id="forget-reads-new-cell",
        old="da_f = dc * c_prev * f",
        new="da_f = dc * (f * c_prev + i * g) * f",
        caught_by="one_step",
        says="Your da_f uses c_t where c_{t-1} belongs: an index off by one.",
    ),
    Bug(
        id="output-without-tanh",
        old="da_o = dh * tanh_c * o",
        new="da_o = dh * np.arctanh(tanh_c) * o",
        caught_by="one_step",
        says="Your da_o multiplies dh by c_t; h_t = o ⊙ tanh(c_t), so it is tanh(c_t).",
    ),
    Bug(
        id="pytorch-columns",
        old=STACK,
        new="da = np.hstack([da_i, da_f, da_g, da_o])",
        caught_by="one_step",
        says="You stack the four da as i, f, g, o, PyTorch's order; W has columns i, f, o, g.",
    ),
    Bug(
        id="biases-from-one-gate",
        old=WEIGHTS,
        new="dW += row.T @ da\n        dW[0] += np.tile(da_f.sum(axis=0), 4) - da.sum(axis=0)",
        caught_by="one_step",
        says="All your bias gradients in dW are those of the forget gate; each gate has its own.",
    ),
    Bug(
        id="bias-row-missing",
        old=WEIGHTS,
        new="dW[1:] += row[:, 1:].T @ da",
        caught_by="one_step",
        says="Row 0 of your dW stays zero: the bias has a gradient too, the sum of da over the batch.",
    ),
    Bug(
        id="mean-over-batch",
        old=WEIGHTS,
        new="dW += row.T @ da / B",
        caught_by="one_step",
        says="Your dW is a mean over the batch; the loss is a sum, so dW is a sum as well.",
    ),
    Bug(
        id="dx-cut-too-early",
        old="dX[t] = drow[:, 1 : 1 + D]",
        new="dX[t] = drow[:, :D]",
        caught_by="one_step",
        says="Your dX starts at the bias column of da @ W^T; x takes the columns 1 to D.",
    ),
    Bug(
        id="dc0-without-f",
        old=BATCH_DC,
        new="        dc = dc\n",
        caught_by="one_step",
        says="You carry dc to the step before without the forget gate: it is dc ⊙ f.",
    ),
    Bug(
        id="dc-scaled-by-all-that-touches-it",
        old=BATCH_DC,
        new="        dc = dc * (f + i)\n",
        caught_by="one_step",
        says="You carry dc back with f + i; only f multiplies c_{t-1}.",
    ),
    Bug(
        id="states-returned-h-first",
        old="return dX, dW, dc, dh",
        new="return dX, dW, dh, dc",
        caught_by="one_step",
        says="lstm_backward returns dh0 before dc0; the order is dX, dW, dc0, dh0.",
        convention=True,
    ),
    # --- a batch: through time
    Bug(
        id="dc-overwritten",
        old=BATCH_TANH,
        new="dc = dh * o * (1.0 - tanh_c**2)\n        da_i",
        caught_by="weights",
        says="You overwrite dc with the part that comes through h; what arrives from step t+1 "
        "has to be kept: add, do not assign.",
    ),
    Bug(
        id="nothing-carried",
        old=BATCH_DH,
        new="dh0, dh = drow[:, 1 + D :], np.zeros((B, H))",
        also=(
            (BATCH_DC, "        dc0, dc = dc * f, np.zeros((B, H))\n"),
            ("return dX, dW, dc, dh", "return dX, dW, dc0, dh0"),
        ),
        caught_by="weights",
        says="Neither dh nor dc reaches step t-1: this is T separate steps, not "
        "back-propagation through time.",
    ),
    Bug(
        id="dh-not-carried",
        old=BATCH_DH,
        new="dh0 = drow[:, 1 + D :]\n        dh = np.zeros((B, H))",
        also=(("return dX, dW, dc, dh", "return dX, dW, dc, dh0"),),
        caught_by="weights",
        says="Your dh is not carried to step t-1: h_{t-1} feeds all four gates of step t, "
        "so part of its gradient comes from there.",
    ),
    Bug(
        id="dc-not-carried",
        old=BATCH_DC,
        new="        dc0, dc = dc * f, np.zeros((B, H))\n",
        also=(("return dX, dW, dc, dh", "return dX, dW, dc0, dh"),),
        caught_by="weights",
        says="Your dc is not carried to step t-1: the belt is cut at every step.",
    ),
    Bug(
        id="upstream-overwritten",
        old="dh = dHout[t] + dh",
        new="dh = dHout[t] if t == T - 1 else dh",
        caught_by="weights",
        says="Only the last step hears of the loss: dHout[t] has to be added at every step, "
        "not overwritten by what is carried.",
    ),
    Bug(
        id="carried-overwritten",
        old="dh = dHout[t] + dh",
        new="dh = dHout[t] + 0.5 * dh if t < T - 1 else dHout[t] + dh",
        caught_by="weights",
        says="You carry only half of dh to the step before: it arrives whole, nothing averages it.",
    ),
    Bug(
        id="weights-of-first-step-only",
        old=WEIGHTS,
        new="dW = row.T @ da",
        caught_by="weights",
        says="Your dW is overwritten at every step; W is used at all of them, so their shares add up.",
    ),
    Bug(
        id="weights-averaged-over-time",
        old=WEIGHTS,
        new="dW += row.T @ da / T",
        caught_by="weights",
        says="Your dW is an average over the steps; it is their sum.",
    ),
    Bug(
        id="wraps-around-at-zero",
        old=BATCH_STATE,
        new="row, c_prev, i, f, o, g, tanh_c = steps[t]\n"
        "        if t == 0:\n"
        "            c_prev = steps[-1][1] if T > 1 else c_prev",
        caught_by="weights",
        says="At t = 0 your c_{t-1} is read at index -1, the other end of the sequence; "
        "it should be c0.",
    ),
    Bug(
        id="hidden-rows-off-by-one",
        old=WEIGHTS,
        new="later = steps[min(t + 1, T - 1)][0][:, 1 + D :]\n"
        "        dW += np.hstack([row[:, : 1 + D], later]).T @ da",
        caught_by="weights",
        says="The recurrent rows of your dW use h_t; a_t was made from h_{t-1}: "
        "an index off by one.",
    ),
    Bug(
        id="time-runs-forward",
        old="for t in reversed(range(T)):",
        new="for t in range(T):",
        caught_by="weights",
        says="Your loop runs from t = 0 on; gradients travel back, from t = T-1 to 0.",
    ),
    Bug(
        id="first-step-left-out",
        old="for t in reversed(range(T)):",
        new="dX[0] = 0.0\n    for t in reversed(range(1 if T > 1 else 0, T)):",
        caught_by="weights",
        says="Your loop stops before t = 0: range(T - 1, 0, -1) leaves out the first step.",
    ),
    Bug(
        id="dx-in-reverse",
        old="return dX, dW, dc, dh",
        new="return dX[::-1], dW, dc, dh",
        caught_by="inputs",
        says="Your dX comes out last step first; dX[t] belongs to X[t].",
    ),
    Bug(
        id="initial-states-of-last-step",
        old="    return dX, dW, dc, dh",
        new="    return dX, dW, dcs[0], dhs[0]",
        also=(
            (START_C, "dcs, dhs = [], []\n    " + START_C),
            (BATCH_DC, BATCH_DC + "        dcs.append(dc)\n        dhs.append(dh)\n"),
        ),
        caught_by="initial_states",
        says="Your dc0 and dh0 are those of the last step; they are what is left after t = 0.",
    ),
    # --- the last states
    Bug(
        id="dcn-ignored",
        old=START_C,
        new="dc = np.zeros((B, H))",
        caught_by="last_states",
        says="Your dcn is never used: it is the dc that arrives at the last step.",
    ),
    Bug(
        id="dhn-ignored",
        old=START_H,
        new="dh = np.zeros((B, H))",
        caught_by="last_states",
        says="Your dhn is never used: it is added to dHout[T-1].",
    ),
    Bug(
        id="dcn-and-dhn-swapped",
        old=START_C,
        new="dc = np.zeros((B, H)) if dhn is None else dhn",
        also=((START_H, "dh = np.zeros((B, H)) if dcn is None else dcn"),),
        caught_by="last_states",
        says="You use dcn and dhn for each other: dcn comes first.",
    ),
    Bug(
        id="dhn-replaces-the-last-output",
        old="dh = dHout[t] + dh",
        new="dh = dh if dhn is not None and t == T - 1 else dHout[t] + dh",
        caught_by="last_states",
        says="Your dhn replaces dHout[T-1]; hn and Hout[T-1] are the same h, so both gradients add up.",
    ),
    Bug(
        id="dcn-after-the-forget-gate",
        old=START_C,
        new="dc = np.zeros((B, H)) if dcn is None else dcn * steps[-1][3]",
        caught_by="last_states",
        says="Your dcn is multiplied by f once too often: it is the gradient of cn itself.",
    ),
    # --- properties
    Bug(
        id="clips-on-the-way",
        old=BATCH_DC,
        new="        dc = np.clip(dc * f, -5.0, 5.0)\n",
        caught_by="linear",
        says="You clip gradients inside the way back; clipping comes after, once dW is whole.",
    ),
    Bug(
        id="rows-share-the-belt",
        old=BATCH_DC,
        new="        dc = dc * f.mean(axis=0)\n",
        caught_by="one_step",
        says="Your dc is carried with the batch's mean of f; every row has its own gates.",
    ),
    Bug(
        id="squeezes",
        old="return dX, dW, dc, dh",
        new="return dX.squeeze(), dW, dc, dh",
        caught_by="edge_sizes",
        says="Your dX loses an axis when T, B or D is 1: leave squeeze() out.",
    ),
    Bug(
        id="single-precision",
        old="dW = np.zeros_like(W)",
        new="dW = np.zeros(W.shape, np.float32)",
        caught_by="precision",
        says="Your dW is float32; everything here is float64.",
    ),
]
