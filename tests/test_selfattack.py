import subprocess
import sys

import pytest

from grader.errors import SandboxError, UsageError
from grader.sandbox import selfattack
from grader.sandbox.selfattack import ATTACKS, Level, attack, layers_of, open_isolated
from grader.sandbox.server import ForkServer
from tests.golden import ROOT

HIDDEN = ROOT / "grader" / "hidden" / "test_lstm_forward.py"


def _why_not() -> str:
    """Say what keeps this machine from confining anything, or nothing."""
    if sys.platform != "linux":
        return "Landlock and seccomp are Linux's"
    try:
        ForkServer(("limits", "files", "calls")).close()
    except SandboxError as error:
        return str(error)
    return ""


WHY_NOT = _why_not()
linux = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def test_without_confinement_the_attacks_succeed() -> None:
    """The attacks are real: with limits alone the hidden grader is read."""
    server = ForkServer(layers_of(Level.PROCESS))
    blocked = attack(server, HIDDEN)
    server.close()
    assert set(blocked) == {item.function for item in ATTACKS}
    assert not blocked["read_hidden"]
    assert not blocked["start_process"]


@linux
def test_each_layer_blocks_what_it_is_there_for() -> None:
    """Files without calls lets processes start; calls without files lets files be read."""
    found = {}
    for layers in (("limits", "files"), ("limits", "calls")):
        server = ForkServer(layers)
        found[layers[1]] = attack(server, HIDDEN)
        server.close()
    assert found["files"]["read_hidden"]
    assert not found["files"]["start_process"]
    assert found["calls"]["start_process"]
    assert not found["calls"]["read_hidden"]


def test_the_level_is_found_out_not_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers that stop nothing here are not called confined."""
    monkeypatch.setattr(selfattack, "layers_of", lambda _: ("limits",))
    sandbox, isolation = open_isolated()
    sandbox.close()
    assert isolation.level is Level.PROCESS
    if not WHY_NOT:
        assert "could still read the hidden graders" in isolation.reason


@linux
def test_less_can_be_asked_for_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a comparison the lowest level can be forced; no report hides it."""
    monkeypatch.setenv(selfattack.AT_MOST, "process")
    sandbox, isolation = open_isolated()
    sandbox.close()
    assert isolation.level is Level.PROCESS
    assert selfattack.AT_MOST in isolation.reason


def test_a_missing_layer_is_said_and_lowers_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """No libseccomp, say: the level is process and the reason is given."""

    def fails_above_limits(layers: tuple[str, ...]) -> ForkServer:
        if len(layers) > 1:
            message = "libseccomp not found"
            raise SandboxError(message)
        return ForkServer(layers)

    monkeypatch.setattr(selfattack, "ForkServer", fails_above_limits)
    sandbox, isolation = open_isolated()
    sandbox.close()
    assert isolation.level is Level.PROCESS
    if sys.platform == "linux":
        assert isolation.reason == "libseccomp not found"


def test_less_isolation_than_required_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level is never lowered behind the instructor's back."""
    monkeypatch.setattr(selfattack, "layers_of", lambda _: ("limits",))
    with pytest.raises(UsageError, match="process is the most this machine gives"):
        open_isolated(Level.CONFINED)


@linux
def test_an_ordinary_user_is_confined_as_well() -> None:
    """No privilege is needed: the same level as a user without any."""
    if not _is_root():
        sandbox, isolation = open_isolated()
        sandbox.close()
        assert isolation.level is Level.CONFINED
        return
    # as root: give everything up first, keeping only what can read this Python
    code = (
        "import ctypes, os, sys\n"
        "libc = ctypes.CDLL(None)\n"
        "header = (ctypes.c_uint32 * 2)(0x20080522, 0); none = (ctypes.c_uint32 * 6)()\n"
        "assert libc.capset(ctypes.byref(header), ctypes.byref(none)) == 0\n"
        "os.geteuid = lambda: 1000\n"
        "from grader.sandbox.selfattack import open_isolated\n"
        "sandbox, isolation = open_isolated()\n"
        "sandbox.close(); print(isolation.level, *isolation.layers)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=True)  # fmt: skip
    assert done.stdout.split() == ["confined", "limits", "files", "calls"]


def _is_root() -> bool:
    import os  # noqa: PLC0415  POSIX only

    return os.geteuid() == 0
