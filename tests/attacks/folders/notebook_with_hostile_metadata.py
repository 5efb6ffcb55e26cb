"""Hand in a notebook whose metadata, outputs and attachments are hostile: scripts, kernels.

earns: 25
"""

import json
from pathlib import Path


def make(path: Path, right: str) -> None:
    """Write a right cell in a hostile notebook."""
    path.mkdir(parents=True)
    hostile = {
        "kernelspec": {"name": "../../evil", "display_name": "<script>", "argv": ["sh", "-c"]},
        "nbgrader": {"points": 25, "grade": True},
        "__class__": "os.system",
        "deep": json.loads("[" * 300 + "]" * 300),
    }
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": "<script>x</script>" * 1000},
    }
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": hostile,
        "execution_count": 10**9,
        "outputs": [output] * 100,
        "source": right.splitlines(keepends=True),
    }
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": hostile, "cells": [cell]}
    (path / "lstm_forward.ipynb").write_text(json.dumps(notebook), "utf-8")
