"""Hostile submissions: nothing forged, nothing leaked, nothing lost.

Every attack of `cases/` and `folders/` is graded by the real command, at every
isolation level that can be had here. At level `process` only those fight that
the boundary between processes has to stop by itself.
"""

import base64
import io
import json
import os
import sys
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from PIL import Image

from grader.sandbox.selfattack import open_isolated
from tests.attacks.arena import LEVELS, STOLEN, Battle, fight, fights, spelled
from tests.attacks.case import Case, cases

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")

LSTM, FIGURES = "lstm_forward", "gate_analysis"
FOUGHT = [
    pytest.param(
        level,
        case,
        id=f"{level}: {case.name}",
        marks=[pytest.mark.xfail(reason=case.fails)] if case.fails else [],
    )
    for level, how in LEVELS.items()
    for case in cases()
    if fights(case, how)
]
BATCHES = [pytest.param(level, exercise, id=f"{level}: {exercise}") for level in LEVELS
           for exercise in (LSTM, FIGURES)]  # fmt: skip


@cache
def best() -> str:
    """Find out once what this machine can do."""
    sandbox, isolation = open_isolated()
    sandbox.close()
    return isolation.level


@pytest.fixture(name="battle", scope="module")
def _battle() -> Callable[[str, str], Battle]:
    """Fight each battle once."""

    @cache
    def fought(level: str, exercise: str) -> Battle:
        how = LEVELS[level]
        if how.isolation == "confined" and best() == "process":
            pytest.skip(
                "this machine cannot confine a worker; `python -m grader isolation` says why"
            )
        if how.user and os.geteuid() != 0 and level != "process":
            pytest.skip("these tests run as an ordinary user already")
        return fight(how, exercise)

    return fought


@pytest.mark.parametrize(("level", "case"), FOUGHT)
def test_an_attack_earns_what_its_honest_part_does(
    battle: Callable[[str, str], Battle], level: str, case: Case
) -> None:
    """Not a point more and not one less, and the report says what should be said."""
    fought = battle(level, case.exercise)
    report = fought.reports[case.name]
    least, most = case.earns
    said = json.dumps(report, ensure_ascii=False)
    summary = [line["message"] for one in report["exercises"] for line in one["criteria"]]
    assert report["status"] == case.status, (report["exercises"][-1]["message"], summary)
    assert least <= report["points"] <= most, (report["exercises"][-1]["message"], summary)
    assert report["isolation"] == LEVELS[level].isolation
    for words in case.says:
        assert words in said


@pytest.mark.parametrize(("level", "exercise"), BATCHES)
def test_nothing_hidden_is_in_anything_a_student_receives(
    battle: Callable[[str, str], Battle], level: str, exercise: str
) -> None:
    """No planted secret, however spelled, and no word that was made from hidden inputs."""
    fought = battle(level, exercise)
    words = [(name, secret) for name, secret in fought.secrets.items()]
    words.append(("what was seen in hidden calls", STOLEN))
    leaks = [
        (page, name)
        for page, text in fought.pages.items()
        for name, secret in words
        for spelling in spelled(secret)
        if spelling in text
    ]
    assert not leaks


@pytest.mark.parametrize(("level", "exercise"), BATCHES)
def test_honest_submissions_between_attackers_all_get_the_same_full_report(
    battle: Callable[[str, str], Battle], level: str, exercise: str
) -> None:
    """No attack has an effect on the next submission."""
    honest = [dict(report) for report in battle(level, exercise).honest]
    for report in honest:
        report["submission"] = report["timing"] = None
    assert honest
    assert all(report == honest[0] for report in honest)
    assert honest[0]["points"] == honest[0]["max_points"]


@pytest.mark.parametrize(("level", "exercise"), BATCHES)
def test_nothing_is_left_behind(
    battle: Callable[[str, str], Battle], level: str, exercise: str
) -> None:
    """No process, no temporary file, and nobody has called home."""
    fought = battle(level, exercise)
    assert fought.left == []
    assert fought.files == []
    assert fought.called == []


@pytest.mark.parametrize(("level", "exercise"), BATCHES)
def test_the_batch_ends_well(
    battle: Callable[[str, str], Battle], level: str, exercise: str
) -> None:
    """Everybody has a report, the command says so, and the terminal is not steered."""
    fought = battle(level, exercise)
    known = {case.name for case in cases() if case.fails}
    assert set(fought.reports) - known == set(fought.named) - known
    assert fought.code == 0, fought.pages["terminal"][-2000:]
    assert "Traceback" not in fought.pages["terminal"]
    assert "\x1b" not in fought.pages["terminal"]


@pytest.mark.parametrize("level", LEVELS)
def test_markup_of_a_student_is_text_in_every_page(
    battle: Callable[[str, str], Battle], level: str
) -> None:
    """Neither a name nor a quoted line of source becomes part of a page."""
    pages = battle(level, LSTM).raw
    assert any("MARKUP" in text for text in pages.values())
    assert not [name for name, text in pages.items() if "<b>MARKUP" in text]


@pytest.mark.parametrize("level", LEVELS)
def test_pictures_in_the_feedback_are_of_public_numbers(
    battle: Callable[[str, str], Battle], level: str
) -> None:
    """Who draws on black once it has seen hidden inputs is shown on white."""
    report = battle(level, FIGURES).reports["figure_tells_hidden_inputs"]
    drawings = report["exercises"][-1]["drawings"]
    assert drawings
    for drawing in drawings:
        with Image.open(io.BytesIO(base64.b64decode(drawing["png"]))) as picture:
            assert np.asarray(picture.convert("L")).mean() > 128


def test_there_are_at_least_eighty_attacks() -> None:
    """Each says in words what it tries, and in lines what must happen."""
    confined = [case for case in cases() if fights(case, LEVELS["confined"])]
    assert len(confined) >= 80
    assert all(len(case.story) > 40 for case in confined)
