"""Starting and ending workers: nothing of ours goes in, nothing is left over."""

import contextlib
import gc
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox import server as server_module
from grader.sandbox.channel import WorkerGone
from grader.sandbox.server import (
    ENVIRONMENT,
    ForkServer,
    Sandbox,
    SpawnServer,
    Worker,
    open_sandbox,
)
from tests.sandboxes import LIMITED, ROOT, WAYS, alive, gone, opened, put_down, submission, worker

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these tests look at POSIX processes")

SECONDS = 20.0
PATIENCE = 10.0


@pytest.fixture(name="sandbox", params=WAYS)
def _sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Open a sandbox for one test: these tests end it, or change what it sees."""
    with opened(request.param) as sandbox:
        yield sandbox


def hand_in(started: Worker, source: str) -> None:
    """Load a submission into a worker."""
    said = started.ask("load", "work", {"work": textwrap.dedent(source)}, seconds=SECONDS)
    assert said[0] == "loaded"


def call(started: Worker, function: str, *args: object) -> object:
    """Call a function that returns."""
    (answer,) = started.ask("call", function, [], [[args, {}]], seconds=SECONDS)
    assert answer[0] == "returned", answer
    return answer[1]


# --- starting -----------------------------------------------------------------

REFUSING = "import sys; sys.modules['{module}'] = None\n"

BROKEN: dict[str, tuple[tuple[str, ...], str, str]] = {
    "a layer that does not exist": (("limits", "walls"), "", "walls"),
    "no Landlock package": (
        ("limits", "files"),
        REFUSING.format(module="py_landlock"),
        "py_landlock",
    ),
    "no seccomp package": (
        ("limits", "calls"),
        REFUSING.format(module="pyseccomp"),
        "pyseccomp",
    ),
    "no libseccomp": (
        ("limits", "calls"),
        "import ctypes.util; ctypes.util.find_library = lambda name: None\n",
        "seccomp",
    ),
    "a kernel without Landlock": (
        ("limits", "files"),
        "import py_landlock\n"
        "from py_landlock import errors\n"
        "def refuse(*a, **k): raise errors.LandlockNotAvailableError('no Landlock here')\n"
        "py_landlock.Landlock = refuse\n",
        "Landlock",
    ),
    "a NumPy that is broken": (("limits",), REFUSING.format(module="numpy"), ""),
    "a Python that ends at once": (("limits",), "raise SystemExit\n", ""),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
@pytest.mark.parametrize("what", BROKEN)
def test_fork_server_that_cannot_start_says_why(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that fails is a SandboxError which names the reason."""
    layers, before, reason = BROKEN[what]
    monkeypatch.setattr(server_module, "BOOT", before + server_module.BOOT)
    started = time.monotonic()
    with pytest.raises(SandboxError, match=f"(?s)did not start.*{reason}"):
        ForkServer(layers).close()
    assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize("layers", [("limits",), ()], ids=["a fork server", "a fresh Python"])
def test_python_that_is_not_there_is_a_sandbox_error(
    layers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an interpreter to start, no way of starting blames a student."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SandboxError):
        open_sandbox(layers).start()
    gc.collect()  # a socket left open is found here, not in the next test


def test_worker_of_our_own_that_is_broken_blames_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh Python that cannot even start is our error, not the student's."""
    monkeypatch.setattr(server_module, "BOOT", REFUSING.format(module="numpy") + server_module.BOOT)
    with (
        contextlib.closing(SpawnServer()) as sandbox,
        submission(sandbox, "def f(): return 1\n", f="y") as student,
        pytest.raises(SandboxError),
    ):
        student.load()


def test_sandbox_tells_its_layers() -> None:
    """A sandbox knows what it was asked for; a fresh Python claims nothing."""
    with opened(LIMITED) as fork:
        assert fork.layers == ("limits",)
    assert SpawnServer().layers == ()


def test_sandbox_is_opened_by_its_layers() -> None:
    """With layers there is a fork server; without any, a Python per worker."""
    fork, spawn = open_sandbox(("limits",)), open_sandbox(())
    with contextlib.closing(fork), contextlib.closing(spawn):
        assert isinstance(fork, ForkServer)
        assert isinstance(spawn, SpawnServer)


# --- what a worker is given ---------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_worker_sees_no_variable_of_ours(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is the fixed one: no token, no key, no path of the grader."""
    monkeypatch.setenv("CAROUSEL_KEY", "a secret")
    monkeypatch.setenv("GITHUB_TOKEN", "another")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    source = """
        import os
        def f(): return dict(os.environ)
        def raw():
            try:
                with open("/proc/self/environ", "rb") as file:
                    return file.read().decode()
            except OSError:
                return ""
        """
    with opened(way) as sandbox, worker(sandbox) as started:
        hand_in(started, source)
        # a fresh Python tells matplotlib that there is no screen; a fork has drawn before
        drawing = {} if "fork" in way else {"MPLBACKEND": "Agg"}
        assert call(started, "f") == ENVIRONMENT | drawing
        assert set(re.findall(r"(\w+)=", str(call(started, "raw")))) <= set(ENVIRONMENT)


def test_worker_leads_a_session_of_its_own(sandbox: Sandbox) -> None:
    """A worker leads its own session, so that a signal to its group stays there."""
    source = "import os\ndef f(): return os.getpid(), os.getsid(0), os.getpgid(0), os.getcwd()\n"
    with worker(sandbox) as started:
        hand_in(started, source)
        said = call(started, "f")
    assert isinstance(said, tuple)
    *numbers, folder = said
    assert numbers == [started.process] * 3
    if isinstance(sandbox, ForkServer):
        assert folder == "/"


def test_ceilings_are_set_for_good(sandbox: Sandbox) -> None:
    """Address space, CPU time, files and core dumps have hard ceilings."""
    if not sandbox.layers:
        pytest.skip("a fresh Python claims no layers")
    source = """
        import resource
        def f():
            names = "RLIMIT_AS RLIMIT_CPU RLIMIT_FSIZE RLIMIT_NOFILE RLIMIT_CORE".split()
            return [resource.getrlimit(getattr(resource, name)) for name in names]
        """
    with worker(sandbox) as started:
        hand_in(started, source)
        limits = call(started, "f")
    assert isinstance(limits, tuple)
    for soft, hard in limits:
        assert 0 <= soft == hard <= 2 << 30


# --- ending -------------------------------------------------------------------


def test_closed_worker_is_gone(sandbox: Sandbox) -> None:
    """Closing a worker ends it, even in the middle of a loop."""
    started = sandbox.start()
    try:
        hand_in(started, "def f():\n    while True: pass\n")
        assert alive(started.process)
    finally:
        ended = started.close()
    assert gone(started.process, 0)
    assert ended.code in (0, -signal.SIGKILL)


def test_end_tells_code_time_and_memory() -> None:
    """A worker of the fork server ends with its exit code, CPU time and memory."""
    with opened(LIMITED) as sandbox:
        started = sandbox.start()
        hand_in(started, "import os\ndef f(): os._exit(7)\n")
        with pytest.raises(WorkerGone):
            call(started, "f")
        ended = started.close()
    assert ended.code == 7
    assert ended.cpu >= 0
    assert ended.memory > 1000


def test_workers_side_by_side_do_not_disturb_each_other(sandbox: Sandbox) -> None:
    """Ending one worker leaves another, however young, alone."""
    source = "def f(): return 1\n"
    for _ in range(5 if isinstance(sandbox, SpawnServer) else 40):
        first = sandbox.start()
        hand_in(first, source)
        with worker(sandbox) as second:
            first.close()
            hand_in(second, source)
            assert call(second, "f") == 1


def test_no_worker_outlives_its_sandbox(sandbox: Sandbox) -> None:
    """Closing the sandbox ends every worker, also one that was not closed."""
    workers = [sandbox.start() for _ in range(3)]
    processes = [started.process for started in workers]
    try:
        for started in workers:
            hand_in(started, "x = 1\n")
        sandbox.close()
        assert [gone(process) for process in processes] == [True] * 3
    finally:
        for process in processes:
            put_down(process)
        for started in workers:
            started.channel.close()


LOITERING: dict[str, str] = {
    "is asleep": "time.sleep(60)",
    "has taken off its death signal": ("ctypes.CDLL(None).prctl(1, 0, 0, 0, 0); time.sleep(60)"),
    "ignores every signal it can": (
        "[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 3, 13, 15)]; time.sleep(60)"
    ),
}


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's")
@pytest.mark.parametrize("what", LOITERING)
def test_no_busy_worker_outlives_its_sandbox(what: str, sandbox: Sandbox) -> None:
    """A worker in the middle of a call ends with the sandbox, whatever it did before."""
    started = sandbox.start()
    try:
        hand_in(started, f"import ctypes, signal, time\ndef f():\n    {LOITERING[what]}\n")
        with contextlib.suppress(Exception):  # too late, or killed by the watchdog
            started.ask("call", "f", [], [[[], {}]], seconds=0.2)
        sandbox.close()
        assert gone(started.process)
    finally:
        put_down(started.process)
        started.channel.close()


DAEMONS: dict[str, str] = {
    "a child": """
        if os.fork() == 0:
            stay()
        """,
    "a child in a session of its own": """
        if os.fork() == 0:
            os.setsid()
            stay()
        """,
    "a daemon, forked twice": """
        if os.fork() == 0:
            if os.fork() == 0:
                stay()
            os._exit(0)
        """,
    "a daemon, forked twice, in a session of its own": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                stay()
            os._exit(0)
        """,
    "a daemon that leads its own session": """
        if os.fork() == 0:
            if os.fork() == 0:
                os.setsid()
                stay()
            os._exit(0)
        """,
}

DAEMON = """
import os, signal, time

def start():
    read, write = os.pipe()
    def stay():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.write(write, str(os.getpid()).encode())
        os.close(write)
        time.sleep(60)
        os._exit(0)
{body}
    os.close(write)
    return int(os.read(read, 20))
"""

ENDS: dict[str, Callable[[Sandbox, Worker], object]] = {
    "its worker is closed": lambda _, started: started.close(),
    "the sandbox is closed": lambda sandbox, _: sandbox.close(),
}


#: A fresh Python has no fork server that could inherit an orphan: only its
#: own children, in its own session, can be found.
FOUND = {LIMITED: list(DAEMONS), "a fresh Python": ["a child"]}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("way", "what"), [(way, what) for way in FOUND for what in FOUND[way]])
def test_nothing_a_worker_started_outlives_it(what: str, end: str, way: str) -> None:
    """Children and daemons of a worker are gone once it, or its sandbox, is closed."""
    body = textwrap.indent(textwrap.dedent(DAEMONS[what]), "    ")
    process = 0
    with opened(way) as sandbox:
        started = sandbox.start()
        try:
            hand_in(started, DAEMON.format(body=body))
            process = int(str(call(started, "start")))
            assert alive(process)
            ENDS[end](sandbox, started)
            assert gone(process)
        finally:
            if process:
                put_down(process)
            if end == "the sandbox is closed":
                started.channel.close()


def test_closing_twice_does_no_harm(sandbox: Sandbox) -> None:
    """A sandbox may be closed again."""
    sandbox.close()
    sandbox.close()


# --- the fork server itself ends ----------------------------------------------


def kill(sandbox: Sandbox) -> None:
    """Kill the fork server and wait until it is gone."""
    assert isinstance(sandbox, ForkServer)
    os.kill(sandbox.process, signal.SIGKILL)
    assert gone(sandbox.process)


def test_start_from_a_dead_fork_server_is_a_sandbox_error() -> None:
    """A fork server that was killed is reported at the next start, at once."""
    with opened(LIMITED) as sandbox:
        kill(sandbox)
        started = time.monotonic()
        for _ in range(2):
            with pytest.raises(SandboxError, match="the fork server is gone"):
                sandbox.start()
        assert time.monotonic() - started < PATIENCE


def test_worker_of_a_dead_fork_server_is_a_sandbox_error_to_a_student() -> None:
    """A call after the fork server's death is our error, not the student's."""
    source = "def f(): return 1\n"
    with opened(LIMITED) as sandbox, submission(sandbox, source, f="y") as student:
        assert student.f().y == 1
        kill(sandbox)
        started = time.monotonic()
        with pytest.raises(SandboxError):
            student.f()
        assert time.monotonic() - started < PATIENCE


def test_worker_of_a_dead_fork_server_can_be_closed() -> None:
    """Closing a student after the fork server's death is a SandboxError or nothing."""
    with opened(LIMITED) as sandbox:
        started = sandbox.start()
        kill(sandbox)
        with contextlib.suppress(SandboxError):
            started.close()
        assert gone(started.process)


def test_fork_server_that_stops_is_a_sandbox_error_not_a_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fork server that does not answer any more is given up."""
    monkeypatch.setattr(server_module, "STARTUP_SECONDS", 1.0)
    with opened(LIMITED) as sandbox:
        assert isinstance(sandbox, ForkServer)
        os.kill(sandbox.process, signal.SIGSTOP)
        started = time.monotonic()
        try:
            with pytest.raises(SandboxError):
                sandbox.start()
        finally:
            os.kill(sandbox.process, signal.SIGCONT)
        assert time.monotonic() - started < PATIENCE


def test_fork_server_ends_with_the_grader() -> None:
    """When the grader is killed, its fork server and its workers end as well."""
    script = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from grader.sandbox.server import ForkServer
sandbox = ForkServer(("limits",))
started = sandbox.start()
source = "import time\\ndef f(): time.sleep(60)\\n"
started.ask("load", "work", {{"work": source}}, seconds=20)
print(sandbox.process, started.process, flush=True)
started.ask("call", "f", [], [[[], {{}}]], seconds=60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        processes = [int(word) for word in grader.stdout.readline().split()]
        try:
            assert len(processes) == 2
            time.sleep(0.1)
            grader.kill()
            assert [gone(process) for process in processes] == [True, True]
        finally:
            for process in processes:
                put_down(process)


def test_many_workers_leave_no_descriptor_behind(sandbox: Sandbox) -> None:
    """Starting and ending workers leaves the grader's descriptors as they were."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("there is no /proc to look in")
    with worker(sandbox) as started:
        hand_in(started, "x = 1\n")
    before = len(list(folder.iterdir()))
    for _ in range(3):
        with worker(sandbox) as started:
            hand_in(started, "x = 1\n")
    assert len(list(folder.iterdir())) == before
