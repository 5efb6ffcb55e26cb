from pathlib import Path

import pytest

from grader import pages
from grader.errors import UsageError
from grader.model import Known, Report, dump_report
from grader.pages import render
from tests.test_changes import AFTER, BEFORE


@pytest.fixture(name="results")
def _results(tmp_path: Path) -> Path:
    for name, report in {"ada": BEFORE, "bo": AFTER}.items():
        put(tmp_path, name, report)
    return tmp_path


def put(folder: Path, name: str, report: Report) -> None:
    data = dump_report(report).replace(b'"submission": "ada"', f'"submission": "{name}"'.encode())
    (folder / f"{name}.json").write_bytes(data)


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.html")}


def test_every_report_gets_a_page_and_the_class_one(results: Path) -> None:
    """Whole pages, in the folder of the results."""
    assert [report.submission for report in render(results)] == ["ada", "bo"]
    assert set(times(results)) == {"ada.html", "bo.html", "index.html"}
    assert all("</html>" in path.read_text("utf-8") for path in results.glob("*.html"))


def test_pages_of_unchanged_reports_stay(results: Path) -> None:
    """Only what has changed is made again, and the class page with it."""
    render(results)
    before = times(results)
    render(results)
    assert times(results) == before
    put(results, "bo", BEFORE)
    render(results)
    assert {name for name, when in times(results).items() if when != before[name]} == {
        "bo.html",
        "index.html",
    }


@pytest.mark.parametrize("name", ["ada.html", "index.html"])
@pytest.mark.parametrize("damage", ["gone", "half", "another"])
def test_a_damaged_page_is_made_again(results: Path, name: str, damage: str) -> None:
    """Whatever happened to it."""
    render(results)
    page = results / name
    whole = page.read_bytes()
    if damage == "gone":
        page.unlink()
    else:
        page.write_bytes(whole[: len(whole) // 2] if damage == "half" else b"")
    render(results)
    assert page.read_bytes() == whole


def test_a_newer_renderer_makes_all_pages_again(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mended template reaches the students."""
    render(results)
    before = times(results)
    monkeypatch.setattr(pages, "_renderer", lambda: "another")
    render(results)
    assert all(when != before[name] for name, when in times(results).items())


def test_class_page_is_made_again_when_known_work_changes(results: Path) -> None:
    """It lists what is near to that; nobody else's page does."""
    render(results)
    before = times(results)
    render(results, known=[Known(label="solutions/")])
    assert {n for n, when in times(results).items() if when != before[n]} == {"index.html"}


def test_a_folder_without_reports_is_told(tmp_path: Path) -> None:
    """Where, what, and what next."""
    with pytest.raises(UsageError, match="grade first"):
        render(tmp_path)


def test_a_damaged_report_is_named(results: Path) -> None:
    """It is not passed over in silence."""
    (results / "bo.json").write_text("{}")
    with pytest.raises(UsageError, match="bo.json: not a report"):
        render(results)
