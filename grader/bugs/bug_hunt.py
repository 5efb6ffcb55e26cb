"""Known bugs of `bug_hunt`: programs as they were handed out, wrong repairs, wrong words.

What is said about a program that was not touched says where its numbers are
wrong, not why: finding that is the exercise.

Sources of the nine: nicklashansen/rnn_lstm_from_scratch #1 and a much copied
notebook (01, 02), tracel-ai/burn #2701 (03), CaptainE/RNN-LSTM-in-numpy #1 (04),
jxgu1016/MNIST_center_loss_pytorch #9 (05), FluxML/NNlib.jl #68 (06), a comment in
Karpathy's gist 587454dc0146a6ae21fc (08), carpedm20/MemN2N-tensorflow #19 (09),
fcomitani/simpsom #30 (10). Wrong repairs: what public reviews of such programs
advise, and what half a repair leaves.
"""

from grader.catalogue import Bug

STATES = "c, c_prev = cs[t + 1], cs[t]"
DC = "dc = G_c + G_h * o * tanh(c, derivative=True)"
SLOPE_I = "sigmoid(a_i, derivative=True)"
SLOPE_F = "sigmoid(a_f, derivative=True)"
SLOPE_O = "sigmoid(a_o, derivative=True)"
SLOPE_G = "tanh(a_g, derivative=True)"
MOVES_ON = "        h = h_new\n"
FORGET = '"f": dc * c_prev * sigmoid(a["f"], derivative=True),'
LOSS = "loss = -np.sum(log_p * one_hot)"
DLOGITS_05 = "dlogits = np.exp(log_p) - one_hot"
STABLE = (
    "    below = logits - np.max(logits, axis=1, keepdims=True)\n"
    "    log_p = below - np.log(np.exp(below).sum(axis=1, keepdims=True))\n"
    "    p = np.exp(log_p)\n"
)
LOSSES = "    losses = -log_p[every, targets]\n"
SOFTMAX = "    p = np.exp(logits)\n    p = p / p.sum(axis=1, keepdims=True)\n"
SHIFTED = "    below = logits - np.max(logits, axis=1, keepdims=True)\n"
SHIFTED += "    p = np.exp(below)\n    p = p / p.sum(axis=1, keepdims=True)\n"
EPS = "    losses = -np.log(p[every, targets] + 1e-12)\n"
SIZED_H, SIZED_C = "dh_next = np.zeros_like(h_s[0])", "dC_next = np.zeros_like(C_s[0])"
DC_07 = "dC = dC_next + dh * o * tanh(C_s[t + 1], derivative=True)"
DF_07 = "da_f = dC * C_s[t] * f * (1.0 - f)"
DO_07 = "da_o = dh * tanh(C_s[t + 1]) * o * (1.0 - o)"
FORGET_BIAS = "W[0, H : 2 * H] = forget_bias"
TOO_LONG = "too_long = norm / max_norm"
SCALED = "clipped[name] = grad / max(1.0, too_long)"
RATE = "rate = lr * np.exp(-n / updates)"


def word(number, wrong, says):
    """Make a row for a wrong word in ANSWERS; none at all, if it is empty."""
    right = {
        1: "off-by-one", 2: "slope-of-output", 3: "state-lost", 4: "slope-missing",
        5: "mean-for-sum", 6: "log-of-zero", 7: "nothing", 8: "forget-bias",
        9: "clipped-apart", 10: "rate-compounds",
    }[number]  # fmt: skip
    key = f'"hunt_{number:02}": '
    return Bug(
        id=f"hunt-{number:02}-named-{wrong or 'nowhere'}",
        old=f'{key}"{right}"',
        new=f'{key}"{wrong}"' if wrong else f"{key}None",
        caught_by=f"name_{number:02}",
        says=says,
    )


def untouched(number, old, new, says, *also):
    """Make a row for a program as it was handed out."""
    return Bug(
        id=f"hunt-{number:02}-as-given",
        old=old,
        new=new,
        also=also,
        caught_by=f"hunt_{number:02}",
        says=f"Your hunt_{number:02} still does what it did when you got it: {says}",
    )


BUGS = [
    # --- hunt_01
    untouched(
        1,
        STATES,
        "c, c_prev = cs[t], cs[t - 1]",
        "its loss is right, and nothing of its gradients is, not even for T = 1.",
    ),
    Bug(
        id="hunt-01-previous-still-wraps",
        old=STATES,
        new="c, c_prev = cs[t + 1], cs[t - 1]",
        caught_by="hunt_01",
        says="Half of hunt_01 is mended: your c is c_t now, but c_prev is not c_{t-1} yet, "
        "and at t = 0 it is the state after the last step.",
    ),
    Bug(
        id="hunt-01-current-is-previous",
        old=STATES,
        new="c, c_prev = cs[t], cs[t]",
        caught_by="hunt_01",
        says="Half of hunt_01 is mended: your c_prev is c_{t-1} now, and so is your c; "
        "that one should be c_t.",
    ),
    Bug(
        id="hunt-01-only-the-start-mended",
        old=STATES,
        new="c, c_prev = cs[t], cs[max(t - 1, 0)]",
        caught_by="hunt_01",
        says="In hunt_01 nothing wraps around at t = 0 any more, "
        "but every other step still reads its states one step too early.",
    ),
    Bug(
        id="hunt-01-no-past-at-the-start",
        old=STATES,
        new="c, c_prev = cs[t + 1], cs[t] * (t > 0)",
        caught_by="hunt_01",
        says="In hunt_01 your c_prev is zero at t = 0; before the first step there is c0.",
    ),
    # --- hunt_02
    untouched(
        2,
        DC,
        "dc = G_c + G_h * o * tanh(tanh(c), derivative=True)",
        "its loss is right, and none of its gradients is, "
        "though each has the right sign nearly everywhere.",
        (SLOPE_I, "sigmoid(i, derivative=True)"),
        (SLOPE_F, "sigmoid(f, derivative=True)"),
        (SLOPE_O, "sigmoid(o, derivative=True)"),
        (SLOPE_G, "tanh(g, derivative=True)"),
    ),
    Bug(
        id="hunt-02-only-tanh-of-c-mended",
        old=SLOPE_I,
        new="sigmoid(i, derivative=True)",
        also=(
            (SLOPE_F, "sigmoid(f, derivative=True)"),
            (SLOPE_O, "sigmoid(o, derivative=True)"),
            (SLOPE_G, "tanh(g, derivative=True)"),
        ),
        caught_by="hunt_02",
        says="In hunt_02 dc is right now; the slopes of the four gates are still taken in "
        "the wrong places: dc_prev is right, dW is not.",
    ),
    Bug(
        id="hunt-02-input-gate-left",
        old=SLOPE_I,
        new="sigmoid(i, derivative=True)",
        caught_by="hunt_02",
        says="In hunt_02 all is mended but the input gate: its slope is still taken at i.",
    ),
    Bug(
        id="hunt-02-candidate-left",
        old=SLOPE_G,
        new="tanh(g, derivative=True)",
        caught_by="hunt_02",
        says="In hunt_02 all is mended but the candidate: its slope is still taken at g.",
    ),
    Bug(
        id="hunt-02-gates-only-mended",
        old=DC,
        new="dc = G_c + G_h * o * tanh(tanh(c), derivative=True)",
        caught_by="hunt_02",
        says="In hunt_02 the gates are mended, and dc is not: "
        "the slope of tanh is still taken at tanh(c).",
    ),
    Bug(
        id="hunt-02-slope-of-c-dropped",
        old=DC,
        new="dc = G_c + G_h * o",
        caught_by="hunt_02",
        says="In hunt_02 your dc has no slope of tanh any more; it needs the one at c.",
    ),
    # --- hunt_03
    untouched(
        3,
        MOVES_ON,
        "",
        "one step of it is right; from the second step on its loss is not.",
    ),
    Bug(
        id="hunt-03-candidate-carried",
        old=MOVES_ON,
        new="        h = n\n",
        caught_by="hunt_03",
        says="In hunt_03 it is n that your next step starts from; it should be h_t.",
    ),
    Bug(
        id="hunt-03-averaged",
        old=MOVES_ON,
        new="        h = 0.5 * (h + h_new)\n",
        caught_by="hunt_03",
        says="In hunt_03 your next step starts half way between h_{t-1} and h_t; "
        "it should start from h_t, which is mixed already.",
    ),
    # --- hunt_04
    untouched(
        4,
        FORGET,
        '"f": dc * c_prev * sigmoid(a["f"]),',
        "its loss is right; dW is wrong in the forget gate for T = 1, and everywhere else too "
        "once there are more steps.",
    ),
    Bug(
        id="hunt-04-slope-without-its-half",
        old=FORGET,
        new='"f": dc * c_prev * (1.0 - sigmoid(a["f"])),',
        caught_by="hunt_04",
        says="In hunt_04 the forget gate has half of σ' = σ (1 - σ): yours is 1 - σ.",
    ),
    Bug(
        id="hunt-04-slope-on-top",
        old=FORGET,
        new='"f": dc * c_prev * sigmoid(a["f"]) * sigmoid(a["f"], derivative=True),',
        caught_by="hunt_04",
        says="In hunt_04 your forget gate has its slope now, and σ as well; σ' alone is right.",
    ),
    Bug(
        id="hunt-04-slope-of-the-output",
        old=FORGET,
        new='"f": dc * c_prev * sigmoid(sigmoid(a["f"]), derivative=True),',
        caught_by="hunt_04",
        says="In hunt_04 the slope of your forget gate is taken at f; take it at a_f.",
    ),
    Bug(
        id="hunt-04-all-slopes-dropped",
        old=FORGET,
        new='"f": dc * c_prev,',
        caught_by="hunt_04",
        says="In hunt_04 your forget gate has no slope at all: da_f is df ⊙ σ'(a_f).",
    ),
    # --- hunt_05
    untouched(
        5,
        LOSS,
        "loss = -np.mean(log_p * one_hot)",
        "its loss is too small, and a gradient check fails by one and the same factor everywhere.",
    ),
    Bug(
        id="hunt-05-gradient-made-a-mean",
        old=LOSS,
        new="loss = -np.mean(log_p * one_hot)",
        also=((DLOGITS_05, "dlogits = (np.exp(log_p) - one_hot) / one_hot.size"),),
        caught_by="hunt_05",
        says="Your hunt_05 passes a gradient check, as loss and gradient are both means now; "
        "the docstring asks for the sum over n.",
    ),
    Bug(
        id="hunt-05-mean-of-rows",
        old=LOSS,
        new="loss = -np.mean(np.sum(log_p * one_hot, axis=1))",
        caught_by="hunt_05",
        says="Your loss in hunt_05 is the mean over the rows now; it should be their sum.",
    ),
    Bug(
        id="hunt-05-sign",
        old=LOSS,
        new="loss = np.sum(log_p * one_hot)",
        caught_by="hunt_05",
        says="Your loss in hunt_05 has lost its minus sign.",
    ),
    # --- hunt_06
    untouched(
        6,
        STABLE,
        SOFTMAX,
        "near zero it is nearly right, far from there it is not finite, or stops at 27.6.",
        (LOSSES, EPS),
    ),
    Bug(
        id="hunt-06-larger-eps",
        old=STABLE,
        new=SOFTMAX,
        also=((LOSSES, EPS.replace("1e-12", "1e-8")),),
        caught_by="hunt_06",
        says="In hunt_06 you have another small number inside the logarithm; "
        "it changes what is right, and does nothing against an overflow.",
    ),
    Bug(
        id="hunt-06-shifted-with-eps",
        old=STABLE,
        new=SHIFTED,
        also=((LOSSES, EPS),),
        caught_by="hunt_06",
        says="In hunt_06 nothing overflows any more, but no loss can be above 27.6 "
        "for the 1e-12 that you still add.",
    ),
    Bug(
        id="hunt-06-shifted-without-eps",
        old=STABLE,
        new=SHIFTED,
        also=((LOSSES, "    losses = -np.log(p[every, targets])\n"),),
        caught_by="hunt_06",
        says="In hunt_06 exp does not overflow any more, but p can still be exactly zero, and "
        "you take its logarithm.",
    ),
    Bug(
        id="hunt-06-clipped-logits",
        old=STABLE,
        new="    logits = np.clip(logits, -500.0, 500.0)\n" + STABLE,
        caught_by="hunt_06",
        says="In hunt_06 you clip the logits; then a loss of 5000 is told as 500.",
    ),
    # --- hunt_07
    Bug(
        id="hunt-07-states-shifted",
        old=DC_07,
        new=DC_07.replace("t + 1", "t"),
        also=((DF_07, DF_07.replace("[t]", "[t - 1]")), (DO_07, DO_07.replace("t + 1", "t"))),
        caught_by="hunt_07",
        says="Your hunt_07 reads its states one step too early, which it did not do when you got it.",
    ),
    Bug(
        id="hunt-07-previous-state-moved",
        old=DF_07,
        new=DF_07.replace("[t]", "[t - 1]"),
        caught_by="hunt_07",
        says="In hunt_07 your da_f reads C_s[t - 1]; with C_s[0] = c0, c_{t-1} is C_s[t].",
    ),
    Bug(
        id="hunt-07-starts-from-the-last-state",
        old=SIZED_H,
        new="dh_next = h_s[-1]",
        also=((SIZED_C, "dC_next = C_s[-1]"),),
        caught_by="hunt_07",
        says="In hunt_07 you start from the last states themselves; no gradient arrives "
        "at the end, so it is zeros of that shape.",
    ),
    Bug(
        id="hunt-07-slopes-twice",
        old=DF_07,
        new="da_f = dC * C_s[t] * sigmoid(f, derivative=True)",
        also=((DO_07, "da_o = dh * tanh(C_s[t + 1]) * sigmoid(o, derivative=True)"),),
        caught_by="hunt_07",
        says="In hunt_07 you take the slopes of f and o at f and o; "
        "it had s (1 - s) of what the gate gave out, which is the slope at a.",
    ),
    Bug(
        id="hunt-07-carried-cell-dropped",
        old=DC_07,
        new=DC_07.replace("dC_next + ", ""),
        caught_by="hunt_07",
        says="In hunt_07 your dC drops what step t+1 sends back.",
    ),
    # --- hunt_08
    untouched(
        8,
        FORGET_BIAS,
        "W[0, H : 2 * H] = -forget_bias",
        "with forget_bias = 3 a young f is about 0.05.",
    ),
    Bug(
        id="hunt-08-first-block",
        old=FORGET_BIAS,
        new="W[0, :H] = forget_bias",
        caught_by="hunt_08",
        says="In hunt_08 your forget bias is in the first block, which is the input gate's.",
    ),
    Bug(
        id="hunt-08-input-shut-instead",
        old=FORGET_BIAS,
        new="W[0, :H] = -forget_bias",
        caught_by="hunt_08",
        says="In hunt_08 you shut the input gate (a trick of 1997) and leave f half open; "
        "here f is to start open.",
    ),
    Bug(
        id="hunt-08-no-bias",
        old=FORGET_BIAS,
        new="W[0, H : 2 * H] = 0.0 * forget_bias",
        caught_by="hunt_08",
        says="In hunt_08 your forget gate starts half open: its bias is zero.",
    ),
    Bug(
        id="hunt-08-always-one",
        old=FORGET_BIAS,
        new="W[0, H : 2 * H] = 1.0",
        caught_by="hunt_08",
        says="In hunt_08 your forget bias is always 1; it should be forget_bias.",
    ),
    # --- hunt_09
    untouched(
        9,
        TOO_LONG,
        "too_long = np.sqrt(np.sum(grad**2)) / max_norm",
        "norm is right; what is clipped is too long, and points elsewhere.",
    ),
    Bug(
        id="hunt-09-always-scaled",
        old=SCALED,
        new="clipped[name] = grad / too_long",
        caught_by="hunt_09",
        says="In hunt_09 you scale short gradients up; they should be left alone.",
    ),
    Bug(
        id="hunt-09-element-by-element",
        old=SCALED,
        new="clipped[name] = np.clip(grad, -max_norm, max_norm)",
        caught_by="hunt_09",
        says="In hunt_09 you clip element by element; that changes the direction, too.",
    ),
    Bug(
        id="hunt-09-sum-of-norms",
        old=TOO_LONG,
        new="too_long = sum(np.sqrt(np.sum(g**2)) for g in grads.values()) / max_norm",
        caught_by="hunt_09",
        says="In hunt_09 you scale by the sum of the norms; the norm of all is the root of the "
        "sum of their squares.",
    ),
    # --- hunt_10
    untouched(
        10,
        RATE,
        "rate = rate * np.exp(-n / updates)",
        "its first two updates are right, the third and all later ones are too small.",
    ),
    Bug(
        id="hunt-10-falls-too-fast",
        old=RATE,
        new="rate = lr * np.exp(-n)",
        caught_by="hunt_10",
        says="In hunt_10 your rate is lr · exp(-n); what n is divided by has got lost.",
    ),
    Bug(
        id="hunt-10-uphill",
        old="W = W - rate",
        new="W = W + rate",
        caught_by="hunt_10",
        says="In hunt_10 you go along the gradient; down is against it.",
    ),
    Bug(
        id="hunt-10-counted-from-one",
        old=RATE,
        new="rate = lr * np.exp(-(n + 1) / updates)",
        caught_by="hunt_10",
        says="In hunt_10 your updates are counted from 1; update 0 goes at the rate lr.",
    ),
    Bug(
        id="hunt-10-never-lowered",
        old=RATE,
        new="rate = lr",
        caught_by="hunt_10",
        says="In hunt_10 your rate does not fall any more.",
    ),
    # --- ANSWERS
    word(
        1,
        "overwritten",
        "You say of hunt_01 that a gradient is assigned; both of its sums are sums.",
    ),
    word(
        2,
        "slope-missing",
        "You say of hunt_02 that a slope is left out; there are five, as many as there should be.",
    ),
    word(
        3,
        "off-by-one",
        "You say of hunt_03 that it reads the wrong step; what it reads is never of any other step.",
    ),
    word(
        4,
        "slope-of-output",
        "You say of hunt_04 that a slope is taken at an output; count its slopes first.",
    ),
    word(
        5,
        "log-of-zero",
        "You say of hunt_05 that a logarithm of zero is taken; its log_p is finite for any logits.",
    ),
    word(
        6,
        "mean-for-sum",
        "You say of hunt_06 that it takes a mean; there is none in it.",
    ),
    word(
        7,
        "wrong-size",
        "You say of hunt_07 that an array has the wrong shape; print the shapes of both.",
    ),
    word(7, "off-by-one", "You say of hunt_07 that it reads the wrong step; see what C_s[0] is."),
    word(7, "", "Your ANSWERS say nothing about hunt_07 yet."),
    word(
        8,
        "gate-order",
        "You say of hunt_08 that its blocks are in another order; they are i, f, o, g.",
    ),
    word(
        9,
        "caller-changed",
        "You say of hunt_09 that it writes into its caller's arrays; it makes new ones.",
    ),
    word(
        10,
        "nothing",
        "You say of hunt_10 that nothing is wrong; compare its third update with one by hand.",
    ),
]
