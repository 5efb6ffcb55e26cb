"""Frames: what travels, what is refused, and that no frame can do harm."""

import struct
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from grader.sandbox.protocol import (
    HEADER_CAP,
    ITEM_CAP,
    PAYLOAD_CAP,
    PREFIX,
    REASONS,
    Handle,
    ProtocolError,
    Refused,
    Seed,
    decode,
    encode,
    lengths,
)
from tests.sandboxes import LAW

AnyArray = np.ndarray[Any, Any]

ARRAY, HANDLE, REFUSED, SEED = 1, 2, 3, 4
FLOAT64, BOOL = 11, 0
CODES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")

#: The same numbers, laid out in memory in every way NumPy knows.
LAYOUTS: dict[str, Callable[[AnyArray], AnyArray]] = {
    "as it is": lambda a: a,
    "transposed": lambda a: a.T,
    "in Fortran's order": np.asfortranarray,
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "read-only": lambda a: np.broadcast_to(a, (2, *a.shape)),
    "every second entry": lambda a: a[..., ::2] if a.ndim else a,
    "backwards": lambda a: a[::-1] if a.ndim else a,
}


def frame(value: object, keep: Callable[[object], int] | None = None) -> tuple[bytes, bytearray]:
    """Encode, check the prefix, and take the frame apart."""
    whole = b"".join(encode(value, keep))
    header, payload = lengths(whole[: PREFIX.size])
    assert len(whole) == PREFIX.size + header + payload
    return whole[PREFIX.size : PREFIX.size + header], bytearray(whole[PREFIX.size + header :])


def keep_nothing(item: object) -> int:
    """Stand in for a worker, which may be asked to keep what cannot travel."""
    raise AssertionError(item)


def sent(value: object, keep: Callable[[object], int] | None = None) -> Any:
    """Send a value from one side to the other."""
    return decode(*frame(value, keep))


def arrays() -> st.SearchStrategy[AnyArray]:
    """Draw arrays of the types that travel, 0-d and empty ones too."""
    shapes = nps.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    return st.sampled_from(CODES).flatmap(lambda code: nps.arrays(code, shapes))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.builds(Handle, st.integers(0, 2**32 - 1))
    | st.builds(Seed, st.integers(0, 2**128 - 1))
)
VALUES = st.recursive(
    SCALARS | arrays(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def same(got: object, want: object) -> bool:
    """Compare bit by bit; lists and tuples both arrive as tuples."""
    if isinstance(want, np.ndarray):
        little = want.astype(want.dtype.newbyteorder("<"))
        return (
            type(got) is np.ndarray
            and got.dtype == little.dtype
            and got.shape == want.shape
            and got.tobytes() == little.tobytes()
        )
    if isinstance(want, list | tuple):
        return (
            type(got) is tuple
            and len(got) == len(want)
            and all(same(a, b) for a, b in zip(got, want, strict=True))
        )
    if isinstance(want, dict):
        return (
            type(got) is dict
            and list(got) == list(want)
            and all(same(got[key], want[key]) for key in want)
        )
    if type(want) is float:
        return type(got) is float and struct.pack("<d", got) == struct.pack("<d", want)
    return type(got) is type(want) and got == want


def travels(value: object) -> bool:
    """Tell whether a decoded value is of a type that may cross the boundary."""
    if type(value) is tuple:
        return all(travels(item) for item in value)
    if type(value) is dict:
        return all(type(key) is str and travels(item) for key, item in value.items())
    if type(value) is np.ndarray:
        return value.dtype.kind in "biuf"
    return value is None or type(value) in (bool, int, float, str, Handle, Seed, Refused)


# --- there and back -----------------------------------------------------------


@LAW
@given(VALUES)
def test_what_may_travel_arrives_unchanged(value: object) -> None:
    """Every value that may travel comes back the same, bit by bit."""
    assert same(sent(value), value)


@pytest.mark.parametrize("layout", LAYOUTS)
@LAW
@given(array=arrays())
def test_layout_in_memory_does_not_matter(layout: str, array: AnyArray) -> None:
    """An array arrives with its numbers, whatever its strides and byte order."""
    laid_out = LAYOUTS[layout](array)
    assert same(sent(laid_out), laid_out)


@LAW
@given(st.lists(arrays(), min_size=2, max_size=6))
def test_arrays_arrive_aligned_and_writable(several: list[AnyArray]) -> None:
    """Arrays that follow one another are aligned and may be written to."""
    for array in sent(several):
        assert array.flags.aligned
        assert array.flags.writeable
        assert array.flags.c_contiguous


def test_numpy_scalars_arrive_as_arrays_without_dimensions() -> None:
    """np.float64(1.5) arrives as a 0-d array, not as a Python float."""
    got = sent(np.float64(1.5))
    assert (got.shape, got.dtype, float(got)) == ((), np.dtype("f8"), 1.5)


def test_arrays_share_the_payload_with_nothing_else() -> None:
    """Writing into one array leaves its neighbour alone."""
    first, second = sent([np.ones(3, "i1"), np.ones(3, "i1")])
    first[:] = 7
    assert second.tolist() == [1, 1, 1]


def test_what_may_not_travel_is_kept_and_a_handle_goes() -> None:
    """With `keep`, an object stays behind and its number travels."""
    kept: list[object] = []

    def keep(item: object) -> int:
        kept.append(item)
        return len(kept) + 40

    machine = object()
    assert sent({"y": 1.0, "cache": [machine]}, keep) == {"y": 1.0, "cache": (Handle(41),)}
    assert kept == [machine]


# --- refused on the way out ---------------------------------------------------


class Sub(np.ndarray[Any, Any]):
    """An ndarray that is not quite one."""


REFUSED_ARRAYS: dict[str, tuple[Callable[[], object], str]] = {
    "objects": (lambda: np.array([None, {}]), "an array of Python objects"),
    "complex numbers": (lambda: np.ones(2, "c16"), "an array of complex numbers"),
    "single complex numbers": (lambda: np.ones(2, "c8"), "an array of complex numbers"),
    "a complex scalar": (lambda: np.complex128(1j), "an array of complex numbers"),
    "text": (lambda: np.array(["a", "bc"]), "an array of text"),
    "bytes": (lambda: np.array([b"a", b"bc"]), "an array of text"),
    "text of any length": (
        lambda: np.array(["a", "bc"], np.dtypes.StringDType()),
        "an array of text",
    ),
    "records": (
        lambda: np.zeros(2, [("a", "f8"), ("b", "O")]),
        "an array of an unusual number type",
    ),
    "raw memory": (lambda: np.zeros(2, "V8"), "an array of an unusual number type"),
    "dates": (lambda: np.zeros(2, "M8[s]"), "an array of an unusual number type"),
    "time spans": (lambda: np.zeros(2, "m8[s]"), "an array of an unusual number type"),
    "a subclass": (
        lambda: np.ones(2).view(Sub),
        "a subclass of numpy.ndarray (a matrix or a masked array)",
    ),
    "a masked array": (
        lambda: np.ma.masked_array(np.ones(2), [True, False]),
        "a subclass of numpy.ndarray (a matrix or a masked array)",
    ),
    "a record array": (
        lambda: np.rec.fromarrays([np.ones(2)]),
        "a subclass of numpy.ndarray (a matrix or a masked array)",
    ),
}


@pytest.mark.parametrize("what", REFUSED_ARRAYS)
def test_unusual_arrays_arrive_as_a_reason(what: str) -> None:
    """An array that may not travel arrives as the reason, among its neighbours."""
    make, reason = REFUSED_ARRAYS[what]
    before, got, after = sent([np.ones(1), make(), np.zeros(2)], keep_nothing)
    assert got == Refused(reason)
    assert reason in REASONS
    assert (before.tolist(), after.tolist()) == ([1.0], [0.0, 0.0])


@pytest.mark.skipif(np.dtype("longdouble").itemsize == 8, reason="longdouble is float64 here")
def test_longdouble_arrives_as_a_reason() -> None:
    """A float wider than 64 bits is refused, not rounded."""
    assert sent(np.ones(2, "longdouble"), keep_nothing) == Refused(
        "an array of an unusual number type"
    )


def _recursive_list() -> list[object]:
    items: list[object] = []
    items.append(items)
    return items


def _recursive_dict() -> dict[str, object]:
    items: dict[str, object] = {}
    items["self"] = items
    return items


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


UNSENDABLE: dict[str, Callable[[], object]] = {
    "an integer of more than 64 bits": lambda: 2**64,
    "a negative integer of more than 64 bits": lambda: -(2**63) - 1,
    "a list that holds itself": _recursive_list,
    "a dict that holds itself": _recursive_dict,
    "lists nested too deeply": lambda: _nested(40),
    "lists nested far too deeply": lambda: _nested(100_000),
    "a list of too many items": lambda: [0] * (1 << 15),
    "a dict of too many items": lambda: {str(k): 0 for k in range(1 << 15)},
    "a text above the header's cap": lambda: "x" * (HEADER_CAP + 1),
    "an array above the payload's cap": lambda: np.zeros(PAYLOAD_CAP + 1, "u1"),
    "arrays above the payload's cap together": lambda: [np.zeros(PAYLOAD_CAP // 2, "u1")] * 3,
    "an array of too many dimensions": lambda: np.zeros((1,) * 17),
    "an empty array with an enormous side": lambda: np.zeros((2**33, 0)),
    "a seed of more than 128 bits": lambda: Seed(2**128),
    "a negative seed": lambda: Seed(-1),
    "a handle of more than 32 bits": lambda: Handle(2**32),
    "a negative handle": lambda: Handle(-1),
    "half a character": lambda: "\ud800",
    "an object": object,
    "a complex number": lambda: 1j,
    "a set": lambda: {1, 2},
    "a function": lambda: len,
    "bytes": lambda: b"raw",
    "a bytearray": lambda: bytearray(b"raw"),
    "a dict with numbers as keys": lambda: {1: 2.0},
    "a dict with tuples as keys": lambda: {(1, 2): 2.0},
}


@pytest.mark.parametrize("what", UNSENDABLE)
def test_what_cannot_arrive_is_not_sent(what: str) -> None:
    """What the other side would not accept is refused before it is sent."""
    value = UNSENDABLE[what]()
    with pytest.raises(ProtocolError):
        encode(value)


# --- refused on the way in ----------------------------------------------------


def extension(kind: int, data: bytes) -> bytes:
    """Write a header of one extension."""
    packed: bytes = msgpack.packb(msgpack.ExtType(kind, data))
    return packed


def claim(code: int, *shape: int) -> bytes:
    """Write the header of one array."""
    return extension(ARRAY, struct.pack(f"<B{len(shape)}I", code, *shape))


HOSTILE_FRAMES: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "two values": (b"\x01\x02", b""),
    "half a value": (b"\x92\x01", b""),
    "a byte msgpack never uses": (b"\xc1", b""),
    "text that is no UTF-8": (b"\xa2\xff\xfe", b""),
    "raw bytes": (b"\xc4\x01\x00", b""),
    "a moment in time": (b"\xd6\xff\x00\x00\x00\x00", b""),
    "a moment in time, with nanoseconds": (b"\xd7\xff" + bytes(8), b""),
    "a list that claims 2**32 - 1 items": (b"\xdd\xff\xff\xff\xff", b""),
    "a dict that claims 2**32 - 1 items": (b"\xdf\xff\xff\xff\xff", b""),
    "a text that claims 2**32 - 1 bytes": (b"\xdb\xff\xff\xff\xff", b""),
    "an extension that claims 2**32 - 1 bytes": (b"\xc9\xff\xff\xff\xff\x01", b""),
    "a list longer than its cap": (msgpack.packb([0] * ((1 << 14) + 1)), b""),
    "a number as a key": (msgpack.packb({1: 2}), b""),
    "raw bytes as a key": (msgpack.packb({b"k": 2}), b""),
    "a list as a key": (b"\x81\x90\x01", b""),
    "lists nested 33 deep": (b"\x91" * 33 + b"\xc0", b""),
    "lists nested a million deep": (b"\x91" * (HEADER_CAP - 1) + b"\xc0", b""),
    "dicts nested 33 deep": (b"\x81\xa1k" * 33 + b"\xc0", b""),
    "an unknown extension": (extension(9, b"12345678"), b""),
    "the extension with the highest number": (extension(127, b""), b""),
    "an array without an element type": (extension(ARRAY, b""), b""),
    "an array of an unknown element type": (claim(12, 1), bytes(8)),
    "an array of element type 255": (claim(255, 1), bytes(8)),
    "an array with half a side": (extension(ARRAY, b"\x0b\x01\x00"), bytes(8)),
    "an array of 17 dimensions": (claim(FLOAT64, *(1,) * 17), bytes(8)),
    "an array larger than its frame": (claim(FLOAT64, 2), bytes(8)),
    "an array just larger than its frame": (claim(1, 9), bytes(8)),
    "an array whose padding is missing": (claim(1, 3), bytes(3)),
    "an array of 2**31 x 2**31": (claim(FLOAT64, 2**31, 2**31), bytes(8)),
    "an array whose size is 0 modulo 2**64": (claim(FLOAT64, 2**31, 2**31, 4), b""),
    "an array whose size is 8 modulo 2**64": (claim(1, *(2**32 - 1,) * 16), bytes(8)),
    "an empty array no NumPy can hold": (claim(FLOAT64, 0, *(2**32 - 1,) * 15), b""),
    "an array whose payload is in another array's place": (
        msgpack.packb([msgpack.ExtType(ARRAY, struct.pack("<BI", FLOAT64, 1))] * 2),
        bytes(8),
    ),
    "a bool of 2": (claim(BOOL, 2), b"\x01\x02" + bytes(6)),
    "a bool of 255": (claim(BOOL), b"\xff" + bytes(7)),
    "payload that belongs to no array": (msgpack.packb(None), bytes(8)),
    "payload after the last array": (claim(FLOAT64, 1), bytes(16)),
    "a handle of three bytes": (extension(HANDLE, b"123"), b""),
    "a handle of five bytes": (extension(HANDLE, b"12345"), b""),
    "a handle of no bytes": (extension(HANDLE, b""), b""),
    "a refusal without a reason": (extension(REFUSED, b""), b""),
    "a refusal for an unknown reason": (extension(REFUSED, bytes([len(REASONS)])), b""),
    "a refusal with a tail": (extension(REFUSED, b"\x00secret"), b""),
    "a seed of 15 bytes": (extension(SEED, bytes(15)), b""),
    "a seed of 17 bytes": (extension(SEED, bytes(17)), b""),
}


@pytest.mark.parametrize("what", HOSTILE_FRAMES)
def test_hostile_frames_are_refused_before_anything_is_allocated(what: str) -> None:
    """A frame that breaks a rule is a ProtocolError and costs no memory."""
    header, payload = HOSTILE_FRAMES[what]
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            decode(header, bytearray(payload))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


ALLOWED_FRAMES: dict[str, tuple[bytes, bytes, object]] = {
    "lists nested 31 deep": (b"\x91" * 31 + b"\x01", b"", None),
    "an array of 16 dimensions": (claim(FLOAT64, *(1,) * 16), bytes(8), (1,) * 16),
    "an array without dimensions": (claim(FLOAT64), bytes(8), ()),
    "an empty array": (claim(FLOAT64, 3, 0, 2), b"", (3, 0, 2)),
    "bools of 0 and 1": (claim(BOOL, 3), b"\x01\x00\x01" + bytes(5), (3,)),
}


@pytest.mark.parametrize("what", ALLOWED_FRAMES)
def test_frames_at_the_edge_of_the_rules_are_accepted(what: str) -> None:
    """A frame just within the rules is a value: the rules refuse no more."""
    header, payload, shape = ALLOWED_FRAMES[what]
    value = decode(header, bytearray(payload))
    assert getattr(value, "shape", None) == shape


@LAW
@given(st.binary(min_size=8, max_size=8))
def test_lengths_are_below_their_caps(prefix: bytes) -> None:
    """Lengths above the caps are refused before a byte of them is read."""
    try:
        header, payload = lengths(prefix)
    except ProtocolError:
        header, payload = PREFIX.unpack(prefix)
        assert header > HEADER_CAP or payload > PAYLOAD_CAP
    else:
        assert header <= HEADER_CAP
        assert payload <= PAYLOAD_CAP


LENGTHS: dict[str, tuple[int, int, bool]] = {
    "both at their caps": (HEADER_CAP, PAYLOAD_CAP, True),
    "nothing": (0, 0, True),
    "a header one byte too long": (HEADER_CAP + 1, 0, False),
    "a payload one byte too long": (0, PAYLOAD_CAP + 1, False),
    "four gigabytes": (2**32 - 1, 2**32 - 1, False),
}


@pytest.mark.parametrize("what", LENGTHS)
def test_caps_are_exact(what: str) -> None:
    """A frame may be as large as the caps and not one byte larger."""
    header, payload, allowed = LENGTHS[what]
    prefix = PREFIX.pack(header, payload)
    if allowed:
        assert lengths(prefix) == (header, payload)
    else:
        with pytest.raises(ProtocolError):
            lengths(prefix)


def _decoded_is_harmless(header: bytes, payload: bytes) -> None:
    try:
        value = decode(header, bytearray(payload))
    except ProtocolError:
        return
    assert travels(value)


@LAW
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_random_bytes_are_refused_or_harmless(header: bytes, payload: bytes) -> None:
    """Random bytes are a ProtocolError or a value that may travel."""
    _decoded_is_harmless(header, payload)


@LAW
@given(
    kind=st.sampled_from([ARRAY, HANDLE, REFUSED, SEED, 0, 5]),
    data=st.binary(max_size=40),
    payload=st.binary(max_size=64),
)
def test_random_extensions_are_refused_or_harmless(kind: int, data: bytes, payload: bytes) -> None:
    """Random data in an extension are a ProtocolError or a value that may travel."""
    _decoded_is_harmless(extension(kind, data), payload)


@LAW
@given(
    st.integers(0, 12),
    st.lists(st.sampled_from([0, 1, 2, 3, 2**16, 2**31, 2**32 - 1]), max_size=17),
    st.binary(max_size=64),
)
def test_random_shapes_are_refused_or_fit_their_frame(
    code: int, shape: list[int], payload: bytes
) -> None:
    """An array that is accepted holds no more bytes than came with it."""
    try:
        array = decode(claim(code, *shape), bytearray(payload))
    except ProtocolError:
        return
    assert array.shape == tuple(shape)
    assert array.nbytes <= len(payload)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Draw a valid frame and change, insert or remove a few of its bytes."""
    parts = [bytearray(part) for part in frame(draw(VALUES))]
    for _ in range(draw(st.integers(1, 4))):
        part = draw(st.sampled_from(parts))
        at = draw(st.integers(0, len(part)))
        part[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    header, payload = parts
    return bytes(header), bytes(payload)


@LAW
@given(damaged())
def test_damaged_frames_are_refused_or_harmless(parts: tuple[bytes, bytes]) -> None:
    """A valid frame with wrong bytes in it is a ProtocolError or harmless."""
    _decoded_is_harmless(*parts)


CROWDS = {
    "empty dicts": b"\x80",
    "empty lists": b"\x90",
    "nothing": b"\xc0",
    "texts of one letter": b"\xa1x",
    "numbers": b"\xcb" + bytes(8),
    "arrays of no dimension and eight bytes each": b"\xd4\x01\x07",
    "arrays without entries": b"\xd6\x01\x07" + bytes(3),
    "handles": b"\xd6\x02" + bytes(4),
    "seeds": b"\xd8\x04" + bytes(16),
    "dicts of one": b"\x81\xa1x\xc0",
}


@settings(parent=LAW, max_examples=40)
@given(
    unit=st.sampled_from(sorted(CROWDS)),
    each=st.sampled_from([1, 15, 1000, ITEM_CAP - 1, ITEM_CAP, ITEM_CAP + 1]),
    depth=st.integers(0, 3),
    fill=st.booleans(),
)
def test_a_crowd_in_a_frame_takes_bounded_memory_and_time(
    unit: str, each: int, depth: int, fill: bool
) -> None:
    """However many things a full header names, decoding it stays below 128 MB and ten seconds."""
    one = CROWDS[unit]
    inner = b"\xdc" + each.to_bytes(2, "big") + one * each
    for _ in range(depth):
        inner = b"\x91" + inner
    many = min(max(1, (HEADER_CAP - 3) // len(inner)), 0xFFFF)
    header = (b"\xdc" + many.to_bytes(2, "big") + inner * many)[:HEADER_CAP]
    payload = bytes(8 * each * many) if fill else b""
    started = time.monotonic()
    tracemalloc.start()
    try:
        _decoded_is_harmless(header, payload)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - len(payload) < 128 << 20
    assert time.monotonic() - started < 10.0


def test_things_of_a_frame_are_counted_together() -> None:
    """No container above its cap, and still too many: a million empty dicts."""
    inner = b"\xdc\x3f\xff" + b"\x80" * 0x3FFF
    with pytest.raises(ProtocolError, match="things in a frame"):
        decode(b"\xdc" + (60).to_bytes(2, "big") + inner * 60, bytearray())


@LAW
@given(st.recursive(
    SCALARS | st.binary(max_size=4) | st.integers() | st.complex_numbers() | st.just("\ud800"),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner)
    | st.lists(inner).map(tuple),
    max_leaves=8,
))  # fmt: skip
def test_what_is_sent_is_accepted(value: object) -> None:
    """What `encode` lets through, `decode` accepts: the two know the same rules."""
    try:
        header, payload = frame(value)
    except ProtocolError:
        return
    decode(header, payload)
