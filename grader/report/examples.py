"""The smallest failing example in words: what stands above it and below it."""

from collections.abc import Sequence

from grader.model import CriterionResult, Example

__all__ = ["above", "below", "resolved"]


def resolved(example: Example | None, lines: Sequence[CriterionResult]) -> Example | None:
    """Follow an example to the line where it is shown."""
    if example is None or not example.same_as:
        return example
    return next((line.example for line in lines if line.id == example.same_as), None)


def above(example: Example) -> str:
    """Introduce the lines to paste; or say that small numbers do not show it."""
    if not example.code:
        return (
            "Every small example we tried comes out right. "
            f"What goes wrong is {example.situation}: try such sizes."
        )
    sizes = f", {example.situation}" if example.situation else ""
    imports = any(line.startswith("from ") for line in example.code)
    where = "in the folder of your files" if imports else "in your notebook"
    return f"The smallest example that shows it{sizes}. Run this {where}:"


def below(example: Example) -> str:
    """Introduce the calculation by hand."""
    return "By hand:" if example.by_hand else ""
