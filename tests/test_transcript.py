from tests.transcript import FILE, STEPS, transcript


def test_the_loop_says_what_is_written_down() -> None:
    """Renew it with `python -m tests.transcript`, and read the difference."""
    assert transcript() == FILE.read_text("utf-8")


def test_every_wrong_turn_is_answered() -> None:
    """A screen per step, and no step without a sentence of its own."""
    screens = FILE.read_text("utf-8").split("\n=== ")[1:]
    assert len(screens) == len(STEPS)
    assert len(set(screens)) == len(screens)
    assert "Traceback" not in "".join(screens)
