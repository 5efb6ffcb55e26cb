"""What students are given with the language model: its two corpora, and the program."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course import Course
from tests.helpers import ROOT

STORY = ROOT / "exercises" / "data" / "carousel.txt"


@pytest.fixture(name="given", scope="module")
def _given() -> dict[str, Any]:
    return Course.load(ROOT).functions("language_model")


def test_words_have_as_many_b_as_a(given: dict[str, Any]) -> None:
    """Every word is aⁿbⁿ, n takes all values up to the longest, and end marks stand between."""
    text = given["anbn"](300, 6, np.random.default_rng(0))
    assert text[0] == text[-1] == "$"
    words = text[1:-1].split("$")
    assert len(words) == 300
    lengths = [len(word) // 2 for word in words]
    assert words == ["a" * n + "b" * n for n in lengths]
    assert set(lengths) == set(range(1, 7))


def test_the_story_is_long_enough_and_plain() -> None:
    """20 kB of ASCII: no surprises for a terminal, and few symbols for a small model."""
    data = STORY.read_bytes()
    assert len(data) >= 20_000 + 480
    assert len(set(data.decode("ascii"))) < 64


def test_words_can_be_cut_and_joined(given: dict[str, Any]) -> None:
    """At the level of words, marks and line ends are words, and stand where they stood."""
    tokens = given["tokenize"]("Guess, then look.\nYes", "word")
    assert tokens == ["Guess", ",", "then", "look", ".", "\n", "Yes"]
    assert given["join"](tokens, "word").split() == ["Guess,", "then", "look.", "Yes"]
    assert given["join"](given["tokenize"]("a b\n", "char"), "char") == "a b\n"


@pytest.mark.parametrize("arguments", [(), ("--data", "short.txt", "--level", "word")])
def test_the_program_runs_without_a_screen(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """One command leaves weights, a curve, and a sample; on anybody's text, too."""
    for name in ("language_model", "lstm_forward", "lstm_backward"):
        shutil.copy(ROOT / "solutions" / f"{name}.py", tmp_path)
    (tmp_path / "short.txt").write_text("one two three, " * 30, "utf-8")
    done = subprocess.run(
        [sys.executable, "language_model.py", "--epochs", "2", "--hidden-size", "5", "--length",
         "20", "--out", "runs", *arguments],
        cwd=tmp_path, text=True, capture_output=True, timeout=120, check=False,
        env={k: v for k, v in os.environ.items() if k != "DISPLAY"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "on the test text" in done.stdout
    assert "a sample at temperature 0.5" in done.stdout
    assert "loss" in done.stderr  # the bar
    name = "short" if arguments else "anbn"
    assert (tmp_path / "runs" / f"{name}-loss.png").read_bytes().startswith(b"\x89PNG")
    with np.load(tmp_path / "runs" / f"{name}-weights.npz") as weights:
        assert weights["W"].shape == (1 + len(weights["vocab"]) + 5, 20)


def test_a_text_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """No traceback for a wrong path."""
    for name in ("language_model", "lstm_forward", "lstm_backward"):
        shutil.copy(ROOT / "solutions" / f"{name}.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "language_model.py", "--data", "nowhere.txt"], cwd=tmp_path, text=True,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot read nowhere.txt" in done.stderr
    assert "Traceback" not in done.stderr
