"""formgrader's pages after our export, in a real browser.

Chromium is driven by playwright; where there is none, this is skipped.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests.nbgrader.classroom import ANSWER, WEEK_1, WEEK_2, Classroom, copied
from tests.nbgrader.test_gradebook import scores

CHROMIUM = os.environ.get("CAROUSEL_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; CAROUSEL_CHROMIUM may name one"),
    pytest.mark.skipif(not find_spec("playwright"), reason="playwright is not installed"),
]
PATIENCE = 120_000


@pytest.fixture(name="server", scope="module")
def _server(exported: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a class in which notebooks were put into place without running any."""
    room = copied(exported, tmp_path_factory.mktemp("formgrader"))
    for assignment in (WEEK_1, WEEK_2):
        room.nb("autograde", assignment, "--no-execute")
    room.export()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (room.nbgrader / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root",
         f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password="],
        cwd=room.nbgrader, stdout=log, stderr=log,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(room.nbgrader / "none")},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/formgrader"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        assert process.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE / 1000):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the Jupyter server does not answer")


@pytest.fixture(name="tab")
def _tab(server: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  may not be there

    with sync_playwright() as playwright:
        # no sandbox: containers have none to give, and the pages are nbgrader's
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page: Any = browser.new_page(viewport={"width": 1400, "height": 2000})
        page.set_default_timeout(PATIENCE)
        page.address = server
        yield page
        browser.close()


def test_scores_are_on_formgraders_pages(tab: Any, exported: Classroom) -> None:
    """Students with their totals, the submissions of a notebook, and one with its cells."""
    tab.goto(f"{tab.address}/manage_students")
    row = tab.locator("tr", has_text="bela")
    row.wait_for()
    # before what being late costs: that is how nbgrader shows it here
    assert "23 / 60" in row.inner_text()

    tab.goto(f"{tab.address}/gradebook/{WEEK_1}/lstm_forward".replace(" ", "%20"))
    tab.locator("tbody tr", has_text="23").wait_for()
    assert tab.locator("tbody tr").count() == 3

    tab.locator("tbody tr", has_text="23").locator("a").first.click()
    tab.get_by_text("lstm_forward, hidden_state: 1 point").wait_for()
    # what the machine gave is shown where a person may write another number
    filled = "() => [...document.querySelectorAll('.score')].every(one => one.placeholder)"
    tab.wait_for_function(filled)
    shown = dict(tab.locator(".score").evaluate_all("all => all.map(o => [o.id, o.placeholder])"))
    given = {name: f"{score:g}" for name, score in scores(exported, "bela").items()}
    assert shown == given
    assert "tanh" in tab.content()


def test_an_answer_in_words_can_be_graded_there(tab: Any, server: str) -> None:
    """The answer is shown, with a field for its points, which is empty."""
    tab.goto(f"{server}/gradebook/{WEEK_2}/gate_analysis".replace(" ", "%20"))
    tab.locator("tbody tr", has_text="19").locator("a").first.click()
    tab.get_by_text(ANSWER).wait_for()
