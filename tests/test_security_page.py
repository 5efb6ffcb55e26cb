"""The security page tells what is tried and found."""

import re
from pathlib import Path

from grader.sandbox.selfattack import ATTACKS
from tests.attacks.case import cases

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def test_the_table_of_the_page_has_every_attack_on_ourselves() -> None:
    """A new attack needs `nox -s isolation -- --markdown docs/security.md`."""
    _, _, table = PAGE.partition("<!-- begin isolation -->")
    rows = re.findall(r"^\| (.+?) \|.*(?:blocked|open)", table, re.MULTILINE)
    assert rows == [item.does for item in ATTACKS]


def test_at_the_highest_level_nothing_is_open() -> None:
    """The last column is what `confined` means."""
    lines = [
        line for line in PAGE.splitlines() if re.search(r"\| (blocked|\*\*open\*\*) \|$", line)
    ]
    assert lines
    assert all(line.endswith("| blocked |") for line in lines)


def test_the_page_does_not_boast() -> None:
    """There are at least as many attacks as it says."""
    (said,) = re.findall(r"holds more than (\d+) attacks", PAGE)
    assert len(cases()) > int(said)


def test_the_readme_leads_to_the_page() -> None:
    """Whoever reads the README finds it."""
    assert "(docs/security.md)" in (ROOT / "README.md").read_text("utf-8")
