"""The pages in a real browser: on a phone, in the dark, by keyboard.

Chromium is driven by playwright, and axe-core comes with a package of the test
group: nothing is fetched. Where there is no browser, these tests are skipped.
"""

import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from grader.report.html import class_page, matrix_page, student_page
from tests.report_samples import HOSTILE_STRINGS, PROOFS, SAMPLES, a_class, hostile

CHROMIUM = os.environ.get("CAROUSEL_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; CAROUSEL_CHROMIUM may name one"),
    pytest.mark.skipif(not find_spec("playwright"), reason="playwright is not installed"),
    pytest.mark.skipif(not find_spec("axe_playwright_python"), reason="axe-core is not installed"),
]

PAGES = {
    **{name: student_page(report) for name, report in SAMPLES.items()},
    "hostile": student_page(hostile(HOSTILE_STRINGS["attribute"])),
    "hostile and long": student_page(hostile(HOSTILE_STRINGS["long"])),
    "class": class_page(a_class()),
    "class of nobody": class_page([]),
    "hostile class": class_page([hostile(text) for text in HOSTILE_STRINGS.values()]),
    "matrix": matrix_page(PROOFS),
}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  may not be there

    with sync_playwright() as playwright:
        # no sandbox: containers have none to give, and the pages are ours
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="tab")
def _tab(browser: Any) -> Iterator[Any]:
    """A tab that notes what goes wrong, and what is asked for."""
    page = browser.new_page(viewport=PHONE)
    page.troubles = []
    page.on("console", lambda said: page.troubles.append(said.text))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("request", lambda asked: page.troubles.append(asked.url.partition(",")[0]))
    yield page
    page.close()


def shown(tab: Any, folder: Path, html: str) -> Any:
    """Open a page from its file, as a student does."""
    path = folder / "page.html"
    path.write_text(html, "utf-8")
    tab.goto(path.as_uri())
    harmless = {path.as_uri(), "data:image/png;base64"}
    tab.troubles = [trouble for trouble in tab.troubles if trouble not in harmless]
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_page_is_sound(tab: Any, tmp_path: Path, html: str, scheme: str) -> None:
    """No error or request, no sideways scrolling on a phone, alt texts, nothing axe minds."""
    tab.emulate_media(color_scheme=scheme)
    shown(tab, tmp_path, html)
    assert tab.troubles == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert tab.evaluate("[...document.images].every(image => image.alt.trim())")
    tab.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [
        (each["id"], each["nodes"][0]["html"][:200], each["nodes"][0]["failureSummary"][:200])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def ids(tab: Any) -> list[str]:
    """List the submissions as they stand on the class page."""
    rows = tab.locator("table.submissions tbody tr:visible th").all_inner_texts()
    return [row.strip() for row in rows]


def focus_on(tab: Any, name: str) -> None:
    """Go on with the tab key until a control has the focus."""
    for _ in range(300):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"{name} cannot be reached by the tab key")


def test_table_is_sorted_by_keyboard(tab: Any, tmp_path: Path) -> None:
    """Enter on a heading sorts by it, again the other way round; numbers are numbers."""
    shown(tab, tmp_path, class_page(a_class()))
    before = ids(tab)
    focus_on(tab, "Points")
    tab.keyboard.press("Enter")
    heading = tab.locator("table.submissions th", has_text="Points")
    assert heading.get_attribute("aria-sort") == "ascending"
    cells = tab.locator("table.submissions td[data-value]")
    points = [int(cell.get_attribute("data-value")) for cell in cells.all()]
    assert points == sorted(points)
    tab.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    points = [int(cell.get_attribute("data-value")) for cell in cells.all()]
    assert points == sorted(points, reverse=True)
    assert sorted(ids(tab)) == sorted(before)


def test_table_is_filtered_by_keyboard(tab: Any, tmp_path: Path) -> None:
    """What is typed is sought in every row; how many are left is said."""
    shown(tab, tmp_path, class_page(a_class()))
    tab.get_by_label("Find").focus()
    tab.keyboard.type("FORGET-gate student")
    assert ids(tab)
    assert all(name.startswith("student-") for name in ids(tab))
    assert tab.locator("output").inner_text() == f"{len(ids(tab))} of 40 shown"
    tab.get_by_label("Find").fill("")
    tab.get_by_label("Status").focus()
    tab.keyboard.type("unreadable")
    assert ids(tab) == ["margaret"]


def test_class_page_can_be_read_without_its_script(browser: Any, tmp_path: Path) -> None:
    """The table is whole, and no control is there in vain."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.troubles = []
    shown(tab, tmp_path, class_page(a_class()))
    assert len(ids(tab)) == 40
    assert tab.locator("button, input, select").count() == 0
    context.close()
