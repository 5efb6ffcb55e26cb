"""What a confined worker cannot do, and what it still can.

Every attack is first seen to work without the layers, where that does no
harm: an attack that fails for another reason would prove nothing.
"""

import contextlib
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.calls import Trouble
from grader.sandbox.server import ForkServer, Sandbox
from grader.sandbox.student import Limits, Student, StudentError
from tests.sandboxes import CONFINED, LIMITED, ROOT, alive, opened, submission

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")

HIDDEN = ROOT / "grader" / "hidden"

PREAMBLE = """
import ctypes, os, resource, signal, socket, subprocess, sys, tempfile, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def ok(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def raw(number, *args):
    return ok(libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, args)))

def child_of(fork):
    child = fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)

def attempt(attack, victim, hidden, mine, folder, port, name):
    try:
        exec(ATTACKS[attack], globals() | locals())
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"refused: {error}"
    return "done"
"""

#: Harmless where they succeed. victim: a process id; hidden: a file no worker
#: may read; mine: a file the grader's user owns; folder: one anybody may write.
ATTACKS: dict[str, str] = {
    "read a hidden grader": "open(hidden).read()",
    "list the hidden graders": "os.listdir(os.path.dirname(hidden))",
    "read another process's environment": "open(f'/proc/{victim}/environ', 'rb').read(1)",
    "read another process's command line": "open(f'/proc/{victim}/cmdline', 'rb').read(1)",
    "open another process's memory": "open(f'/proc/{victim}/mem', 'rb').close()",
    "list the processes": "os.listdir('/proc')",
    "read /etc/passwd": "open('/etc/passwd').read(1)",
    "write a file": "open(folder + '/new', 'w').close()",
    "make a temporary file": "tempfile.TemporaryFile(dir='/tmp').close()",
    "make a folder": "os.mkdir(folder + '/made')",
    "make a link": "os.symlink('/etc', folder + '/link')",
    "make a pipe in a folder": "os.mkfifo(folder + '/pipe')",
    "rename a file": "os.rename(mine, mine + '2'); os.rename(mine + '2', mine)",
    "shorten a file": "os.truncate(mine, 0)",
    "add to a file": "open(mine, 'a').close()",
    "change the mode of a file": "os.chmod(mine, 0o600)",
    "change the times of a file": "os.utime(mine, (1, 1))",
    "change the owner of a file": "os.chown(mine, os.getuid(), os.getgid())",
    "mark a file with an attribute": "os.setxattr(mine, 'user.mark', b'x')",
    "fork": "child_of(os.fork)",
    "fork past the C library": "child_of(lambda: raw(57))",
    "run a program": "subprocess.run(['/bin/true'], check=True)",
    "run a program by posix_spawn": ("os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)"),
    "run a shell": "os.system('exit 0') == 0 or ok(-1)",
    "signal the fork server": "os.kill(os.getppid(), 0)",
    "signal another process": "os.kill(victim, 0)",
    "signal all of a group": "os.killpg(os.getpgid(victim), 0)",
    "signal through a pidfd": "os.close(os.pidfd_open(victim))",
    "trace another process": "ok(libc.ptrace(0x4206, victim, 0, 0))",
    "open a TCP socket": "socket.create_connection(('127.0.0.1', port), 2).close()",
    "open a UDP socket": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))"
    ),
    "open a local socket": "socket.socket(socket.AF_UNIX).connect(name)",
    "open a pair of sockets": "socket.socketpair()",
    "open a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "make a file in memory": "os.close(os.memfd_create('x'))",
    "lower its limits for later": ("resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"),
}

#: Tried against the layers only: success would do harm, or needs a privilege.
DANGEROUS: dict[str, str] = {
    "kill the fork server": "os.kill(os.getppid(), 9)",
    "kill everything": "os.kill(-1, 9)",
    "kill through a thread's id": "raw(234, victim, victim, 9)",
    "replace itself by a program": "os.execv('/bin/true', ['true'])",
    "replace itself by a program, by file descriptor": (
        "raw(322, os.open('/usr/bin/env', os.O_RDONLY), ctypes.addressof("
        "ctypes.create_string_buffer(1)), 0, 0, 0x1000)"
    ),
    "open an io_uring": "raw(425, 8, ctypes.addressof(ctypes.create_string_buffer(200)))",
    "load a BPF program": "raw(321, 0, 0, 0)",
    "watch the kernel": "raw(298, 0, 0, -1, -1, 0)",
    "enter new namespaces": "raw(272, 0x10000000)",
    "mount": "raw(165, 0, 0, 0, 0, 0)",
    "change its root": "os.chroot('/')",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
    "become another user": "os.setuid(65533)",
    "write into Python's own folder": "open(os.__file__ + '.new', 'w').close()",
    "remove a hidden grader": "os.unlink(os.path.dirname(hidden) + '/no-such-file')",
    "read the memory of another process": "raw(310, victim, 0, 0, 0, 0, 0)",
    "read a key": "raw(250, 0, 0, 0, 0, 0)",
    "fork by clone3": "raw(435, ctypes.addressof(ctypes.create_string_buffer(88)), 88)",
}

#: The numbers of system calls above are those of one machine.
NUMBERED = platform.machine() == "x86_64"

Target = tuple[int, str, str, str, int, str]


@pytest.fixture(name="confined", scope="module")
def _confined() -> Iterator[Sandbox]:
    with opened(CONFINED) as sandbox:
        yield sandbox


@pytest.fixture(name="limited", scope="module")
def _limited() -> Iterator[Sandbox]:
    with opened(LIMITED) as sandbox:
        yield sandbox


@pytest.fixture(name="victim", scope="module")
def _victim() -> Iterator[int]:
    """Start a process that stands in for the grader."""
    waiting = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


@pytest.fixture(name="target")
def _target(victim: int, tmp_path: Path) -> Iterator[Target]:
    """Put up what the attacks go for: a process, files, a port, a socket."""
    hidden = next(HIDDEN.glob("test_*.py"), None)
    if hidden is None:
        pytest.skip("this is no checkout: there is nothing hidden to read")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    mine = tmp_path / "mine.txt"
    mine.write_text("the grader's own")
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        name = f"\0carousel-test-{os.getpid()}"
        unix.bind(name)
        unix.listen()
        yield victim, str(hidden), str(mine), str(tmp_path), tcp.getsockname()[1], name


def attacker(sandbox: Sandbox) -> contextlib.AbstractContextManager[Student]:
    """Hand in a submission that can try every attack."""
    source = f"{PREAMBLE}\nATTACKS = {ATTACKS | DANGEROUS!r}\n"
    return submission(sandbox, source, {"attempt": "outcome"}, limits=Limits(request=10.0))


def outcome(student: Student, what: str, target: Target) -> str:
    """Try one attack; a worker that dies of it has not done it."""
    if not NUMBERED and "raw(" in (ATTACKS | DANGEROUS)[what]:
        pytest.skip("the numbers of system calls are those of another machine")
    try:
        return str(student.attempt(what, *target).outcome)
    except StudentError as error:
        return f"refused: {error}"


@pytest.fixture(name="weak")
def _weak(limited: Sandbox) -> Iterator[Student]:
    with attacker(limited) as student:
        yield student


@pytest.fixture(name="strong")
def _strong(confined: Sandbox) -> Iterator[Student]:
    with attacker(confined) as student:
        yield student


@pytest.mark.parametrize("what", ATTACKS)
def test_confined_worker_cannot(what: str, weak: Student, strong: Student, target: Target) -> None:
    """An attack that works without the layers is refused with them."""
    without = outcome(weak, what, target)
    assert outcome(strong, what, target).startswith("refused")
    if without != "done":
        pytest.skip(f"not possible here anyway ({without})")


@pytest.mark.parametrize("what", DANGEROUS)
def test_confined_worker_cannot_do_harm(what: str, confined: Sandbox, target: Target) -> None:
    """An attack too dangerous to try elsewhere is refused, and harms nobody."""
    with attacker(confined) as student:
        assert outcome(student, what, target).startswith("refused")
    assert isinstance(confined, ForkServer)
    assert alive(confined.process)
    assert alive(target[0])


POSSIBLE: dict[str, str] = {
    "import decimal": "import decimal; return str(decimal.Decimal(1) / 3)[:4], '0.33'",
    "import a module nobody has loaded": "import colorsys, wave; return colorsys.rgb_to_hsv(1, 1, 1)[2], 1",  # noqa: E501
    "import a compiled module": "import _bisect, unicodedata; return unicodedata.name('A')[:5], 'LATIN'",  # noqa: E501
    "import numpy.linalg": "import numpy.linalg as la; return float(la.det(np.eye(3))), 1.0",
    "import numpy.fft": "from numpy import fft; return float(fft.fft(np.ones(4))[0].real), 4.0",
    "solve": "return np.linalg.solve(np.eye(2), np.ones(2)).tolist(), [1, 1]",
    "decompose": "return np.linalg.svd(2 * np.eye(2))[1].tolist(), [2, 2]",
    "multiply large matrices": "return float((np.ones((300, 300)) @ np.ones((300, 300)))[0, 0]), 300.0",  # noqa: E501
    "einsum": "return float(np.einsum('ij,jk->', np.eye(2), np.ones((2, 2)))), 4.0",
    "draw random numbers": "return np.random.default_rng().standard_normal(3).shape, (3,)",
    "draw random numbers the old way": "np.random.seed(0); return np.random.rand(2).shape, (2,)",
    "start a thread": (
        "import threading; said = []; t = threading.Thread(target=said.append, args=(1,)); "
        "t.start(); t.join(); return said, [1]"
    ),
    "use a pool of threads": (
        "from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "    with Pool(4) as pool: return list(pool.map(abs, [-1, -2, -3])), [1, 2, 3]"
    ),
    "tell the time": "import time, datetime; time.sleep(0.001); return time.time() > 0, True",
    "tell local time": "import datetime; return datetime.datetime.now().year > 2000, True",
    "look at its own limits": (
        "import resource; return resource.getrlimit(resource.RLIMIT_CORE), (0, 0)"
    ),
    "raise and format a traceback": (
        "import traceback\n"
        "    try: 1 / 0\n"
        "    except ZeroDivisionError: return 'ZeroDivision' in traceback.format_exc(), True"
    ),
    "warn": "import warnings; warnings.warn('careful'); return 1, 1",
    "make a dataclass": (
        "from dataclasses import make_dataclass as m; return m('P', ['x'])(1).x, 1"
    ),
}


@pytest.fixture(name="allowed", scope="module")
def _allowed(confined: Sandbox) -> Iterator[Student]:
    bodies = "".join(f"def f{k}():\n    {body}\n" for k, body in enumerate(POSSIBLE.values()))
    signatures = {f"f{k}": "got want" for k in range(len(POSSIBLE))}
    source = "import numpy as np\n" + bodies
    with submission(confined, source, signatures, limits=Limits(request=10.0)) as student:
        yield student


@pytest.mark.parametrize("what", POSSIBLE)
def test_confined_worker_can_still(what: str, allowed: Student) -> None:
    """What an honest submission may want to do works with all layers on."""
    got, want = getattr(allowed, f"f{list(POSSIBLE).index(what)}")()
    assert got == want


def test_confinement_cannot_be_taken_off_again(confined: Sandbox) -> None:
    """A worker may gain no privilege, and has its filter for good."""
    source = """
        import ctypes
        def f():
            libc = ctypes.CDLL(None, use_errno=True)
            no_new_privileges, filtered = libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0)
            return no_new_privileges, filtered, libc.prctl(22, 0, 0, 0, 0)
        """
    with submission(confined, source, f="privileges filter off") as student:
        assert tuple(student.f()) == (1, 2, -1)


@pytest.mark.skipif(not NUMBERED, reason="only x86-64 has a second way to call the kernel")
def test_other_ways_to_call_the_kernel_are_closed(confined: Sandbox) -> None:
    """A socket cannot be had by x32's numbers either."""
    source = """
        import ctypes
        def f(): return ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 | 41), 2, 1, 0)
        """
    with submission(confined, source, f="descriptor") as student:
        try:
            said: object = student.f().descriptor
        except StudentError as error:
            said = error.trouble
    assert said in (-1, Trouble.DIED)


def test_worker_dies_with_its_parent(limited: Sandbox) -> None:
    """A worker has asked to be killed when its fork server ends."""
    source = """
        import ctypes
        def f():
            number = ctypes.c_int()
            ctypes.CDLL(None).prctl(2, ctypes.byref(number), 0, 0, 0)
            return number.value
        """
    with submission(limited, source, f="signal") as student:
        assert student.f().signal == signal.SIGKILL


LAYERS: dict[str, tuple[str, ...]] = {
    "limits": ("limits",),
    "limits and files": ("limits", "files"),
    "limits and calls": ("limits", "calls"),
    "limits, files and calls": ("limits", "files", "calls"),
}


@pytest.mark.parametrize("what", LAYERS)
def test_each_layer_stops_what_it_is_for(what: str, target: Target) -> None:
    """`files` stops reading, `calls` stops sockets and forks; neither does both."""
    layers = LAYERS[what]
    _, hidden, *_ = target
    source = """
        import os, socket
        def tried(attack, *args):
            try:
                attack(*args)
            except OSError:
                return False
            return True
        def read(path): open(path).read()
        def f(path):
            return tried(read, path), tried(socket.socket), tried(os.close, os.dup(0))
        """
    with (
        contextlib.closing(ForkServer(layers)) as sandbox,
        submission(sandbox, source, f="read network dup") as student,
    ):
        got = tuple(student.f(hidden))
    assert got == ("files" not in layers, "calls" not in layers, True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
@pytest.mark.parametrize("more", [(), ("files", "calls")], ids=["alone", "with all other layers"])
def test_root_gives_itself_up(more: tuple[str, ...], tmp_path: Path) -> None:
    """With `user`, nothing of root's power is left, and NumPy still works."""
    source = """
        import os
        import numpy as np
        def tried(attack, *args):
            try:
                attack(*args)
            except OSError:
                return False
            return True
        def read(path): open(path).read()
        def f(path):
            done = [tried(os.setresuid, 12345, 12345, 12345), tried(os.setgroups, [0]),
                    tried(os.chroot, "/"), tried(read, path), tried(os.chown, path, 0, 0),
                    tried(os.chmod, path, 0o644), tried(os.nice, -5)]
            return done, np.linalg.det(np.eye(2))
        """
    path = tmp_path / "another_users"
    path.write_text("a secret")
    path.chmod(0o600)
    os.chown(path, 12345, 12345)
    with (
        contextlib.closing(ForkServer(("limits", *more, "user"))) as sandbox,
        submission(sandbox, source, f="done det") as student,
    ):
        seen = student.f(str(path))
    assert seen.done == (False,) * 7
    assert float(seen.det) == 1.0
