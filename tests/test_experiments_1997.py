"""The experiments of 1997: the fast networks compute what the slow ones do, and runs go on."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from grader.calls import Array
from grader.numerics import relative_error

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(name="load", scope="module")
def _load() -> Iterator[object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "solutions")
        patch.syspath_prepend(ROOT / "benchmarks")
        for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
            patch.setenv(threads, "1")
        yield import_module


@pytest.fixture(name="nets")
def _nets(load: object) -> ModuleType:
    assert load
    return import_module("nets_1997")


@pytest.fixture(name="tasks")
def _tasks(load: object) -> ModuleType:
    assert load
    return import_module("tasks_1997")


@pytest.fixture(name="command")
def _command(load: object) -> ModuleType:
    assert load
    return import_module("experiments_1997")


@pytest.mark.parametrize("squashed", [True, False], ids=["squashed", "linear"])
def test_networks_side_by_side_are_the_exercise_s_blocks(nets: ModuleType, squashed: bool) -> None:
    """Answers, and one step along the truncated gradient, network by network."""
    paper, rng = import_module("lstm_1997"), np.random.default_rng(0)
    made = [paper.init_block(2, 2, 3, 1, rng, 0.4, np.array([-1.0, 1.0])) for _ in range(3)]
    W, W_out = np.array([W for W, _ in made]), np.array([V[:, 0] for _, V in made])
    net = nets.Blocks(W, W_out, 3, squashed=squashed)
    X, y = paper.marked_pairs("adding", 30, 3, rng)
    answers = net.predict(X)
    net.learn(y, 0.5)
    for k, (W, W_out) in enumerate(made):
        Y, _, cache = paper.block_forward(X[:, k : k + 1], W, W_out)
        last = Y[-1]
        answer = last if squashed else np.log(last / (1.0 - last))  # what σ was given
        assert relative_error(answers[k : k + 1], answer[:, 0]) < 1e-12
        dY = np.zeros_like(Y)
        dY[-1] = (answer - y[k]) / (1.0 if squashed else last * (1.0 - last))
        dW, dW_out, _ = paper.block_backward_truncated(dY, cache)
        assert relative_error(net.W[k], W - 0.5 * dW) < 1e-12
        assert relative_error(net.W_out[k], (W_out - 0.5 * dW_out)[:, 0]) < 1e-12


@pytest.mark.parametrize("output", ["linear", "sigmoid", "bernoulli", "softmax"])
@pytest.mark.parametrize("every", [False, True])
def test_the_gradient_of_today_s_network(nets: ModuleType, output: str, every: bool) -> None:
    """It is that of the loss, for all outputs, at every step with direct connections."""
    rng = np.random.default_rng(1)
    settings = nets.Settings(
        hidden=3, batch=2, forget=1.0, input_bias=0.0, output=output, every=every, direct=every,
        clip=1e9,
    )  # fmt: skip
    model = nets.Network(4, 2, settings, rng)
    X = rng.standard_normal((5, 2, 4))
    target = np.abs(rng.standard_normal((5, 2, 2) if every else (2, 2)))
    target /= target.sum(axis=-1, keepdims=True)

    def loss() -> float:
        y = model.predict(X).astype(float)
        if output in {"linear", "sigmoid"}:
            return float(((y - target) ** 2).sum()) / 2
        losses = -target * np.log(y)
        if output == "bernoulli":
            losses = losses - (1.0 - target) * np.log(1.0 - y)
        return float(losses.sum()) / 2

    model.predict(X)
    model.adam.lr = 0.0
    model.learn(target)
    got = model.gradients.astype(float).copy()
    want = np.empty_like(got)
    for k in range(got.size):
        kept = model.parameters[k]
        model.parameters[k] = kept + 1e-2
        above = loss()
        model.parameters[k] = kept - 1e-2
        want[k] = (above - loss()) / 2e-2
        model.parameters[k] = kept
    assert relative_error(got, want) < 5e-3


def test_without_a_forget_gate_the_state_is_kept(nets: ModuleType) -> None:
    """With forget bias 30 f is 1, and its weights have no gradient, to the last bit."""
    rng = np.random.default_rng(2)
    model = nets.Network(3, 1, nets.Settings(hidden=4), rng)
    X = rng.standard_normal((20, 6, 3))
    model.predict(X)
    model.learn(rng.standard_normal((6, 1)))
    blocks: Array = model.dW.reshape(-1, 4, 4)
    assert not blocks[:, 1].any()
    assert blocks[:, [0, 2, 3]].all()


def test_an_experiment_is_learnt_and_told(tasks: ModuleType) -> None:
    """3a, N = 3, in a second; the seed decides everything."""
    (experiment,) = (e for e in tasks.EXPERIMENTS if e.id == "3a-3")
    first, second = (list(tasks.run(experiment, 3))[-1] for _ in range(2))
    assert first == second
    assert first.solved
    assert first.sequences < 30_000
    assert first.wrong < 60


def test_whoever_starts_again_goes_on(
    command: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has been run is not run again; a line that was cut off is."""
    arguments = ["x", "--only", "3a-3", "--seeds", "2", "--results", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    command.main()
    file = tmp_path / "runs.jsonl"
    lines = file.read_text("utf-8").splitlines()
    assert [json.loads(line)["seed"] for line in lines] == [0, 1]
    file.write_text(lines[0] + "\n" + lines[1][:40] + "\n", "utf-8")
    made: list[int] = []
    make = command.make

    def noted(job: Any, *rest: Any) -> Any:
        made.append(job.seed)
        return make(job, *rest)

    monkeypatch.setattr(command, "make", noted)
    command.main()
    assert made == [1]
    page = (tmp_path / "lstm-1997.md").read_text("utf-8")
    assert "| 3a-3 |" in page
    assert "2 of 2" in page
    assert "Not run: 1, 2a" in page
    assert (tmp_path / "lstm-1997.svg").read_text("utf-8").count("<polyline") == 2


def test_text_around_the_table_stays(command: ModuleType) -> None:
    """Only what stands between the marks is written anew."""
    page = "# Mine\n\n<!-- begin runs -->\nold\n<!-- end runs -->\n\nAfter.\n"
    new = command.document([], page)
    assert new.startswith("# Mine\n")
    assert new.endswith("\nAfter.\n")
    assert "old" not in new
