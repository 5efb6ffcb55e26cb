"""Have a name, and a line of source that is quoted, that are HTML, Markdown and templates.

earns: 0
"""

from pathlib import Path

from tests.attacks.case import WRONG

MARKUP = "<b>MARKUP<script>alert(1)<!--{{7*7}}{%raw%}![x](y)](javascript:)&quot;'\""


def make(path: Path, right: str) -> None:  # noqa: ARG001
    """Name the folder and raise in such a line."""
    path = path.with_name(path.name + MARKUP.replace("/", ""))
    path.mkdir(parents=True)
    error = f"\n\ndef sigmoid(a):\n    raise ValueError  # </code>{MARKUP}\n"
    (path / "lstm_forward.py").write_text(WRONG["lstm_forward"] + error, "utf-8")
