"""Hand in a notebook of brackets, numbers of a million digits and names that come twice.

earns: 0
status: unreadable
says: not a notebook that can be read
"""

from pathlib import Path


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Write JSON that readers stumble over."""
    path.mkdir(parents=True)
    text = (
        '{"nbformat": 4, "nbformat": '
        + "9" * 4000
        + ', "cells": '
        + "[" * 200_000
        + "]" * 200_000
        + "}"
    )
    (path / "lstm_forward.ipynb").write_text(text)
