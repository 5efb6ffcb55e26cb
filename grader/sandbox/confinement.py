"""What a worker may do: four layers, each for a reason, none needing root.

limits  own session, death with its parent, ceilings on memory, CPU and files
files   Landlock: read-only, and nothing but the Python installation; no TCP,
        no signals and no abstract sockets to the outside
calls   seccomp: no network, processes, exec, ptrace, signals or kernel doors
user    root becomes a spare user; where only root can read Python, it keeps its
        name and gives up all its capabilities

`files` alone lets UDP, fork and io_uring pass; `calls` alone lets every file
be read: both are needed. Layers are *asked for* here; what they really stop is
found out by `selfattack`. Linux only, but for `limits`, which is POSIX.
"""

import contextlib
import ctypes
import errno
import os
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

__all__ = ["LAYERS", "SPARE_USER", "Confinement"]

LAYERS = ("limits", "files", "calls", "user")
OTHERS = 0o005  # read and enter, for everybody
SPARE_USER = 65534  # "nobody" on every Linux

MEMORY = 2 << 30  # of address space: NumPy and one BLAS thread need about 0.3 GB
CPU_SECONDS = 300  # a backstop: the grader's wall-clock deadlines come first
FILE_SIZE = 1 << 20
OPEN_FILES = 64

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38
SECCOMP_MODE_FILTER = 2
CLONE_THREAD = 0x10000
F_SETOWN, F_SETOWN_EX = 8, 15

#: What Python needs to read to go on importing, besides its own library. Not
#: all of /usr: a course may well lie in /usr/src.
READABLE = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/urandom",
)

#: Refused system calls, by what they would be used for.
REFUSED = {
    "network": "socket socketpair connect bind listen accept accept4 sendmsg sendmmsg sendto "
    "recvfrom recvmsg recvmmsg",
    "processes": "fork vfork execve execveat setsid setpgid",
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise pidfd_open "
    "pidfd_getfd kcmp",
    "signals": "kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo",
    "namespaces and mounts": "unshare setns mount umount2 pivot_root chroot move_mount open_tree "
    "fsopen fsmount fspick fsconfig mount_setattr name_to_handle_at open_by_handle_at",
    "kernel": "io_uring_setup io_uring_enter io_uring_register bpf perf_event_open userfaultfd "
    "keyctl add_key request_key init_module finit_module delete_module kexec_load "
    "kexec_file_load reboot swapon swapoff acct settimeofday clock_settime clock_adjtime "
    "adjtimex quotactl syslog personality iopl ioperm fanotify_init lookup_dcookie",
    "shared memory": "shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop "
    "semctl mq_open memfd_create memfd_secret",
    "metadata of files": "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime "
    "utimes utimensat futimesat setxattr lsetxattr fsetxattr setxattrat removexattr "
    "lremovexattr fremovexattr removexattrat file_setattr",
    "identity": "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid "
    "capset setrlimit setpriority sched_setscheduler sched_setattr sched_setparam "
    "sched_setaffinity ioprio_set",
}


LIBC = ctypes.CDLL(None, use_errno=True)


#: Numbers of calls that an older libseccomp cannot name; since 2019 all
#: architectures share them.
NEW_CALLS = {
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "pidfd_open": 434, "pidfd_getfd": 438, "process_madvise": 440,
    "mount_setattr": 442, "memfd_secret": 447, "fchmodat2": 452, "setxattrat": 463,
    "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip


class Confinement:
    """Layers prepared once, entered by every worker after its fork.

    Build it in the fork server: the file rules then apply to the server too
    and are inherited for free, the filter is compiled only once, and whatever
    has to be imported or looked up is.

    scratch: a file that exists and may be written; no other can be made.

    Raises:
        OSError, ImportError: a layer cannot be had here; says which.
    """

    def __init__(self, layers: Collection[str], scratch: str = "") -> None:
        self._layers = frozenset(layers)
        if unknown := self._layers - set(LAYERS):
            message = f"no such layer: {', '.join(sorted(unknown))}"
            raise ValueError(message)
        self._filter: Callable[[], None] | None = None
        self._limit: Callable[[], None] | None = None
        if sys.platform == "linux":
            _prctl(PR_SET_CHILD_SUBREAPER, 1)
        if "limits" in self._layers:
            self._limit = _prepare_limits()
        if "user" in self._layers:
            # asked now: Landlock hides the folders above
            self._spare = all(_open_to_others(path) for path in sysconfig.get_paths().values())
        if "calls" in self._layers:
            self._filter = _compile_filter()
        if "files" in self._layers:
            _restrict_files(scratch)

    def enter(self) -> None:
        """Confine this process for good. Call between fork and student code."""
        with contextlib.suppress(PermissionError):  # a spawned worker leads one already
            os.setsid()
        if self._limit is not None:
            self._limit()
        if "user" in self._layers:
            _give_up_root(spare=self._spare)
        if sys.platform == "linux":
            # after the change of user, which clears it
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            _prctl(PR_SET_NO_NEW_PRIVS, 1)
        if self._filter is not None:
            self._filter()


def _prctl(option: int, value: int, pointer: object = 0) -> None:
    if LIBC.prctl(option, ctypes.c_ulong(value), pointer, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}): {os.strerror(code)}")


def _prepare_limits() -> Callable[[], None]:
    import resource  # noqa: PLC0415  POSIX only

    ceilings = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, ceiling in ceilings.items():
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            ceilings[kind] = min(ceiling, hard)

    def limit() -> None:
        for kind, ceiling in ceilings.items():
            try:
                resource.setrlimit(kind, (ceiling, ceiling))
            except (ValueError, OSError):
                # macOS refuses RLIMIT_AS; elsewhere the self-attack will tell
                if sys.platform == "linux":
                    raise

    return limit


def _give_up_root(*, spare: bool) -> None:
    if spare:
        os.setgroups([])
        os.setresgid(SPARE_USER, SPARE_USER, SPARE_USER)
        os.setresuid(SPARE_USER, SPARE_USER, SPARE_USER)
        return
    # struct __user_cap_header_struct (version 3, this process), then two of
    # __user_cap_data_struct (effective, permitted, inheritable), all zero
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if LIBC.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"capset: {os.strerror(code)}")


def _open_to_others(path: str) -> bool:
    """Tell whether any user may go all the way to a folder."""
    where = Path(path)
    if not where.exists():
        return True
    return all(folder.stat().st_mode & OTHERS == OTHERS for folder in (where, *where.parents))


def _restrict_files(scratch: str) -> None:
    from py_landlock import AccessFs, Landlock  # noqa: PLC0415  Linux only

    # strict=False: an older kernel enforces what it knows; selfattack judges
    rules = Landlock(strict=False)
    libraries = {f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    for prefix in sorted({*libraries, *sysconfig.get_paths().values(), *READABLE}):
        path = Path(prefix)
        if path.is_dir():
            rules.allow_read(prefix)
        elif path.exists():
            rules.add_path_rule(prefix, access=AccessFs.READ_FILE)
    if scratch:
        access = AccessFs.READ_FILE | AccessFs.WRITE_FILE | AccessFs.TRUNCATE
        rules.add_path_rule(scratch, access=access)
    rules.apply()


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _compile_filter() -> Callable[[], None]:
    import pyseccomp  # noqa: PLC0415  Linux only; needs libseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for names in REFUSED.values():
        for name in names.split():
            # a call this libseccomp does not know has one number everywhere, or
            # does not exist on this architecture
            for call in (name, NEW_CALLS.get(name)):
                with contextlib.suppress(OSError, TypeError):
                    rules.add_rule(refuse, call)
                    break
    # reading one's limits is fine, changing them is not
    rules.add_rule(refuse, "prlimit64", pyseccomp.Arg(2, pyseccomp.NE, 0))
    # who owns a file can be sent any signal when something is written to it
    for command in (F_SETOWN, F_SETOWN_EX):
        rules.add_rule(refuse, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    # nobody takes back that a worker dies with its parent
    rules.add_rule(refuse, "prctl", pyseccomp.Arg(0, pyseccomp.EQ, PR_SET_PDEATHSIG))
    # threads are fine, processes are not; glibc falls back from clone3 to clone
    not_thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0)
    rules.add_rule(refuse, "clone", not_thread)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        code = file.read()
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))

    def install(_alive: object = buffer) -> None:
        # the default argument keeps the code the program points to alive
        _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))

    return install
