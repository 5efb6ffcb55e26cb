"""The trusted end of the pipe: whatever is at the other end, a wait ends."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from grader.sandbox.channel import Channel, DeadlineExceeded, WorkerGone
from grader.sandbox.protocol import PREFIX, ProtocolError, encode

SECONDS = 0.2
PATIENCE = 5.0  # a wait that lasts longer has not been cut

#: Two ways to end a wait: poll the pipe, or kill what is at its other end.
WAYS = {"polled": True, "under a watchdog": False}

Frame = list[bytes | memoryview]

SMALL = encode([1, "call"])
LARGE = encode([1, np.zeros(4 << 20)])

PREAMBLE = """
import os, struct, time
def prefix(header, payload=0):
    os.write(1, struct.pack("<II", header, payload))
def read_request():
    sizes = struct.unpack("<II", os.read(0, 8))
    left = sum(sizes)
    while left:
        left -= len(os.read(0, min(left, 1 << 20)))
"""

DEAF: dict[str, str] = {
    "never reads the request": "time.sleep(60)",
    "reads a part of the request": "os.read(0, 1000); time.sleep(60)",
    "reads slowly": "while True: os.read(0, 64); time.sleep(0.02)",
}

LATE: dict[str, str] = {
    "says nothing": "read_request(); time.sleep(60)",
    "says half a prefix": "os.write(1, b'1234'); time.sleep(60)",
    "says a prefix and no more": "prefix(100); time.sleep(60)",
    "says half a header": "prefix(100); os.write(1, bytes(50)); time.sleep(60)",
    "says half a payload": (
        "prefix(1, 1 << 20); os.write(1, b'\\xc0' + bytes(1 << 18)); time.sleep(60)"
    ),
    "drips its prefix": "while True: os.write(1, b'\\1'); time.sleep(0.2)",
    "drips its header": "prefix(1000)\nwhile True: os.write(1, b'x'); time.sleep(0.02)",
    "drips its payload": (
        "prefix(1, 1 << 20); os.write(1, b'\\xc0')\n"
        "while True: os.write(1, bytes(9)); time.sleep(0.02)"
    ),
}

GONE: dict[str, str] = {
    "exits at once": "",
    "exits when asked": "read_request()",
    "crashes": "read_request(); os.abort()",
    "exits after half a prefix": "read_request(); os.write(1, b'1234')",
    "exits after half a frame": "read_request(); prefix(100); os.write(1, bytes(50))",
    "closes its end and stays": "read_request(); os.close(1); time.sleep(60)",
}

GARBAGE: dict[str, str] = {
    "says a header of 4 GB": "prefix(2**32 - 1); time.sleep(60)",
    "says a payload of 4 GB": "prefix(1, 2**32 - 1); time.sleep(60)",
    "says an empty frame": "prefix(0); time.sleep(60)",
    "says no msgpack": "prefix(4); os.write(1, b'\\xc1\\xc1\\xc1\\xc1'); time.sleep(60)",
    "says Hello, world": "os.write(1, b'Hello, world\\n' * 9); time.sleep(60)",
    "says bytes nobody asked for": (
        "prefix(1, 8); os.write(1, b'\\xc0' + bytes(8)); time.sleep(60)"
    ),
}


@contextlib.contextmanager
def talking_to(script: str, *, poll: bool) -> Iterator[tuple[Channel, "subprocess.Popen[bytes]"]]:
    """Open a channel to a Python that runs a script; 0 and 1 are its ends."""
    peer = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", PREAMBLE + script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    assert peer.stdin is not None
    assert peer.stdout is not None
    with peer.stdin as sink, peer.stdout as source:
        channel = Channel(os.dup(source.fileno()), os.dup(sink.fileno()), peer.kill, poll=poll)
    try:
        yield channel, peer
    finally:
        with contextlib.suppress(OSError):  # a test may have closed it
            channel.close()
        peer.kill()
        peer.wait()


@pytest.fixture(name="poll", params=WAYS)
def _poll(request: pytest.FixtureRequest) -> bool:
    if WAYS[request.param] and os.name != "posix":
        pytest.skip("a pipe cannot be polled here")
    return WAYS[request.param]


def cut_at_the_deadline(script: str, request: Frame, *, poll: bool) -> None:
    with talking_to(script, poll=poll) as (channel, _):
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            channel.exchange(request, started + SECONDS)
        assert SECONDS <= time.monotonic() - started + 0.01 < PATIENCE


@pytest.mark.parametrize("what", LATE)
def test_waiting_for_an_answer_ends_at_the_deadline(what: str, poll: bool) -> None:
    """A worker that stalls or drips is cut at one absolute deadline."""
    cut_at_the_deadline(LATE[what], SMALL, poll=poll)


@pytest.mark.parametrize("what", DEAF)
def test_waiting_to_be_heard_ends_at_the_deadline(what: str, poll: bool) -> None:
    """A worker that does not take a large request is cut at the deadline."""
    cut_at_the_deadline(DEAF[what], LARGE, poll=poll)


@pytest.mark.parametrize("what", GONE)
def test_worker_that_goes_is_noticed_at_once(what: str, poll: bool) -> None:
    """The end of a worker ends the wait, long before the deadline."""
    with talking_to(GONE[what], poll=poll) as (channel, _):
        started = time.monotonic()
        with pytest.raises(WorkerGone):
            channel.exchange(SMALL, started + 60)
        assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_refused_at_once(what: str, poll: bool) -> None:
    """An answer that breaks the rules ends the wait, long before the deadline."""
    with talking_to(GARBAGE[what], poll=poll) as (channel, _):
        started = time.monotonic()
        with pytest.raises(ProtocolError):
            channel.exchange(SMALL, started + 60)
        assert time.monotonic() - started < PATIENCE


ECHO = """
import sys
def exactly(size):
    data = b""
    while len(data) < size:
        part = os.read(0, min(size - len(data), 1 << 20))
        if not part: sys.exit()
        data += part
    return data
while True:
    sizes = exactly(8)
    data = sizes + exactly(sum(struct.unpack("<II", sizes)))
    while data:
        data = data[os.write(1, data):]
"""


def test_answers_arrive_whole_and_in_order(poll: bool) -> None:
    """Small and large frames pass in both directions, one after the other."""
    with talking_to(ECHO, poll=poll) as (channel, _):
        for size in (0, 1, 1000, 1 << 20):
            sent = np.arange(size, dtype=float)
            number, got = channel.exchange(encode([size, sent]), time.monotonic() + 30)
            assert number == size
            assert np.array_equal(got, sent)


def test_frame_that_comes_in_small_parts_is_put_together(poll: bool) -> None:
    """A frame that arrives byte by byte, in time, is a frame."""
    frame = b"".join(encode(["drop", 1.5]))
    script = f"""
for byte in {frame!r}:
    os.write(1, bytes([byte])); time.sleep(0.001)
time.sleep(60)
"""
    with talking_to(script, poll=poll) as (channel, _):
        assert channel.exchange(SMALL, time.monotonic() + 30) == ("drop", 1.5)


def test_worker_that_answers_in_time_lives_past_the_deadline(poll: bool) -> None:
    """After an answer, the deadline of its question kills nobody."""
    with talking_to(ECHO, poll=poll) as (channel, peer):
        channel.exchange(SMALL, time.monotonic() + 0.3)
        time.sleep(0.4)
        assert peer.poll() is None
        assert channel.exchange(SMALL, time.monotonic() + 30) == (1, "call")


def test_deadline_that_has_passed_is_exceeded(poll: bool) -> None:
    """A question whose time is already up is late, and does not wait."""
    with talking_to(LATE["says nothing"], poll=poll) as (channel, _):
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            channel.exchange(SMALL, started - 1)
        assert time.monotonic() - started < PATIENCE


def test_closing_tells_the_worker() -> None:
    """A worker that waits for a request sees the end of the pipe and leaves."""
    with talking_to("os.read(0, 1)", poll=os.name == "posix") as (channel, peer):
        channel.close()
        assert peer.wait(PATIENCE) == 0


def test_prefix_is_what_a_peer_in_these_tests_writes() -> None:
    """The scripts above write the same prefix as the protocol."""
    assert (PREFIX.format, PREFIX.size) == ("<II", 8)
