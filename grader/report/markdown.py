"""Reports as Markdown, for documentation and pull requests."""

from collections.abc import Mapping, Sequence

from grader.model import Proof

__all__ = ["attack_table", "bug_tables"]

HEAD = """# Known bugs, and what catches them

Written by `nox -s course -- --markdown docs/known-bugs.md` from a real run: every bug was put into
the reference solution and graded like a submission. "Caught by" is the criterion it must lose;
"costs" counts all its consequences; "carried forward" are later criteria whose points are given,
because their numbers are exactly what the one slip explains.
"""


def bug_tables(proofs: Sequence[Proof]) -> str:
    """Write a table per exercise: bug, what is said, caught by, cost, carried."""
    return "\n".join([HEAD, *(_table(proof) for proof in proofs)])


def _table(proof: Proof) -> str:
    rows = [
        f"| `{cost.bug}` | {_cell(cost.says)} | `{cost.caught_by}` | {cost.lost} "
        f"| {len(cost.carried) or ''} |"
        for cost in proof.costs
    ]
    return "\n".join(
        [
            f"## {proof.exercise}",
            "",
            f"{len(proof.costs)} bugs, {len(proof.criteria)} criteria, {proof.max_points} points.",
            "",
            "| Bug | What the student is told | Caught by | Costs | Carried forward |",
            "|---|---|---|--:|--:|",
            *rows,
            "",
        ]
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def attack_table(
    attacks: Mapping[str, str], blocked: Mapping[str, Mapping[str, bool]], measured: str
) -> str:
    """Write what each attack did under each choice of layers.

    attacks: what each one does, by its key. blocked: by layers, by key.
    measured: where and when.
    """
    columns = " | ".join(name.replace("+", " + ") for name in blocked)
    rows = [
        f"| {does} | {' | '.join('blocked' if found[key] else '**open**' for found in blocked.values())} |"  # noqa: E501
        for key, does in attacks.items()
    ]
    head = [f"| with | {columns} |", "|---|" + "---|" * len(blocked)]
    return "\n".join([*head, *rows, "", measured])
