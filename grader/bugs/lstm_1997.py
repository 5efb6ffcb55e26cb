"""Known bugs of `lstm_1997`: where people really go wrong.

Sources of the real ones: a much read log of a reproduction and the repository
it belongs to (the target (X1 + X2) / 2, the second marker anywhere, lengths from
0.9 T, no rule for step 0, a stop rule without the mean error, the mean predictor
not recognised, half of the mean squared error taken for all of it, truncation read
as "through the gates"), the legend of table 10 of the paper, which swaps g and
h, and public implementations that give every cell its own gates.
"""

from grader.catalogue import Bug

# count_weights_1997
HIDDEN = "    hidden = gates + cells\n"
BIASED = '"gates": gates, "hidden": hidden, "all": hidden + outputs}'
BY_HIDDEN = "seen_by_hidden = inputs + recurrent * hidden"
BY_OUTPUT = "seen_by_output = cells + direct * inputs"
GATES = "gates = blocks * (1 + output_gates)"
# the network
G = "return 2.0 * np.tanh(0.5 * a)\n"
H = "return np.tanh(0.5 * s)\n"
DRAWN = "W = rng.uniform(-scale, scale, (1 + D + units, units))\n"
INPUT_BIAS = "W[0, :blocks] += input_bias"
OUTPUT_BIAS = "W[0, blocks : 2 * blocks] += output_bias"
READ_OUT = "    W_out = rng.uniform(-scale, scale, (1 + cells, K))\n"
STATE = "s = s + per_cell(gates[:, :b], C) * G[t]"
TOLD = "y_c = per_cell(gates[:, b:], C) * squash_h(s)\n        S[t]"
FED = "u = np.hstack([gates, y_c])\n        units[t] = u"
ANSWER = "Y = sigmoid(W_out[0] + units[:, :, 2 * b :] @ W_out[1:])"
START = "    s = np.zeros((B, C)) if s0 is None else s0\n    rows"
CACHE = "    cache = (W, W_out, rows, units, G, S, Y)\n"
SHARED = "return np.repeat(gates, C // gates.shape[-1], axis=-1)"
ROW = "rows[t] = np.hstack([ones, X[t], u])"
# block_backward
TO_CELL = "dy_c = da_k[t] @ W_out[1:].T + du[:, 2 * b :]"
CARRIED = "ds = ds + dy_c * y_out * (1.0 - h**2) / 2.0"
UPSTREAM = "            ds = ds + dS[t]\n"
DGATES = "per_block(dy_c * h, b)]) + du[:, : 2 * b]"
DA_C = "da_c = ds * y_in * (1.0 - G[t] ** 2 / 4.0)"
DW = "dW += rows[t].T @ da"
DU = "du = drow[:, 1 + D :]"
DX = "dX[t] = drow[:, 1 : 1 + D]"
BACK = "    return dX, dW, dW_out, ds\n"
THROUGH = "da_k = dY * Y * (1.0 - Y)"
BIAS_OUT = "da_k.sum(axis=(0, 1)), np.einsum"
# block_backward_truncated
ARRIVING = "arriving = dy_c * y_out * (1.0 - h**2) / 2.0"
SUMMED = "ds = np.cumsum(arriving[::-1], axis=0)[::-1]"
BLOCKWISE = "dgates = np.concatenate([per_block(ds * G, b), per_block(dy_c * h, b)], axis=2)"
CUT_DA_C = "da_c = ds * y_in * (1.0 - G**2 / 4.0)"
CUT_BACK = "    return dW, dW_out, ds[0]\n"
SPLIT = "y_in, y_out, y_forget = (per_cell(y, C) for y in np.split(gates, 3, axis=1))"
FORGET = "s = y_forget * s + y_in * squash_g(a[:, 3 * b :])"
# the sequences
WRAPPED = 'return f"B{wrapper}B{walk}E{wrapper}E"'
CHOICE = "symbol = list(GRAMMAR[state])[rng.integers(2)]"
ALLOWED = '    allowed += [string[1], "E"]\n'
ONE_BACK = 'allowed.append("".join(GRAMMAR[state]) if state != 5 else "E")'
ALL_STEPS = "return bool(np.all(least_legal > most_illegal))"
LEAST = "least_legal = np.where(legal, Y, np.inf).min(axis=1)"
AGAIN = "symbols[[0, p]] = p - 1 + rng.integers(2, size=B)"
NOISY = "symbols[1:p] = rng.integers(p - 1, size=(p - 1, B))"
ORDERED = "symbols[1:p] = np.arange(p - 1)[:, None]"
NEXT = "return onehot[:-1], onehot[1:]"
K = "k = rng.geometric(0.1) - 1"
ENDS_C = "symbols[0], symbols[1], symbols[-1] = p, p + 2 + y, p + 1"
NOISE = "X = rng.normal(0.0, np.sqrt(0.2), (length, B, 1))"
SIGNAL = 'X[:N] = told + X[:N] if variant == "b" else told'
NOISY_TARGET = "return X, clean + rng.normal(0.0, np.sqrt(0.1), B), clean"
CLASSES = "clean = np.where(first == 1, 0.2, 0.8)"
PLAIN = "clean = first.astype(float)"
LENGTH = "length = rng.integers(T, 11 * T // 10, endpoint=True)\n    values"
SECOND = "second = rng.integers(T // 2 - 1, size=B)"
STEP_OVER = "    second += second >= first\n"
ZERO = "    values[0, (first == 0) | (second == 0)] = 0.0 if adding else 1.0\n"
TARGET = "y = 0.5 + (X1 + X2) / 4.0 if adding else X1 * X2"
VALUES = "rng.uniform(-1.0 if adding else 0.0, 1.0, (length, B))"
MARK_ENDS = "    markers[[0, -1]] = -1.0\n"
PLACES = "rng.integers(start, start + 10, size=B, endpoint=True)"
CLASS = "y = 2 * y + digit"
OUTER = "symbols[0], symbols[-1] = 6, 7"
HUNDRED = "length = rng.integers(100, 110, endpoint=True)"
# stopping and logs
SIZE = "    size = np.abs(errors)\n    missed"
RIGHT = "~(size < tolerance)"
FEW = "if missed[n + 1] - missed[n + 1 - window] > wrong:"
MEAN = "np.mean(size[n + 1 - window : n + 1]) < mean"
FIRST = "    for n in range(window - 1, len(size)):\n"
MSE = "mse = width**2 / 96.0"
CONSTANT = '"constant": bool(np.std(predictions) < 0.1 * np.std(targets))'
LEARNING = '"learning": bool(error < 0.5 * np.var(targets))'
MARKED = 'marked = log["input_gates"][log["markers"] == 1.0]'
NONE = '"no_recurrent_gradient": not np.any(log["recurrent_gradient"])'
SLOPE = 'slope = 1.0 - squash_h(log["S"][-1]) ** 2'
DRIFT = '"drift": bool(np.mean(slope < 0.1) > 0.5)'
ATTEMPTS = '["mean", "mean", "contradiction", "learning", "nearly", "mean"]'

BUGS = [
    # --- weight counts
    Bug(
        id="count-without-feedback-of-gates",
        old=BY_HIDDEN,
        new="seen_by_hidden = inputs + recurrent * cells",
        caught_by="count_weights",
        says="Your count lets only cells feed back; in 1997 the gates are hidden units, too, and "
        "every hidden unit sees all of them.",
    ),
    Bug(
        id="count-gates-per-cell",
        old=GATES,
        new="gates = cells * (1 + output_gates)",
        caught_by="count_weights",
        says="Your count gives every cell its own gates; the cells of a block share them.",
    ),
    Bug(
        id="count-outputs-see-gates",
        old=BY_OUTPUT,
        new="seen_by_output = hidden + direct * inputs",
        caught_by="count_weights",
        says="In your count the outputs see the gates as well; they see the cells only.",
    ),
    Bug(
        id="count-no-output-bias",
        old=BIASED,
        new='"gates": gates, "hidden": hidden, "all": hidden}',
        caught_by="count_weights",
        says='Your "all" leaves out the biases of the outputs.',
    ),
    # --- squashing
    Bug(
        id="squashings-swapped",
        old=G,
        new="return np.tanh(0.5 * a)\n",
        also=(
            (H, "return 2.0 * np.tanh(0.5 * s)\n"),
            # with the slopes that belong to them
            (CARRIED, "ds = ds + dy_c * y_out * (1.0 - h**2 / 4.0)"),
            (DA_C, "da_c = ds * y_in * (1.0 - G[t] ** 2) / 2.0"),
            (ARRIVING, "arriving = dy_c * y_out * (1.0 - h**2 / 4.0)"),
            (CUT_DA_C, "da_c = ds * y_in * (1.0 - G**2) / 2.0"),
        ),
        caught_by="squashing",
        says="Your g and h are swapped, as in the legend of the paper's table 10; its text is "
        "right: g goes into [-2, 2], h into [-1, 1].",
    ),
    Bug(
        id="squash-h-is-tanh",
        old=H,
        new="return np.tanh(s)\n",
        caught_by="squashing",
        says="Your h is tanh(s), today's choice; 2σ(s) - 1 is tanh(s / 2).",
    ),
    Bug(
        id="squash-overflows",
        old=G,
        new="return 4.0 / (1.0 + np.exp(-a)) - 2.0\n",
        caught_by="squashing_quiet",
        says="Your g overflows in exp(-a) for large negative a; 4σ(a) - 2 = 2 tanh(a / 2) cannot.",
    ),
    # --- initial weights
    Bug(
        id="init-biases-zero",
        old=DRAWN,
        new=DRAWN + "    W[0] = 0.0\n",
        caught_by="init_block",
        says="Your init_block starts with biases of zero; in 1997 they are drawn like the weights, "
        "and the gates' biases are added.",
    ),
    Bug(
        id="init-normal",
        old=DRAWN,
        new="W = scale * rng.standard_normal((1 + D + units, units))\n",
        caught_by="init_block",
        says="Your weights are normal; they are uniform on [-scale, scale].",
    ),
    Bug(
        id="init-biases-exchanged",
        old=INPUT_BIAS,
        new="W[0, :blocks] += output_bias",
        also=((OUTPUT_BIAS, "W[0, blocks : 2 * blocks] += input_bias"),),
        caught_by="init_block",
        says="Your input_bias goes to the output gates and your output_bias to the input gates.",
    ),
    Bug(
        id="init-bias-alone",
        old=INPUT_BIAS,
        new="W[0, :blocks] = input_bias",
        caught_by="init_block",
        says="Your input gates' bias is input_bias and nothing else; it is added to what is drawn.",
    ),
    Bug(
        id="init-read-out-positive",
        old=READ_OUT,
        new="    W_out = rng.uniform(0.0, scale, (1 + cells, K))\n",
        caught_by="init_block",
        says="Your W_out is drawn between 0 and scale; it is uniform on [-scale, scale], like W.",
    ),
    # --- forward
    Bug(
        id="no-cache",
        old="    return Y, S, cache\n",
        new="    return Y, S\n",
        caught_by="shapes",
        says="Your block_forward returns no cache; both backward functions will need one.",
    ),
    Bug(
        id="states-of-the-last-step-only",
        old="    return Y, S, cache\n",
        new="    return Y, s, cache\n",
        caught_by="shapes",
        says="Your S is the last s_T alone; every s_t is asked for, (T, B, C).",
    ),
    Bug(
        id="gates-dealt-out-in-turn",
        old=SHARED,
        new="return np.tile(gates, C // gates.shape[-1])",
        caught_by="forward_step",
        says="You deal the gates out in turn, 0 1 0 1; the cells of a block stand next to each "
        "other, so its gate is repeated, 0 0 1 1 (np.repeat).",
    ),
    Bug(
        id="state-forgets",
        old=STATE,
        new="s = (1.0 - per_cell(gates[:, :b], C)) * s + per_cell(gates[:, :b], C) * G[t]",
        caught_by="forward_step",
        says="Your s_t keeps only 1 - y_in of s_{t-1}; in 1997 it keeps all of it.",
    ),
    Bug(
        id="state-overwritten",
        old=STATE,
        new="s = per_cell(gates[:, :b], C) * G[t]",
        caught_by="forward_step",
        says="Your s_t does not contain s_{t-1}; it adds to it.",
    ),
    Bug(
        id="told-without-h",
        old=TOLD,
        new="y_c = per_cell(gates[:, b:], C) * s\n        S[t]",
        caught_by="forward_step",
        says="Your y_c is y_out s_t; h squashes s_t first.",
    ),
    Bug(
        id="gates-exchanged",
        old=STATE,
        new="s = s + per_cell(gates[:, b:], C) * G[t]",
        also=((TOLD, "y_c = per_cell(gates[:, :b], C) * squash_h(s)\n        S[t]"),),
        caught_by="forward_step",
        says="Your input and output gates are exchanged: the first b columns are input gates.",
    ),
    Bug(
        id="output-linear",
        old=ANSWER,
        new="Y = W_out[0] + units[:, :, 2 * b :] @ W_out[1:]",
        caught_by="forward_step",
        says="Your Y is not squashed; the outputs of 1997 are σ units.",
    ),
    Bug(
        id="gates-do-not-feed-back",
        old=FED,
        new="units[t] = np.hstack([gates, y_c])\n        u = np.hstack([0.0 * gates, y_c])",
        caught_by="sequence",
        says="In your network only the cells feed back; the gates' activations do as well.",
    ),
    Bug(
        id="states-feed-back",
        old=FED,
        new="units[t] = np.hstack([gates, y_c])\n        u = np.hstack([gates, s])",
        caught_by="sequence",
        says="You feed back s_t; what other units hear of a cell is y_c = y_out h(s_t).",
    ),
    Bug(
        id="cells-feed-back-first",
        old=FED,
        new="units[t] = np.hstack([gates, y_c])\n        u = np.hstack([y_c, gates])",
        caught_by="sequence",
        says="You feed back u = [y_c | gates]; the recurrent rows of W come in the order of the "
        "columns, gates first.",
    ),
    Bug(
        id="start-ignored",
        old=START,
        new="    s = np.zeros((B, C))\n    rows",
        caught_by="start_and_sizes",
        says="Your states start at zero even when s0 is given.",
    ),
    # --- the whole gradient
    Bug(
        id="sigmoid-slope-of-the-output-missing",
        old=THROUGH,
        new="da_k = dY",
        caught_by="backward_step",
        says="You go back through the outputs without their slope, Y (1 - Y).",
    ),
    Bug(
        id="output-bias-without-gradient",
        old=BIAS_OUT,
        new="0.0 * da_k.sum(axis=(0, 1)), np.einsum",
        caught_by="backward_step",
        says="The bias row of your dW_out is zero; it is the sum over all steps.",
    ),
    Bug(
        id="h-slope-twice",
        old=CARRIED,
        new="ds = ds + dy_c * y_out * (1.0 - h**2)",
        caught_by="backward_step",
        says="Your h' is 1 - h²; h is tanh(s / 2), so h' is half of that.",
    ),
    Bug(
        id="g-slope-of-tanh",
        old=DA_C,
        new="da_c = ds * y_in * (1.0 - G[t] ** 2)",
        caught_by="backward_step",
        says="Your g' is 1 - g²; g is 2 tanh(a / 2), so g' = 1 - g² / 4.",
    ),
    Bug(
        id="gate-of-one-cell-only",
        old="return values.reshape(*values.shape[:-1], b, -1).sum(axis=-1)",
        new="return values.reshape(*values.shape[:-1], b, -1)[..., 0]",
        caught_by="backward_step",
        says="A gate's gradient comes from the first cell of its block alone; "
        "it serves all of them, so their shares add up.",
    ),
    Bug(
        id="upstream-of-states-ignored",
        old=UPSTREAM,
        new="            ds = ds + 0.0 * dS[t]\n",
        caught_by="backward_step",
        says="Your block_backward ignores dS; it joins ds at its own step.",
    ),
    Bug(
        id="whole-gradient-not-through-gates",
        old=DGATES,
        new="per_block(dy_c * h, b)])",
        caught_by="backward_sequence",
        says="In block_backward the gates get nothing from step t+1, though they feed back.",
    ),
    Bug(
        id="whole-gradient-not-through-cells",
        old=TO_CELL,
        new="dy_c = da_k[t] @ W_out[1:].T",
        caught_by="backward_sequence",
        says="In block_backward y_c gets nothing from step t+1, though it feeds back.",
    ),
    Bug(
        id="whole-gradient-truncated",
        old=DU,
        new="du = 0.0 * drow[:, 1 + D :]",
        caught_by="backward_sequence",
        says="Your block_backward is truncated: nothing reaches u_{t-1}. That is the other "
        "function; this one follows every way.",
    ),
    Bug(
        id="state-gradient-not-carried",
        old=CARRIED,
        new="ds = dy_c * y_out * (1.0 - h**2) / 2.0",
        caught_by="backward_sequence",
        says="Your ds_t lacks ds_{t+1}: inside the cell the gradient comes back undiminished.",
    ),
    Bug(
        id="dw-of-the-first-step-only",
        old=DW,
        new="dW = rows[t].T @ da",
        caught_by="backward_sequence",
        says="Your dW is overwritten at every step; all steps share W, so their shares add up.",
    ),
    # --- the truncated gradient
    Bug(
        id="truncated-at-the-state",
        old=SUMMED,
        new="ds = arriving",
        caught_by="truncated",
        says="Your truncated gradient is cut off inside the cell, too; from s_t to s_{t-1} "
        "it goes on.",
    ),
    Bug(
        id="truncated-sum-from-the-front",
        old=SUMMED,
        new="ds = np.cumsum(arriving, axis=0)",
        caught_by="truncated",
        says="Your ds_t adds up what arrives until t; what arrives later reaches it, from t on.",
    ),
    Bug(
        id="truncated-output-gate-blocked",
        old=BLOCKWISE,
        new="dgates = np.concatenate([per_block(ds * G, b), 0.0 * per_block(dy_c * h, b)], axis=2)",
        caught_by="truncated",
        says="Your output gates learn nothing: truncation stops at a_out, but the weights that "
        "lead there do change.",
    ),
    Bug(
        id="truncated-gates-learn-nothing",
        old=BLOCKWISE,
        new="dgates = 0.0 * np.concatenate([per_block(ds * G, b), per_block(dy_c * h, b)], axis=2)",
        caught_by="truncated",
        says="Your gates learn nothing at all; truncation stops the error at their net inputs, "
        "after it has changed the weights that lead there.",
    ),
    Bug(
        id="truncated-recurrent-weights-fixed",
        old=CUT_BACK,
        new="    dW[len(dW) - U :] = 0.0\n" + CUT_BACK,
        caught_by="truncated",
        says="Your recurrent weights get no gradient; truncation cuts what goes on to u_{t-1}, "
        "and u_{t-1} da is still the gradient of the weights in between.",
    ),
    Bug(
        id="carousel-nearly-one",
        old=SUMMED,
        new="ds = np.cumsum(arriving[::-1], axis=0)[::-1] * (1.0 + 1e-5)",
        caught_by="carousel",
        says="Your d s_T / d s_0 is 1 to five digits; add things up, multiply nothing, "
        "and it is 1 exactly.",
    ),
    # --- with forget gates
    Bug(
        id="forget-not-applied",
        old=FORGET,
        new="s = s + y_in * squash_g(a[:, 3 * b :])",
        caught_by="forget",
        says="Your block_forward_forget computes its forget gates and never applies them.",
    ),
    Bug(
        id="forget-gates-in-the-middle",
        old=SPLIT,
        new="y_in, y_forget, y_out = (per_cell(y, C) for y in np.split(gates, 3, axis=1))",
        caught_by="forget",
        says="You take the middle columns for the forget gates; the order is in, out, forget.",
    ),
    # --- experiment 1
    Bug(
        id="reber-wrapper-drawn-twice",
        old=WRAPPED,
        new="return f\"B{wrapper}B{walk}E{'TP'[rng.integers(2)]}E\"",
        caught_by="reber",
        says="Your last T or P is drawn anew; it is the second symbol again.",
    ),
    Bug(
        id="reber-unfair",
        old=CHOICE,
        new="symbol = list(GRAMMAR[state])[int(rng.random() < 0.25)]",
        caught_by="reber",
        says="Your walk does not choose fairly between the two symbols of a state.",
    ),
    Bug(
        id="legal-both-wrappers",
        old=ALLOWED,
        new='    allowed += ["TP", "E"]\n',
        caught_by="legal",
        says="Before the last E you allow T and P; only the second symbol of the string is legal "
        "there, and that is the whole task.",
    ),
    Bug(
        id="most-active-argmax",
        old=LEAST,
        new="least_legal = np.where(legal, Y, -np.inf).max(axis=1)",
        caught_by="most_active",
        says="You ask whether the most active output is legal; every legal one has to be above "
        "all others.",
    ),
    Bug(
        id="most-active-tie",
        old=ALL_STEPS,
        new="return bool(np.all(least_legal >= most_illegal))",
        caught_by="most_active",
        says="You take a tie for right; a legal output has to be more active.",
    ),
    Bug(
        id="most-active-over-all-steps",
        old=LEAST,
        new="least_legal = np.where(legal, Y, np.inf).min()",
        caught_by="most_active",
        says="You compare with the least legal output of all steps; each step is judged by itself.",
    ),
    # --- experiment 2
    Bug(
        id="lag-last-drawn-anew",
        old=AGAIN,
        new="symbols[[0, p]] = p - 1 + rng.integers(2, size=(2, B))",
        caught_by="lag_next",
        says="Your last symbol is drawn anew; it is the first one again.",
    ),
    Bug(
        id="lag-noise-in-both",
        old=ORDERED,
        new=NOISY,
        caught_by="lag_next",
        says="Your 2a draws what stands in between; there it is a_1, ..., a_{p-1}, in order.",
    ),
    Bug(
        id="lag-random-ignored",
        old=NOISY,
        new="symbols[1:p] = np.arange(p - 1)[:, None]",
        caught_by="lag_next",
        says="Your 2b is 2a again; there every symbol in between is drawn.",
    ),
    Bug(
        id="lag-shuffled",
        old=NOISY,
        new="symbols[1:p] = rng.permuted(np.tile(np.arange(p - 1)[:, None], B), axis=0)",
        caught_by="lag_next",
        says="Your 2b shuffles a_1, ..., a_{p-1}; each symbol is drawn from all of them, so that "
        "some come twice.",
    ),
    Bug(
        id="lag-y-is-the-input",
        old=NEXT,
        new="return onehot[:-1], onehot[:-1]",
        caught_by="lag_next",
        says="Your Y is X itself; at every step the next symbol is asked for.",
    ),
    Bug(
        id="lag-k-from-one",
        old=K,
        new="k = rng.geometric(0.1)",
        caught_by="lag_final",
        says="Your k begins at 1: rng.geometric counts the throws, and k those before the last.",
    ),
    # --- experiment 3
    Bug(
        id="two-deviation-for-variance",
        old=NOISE,
        new="X = rng.normal(0.0, 0.2, (length, B, 1))",
        caught_by="two_inputs",
        says="Your noise has a standard deviation of 0.2; 0.2 is its variance.",
    ),
    Bug(
        id="two-no-noise-on-the-signal",
        old=SIGNAL,
        new="X[:N] = told",
        caught_by="two_inputs",
        says="Your 3b has no noise on the first N values; that is what makes it 3b.",
    ),
    Bug(
        id="two-target-noise-for-variance",
        old=NOISY_TARGET,
        new="return X, clean + rng.normal(0.0, 0.1, B), clean",
        caught_by="two_targets",
        says="The noise on your targets has a standard deviation of 0.1; 0.1 is its variance.",
    ),
    Bug(
        id="two-targets-swapped-in-c",
        old=CLASSES,
        new="clean = np.where(first == 1, 0.8, 0.2)",
        caught_by="two_targets",
        says="Your targets of 3c are swapped: 0.2 for class 1, 0.8 for class 2.",
    ),
    # --- experiments 4 and 5
    Bug(
        id="pairs-second-anywhere",
        old=SECOND,
        new="second = rng.integers(1, T - 2, size=B)",
        caught_by="pairs",
        says="Your second marker may be anywhere; it is among the first T // 2 - 1 free steps, "
        "so that half of the sequence has to be waited for.",
    ),
    Bug(
        id="pairs-same-step-twice",
        old=STEP_OVER,
        new="",
        caught_by="pairs",
        says="Your X1 and X2 may be at the same step; X2 is at one that is not marked yet.",
    ),
    Bug(
        id="pairs-length-from-nine-tenths",
        old=LENGTH,
        new="length = rng.integers(9 * T // 10, 11 * T // 10, endpoint=True)\n    values",
        caught_by="pairs",
        says="Your lengths begin at 0.9 T; T is the shortest.",
    ),
    Bug(
        id="pairs-values-from-zero",
        old=VALUES,
        new="rng.uniform(0.0, 1.0, (length, B))",
        caught_by="pairs",
        says="Your values for adding lie in [0, 1]; the paper's lie in [-1, 1].",
    ),
    Bug(
        id="pairs-divided-by-two",
        old=TARGET,
        new="y = (X1 + X2) / 2.0 if adding else X1 * X2",
        caught_by="pairs_target",
        says="Your target is (X1 + X2) / 2; the paper's is 0.5 + (X1 + X2) / 4, between 0 and 1.",
    ),
    Bug(
        id="pairs-step-zero-kept",
        old=ZERO,
        new="",
        caught_by="pairs_target",
        says="A chosen step 0 keeps its value, though its marker cannot tell; it becomes 0 when "
        "adding and 1 when multiplying.",
    ),
    Bug(
        id="pairs-step-zero-zero",
        old=ZERO,
        new="    values[0, (first == 0) | (second == 0)] = 0.0\n",
        caught_by="pairs_target",
        says="When multiplying, a chosen step 0 has the value 0, and every such product is 0; "
        "what does nothing in a product is 1.",
    ),
    # --- experiment 6
    Bug(
        id="order-last-step-left-out",
        old=PLACES,
        new="rng.integers(start, start + 10, size=B)",
        caught_by="order",
        says="Your X and Y never stand at steps 20, 60 and so on; both ends belong to it.",
    ),
    Bug(
        id="order-digits-reversed",
        old=CLASS,
        new="y = y + digit * 2 ** (start > 10) if count == 2 else y + digit * (1 + (start > 10) + 2 * (start > 50))",
        caught_by="order",
        says="Your class reads the digits from the end; the first X or Y counts most.",
    ),
    Bug(
        id="order-one-length",
        old=HUNDRED,
        new="length = 100 + 0 * rng.integers(2)",
        caught_by="order",
        says="Your sequences always have 100 steps; the length is drawn from 100..110.",
    ),
    # --- stopping
    Bug(
        id="stop-signed-errors",
        old=SIZE,
        new="    size = np.array(errors)\n    missed",
        caught_by="stopping",
        says="You compare errors with their sign, so every negative one is right; "
        "it is the absolute value that counts.",
    ),
    Bug(
        id="stop-nan-is-right",
        old=RIGHT,
        new="(size >= tolerance)",
        caught_by="stopping",
        says="In your stopping NaN counts as right: nan >= 0.04 is False, and nan < 0.04 as well.",
    ),
    Bug(
        id="stop-tolerance-is-right",
        old=RIGHT,
        new="~(size <= tolerance)",
        caught_by="stopping",
        says="An error of exactly the tolerance is right for you; it has to be below.",
    ),
    Bug(
        id="stop-without-the-mean",
        old=MEAN,
        new="True",
        caught_by="stopping_mean",
        says="Your rule omits the mean: 2,000 right answers in a row are not enough, their mean "
        "error has to be below 0.01 as well.",
    ),
    Bug(
        id="stop-mean-of-all",
        old=MEAN,
        new="np.mean(size[: n + 1]) < mean",
        caught_by="stopping_mean",
        says="Your mean is over all errors so far; it is over the window.",
    ),
    # --- reading a log
    Bug(
        id="constant-for-zero-to-one",
        old=MSE,
        new="mse = 1.0 / 96.0 + 0.0 * width",
        caught_by="constant_predictor",
        says="Your mse is that of values in [0, 1], whatever the interval; "
        "for [-1, 1] it is four times as large.",
    ),
    Bug(
        id="constant-must-be-the-mean",
        old=CONSTANT,
        new='"constant": bool(np.mean(np.abs(predictions - np.mean(targets))) < 0.1 * np.std(targets))',
        caught_by="diagnose_errors",
        says="You find a constant predictor only if it predicts the mean; 0.91 for everything is "
        "just as constant.",
    ),
    Bug(
        id="learning-by-spread",
        old=LEARNING,
        new='"learning": bool(np.std(predictions) >= 0.1 * np.std(targets))',
        caught_by="diagnose_errors",
        says="For you whatever is not constant learns; learning means less error than the mean "
        "has, well below the variance.",
    ),
    Bug(
        id="closed-at-all-steps",
        old=MARKED,
        new='marked = log["input_gates"]',
        caught_by="diagnose_network",
        says="You average the input gates over all steps; where nothing is marked they should be "
        "closed. Look at the marked steps.",
    ),
    Bug(
        id="small-gradient-taken-for-zero",
        old=NONE,
        new='"no_recurrent_gradient": bool(np.abs(log["recurrent_gradient"]).max() < 1e-6)',
        caught_by="diagnose_network",
        says="You call a small recurrent gradient none; only exact zeros say that nothing "
        "is connected, small ones come of closed gates.",
    ),
    Bug(
        id="drift-over-all-steps",
        old=SLOPE,
        new='slope = 1.0 - squash_h(log["S"]) ** 2',
        caught_by="diagnose_network",
        says="You look at the states of all steps; what counts is where s_T has ended.",
    ),
    Bug(
        id="drift-near-zero",
        old=DRIFT,
        new='"drift": bool(np.mean(slope > 0.9) > 0.5)',
        caught_by="diagnose_network",
        says="You find drift where s is near 0, as the log did; there h' has its maximum. "
        "It vanishes where s is large.",
    ),
    Bug(
        id="control-run-misread",
        old=ATTEMPTS,
        new='["mean", "mean", "contradiction", "mean", "nearly", "mean"]',
        caught_by="attempts",
        says="You put attempts 4 and 6 together, as the log did; compare their mean errors with "
        "1/12: one of them has learnt something.",
    ),
    Bug(
        id="overfitting-believed",
        old=ATTEMPTS,
        new='["mean", "mean", "learning", "learning", "nearly", "mean"]',
        caught_by="attempts",
        says="You believe that attempt 3 overfits; with a fresh sequence at every step there is "
        "nothing to overfit.",
    ),
    Bug(
        id="pretrained-at-half",
        old="W[2, :blocks] = -2.0 * beta",
        new="W[2, :blocks] = -beta",
        caught_by="pretrain",
        says="With the marker 1 your input gates are at 0.5; they should be at 0.95.",
    ),
    Bug(
        id="pretrained-in-place-of-the-value",
        old="    W[1, :blocks] = 0.0\n    W[2, :blocks] = -2.0 * beta\n",
        new="    W[2, :blocks] = 0.0\n    W[1, :blocks] = -2.0 * beta\n",
        caught_by="pretrain",
        says="Your gates answer to the value; the marker is input 1, so its row is 2.",
    ),
    Bug(
        id="pretrained-in-place",
        old="    W = W.copy()\n    W[0, :blocks] = beta\n",
        new="    W[0, :blocks] = beta\n",
        caught_by="pretrain",
        says="Your pretrain_gates writes into the W it is given; it returns a new one.",
    ),
    # --- precision
    Bug(
        id="forward-in-float32",
        old="    return Y, S, cache\n",
        new="    return Y.astype(np.float32), S.astype(np.float32), cache\n",
        caught_by="precision",
        says="Your block_forward computes in float32; gradient checks need float64.",
    ),
]
