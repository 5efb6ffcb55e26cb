"""Known bugs of `long_dependency`: where people really go wrong.

Sources of the real ones: a much read log of a reproduction of the 1997 paper
(target (X1 + X2) / 2, the second marker anywhere, lengths from 0.9 T, no rule
for step 0, the baseline of values in [0, 1] taken for that of [-1, 1]), lecture
texts on the sign of the forget bias, and what broadcasting does to (B,) and
(B, 1).
"""

from dataclasses import replace

import numpy as np

from grader.catalogue import Bug

ENDS = "    markers[[0, -1]] = -1.0\n"
ZERO = "    values[0, (first == 0) | (second == 0)] = 0.0\n"
MARKERS = "    markers = np.zeros((length, B))\n"
TARGET = "y = 0.5 + (values[first, rows] + values[second, rows]) / 4.0"
SKIP = """    second = rng.integers(early - (first < early))
    second += second >= first
"""
STACKED = "return np.stack([values, markers], axis=2), y"
MEAN_ERROR = "mse = 1.0 / 24.0"
ABSOLUTE = "mae = 1.0 / 6.0"
HITS = "hit_rate = 1.0 - (1.0 - 4.0 * 0.04 / 2.0) ** 2"
SYMBOLS = "    symbols = rng.integers(V, size=(distance + 1, B))\n"
QUERY = "X[-1, :, V] = 1.0"
FIRST_SYMBOL = "    y = symbols[0]\n"
RUN = "run = run + 1 if right else 0"
RIGHT = "np.abs(errors) < 0.04"
LAST = 'read_out(params, forward(X, params["W"])[0][-1])'
ANSWER = "return output[:, 0] if output.shape[1] == 1 else output"
BATCH = "X, y = adding_problem(T, batch_size, rng)"
ADAM = "params[name] = params[name] - lr * m_hat / (np.sqrt(v_hat) + 1e-8)"
HATS = "m_hat, v_hat = m / (1.0 - 0.9 ** (k + 1)), v / (1.0 - 0.999 ** (k + 1))"
EACH = "for name, d in gradients.items():"
START = "    params = initial_params(task, cell, rng, hidden_size, forget_bias, input_bias)\n"
FORGET = "W[0, H : 2 * H] += forget_bias"
INPUT = "W[0, :H] += input_bias"
UPDATE = "W[0, :H] -= forget_bias"
LAST_STEP = 'dHout[-1] = doutput @ params["W_out"][1:].T'
CUT = "d = d / max(1.0, norm)"
STATE = "h = Hout[-1]"
LOSSES = "loss, gradients = loss_and_gradients(params, X, y)"
NUMBERS = "doutput = 2.0 * error[:, None] / B"
SQUARES = "loss = np.mean(error**2)"
ENTROPY = "loss = -np.mean(log_p[np.arange(B), y])"


class Adapted:
    """Asks a student of another convention in the course's words."""

    def __init__(self, student):
        self._student = student

    def __getattr__(self, name):
        return getattr(self._student, name)

    def each(self, function, calls):
        """Ask one after the other, so that each is adapted."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]


class BatchFirst(Adapted):
    """adding_problem returns X (B, T', 2)."""

    def adding_problem(self, *args):
        """Put time first."""
        seen = self._student.adding_problem(*args)
        return replace(seen, values=(seen.X.swapaxes(0, 1), seen.y))


class MarkersFirst(Adapted):
    """adding_problem returns the markers in channel 0, and train learns them so."""

    def adding_problem(self, *args):
        """Swap the channels."""
        seen = self._student.adding_problem(*args)
        return replace(seen, values=(seen.X[:, :, ::-1].copy(), seen.y))

    def train(self, task, *args, **kwargs):
        """Swap the rows of W that take the channels."""
        seen = self._student.train(task, *args, **kwargs)
        if task != "adding":
            return seen
        W = seen.params["W"].copy()
        W[[1, 2]] = W[[2, 1]]
        return replace(seen, values=(seen.params | {"W": W}, seen.history))


class BiasLast(Adapted):
    """W_out has its bias in the last row."""

    def predict(self, params, X):
        """Move row 0 to the end on the way in."""
        W_out = np.roll(params["W_out"], -1, axis=0)
        return self._student.predict(params | {"W_out": W_out}, X)

    def train(self, *args, **kwargs):
        """Move the last row to the front on the way out."""
        seen = self._student.train(*args, **kwargs)
        W_out = np.roll(seen.params["W_out"], 1, axis=0)
        return replace(seen, values=(seen.params | {"W_out": W_out}, seen.history))


class PytorchWeights(Adapted):
    """The weights handed in have the columns i, f, g, o."""

    def submitted(self):
        """Put them in the course's order, i | f | o | g."""
        seen = self._student.submitted()
        i, f, g, o = np.split(seen.arrays["W"], 4, axis=1)
        return replace(seen, values=(seen.arrays | {"W": np.hstack([i, f, o, g])},))


def in_pytorch_order(arrays):
    """Swap the columns of o and g."""
    i, f, o, g = np.split(arrays["W"], 4, axis=1)
    return arrays | {"W": np.hstack([i, f, g, o])}


def rounded(arrays):
    """Round what was trained to one decimal place."""
    return {name: np.round(array, 1) for name, array in arrays.items()}


def shrunk(factor):
    """Make the read-out smaller."""
    return lambda arrays: arrays | {"W_out": factor * arrays["W_out"]}


BUGS = [
    # --- the adding problem
    Bug(
        id="length-from-nine-tenths",
        old="length = rng.integers(T, 11 * T // 10, endpoint=True)",
        new="length = rng.integers(9 * T // 10, 11 * T // 10, endpoint=True)",
        caught_by="lengths",
        says="Your lengths begin at 0.9 T; T is the shortest, and floor(1.1 T) the longest.",
    ),
    Bug(
        id="length-without-the-longest",
        old="length = rng.integers(T, 11 * T // 10, endpoint=True)",
        new="length = rng.integers(T, 11 * T // 10)",
        caught_by="lengths",
        says="Your T' never is floor(1.1 T): the upper end of rng.integers is left out unless "
        "you pass endpoint=True.",
    ),
    Bug(
        id="length-always-t",
        old="length = rng.integers(T, 11 * T // 10, endpoint=True)",
        new="length = T",
        caught_by="lengths",
        says="Your sequences always have T steps; T' is drawn from T to floor(1.1 T).",
    ),
    Bug(
        id="target-as-a-column",
        old=STACKED,
        new="return np.stack([values, markers], axis=2), y[:, None]",
        also=((BATCH, f"{BATCH}\n            y = y[:, 0]"),),
        caught_by="lengths",
        says="Your y has shape (B, 1); it is (B,). Subtracted from ŷ (B,), a column makes (B, B).",
    ),
    Bug(
        id="adding-batch-first",
        old=STACKED,
        new="return np.stack([values, markers], axis=2).swapaxes(0, 1), y",
        also=((BATCH, f"{BATCH}\n            X = X.swapaxes(0, 1)"),),
        caught_by="lengths",
        says="Your X is (B, T', 2); time comes first: (T', B, 2).",
        convention=True,
        adapter="BatchFirst",
    ),
    Bug(
        id="adding-markers-first",
        old=STACKED,
        new="return np.stack([markers, values], axis=2), y",
        caught_by="values",
        says="Your X has the markers in channel 0; values come first, markers are channel 1.",
        convention=True,
        adapter="MarkersFirst",
    ),
    Bug(
        id="values-from-zero-to-one",
        old="rng.uniform(-1.0, 1.0, (length, B))",
        new="rng.uniform(0.0, 1.0, (length, B))",
        caught_by="values",
        says="Your values are uniform on [0, 1], the later version of the task; here on [-1, 1].",
    ),
    Bug(
        id="values-normal",
        old="rng.uniform(-1.0, 1.0, (length, B))",
        new="rng.standard_normal((length, B))",
        caught_by="values",
        says="Your values are drawn from a normal distribution; they are uniform on [-1, 1].",
    ),
    Bug(
        id="values-not-from-rng",
        old="rng.uniform(-1.0, 1.0, (length, B))",
        new="np.random.default_rng(0).uniform(-1.0, 1.0, (length, B))",
        caught_by="values",
        says="Your values come from a generator of your own: every batch has the same ones.",
    ),
    Bug(
        id="values-shared-by-the-batch",
        old="rng.uniform(-1.0, 1.0, (length, B))",
        new="np.tile(rng.uniform(-1.0, 1.0, (length, 1)), B)",
        caught_by="values",
        says="All sequences of your batch have the same values; draw for each of them.",
    ),
    Bug(
        id="markers-zero-at-the-ends",
        old=ENDS,
        new="    markers[[0, -1]] = 0.0\n",
        caught_by="markers",
        says="Your first and last markers are 0; both are -1.",
    ),
    Bug(
        id="markers-end-not-marked",
        old=ENDS,
        new="    markers[0] = -1.0\n",
        caught_by="markers",
        says="Your last marker is 0; like the first one it is -1.",
    ),
    Bug(
        id="markers-one-at-step-zero",
        old=ENDS,
        new="",
        also=((MARKERS, MARKERS + ENDS),),
        caught_by="markers",
        says="Your marker of step 0 becomes 1 when that step is chosen; it stays -1.",
    ),
    Bug(
        id="first-anywhere-in-the-first-half",
        old="first = rng.integers(10, size=B)",
        new="first = rng.integers(max(2, T // 2 - 1), size=B)",
        caught_by="positions",
        says="Your X1 may be anywhere in the first half; it is one of the steps 0..9.",
    ),
    Bug(
        id="second-anywhere",
        old="early = T // 2 - 1",
        new="early = length - 1",
        caught_by="positions",
        says="Your X2 may be anywhere up to the end; it is among the first T // 2 - 1 steps, so "
        "that the network has to wait for T / 2 steps at least.",
    ),
    Bug(
        id="second-one-step-too-far",
        old="early = T // 2 - 1",
        new="early = T // 2",
        caught_by="positions",
        says="Your X2 is among the first T // 2 steps that are free; it is among the first "
        "T // 2 - 1. Where X1 lies behind them, as it may for T < 22, that shows.",
    ),
    Bug(
        id="second-counted-from-the-length",
        old="early = T // 2 - 1",
        new="early = length // 2 - 1",
        caught_by="positions",
        says="Your X2 is among the first T' // 2 - 1 steps; it is T // 2 - 1, with the T asked for.",
    ),
    Bug(
        id="same-step-twice",
        old=SKIP,
        new="    second = rng.integers(early, size=B)\n",
        caught_by="positions",
        says="Your X2 may be the step that X1 has taken; it is one that is not chosen yet.",
    ),
    Bug(
        id="step-zero-avoided",
        old="first = rng.integers(10, size=B)",
        new="first = rng.integers(1, 10, size=B)",
        caught_by="step_zero",
        says="Your X1 is never at step 0; it is one of the steps 0..9, and step 0 has its own rule.",
    ),
    Bug(
        id="step-zero-like-any-other",
        old=ZERO,
        new="",
        caught_by="step_zero",
        says="You leave the value of step 0 as it is when step 0 is chosen; it becomes 0, in X "
        "and in y.",
    ),
    Bug(
        id="step-zero-kept-in-x",
        old=ZERO,
        new=f"    drawn = values.copy()\n{ZERO}",
        also=((STACKED, "return np.stack([drawn, markers], axis=2), y"),),
        caught_by="step_zero",
        says="Your y counts 0 where step 0 is chosen, and X still shows the value that was drawn.",
    ),
    Bug(
        id="step-zero-always-emptied",
        old=ZERO,
        new="    values[0] = 0.0\n",
        caught_by="step_zero",
        says="Your value of step 0 is always 0; it becomes 0 only where step 0 is chosen.",
    ),
    Bug(
        id="step-zero-kept-in-y",
        old=ZERO,
        new=f"    drawn = values.copy()\n{ZERO}",
        also=((TARGET, TARGET.replace("values", "drawn")),),
        caught_by="target",
        says="Your y still counts the value drawn for step 0 where step 0 is chosen; it is 0 "
        "there, as in X.",
    ),
    Bug(
        id="target-halved-only",
        old=TARGET,
        new="y = (values[first, rows] + values[second, rows]) / 2.0",
        caught_by="target",
        says="Your y is (X1 + X2) / 2; the target of 1997 is 0.5 + (X1 + X2) / 4.",
    ),
    Bug(
        id="target-without-the-half",
        old=TARGET,
        new="y = (values[first, rows] + values[second, rows]) / 4.0",
        caught_by="target",
        says="Your y lacks the 0.5: it is 0.5 + (X1 + X2) / 4, between 0 and 1.",
    ),
    Bug(
        id="target-divided-by-two",
        old=TARGET,
        new="y = 0.5 + (values[first, rows] + values[second, rows]) / 2.0",
        caught_by="target",
        says="Your y divides X1 + X2 by 2; it is divided by 4, so that y is between 0 and 1.",
    ),
    Bug(
        id="target-is-the-product",
        old=TARGET,
        new="y = 0.5 + values[first, rows] * values[second, rows] / 4.0",
        caught_by="target",
        says="Your y takes the product of X1 and X2; that is another experiment, here it is the "
        "sum.",
    ),
    # --- the baseline
    Bug(
        id="baseline-of-values-from-zero",
        old=MEAN_ERROR,
        new="mse = 1.0 / 96.0",
        also=((ABSOLUTE, "mae = 1.0 / 12.0"), (HITS, "hit_rate = 1.0 - (1.0 - 4.0 * 0.04) ** 2")),
        caught_by="baseline",
        says="Your baseline is that of values in [0, 1]; with values in [-1, 1] the squared error "
        "is four times as large.",
    ),
    Bug(
        id="baseline-half-of-the-mse",
        old=MEAN_ERROR,
        new="mse = 1.0 / 48.0",
        caught_by="baseline",
        says="Your mse is half of the mean squared error; there is no 1/2 in front of it here.",
    ),
    Bug(
        id="baseline-root-for-mae",
        old=ABSOLUTE,
        new="mae = mse**0.5",
        caught_by="baseline",
        says="Your mae is the root of the mse; the mean of |X1 + X2| / 4 is smaller than that.",
    ),
    Bug(
        id="baseline-hits-as-if-uniform",
        old=HITS,
        new="hit_rate = 2.0 * 0.04",
        caught_by="baseline",
        says="Your hit_rate takes the error for uniform on [-0.5, 0.5]; a sum of two uniform "
        "numbers has a triangle for its density, highest in the middle.",
    ),
    # --- the recall task
    Bug(
        id="recall-query-one-too-early",
        old=QUERY,
        new="X[-2] = np.eye(V + 1)[V]",
        caught_by="recall_form",
        says="Your query stands one step before the last; it comes last.",
    ),
    Bug(
        id="recall-one-distractor-too-many",
        old=SYMBOLS,
        new="    distance += 1\n" + SYMBOLS,
        caught_by="recall_form",
        says="Your X has distance + 3 steps: the first symbol, `distance` distractors and the "
        "query make distance + 2.",
    ),
    Bug(
        id="recall-names-the-next-symbol",
        old=FIRST_SYMBOL,
        new="    y = symbols[min(1, distance)]\n",
        caught_by="recall_form",
        says="Your y names the symbol of step 1; what is asked for is that of step 0.",
    ),
    Bug(
        id="recall-answers-are-floats",
        old=FIRST_SYMBOL,
        new="    y = symbols[0].astype(float)\n",
        also=(
            (
                "X, y = recall_task(T, batch_size, V, rng)",
                "X, y = recall_task(T, batch_size, V, rng)\n            y = y.astype(int)",
            ),
        ),
        caught_by="recall_form",
        says="Your y is an array of floats; whole numbers can be used as indices into the logits.",
    ),
    Bug(
        id="recall-distractors-avoid-the-first",
        old=SYMBOLS,
        new=SYMBOLS + "    symbols[1:] = (symbols[0] + 1 + symbols[1:] % (V - 1)) % V\n",
        caught_by="recall_symbols",
        says="Your distractors never equal the first symbol, so the one that is missing gives it "
        "away; draw them without looking at it.",
    ),
    Bug(
        id="recall-symbol-repeated",
        old=SYMBOLS,
        new=SYMBOLS + "    symbols[-1] = symbols[0]\n",
        caught_by="recall_symbols",
        says="You repeat the first symbol just before the query: nothing has to be remembered.",
    ),
    Bug(
        id="recall-one-distractor-for-all-steps",
        old=SYMBOLS,
        new=SYMBOLS + "    symbols[1:] = symbols[-1]\n",
        caught_by="recall_symbols",
        says="Your distractors are one symbol for all steps; each step has a draw of its own.",
    ),
    Bug(
        id="recall-last-symbol-never-first",
        old=SYMBOLS,
        new=SYMBOLS + "    symbols[0] = rng.integers(V - 1, size=B)\n",
        caught_by="recall_symbols",
        says="Your first symbol is never the last of the V; rng.integers(V) leaves V out already.",
    ),
    # --- the criterion
    Bug(
        id="criterion-after-1999",
        old="if run == 2000:",
        new="if run == 1999:",
        caught_by="criterion_window",
        says="You stop after 1999 errors in a row; from n - 1999 to n there are 2000.",
    ),
    Bug(
        id="criterion-counts-from-one",
        old="return n\n",
        new="return n + 1\n",
        caught_by="criterion_window",
        says="Your n counts from 1; the first error is errors[0].",
    ),
    Bug(
        id="criterion-where-the-window-begins",
        old="return n\n",
        new="return n - 1999\n",
        caught_by="criterion_window",
        says="You return where the 2000 right answers begin; n is where they end.",
    ),
    Bug(
        id="criterion-includes-the-limit",
        old=RIGHT,
        new="np.abs(errors) <= 0.04",
        caught_by="criterion_window",
        says="You count an error of exactly 0.04 as right; it has to be below.",
    ),
    Bug(
        id="criterion-signed-errors",
        old=RIGHT,
        new="errors < 0.04",
        caught_by="criterion_window",
        says="You forget the absolute value: an error of -0.3 counts as right.",
    ),
    Bug(
        id="criterion-not-in-a-row",
        old=RUN,
        new="run = run + 1 if right else run",
        caught_by="criterion_window",
        says="You count 2000 right answers in all; they have to come in a row.",
    ),
    Bug(
        id="criterion-minus-one-for-none",
        old="    return None\n",
        new="    return -1\n",
        caught_by="criterion_window",
        says="You return -1 where there is no such n; it should be None.",
    ),
    Bug(
        id="criterion-nan-counts",
        old=RIGHT,
        new="~(np.abs(errors) >= 0.04)",
        caught_by="criterion_nan",
        says="NaN counts as right in your criterion: `not error >= 0.04` holds for NaN, "
        "`error < 0.04` does not.",
    ),
    # --- answers of given weights
    Bug(
        id="predict-from-the-first-step",
        old=LAST,
        new=LAST.replace("[0][-1]", "[0][0]"),
        caught_by="predict_number",
        says="You read the hidden state of the first step; the answer is read off the last one.",
    ),
    Bug(
        id="predict-from-the-mean-state",
        old=LAST,
        new=LAST.replace("[0][-1]", "[0].mean(axis=0)"),
        caught_by="predict_number",
        says="You read the mean of the hidden states over time; the answer is read off the last "
        "one.",
    ),
    Bug(
        id="predict-from-the-cell",
        old=LAST,
        new=LAST.replace("[0][-1]", "[1]"),
        caught_by="predict_number",
        says="You read the cell state cn; the answer is read off the last hidden state.",
    ),
    Bug(
        id="predict-returns-a-column",
        old=ANSWER,
        new="return output",
        caught_by="predict_number",
        says="Your predict returns (B, 1) for K = 1; it should be (B,).",
    ),
    Bug(
        id="predict-returns-probabilities",
        old=ANSWER,
        new="p = np.exp(output)\n"
        "    return output[:, 0] if output.shape[1] == 1 else p / p.sum(axis=1, keepdims=True)",
        caught_by="predict_logits",
        says="Your predict returns probabilities; it should return the logits themselves.",
    ),
    Bug(
        id="predict-returns-the-symbol",
        old=ANSWER,
        new="return output[:, 0] if output.shape[1] == 1 else output.argmax(axis=1)",
        caught_by="predict_logits",
        says="Your predict returns the most likely symbol; it should return all K logits.",
    ),
    Bug(
        id="read-out-without-bias",
        old='return params["W_out"][0] + h @ params["W_out"][1:]',
        new='return h @ params["W_out"][1:]',
        also=(
            (
                "np.vstack([doutput.sum(axis=0), h.T @ doutput])",
                "np.vstack([0.0 * doutput.sum(axis=0), h.T @ doutput])",
            ),
        ),
        caught_by="predict_number",
        says="Your read-out leaves out its bias: row 0 of W_out is multiplied by 1.",
    ),
    Bug(
        id="read-out-bias-last",
        old='return params["W_out"][0] + h @ params["W_out"][1:]',
        new='return params["W_out"][-1] + h @ params["W_out"][:-1]',
        also=(
            (
                "np.vstack([doutput.sum(axis=0), h.T @ doutput])",
                "np.vstack([h.T @ doutput, doutput.sum(axis=0)])",
            ),
            (LAST_STEP, LAST_STEP.replace("[1:]", "[:-1]")),
            ("    W_out[0] = 0.0\n", "    W_out[-1] = 0.0\n"),
        ),
        caught_by="predict_number",
        says="Your W_out has its bias in the last row; it belongs in row 0.",
        convention=True,
        adapter="BiasLast",
    ),
    # --- train: what it begins with
    Bug(
        id="read-out-returned-as-a-vector",
        old="    return params, history\n",
        new='    W_out = params["W_out"]\n'
        '    return params | {"W_out": W_out[:, 0] if W_out.shape[1] == 1 else W_out}, history\n',
        caught_by="train_params",
        says="Your W_out of the adding problem has shape (1+H,); it is (1+H, 1), one column per "
        "output.",
    ),
    Bug(
        id="history-every-tenth-update",
        old="return params, history",
        new="return params, {name: values[::10] for name, values in history.items()}",
        caught_by="train_history",
        says="Your history has an entry for every tenth update; it has one for each.",
    ),
    Bug(
        id="history-under-another-name",
        old="return params, history",
        new='return params, {"loss": history["loss"], "norm": history["gradient_norm"]}',
        caught_by="train_history",
        says='Your history calls the norms "norm"; the name is "gradient_norm".',
    ),
    Bug(
        id="forget-bias-in-the-columns-of-o",
        old=FORGET,
        new="W[0, 2 * H : 3 * H] += forget_bias",
        caught_by="train_biases",
        says="Your forget bias is in the columns of o, 2H to 3H; f's are H to 2H.",
    ),
    Bug(
        id="forget-bias-subtracted",
        old=FORGET,
        new="W[0, H : 2 * H] -= forget_bias",
        caught_by="train_biases",
        says="Your forget bias has the wrong sign: sigmoid(-3) = 0.047 forgets at once.",
    ),
    Bug(
        id="forget-bias-not-used",
        old="W = init_lstm(D, H, rng, forget_bias=0.0)",
        new="W = init_lstm(D, H, rng, forget_bias=3.0)",
        also=((f"        {FORGET}\n", ""),),
        caught_by="train_biases",
        says="Your forget bias is 3 whatever is asked for; use the argument.",
    ),
    Bug(
        id="forget-bias-twice",
        old="W = init_lstm(D, H, rng, forget_bias=0.0)",
        new="W = init_lstm(D, H, rng)",
        caught_by="train_biases",
        says="Your forget bias is added to the 3 that init_lstm has put there already.",
    ),
    Bug(
        id="input-bias-not-used",
        old=f"        {INPUT}\n",
        new="",
        caught_by="train_biases",
        says="Your input gate starts without input_bias; it goes to the bias row, columns 0 to H.",
    ),
    Bug(
        id="input-bias-subtracted",
        old=INPUT,
        new="W[0, :H] -= input_bias",
        caught_by="train_biases",
        says="Your input bias has the wrong sign; it is added as it is given, often negative.",
    ),
    Bug(
        id="bias-averaged-over-units",
        old=FORGET,
        new="W[0, H : 2 * H] += np.mean(forget_bias)",
        caught_by="train_biases",
        says="Your units all get the same forget bias; an array (H,) has one for each.",
    ),
    Bug(
        id="lr-not-used",
        old=ADAM,
        new=ADAM.replace("lr *", "0.01 *"),
        caught_by="train_biases",
        says="Your learning rate is 0.01 whatever is asked for: even with lr = 0 the weights move.",
    ),
    # --- train: one update after the other
    Bug(
        id="same-batch-every-update",
        old=f'        if task == "adding":\n            {BATCH}\n        else:\n',
        new=f'        if k:\n            pass\n        elif task == "adding":\n            {BATCH}\n'
        "        else:\n",
        caught_by="train_draws",
        says="Your updates all see the same batch; draw a fresh one for each.",
    ),
    Bug(
        id="train-without-rng",
        old=START,
        new="    rng = np.random.default_rng(0)\n" + START,
        caught_by="train_draws",
        says="Your runs are all the same: the rng you are handed is not used.",
    ),
    Bug(
        id="loss-halved",
        old=SQUARES,
        new="loss = np.mean(error**2) / 2.0",
        also=((NUMBERS, "doutput = error[:, None] / B"),),
        caught_by="train_loss",
        says="Your loss is half of the mean squared error.",
    ),
    Bug(
        id="loss-summed",
        old=SQUARES,
        new="loss = np.sum(error**2)",
        caught_by="train_loss",
        says="Your loss is summed over the batch; it is the mean.",
    ),
    Bug(
        id="loss-is-the-root",
        old=SQUARES,
        new="loss = np.sqrt(np.mean(error**2))",
        caught_by="train_loss",
        says="Your loss is the root of the mean squared error; leave out the root.",
    ),
    Bug(
        id="norm-after-clipping",
        old='history["gradient_norm"][k] = norm',
        new='history["gradient_norm"][k] = min(norm, 1.0)',
        caught_by="train_gradient",
        says="Your gradient_norm is taken after clipping: it never exceeds 1.",
    ),
    Bug(
        id="gradient-without-the-two",
        old=NUMBERS,
        new="doutput = error[:, None] / B",
        caught_by="train_gradient",
        says="Your gradient lacks the factor 2 of (ŷ - y)²: loss and gradient do not belong "
        "together.",
    ),
    Bug(
        id="gradient-summed-over-the-batch",
        old=NUMBERS,
        new="doutput = 2.0 * error[:, None]",
        caught_by="train_gradient",
        says="Your gradient is that of the sum over the batch; the loss is the mean, so divide "
        "by B.",
    ),
    Bug(
        id="batch-size-not-used",
        old=BATCH,
        new="X, y = adding_problem(T, 64, rng)",
        caught_by="train_gradient",
        says="Your batches have 64 sequences whatever is asked for; use batch_size.",
    ),
    Bug(
        id="gradients-pile-up",
        old=LOSSES,
        new=f"{LOSSES}\n"
        "        if k:\n"
        "            gradients = {name: d + before[name] for name, d in gradients.items()}\n"
        "        before = gradients",
        caught_by="train_gradient",
        says="Your gradients add up over the updates; each update begins with zeros.",
    ),
    Bug(
        id="loss-at-the-first-step",
        old=LAST_STEP,
        new=LAST_STEP.replace("[-1]", "[0]"),
        caught_by="train_updates",
        says="Your dHout is filled at the first step; the loss is read off the last one.",
    ),
    Bug(
        id="loss-at-every-step",
        old=LAST_STEP,
        new=LAST_STEP.replace("[-1]", "[:]"),
        caught_by="train_gradient",
        says="Your dHout is filled at every step; the loss is read off the last one only.",
    ),
    Bug(
        id="gradient-not-clipped",
        old=CUT,
        new="d = d * 1.0",
        caught_by="train_updates",
        says="Your gradient is not cut: where the norm is above 1, divide by it before Adam.",
    ),
    Bug(
        id="gradient-always-of-norm-one",
        old=CUT,
        new="d = d / max(norm, 1e-12)",
        caught_by="train_updates",
        says="Your gradient is always scaled to norm 1; one that is smaller stays as it is.",
    ),
    Bug(
        id="gradients-clipped-one-by-one",
        old=CUT,
        new="d = d / max(1.0, np.sqrt(np.sum(d**2)))",
        caught_by="train_updates",
        says="Your dW and dW_out are cut each by its own norm; it is the norm of both together.",
    ),
    Bug(
        id="adam-epsilon-inside-the-root",
        old=ADAM,
        new=ADAM.replace("(np.sqrt(v_hat) + 1e-8)", "np.sqrt(v_hat + 1e-8)"),
        caught_by="train_updates",
        says="Your Adam adds 1e-8 under the root, which makes it 1e-4 outside: √v̂ + 1e-8.",
    ),
    Bug(
        id="adam-without-correction",
        old=HATS,
        new="m_hat, v_hat = m, v",
        caught_by="train_updates",
        says="Your Adam lacks the bias correction: m / (1 - 0.9^k) and v / (1 - 0.999^k), with "
        "k from 1. Without it the first steps are three times too long.",
    ),
    Bug(
        id="adam-count-stands-still",
        old=HATS,
        new="m_hat, v_hat = m / (1.0 - 0.9), v / (1.0 - 0.999)",
        caught_by="train_updates",
        says="Your Adam corrects every update as if it were the first: count the updates.",
    ),
    Bug(
        id="adam-forgets-its-moments",
        old="m, v = moments[name]",
        new="m, v = 0.0, 0.0",
        also=((HATS, "m_hat, v_hat = m / (1.0 - 0.9), v / (1.0 - 0.999)"),),
        caught_by="train_updates",
        says="Your Adam starts with m = v = 0 at every update; keep them.",
    ),
    Bug(
        id="plain-gradient-descent",
        old=ADAM,
        new="params[name] = params[name] - lr * d",
        caught_by="train_updates",
        says="Your update is plain gradient descent; Adam divides by the root of v.",
    ),
    Bug(
        id="uphill",
        old=ADAM,
        new=ADAM.replace("- lr", "+ lr"),
        caught_by="train_updates",
        says="Your update adds the gradient: the loss climbs. Subtract it.",
    ),
    Bug(
        id="only-the-read-out-learns",
        old=EACH,
        new='for name, d in [("W_out", gradients["W_out"])]:',
        caught_by="train_updates",
        says="Your updates leave W alone; both W and W_out are trained.",
    ),
    Bug(
        id="read-out-never-learns",
        old=EACH,
        new='for name, d in [("W", gradients["W"])]:',
        caught_by="train_updates",
        says="Your updates leave W_out alone; both W and W_out are trained.",
    ),
    Bug(
        id="read-out-bias-never-learns",
        old="np.vstack([doutput.sum(axis=0), h.T @ doutput])",
        new="np.vstack([0.0 * doutput.sum(axis=0), h.T @ doutput])",
        caught_by="train_gradient",
        says="Your gradient of W_out has a row 0 of zeros; the gradient of the bias is the sum "
        "over the batch.",
    ),
    # --- train: the other task, the other cells
    Bug(
        id="cross-entropy-in-bits",
        old=ENTROPY,
        new="loss = -np.mean(log_p[np.arange(B), y]) / np.log(2.0)",
        caught_by="train_recall",
        says="Your cross-entropy is in bits; take the natural logarithm.",
    ),
    Bug(
        id="cross-entropy-summed",
        old=ENTROPY,
        new="loss = -np.sum(log_p[np.arange(B), y])",
        caught_by="train_recall",
        says="Your cross-entropy is summed over the batch; it is the mean.",
    ),
    Bug(
        id="cross-entropy-averaged-over-symbols",
        old=ENTROPY,
        new="loss = -np.sum(log_p[np.arange(B), y]) / log_p.size",
        caught_by="train_recall",
        says="Your cross-entropy is also divided by the number of symbols; divide by B only.",
    ),
    Bug(
        id="read-one-step-early",
        old=STATE,
        new="h = Hout[-2]",
        also=((LAST_STEP, LAST_STEP.replace("[-1]", "[-2]")),),
        caught_by="train_recall",
        says="Your training reads the hidden state before the last step; at recall it has not "
        "seen the query yet.",
    ),
    Bug(
        id="gradient-one-step-early",
        old=LAST_STEP,
        new=LAST_STEP.replace("[-1]", "[-2]"),
        caught_by="train_recall",
        says="Your dHout is filled at the last step but one; the loss is read off the last one.",
    ),
    Bug(
        id="softmax-without-the-target",
        old="        doutput[np.arange(B), y] -= 1.0\n",
        new="",
        caught_by="train_recall",
        says="Your gradient of the logits is the softmax alone; subtract 1 at the right symbol.",
    ),
    Bug(
        id="gru-bias-added",
        old=UPDATE,
        new="W[0, :H] += forget_bias",
        caught_by="train_gru",
        says="Your GRU starts with z near 1, which overwrites; the course's z wants -forget_bias.",
    ),
    Bug(
        id="gru-bias-on-the-reset-gate",
        old=UPDATE,
        new="W[0, H : 2 * H] -= forget_bias",
        caught_by="train_gru",
        says="Your GRU has its bias in the columns of r; z has the first H columns.",
    ),
    Bug(
        id="gru-without-bias",
        old=f"        {UPDATE}\n",
        new="        pass\n",
        caught_by="train_gru",
        says="Your GRU starts without a bias: -forget_bias goes to the first H columns, z's.",
    ),
    Bug(
        id="rnn-random-bias",
        old="        W[0] = 0.0\n",
        new="",
        caught_by="train_rnn",
        says="Your RNN starts with a random bias row; it starts at zero.",
    ),
    Bug(
        id="rnn-with-a-forget-bias",
        old="        W[0] = 0.0\n",
        new="        W[0] = forget_bias\n",
        caught_by="train_rnn",
        says="Your RNN gets the forget bias; it has no gate, and a bias of 3 only saturates it.",
    ),
    # --- weights trained at home
    Bug(
        id="weights-in-pytorch-order",
        data=in_pytorch_order,
        caught_by="weights_90",
        says="Your weights have the columns i, f, g, o, PyTorch's order; the course's is "
        "i | f | o | g.",
        convention=True,
        adapter="PytorchWeights",
    ),
    Bug(
        id="weights-transposed",
        data=lambda arrays: arrays | {"W": arrays["W"].T.copy()},
        caught_by="weights_90",
        says="Your W is (4H, R); handed in it is (R, 4H), as your lstm_forward takes it.",
    ),
    Bug(
        id="weights-without-bias",
        data=lambda arrays: arrays | {"W_out": arrays["W_out"][1:]},
        caught_by="weights_90",
        says="Your W_out has H rows; the bias, row 0, is missing.",
    ),
    Bug(
        id="weights-rounded-to-one-digit",
        data=rounded,
        caught_by="weights_90",
        says="Your weights are rounded to one decimal place; save them as they are.",
    ),
    Bug(
        id="weights-shrunk",
        data=shrunk(0.955),
        caught_by="weights_99",
        says="Your read-out is 4.5 % too small throughout; weight decay does that, stop it before "
        "you save.",
    ),
    Bug(
        id="weights-shrunk-a-little",
        data=shrunk(0.9615),
        caught_by="weights_998",
        says="Your read-out is 4 % too small throughout; weight decay does that, stop it before "
        "you save.",
    ),
]
