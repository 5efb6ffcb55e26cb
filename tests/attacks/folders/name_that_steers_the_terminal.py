"""Have a name that moves the cursor, clears the screen, sets the title and runs backwards.

earns: 0
"""

from pathlib import Path

from tests.attacks.case import WRONG


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Name the folder, and say the same in an error."""
    hostile = "\x1b[2J\x1b[31m\x1b]0;title\x07\x9b1m\u202egnp\u2066\r\n[bold red]"
    path = path.with_name(path.name + hostile)
    path.mkdir(parents=True)
    error = (
        f"\n\ndef sigmoid(a):\n    raise ValueError('{hostile.strip()[:20]}')  # {hostile[:25]}\n"
    )
    (path / "lstm_forward.py").write_text(WRONG["lstm_forward"] + error, "utf-8")
