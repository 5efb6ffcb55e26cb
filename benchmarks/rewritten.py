"""Right solutions of the ten checks, written as different people write them."""

from pathlib import Path

from grader.course import Course

__all__ = ["WAYS", "write_right"]

COURSE = Path(__file__).resolve().parent / "ten_checks"
NAME = "lstm_cell"
GATES = (
    "i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])"
)  # fmt: skip
#: What somebody does differently -> what is written instead of what.
WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "as in the solution": (),
    "one sigmoid for three gates": (
        (GATES, "i, f, o = np.split(sigmoid(a[:, : 3 * H]), 3, axis=1)"),
    ),
    "a list of gates": (
        (GATES, "i, f, o = [sigmoid(a[:, k * H : (k + 1) * H]) for k in range(3)]"),
    ),
    "sigmoid by tanh": (("1.0 / (1.0 + np.exp(-a))", "0.5 * (1.0 + np.tanh(0.5 * a))"),),
    "products by name": (("x @ Wx + h_prev @ Wh + b", "np.dot(x, Wx) + np.dot(h_prev, Wh) + b"),),
    "concatenated": (
        ("np.hstack(", "np.concatenate("),
        ("dc * i * (1 - g**2),\n        ]", "dc * i * (1 - g**2),\n        ],\n        axis=1,"),
    ),
}


def write_right(folder: Path, count: int) -> Path:
    """Write a class of right solutions, one .py per student, no two alike."""
    folder.mkdir(parents=True)
    solution = Course.load(COURSE).source(NAME)
    ways = list(WAYS.values())
    for number in range(count):
        text = solution
        for old, new in ways[number % len(ways)]:
            text = text.replace(old, new)
        (folder / f"student-{number:04d}.py").write_text(f"{text}\n# {number}\n", "utf-8")
    return folder
