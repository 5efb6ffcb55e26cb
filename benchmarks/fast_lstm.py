"""One training step of solutions/fast_lstm.py beside PyTorch and a plain transcription.

    python benchmarks/fast_lstm.py [--rounds N]

A step is everything: forward, back through T = 100 steps, clipping by the
global norm, Adam. Three contestants:

    ours           solutions/fast_lstm.py, float32, B sequences at once
    torch          torch.nn.LSTM and Linear, clip_grad_norm_ and Adam in its
                   fused form, the quickest it has; float32, one CPU thread
    transcription  the equations as textbooks print them: column vectors, a
                   matrix per gate, one sequence after another, float64; timed
                   for one sequence, and counted B times

A round measures each once, so that a busy machine slows all three, and the
ratios are medians over rounds. Before that, all three train on the same numbers
in float64 and must arrive at the same loss. Without PyTorch its columns stay
empty.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import machine  # before NumPy
import numpy as np

from fast_lstm import LSTM, Adam, Array, Model, initial_weights, train_step

try:
    import torch
except ImportError:
    torch = None

T, D, RATE, CLIP = 100, 2, 0.001, 1.0
STEPS = 10  # in one measurement, so that caches are as warm as in training
SIZES = [(8, 32), (8, 64), (16, 32), (16, 64), (32, 64)]  # H, B

Step = Callable[[], float]  # trains once, and returns the loss before


def ours(W: Array, W_out: Array, X: Array, y: Array, dtype: str = "float32") -> Step:
    """Set up the fast LSTM."""
    model = Model(LSTM(D, W.shape[1] // 4, dtype), W, W_out, dtype)
    adam = Adam(model.parameters.size, RATE, dtype)
    X, y = X.astype(dtype), y.astype(dtype)

    def step() -> float:
        errors = train_step(model, adam, X, y, CLIP)[:, 0]
        return float(errors @ errors) / len(errors)

    return step


def torchs(W: Array, W_out: Array, X: Array, y: Array, dtype: str = "float32") -> Step:
    """Set up PyTorch with the same weights."""
    H, kind = W.shape[1] // 4, getattr(torch, dtype)
    lstm, head = torch.nn.LSTM(D, H, dtype=kind), torch.nn.Linear(H, 1, dtype=kind)
    i, f, o, g = np.split(W, 4, axis=1)
    rows = torch.tensor(np.hstack([i, f, g, o]).T)  # PyTorch's order
    with torch.no_grad():
        lstm.bias_ih_l0.copy_(rows[:, 0])
        lstm.weight_ih_l0.copy_(rows[:, 1 : 1 + D])
        lstm.weight_hh_l0.copy_(rows[:, 1 + D :])
        head.bias.copy_(torch.tensor(W_out[0]))
        head.weight.copy_(torch.tensor(W_out[1:].T))
        lstm.bias_hh_l0.zero_()  # a second bias would be learned twice as fast
    lstm.bias_hh_l0.requires_grad_(requires_grad=False)
    learned = [p for p in (*lstm.parameters(), *head.parameters()) if p.requires_grad]
    adam = torch.optim.Adam(learned, lr=RATE, fused=True)
    inputs, targets = torch.tensor(X, dtype=kind), torch.tensor(y, dtype=kind)

    def step() -> float:
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(head(lstm(inputs)[0][-1]), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, CLIP)
        adam.step()
        return loss.item()

    return step


def sigmoid(a: Array) -> Array:
    """Compute σ(a) = 1 / (1 + e^-a)."""
    return 1.0 / (1.0 + np.exp(-a))


class Transcription:
    """The equations one by one: x (D, 1), h and c (H, 1), a W (H, H + D) and b per gate."""

    def __init__(self, W: Array, W_out: Array, X: Array, y: Array) -> None:
        self.H = W.shape[1] // 4
        self.p = {"W_y": W_out[1:].T.copy(), "b_y": W_out[:1].T.copy()}
        for gate, columns in zip("ifog", np.split(W, 4, axis=1), strict=True):
            self.p[f"W_{gate}"] = np.hstack([columns[1 + D :].T, columns[1 : 1 + D].T])
            self.p[f"b_{gate}"] = columns[:1].T.copy()
        self.m = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.v = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.steps = 0
        self.xs = [x[:1].T for x in X]
        self.y = y[:1]

    def __call__(self) -> float:
        """Train once on the one sequence."""
        y, h, kept = self.forward()
        d = self.backward(2.0 * (y - self.y), h, kept)
        self.clip(d)
        self.adam(d)
        return float((y - self.y)[0, 0] ** 2)

    def forward(self) -> tuple[Array, Array, list[tuple[Array, ...]]]:
        """Return the answer, the last h and what backward needs of every step."""
        p, kept = self.p, []
        h, c = np.zeros((self.H, 1)), np.zeros((self.H, 1))
        for x in self.xs:
            hx = np.vstack([h, x])
            i = sigmoid(p["W_i"] @ hx + p["b_i"])
            f = sigmoid(p["W_f"] @ hx + p["b_f"])
            o = sigmoid(p["W_o"] @ hx + p["b_o"])
            g = np.tanh(p["W_g"] @ hx + p["b_g"])
            c_before = c
            c = f * c_before + i * g
            h = o * np.tanh(c)
            kept.append((hx, c_before, c, i, f, o, g))
        return p["W_y"] @ h + p["b_y"], h, kept

    def backward(self, dy: Array, h: Array, kept: list[tuple[Array, ...]]) -> dict[str, Array]:
        """Return the gradient of every matrix."""
        p = self.p
        d = {name: np.zeros_like(value) for name, value in p.items()}
        d["W_y"] = dy @ h.T
        d["b_y"] = dy
        dh, dc = p["W_y"].T @ dy, np.zeros((self.H, 1))
        for hx, c_before, c, i, f, o, g in reversed(kept):
            dc = dc + dh * o * (1.0 - np.tanh(c) ** 2)
            da = {
                "i": dc * g * i * (1.0 - i),
                "f": dc * c_before * f * (1.0 - f),
                "o": dh * np.tanh(c) * o * (1.0 - o),
                "g": dc * i * (1.0 - g**2),
            }
            dhx = np.zeros_like(hx)
            for gate, da_gate in da.items():
                d[f"W_{gate}"] += da_gate @ hx.T
                d[f"b_{gate}"] += da_gate
                dhx += p[f"W_{gate}"].T @ da_gate
            dh, dc = dhx[: self.H], dc * f
        return d

    @staticmethod
    def clip(d: dict[str, Array]) -> None:
        """Scale all gradients to a common norm of at most CLIP."""
        norm = np.sqrt(sum(np.sum(value**2) for value in d.values()))
        if norm > CLIP:
            for gradient in d.values():
                np.multiply(gradient, CLIP / norm, out=gradient)

    def adam(self, d: dict[str, Array]) -> None:
        """Update matrix by matrix."""
        self.steps += 1
        for name, gradient in d.items():
            self.m[name] = 0.9 * self.m[name] + 0.1 * gradient
            self.v[name] = 0.999 * self.v[name] + 0.001 * gradient**2
            m = self.m[name] / (1.0 - 0.9**self.steps)
            v = self.v[name] / (1.0 - 0.999**self.steps)
            self.p[name] -= RATE * m / (np.sqrt(v) + 1e-8)


def agree(*steps: Step) -> None:
    """Train each alike; stop if they do not arrive at the same loss."""
    for _ in range(20):
        losses = [step() for step in steps]
    if not all(np.isclose(one, other, rtol=1e-4) for one, other in pairwise(losses)):
        message = f"the contestants do not do the same work: losses {losses}"
        raise SystemExit(message)


def measure(step: Step, times: int) -> tuple[float, float]:
    """Return milliseconds per step: CPU time of the process, and wall clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        step()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return 1000.0 * cpu / times, 1000.0 * wall / times


def cell(measured: list[tuple[float, float]], times: int = 1) -> str:
    """Write the CPU time and the wall time, each as median (minimum)."""
    return "; ".join(
        f"{times * statistics.median(v):.2f} ({times * min(v):.2f})"
        for v in zip(*measured, strict=True)
    )


def ratios(
    one: list[tuple[float, float]], other: list[tuple[float, float]], times: int, digits: int
) -> str:
    """Write CPU time of one / CPU time of other: median of the rounds (ratio of the minima)."""
    cpu_one, cpu_other = ([cpu for cpu, _ in measured] for measured in (one, other))
    middle = statistics.median(a / b for a, b in zip(cpu_one, cpu_other, strict=True))
    best = min(cpu_one) / min(cpu_other)
    return f"{times * middle:.{digits}f} ({times * best:.{digits}f})"


def compare(H: int, B: int, rounds: int) -> str:
    """Measure one size; return its line of the table."""
    rng = np.random.default_rng(H + B)
    W, W_out = initial_weights(D, H, 1, rng, forget_bias=3.0)
    X, y = rng.uniform(-1.0, 1.0, (T, B, D)), rng.uniform(0.0, 1.0, (B, 1))

    alone = Transcription(W, W_out, X, y)
    agree(ours(W, W_out, X[:, :1], y[:1], "float64"), alone)
    contestants = {"ours": (ours(W, W_out, X, y), STEPS), "alone": (alone, 1)}
    if torch is not None:
        agree(ours(W, W_out, X, y, "float64"), torchs(W, W_out, X, y, "float64"))
        contestants["torch"] = (torchs(W, W_out, X, y), STEPS)

    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (step, count) in contestants.items():
            times[name].append(measure(step, count))

    against_torch = ["", ""]
    if torch is not None:
        against_torch = [cell(times["torch"]), ratios(times["ours"], times["torch"], 1, 2)]
    cells = [
        f"{H}",
        f"{B}",
        cell(times["ours"]),
        *against_torch,
        cell(times["alone"], B),
        ratios(times["alone"], times["ours"], B, 0),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    packages = ["numpy"]
    if torch is None:
        print("PyTorch is not installed here: its columns stay empty.\n")
    else:
        torch.set_num_threads(1)
        packages.append("torch")
    print(f"T = {T}, {rounds} rounds; {machine.describe(*packages)}\n")
    print("Milliseconds a step: CPU median (minimum); wall median (minimum).")
    print("Ratios of CPU times: median of the rounds (ratio of the minima).\n")
    print(
        "| H | B | ours | torch | ours / torch "
        "| transcription, B times one sequence | transcription / ours |"
    )
    print("|--:|--:|---|---|---|---|---|")
    for H, B in SIZES:
        print(compare(H, B, rounds), flush=True)


if __name__ == "__main__":
    main()
