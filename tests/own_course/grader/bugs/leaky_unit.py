"""Known bugs of `leaky_unit`: where people really go wrong."""

from grader.catalogue import Bug

STEP = "(1.0 - alpha) * h + alpha * x"
NEXT = "h = h - alpha * (h - X[t])"
LIFE = "np.log(0.5) / np.log(1.0 - alpha)"
BACK = "dHout[t] + (1.0 - alpha) * back"

BUGS = [
    Bug(
        id="step-shares-swapped", old=STEP, new="alpha * h + (1.0 - alpha) * x",
        caught_by="step", says="Your step keeps the share alpha of h and lets the rest go.",
    ),
    Bug(
        id="step-leaks-nothing", old=STEP, new="h + alpha * x",
        caught_by="step", says="Your h keeps all of the old state: nothing leaks.",
    ),
    Bug(
        id="step-subtracts", old=STEP, new="(1.0 - alpha) * h - alpha * x",
        caught_by="step", says="Your step takes the input away from h.",
    ),
    Bug(
        id="last-state-only", old="return np.stack(states)", new="return states[-1]",
        caught_by="shapes", says="Your Hout is the last state instead of all of them.",
    ),
    Bug(
        id="sequence-forgets", old=NEXT, new="h = alpha * X[t]",
        caught_by="sequence", says="Your sequence forgets h at every step.",
    ),
    Bug(
        id="sequence-leaks-nothing", old=NEXT, new="h = h + alpha * X[t]",
        caught_by="sequence", says="Your sequence keeps all of h: nothing leaks.",
    ),
    Bug(
        id="sequence-backwards", old=NEXT, new="h = h - alpha * (h - X[-1 - t])",
        caught_by="sequence", says="Your sequence reads X from its end.",
    ),
    Bug(
        id="initial-state-ignored", old="h = h0", new="h = np.zeros_like(h0)",
        caught_by="initial_state", says="Your sequence starts from zero instead of h0.",
    ),
    Bug(
        id="half-life-of-alpha", old=LIFE, new="np.log(0.5) / np.log(alpha)",
        caught_by="half_life", says="Your n is the half-life of what leaks, not of what stays.",
    ),
    Bug(
        id="half-life-two-bases", old=LIFE, new="np.log2(0.5) / np.log(1.0 - alpha)",
        caught_by="half_life", says="Your n divides a logarithm to base 2 by a natural one.",
    ),
    Bug(
        id="gradient-of-one-step", old=BACK, new="dHout[t]",
        caught_by="gradient", says="Your dX takes no gradient from later states.",
    ),
    Bug(
        id="gradient-not-scaled", old="dX[t] = alpha * back", new="dX[t] = back",
        caught_by="gradient", says="Your dX lacks the factor alpha of the input.",
    ),
]  # fmt: skip
