# Fill in the holes of language_model.py; keep the names.
"""Language model: your LSTM reads a text, and then goes on writing.

Notation (the whole key is in exercises/README.md):

    B streams read side by side   T time steps   H hidden units   R = 1 + V + H
    V symbols in the vocabulary: characters or words, and one for all unknown ones
    ids: symbols as whole numbers, 0 .. V-1; inputs, targets (T, B)
    params: dict of W (R, 4H), an LSTM that reads one-hot symbols (D = V), and
            W_out (1+H, V), row 0 = bias: logits = [1, h] @ W_out
    d... = gradient of the loss with respect to ..., everything float64

All losses are in nats per token: the mean of -log p(the token that came next).
The cell is your own, from lstm_forward.py and lstm_backward.py. From `decode` on
nothing is left to write: with the holes filled this file is a program,

    python language_model.py --data data/carousel.txt --epochs 50 --hidden-size 64

NumPy and Python's own library; matplotlib for the curve, if it is there.
"""

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from lstm_backward import lstm_backward
from lstm_forward import lstm_forward

#: Stands for every token that is not in the vocabulary; its number is 0.
UNKNOWN = "<unk>"
#: Ends every word of the language aⁿbⁿ.
END = "$"


# --- from a text to batches -------------------------------------------------------


def split_data(tokens, valid=0.1, test=0.1):
    """Cut a text into three parts: to learn from, to look at, to keep for the end.

    tokens: a list of N tokens, in order. valid, test: shares of N.
    The last floor(test N) tokens are the test part, the floor(valid N) tokens
    before them the validation part, all before those the training part.
    Nothing is shuffled: a model reads the text in order.

    Returns train, valid, test, three lists.
    Worked number: 25 tokens are cut into 21, 2 and 2.
    """
    # YOUR CODE HERE
    raise NotImplementedError("split_data")


def build_vocab(tokens, min_count=1):
    """List the symbols a model knows, from the tokens it is trained on.

    First UNKNOWN, then every token that occurs min_count times or more: the
    most frequent first, equally frequent ones as `sorted` orders texts.

    Returns a list of texts; a token's number is its place there.
    Worked number: list("hello") gives ["<unk>", "l", "e", "h", "o"].
    """
    # YOUR CODE HERE
    raise NotImplementedError("build_vocab")


def encode(tokens, vocab):
    """Translate tokens into numbers; one that is not in vocab becomes 0.

    tokens: a list of N texts. Returns an array (N,) of whole numbers.
    Worked number: list("hole?") under the vocabulary of "hello" is 3 4 1 2 0.
    """
    # YOUR CODE HERE
    raise NotImplementedError("encode")


def batches(ids, B, T):
    """Lay a long text out as B streams, and cut those into chunks of T steps.

    Every stream has L = (N - 1) // B steps: stream b reads ids[b L], ...,
    ids[b L + L - 1], and its target is always the token one place further on.
    What is left at the end of the text is not used. Chunks follow each other
    in time, so that a state can be carried on; the last may be shorter than T.

    ids (N,), N > B. Returns a list of pairs inputs, targets, each (T, B).
    Worked number: ids 0 .. 8 with B = 2, T = 3 give the inputs
    [[0, 4], [1, 5], [2, 6]] and [[3, 7]].
    """
    # YOUR CODE HERE
    raise NotImplementedError("batches")


# --- the model --------------------------------------------------------------------


def orthogonal(rows, columns, rng):
    """Draw a matrix with orthonormal columns or, if it is wider than high, rows.

    Qᵀ Q = I for rows ≥ columns, Q Qᵀ = I otherwise: such a matrix changes the
    length of no vector (or, if it cannot help it, only shortens).

    rng: a numpy.random.Generator. Returns Q (rows, columns). np.linalg.qr helps.
    """
    # YOUR CODE HERE
    raise NotImplementedError("orthogonal")


def init_params(V, H, rng, forget_bias=1.0):
    """Draw the weights before the first update.

    W (1+V+H, 4H): for each of the gates i, f, o and g an orthogonal block (V, H)
        for the input and an orthogonal block (H, H) for the state. The bias
        row is zero, but forget_bias in the forget gate's columns.
    W_out (1+H, V): an orthogonal block (H, V) below a bias row of zeros.

    Returns params, a dict of W and W_out.
    """
    # YOUR CODE HERE
    raise NotImplementedError("init_params")


def forward_loss(params, inputs, targets, c0=None, h0=None):
    """Read a batch, and measure how surprising every next token was.

    x_t = the one-hot row of inputs[t]                  (B, V)
    h_t from your lstm_forward;  logits_t = [1, h_t] @ W_out
    loss = - 1/(T B) Σ_t Σ_b log softmax(logits_t[b])[targets[t, b]]

    inputs, targets (T, B), c0 and h0 (B, H); None means zeros. The loss has
    to stay finite when logits are ±1000: never take the log of a softmax.
    Returns loss (a number), cn, hn (B, H), in this order, and cache: whatever
    your backward will need.
    """
    # YOUR CODE HERE
    raise NotImplementedError("forward_loss")


def backward(cache):
    """Carry the loss of forward_loss back to all weights.

    dlogits = (softmax(logits) - one-hot targets) / (T B)
    dW_out = Σ_t [1, h_t]^T @ dlogits_t        dHout = dlogits @ W_out[1:]^T
    dW from your lstm_backward

    The states before the first step are taken as given: nothing goes further
    back than one chunk. Returns grads, a dict like params.
    """
    # YOUR CODE HERE
    raise NotImplementedError("backward")


# --- learning ---------------------------------------------------------------------


def clip_gradients(grads, largest=1.0):
    """Shrink all gradients by one factor where their common norm is too large.

    norm = √(Σ of the squares of all entries of all arrays)
    factor = largest / norm where norm > largest, else 1

    Returns clipped, a dict like grads, and norm, the norm before.
    Worked number: {"W": [3, 4], "W_out": [12]}, largest 1: norm 13, "W" [0.231, 0.308].
    """
    # YOUR CODE HERE
    raise NotImplementedError("clip_gradients")


def sgd_step(params, grads, lr):
    """Take one step of plain gradient descent: w - lr dw.

    Returns new params and leaves the old ones as they are.
    """
    # YOUR CODE HERE
    raise NotImplementedError("sgd_step")


def adam_step(params, grads, state=None, lr=0.01):
    """Take one step of Adam.

    m ← 0.9 m + 0.1 dw             v ← 0.999 v + 0.001 dw²      (both start at 0)
    m̂ = m / (1 - 0.9^k)            v̂ = v / (1 - 0.999^k)        k = 1, 2, ...
    w ← w - lr m̂ / (√v̂ + 1e-8)

    state: what the step before returned, in any form you like; None before
    the first. Returns new params, and state for the next step.
    """
    # YOUR CODE HERE
    raise NotImplementedError("adam_step")


def perplexity(log_p):
    """Turn log-probabilities into the number of tokens one is torn between.

    perplexity = exp(- mean of log p): the inverse of the geometric mean of p.

    log_p: array of any shape, the log-probability of each token that came.
    Returns a number; a token held impossible (-inf) makes it infinite.
    Worked number: probabilities 1/2, 1/4 and 1/8 have perplexity 4; V equally
    likely symbols have perplexity V.
    """
    # YOUR CODE HERE
    raise NotImplementedError("perplexity")


def evaluate(params, ids, T=100):
    """Read a text once, from its beginning to its end, and return its loss per token.

    One stream (B = 1), the state carried from chunk to chunk. Every one of the
    N - 1 predictions counts the same, so the loss does not depend on T.

    ids (N,), N ≥ 2. Returns a number, in nats per token.
    """
    # YOUR CODE HERE
    raise NotImplementedError("evaluate")


def train(params, train_ids, valid_ids, epochs=10, B=16, T=32, lr=0.01, tell=None):
    """Learn from a text, and stop believing when another one gets worse.

    Each epoch starts with states of zero and goes through batches(train_ids,
    B, T) once, in order. For each chunk: forward_loss from the states that the
    chunk before has left, backward, clip_gradients (largest 1), adam_step
    with lr. Then the validation text is read with evaluate, which changes nothing.

    tell: None, or a function to be called after every update, with how many
        are done, how many there will be in all, and the loss of the chunk.
    Returns best, the params after the epoch with the lowest validation loss
    (not always the last); and history, a dict of two lists, a number per epoch:
    "train", the loss per token over the chunks of that epoch, as they were
    read, and "valid", the validation loss after it.
    """
    # YOUR CODE HERE
    raise NotImplementedError("train")


# --- writing ----------------------------------------------------------------------


def probabilities(logits, temperature=1.0):
    """Turn logits into the probabilities that the next token is drawn from.

    p = softmax(logits / temperature)

    logits (V,). temperature 1: what the model believes; below, bolder; above,
    wilder. 0 is allowed: all on the largest logit, the first if there are
    several. So is np.inf: all alike. No overflow, whatever the logits are.
    Returns p (V,).
    Worked number: logits log 1, log 2, log 4 at temperature 0.5 give 1/21, 4/21, 16/21.
    """
    # YOUR CODE HERE
    raise NotImplementedError("probabilities")


def sample(params, rng, start, count, temperature=1.0):
    """Let the model go on writing.

    It reads start from states of zero; then it draws a token from what it
    expects next (probabilities), reads it, draws again, and so on.

    start (S,): ids, at least one. rng: a numpy.random.Generator.
    Returns the ids of the new tokens only, (count,) whole numbers.
    """
    # YOUR CODE HERE
    raise NotImplementedError("sample")


# --- the program: nothing is left to write from here on ---------------------------


def decode(ids, vocab):
    """Translate numbers back into a list of tokens."""
    return [vocab[k] for k in ids]


def anbn(count, longest, rng):
    """Write `count` words of the language aⁿbⁿ, each with its end mark: ab$aaabbb$...

    n is uniform on 1 .. longest. How many a's there were has to be remembered,
    or the b's cannot stop in time. Returns one text, which begins with an end mark.
    """
    lengths = rng.integers(1, longest, size=count, endpoint=True)
    return END + "".join("a" * n + "b" * n + END for n in lengths)


def tokenize(text, level):
    """Cut a text into its tokens: "char", or "word" with marks and line ends as words."""
    return list(text) if level == "char" else re.findall(r"\w+|[^\w\s]|\n", text)


def join(tokens, level):
    """Put tokens together again, as well as that goes."""
    if level == "char":
        return "".join(tokens)
    return re.sub(r" ([^\w\s(<]|\n) ?", r"\1 ", " ".join(tokens))


class Bar:
    """A progress bar on one line of the terminal; elsewhere a line per tenth."""

    def __init__(self, stream=sys.stderr):
        self.stream = stream
        self.began = time.monotonic()
        self.tenths = -1

    def __call__(self, done, of, loss):
        """Show how many of the updates are done."""
        live, tenths = self.stream.isatty(), 10 * done // of
        if not live and tenths == self.tenths:
            return
        self.tenths = tenths
        left = (time.monotonic() - self.began) / done * (of - done)
        filled = "█" * (30 * done // of)
        line = f"{filled:░<30} {done}/{of}  loss {loss:.3f}  {left:.0f} s left "
        try:
            self.stream.write(("\r" if live else "") + line + ("" if live else "\n"))
        except UnicodeEncodeError:  # an old terminal
            self.stream.write(f"{done}/{of}\n")
        self.stream.write("\n" if live and done == of else "")
        self.stream.flush()


def draw_losses(history, path):
    """Draw both losses over the epochs into a file, on a machine without a screen, too."""
    import matplotlib as mpl  # noqa: PLC0415  only who draws needs it

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(6.0, 3.6), layout="constrained")
    epochs = np.arange(1, len(history["train"]) + 1)
    axes.plot(epochs, history["train"], label="training")
    axes.plot(epochs, history["valid"], label="validation")
    axes.set(xlabel="epoch", ylabel="loss per token (nats)")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def arguments():
    """Say what the program can be asked for on the command line."""
    parser = argparse.ArgumentParser(description="Train a language model on a text of yours.")
    parser.add_argument("--data", type=Path, help="a text file, UTF-8; without it, aⁿbⁿ")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--hidden-size", type=int, default=64)
    parser.add_argument("--level", choices=("char", "word"), default="char")
    parser.add_argument("--min-count", type=int, default=1, help="rarer tokens are unknown")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--length", type=int, default=300, help="tokens to write at the end")
    parser.add_argument("--start", help="what to go on from; a line end if left out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(), help="folder for weights and plot")
    return parser


def prepare(options, rng):
    """Read the text and cut it up; vocab, and train, valid, test as ids."""
    text = options.data.read_text("utf-8") if options.data else anbn(400, 8, rng)
    parts = split_data(tokenize(text, options.level))
    if len(parts[1]) < 2:
        sys.exit(
            f"{options.data or 'aⁿbⁿ'}: a text of {len(text)} characters is too short to learn from"
        )
    # the vocabulary knows the training part only, as the model does
    vocab = build_vocab(parts[0], options.min_count)
    return vocab, [encode(part, vocab) for part in parts]


def main():
    """Train, save weights and plot, and write a sample."""
    parser = arguments()
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    try:
        vocab, (train_ids, valid_ids, test_ids) = prepare(options, rng)
    except (OSError, UnicodeDecodeError) as error:
        parser.error(f"cannot read {options.data}: {error}")
    V, B = len(vocab), min(16, len(train_ids) - 1)
    print(f"{len(train_ids)} tokens to learn from, {V} different ones; guessing costs "
          f"{np.log(V):.2f} nats per token")  # fmt: skip
    params = init_params(V, options.hidden_size, rng)
    params, history = train(
        params, train_ids, valid_ids, options.epochs, B, lr=options.lr, tell=Bar()
    )
    epoch = int(np.argmin(history["valid"]))
    print(f"best after epoch {epoch + 1}: training {history['train'][epoch]:.3f}, "
          f"validation {history['valid'][epoch]:.3f} nats per token")  # fmt: skip
    loss = evaluate(params, test_ids)
    print(f"on the test text: {loss:.3f}, a perplexity of {perplexity(-loss):.2f} out of {V}")
    name = options.data.stem if options.data else "anbn"
    options.out.mkdir(parents=True, exist_ok=True)
    weights, plot = (options.out / f"{name}-{what}" for what in ("weights.npz", "loss.png"))
    np.savez(weights, vocab=np.array(vocab), **params)
    print(f"weights: {weights}")
    try:
        draw_losses(history, plot)
        print(f"curve: {plot}")
    except ImportError:
        print("no curve: matplotlib is not installed")
    start = options.start or ("\n" if options.data else END + "aaaaab")
    ids = encode(tokenize(start, options.level), vocab)
    new = sample(params, rng, ids, options.length, options.temperature)
    print(f"\na sample at temperature {options.temperature}, after {start!r}:\n")
    print(join(decode(new, vocab), options.level))


if __name__ == "__main__":
    main()
