"""Hand in a notebook with thousands of lines that only a notebook understands.

earns: 25
"""

import json
from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right cell, and one of magics."""
    path.mkdir(parents=True)
    cells = [right, "x = 1\n" + "%time\n" * 20_000]
    blank: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
    written = [blank | {"id": f"c{k}", "source": source} for k, source in enumerate(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": written}
    (path / "lstm_forward.ipynb").write_text(json.dumps(notebook), "utf-8")
