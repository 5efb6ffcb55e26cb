"""Frames between the grader and a worker: no pickle, no eval, all sizes capped.

A frame is `header length, payload length` (two little-endian uint32), the
header (one msgpack value) and the payload (the raw bytes of the arrays, in the
order the header names them, each padded to 8 bytes). In the header an array is
an extension (element type, shape), so every size can be checked against the
payload that really came before anything is allocated.

Only None, bool, int, float, str, arrays of bool/int/float, lists, tuples and
dicts of those travel. Whatever else a student's function returns stays in the
worker; a `Handle` travels in its place.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgpack
import numpy as np

__all__ = [
    "HEADER_CAP",
    "ITEM_CAP",
    "PAYLOAD_CAP",
    "PREFIX",
    "Handle",
    "ProtocolError",
    "Refused",
    "Seed",
    "decode",
    "encode",
    "lengths",
]

HEADER_CAP = 1 << 20
PAYLOAD_CAP = 64 << 20
ITEM_CAP = 1 << 14  # in one container
TOTAL_CAP = 1 << 17  # in a frame: an empty dict is one byte there, and sixty-four here
DEPTH_CAP = 32
DIMENSION_CAP = 16
LENGTH_CAP = 2**32 - 1
PREFIX = struct.Struct("<II")

ARRAY, HANDLE, REFUSED, SEED = 1, 2, 3, 4
ALIGNMENT = 8
SEED_SIZE = 16

_CODES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")
_DTYPES = tuple(np.dtype(code).newbyteorder("<") for code in _CODES)
_CODE_OF = {dtype: code for code, dtype in enumerate(_DTYPES)}
_BOOL = _CODE_OF[np.dtype("?")]


class ProtocolError(Exception):
    """A frame breaks the rules of this module."""


@dataclass(frozen=True, slots=True)
class Handle:
    """Stands for an object that stays in the worker."""

    number: int


@dataclass(frozen=True, slots=True)
class Seed:
    """Becomes `numpy.random.default_rng(entropy)` in the worker."""

    entropy: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands for an array that may not travel; `reason` is one of REASONS."""

    reason: str


# A fixed vocabulary: a student's own type names never reach a report.
REASONS = (
    "an array of Python objects",
    "an array of complex numbers",
    "an array of text",
    "an array of an unusual number type",
    "a subclass of numpy.ndarray (a matrix or a masked array)",
)


#: What may come out of a frame, besides tuples and dicts of it.
TRAVELLERS = frozenset({type(None), bool, int, float, str, np.ndarray, Handle, Seed, Refused})

#: What msgpack would send by itself, and nobody here needs.
NEVER = (bytes, bytearray, memoryview, msgpack.Timestamp)


def encode(value: object, keep: Callable[[object], int] | None = None) -> list[bytes | memoryview]:
    """Encode a value as the parts of one frame, to be written in order.

    keep: called with every object that may not travel; returns the number of
        its handle. None refuses such objects.

    Raises:
        ProtocolError: an object may not travel, or a cap is exceeded.
    """
    payload: list[bytes | memoryview] = []
    _check_form(value, DEPTH_CAP)
    try:
        # strict_types: a subclass of a built-in type goes through `extension`
        default = partial(_extension, payload=payload, keep=keep)
        header: bytes = msgpack.packb(value, default=default, strict_types=True)
    except (ValueError, OverflowError, RecursionError) as error:
        message = "nested too deeply or too large to send"
        raise ProtocolError(message) from error
    size = sum(len(part) for part in payload)
    if len(header) > HEADER_CAP or size > PAYLOAD_CAP:
        message = "too large to send"
        raise ProtocolError(message)
    return [PREFIX.pack(len(header), size), header, *payload]


def _extension(
    item: object, payload: list[bytes | memoryview], keep: Callable[[object], int] | None
) -> object:
    """Encode what msgpack has no type for; the bytes of arrays go to `payload`."""
    if isinstance(item, np.ndarray | np.generic):
        whole = np.asarray(item) if isinstance(item, np.generic) else item
        refused = 4 if type(whole) is not np.ndarray else _refused(whole)
        if refused is None:
            return _pack_array(whole, payload)
        if keep is not None:
            return msgpack.ExtType(REFUSED, bytes([refused]))
        message = f"cannot send {REASONS[refused]}"
        raise ProtocolError(message)
    if isinstance(item, Handle) and 0 <= item.number <= LENGTH_CAP:
        return msgpack.ExtType(HANDLE, struct.pack("<I", item.number))
    if isinstance(item, Seed):
        return msgpack.ExtType(SEED, item.entropy.to_bytes(SEED_SIZE, "little"))
    if isinstance(item, tuple | list):
        return list(item)
    if keep is None:
        message = f"cannot send {type(item).__name__}"
        raise ProtocolError(message)
    return msgpack.ExtType(HANDLE, struct.pack("<I", keep(item)))


def _refused(array: "np.ndarray[Any, Any]") -> int | None:
    """Say which of REASONS keeps an array from travelling, or None."""
    if _code(array.dtype) is not None:
        return None
    return {"O": 0, "c": 1, "U": 2, "S": 2, "T": 2}.get(array.dtype.kind, 3)


def _code(dtype: "np.dtype[Any]") -> int | None:
    code = _CODE_OF.get(dtype)
    if code is None and dtype.kind in "biuf":
        return _CODE_OF.get(dtype.newbyteorder("<"))
    return code


def _pack_array(array: "np.ndarray[Any, Any]", payload: list[bytes | memoryview]) -> object:
    code = _code(array.dtype)
    longest = max(array.shape, default=0)
    if array.ndim > DIMENSION_CAP or array.nbytes > PAYLOAD_CAP or longest > LENGTH_CAP:
        message = "array too large to send"
        raise ProtocolError(message)
    assert code is not None  # noqa: S101  _refused came first
    payload.append(array.astype(_DTYPES[code], copy=False).tobytes())
    padding = -array.nbytes % ALIGNMENT
    if padding:
        payload.append(bytes(padding))
    form = struct.pack(f"<B{array.ndim}I", code, *array.shape)
    return msgpack.ExtType(ARRAY, form)


def lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """Read header and payload length from a prefix, before reading either.

    Raises:
        ProtocolError: a length is above its cap.
    """
    header, payload = PREFIX.unpack(prefix)
    if header > HEADER_CAP or payload > PAYLOAD_CAP:
        message = f"a frame of {header} + {payload} bytes is above the cap"
        raise ProtocolError(message)
    return header, payload


def decode(header: bytes | bytearray, payload: bytearray) -> Any:  # noqa: ANN401
    """Rebuild the value of one frame; arrays are views of `payload`.

    Lists and tuples both come back as tuples.

    Raises:
        ProtocolError: anything about the frame is not as this module says.
    """
    offset, count = 0, _counter()

    def rebuild(kind: int, data: bytes) -> object:
        nonlocal offset
        if kind == ARRAY:
            array, size = _unpack_array(data, payload, offset)
            offset += size
            return array
        if kind == HANDLE:
            return Handle(struct.unpack("<I", data)[0])
        if kind == REFUSED and len(data) == 1:
            return Refused(REASONS[data[0]])
        if kind == SEED and len(data) == SEED_SIZE:
            return Seed(int.from_bytes(data, "little"))
        message = f"unknown extension {kind}"
        raise ProtocolError(message)

    try:
        value = msgpack.unpackb(
            header,
            ext_hook=rebuild,
            list_hook=count,
            object_hook=count,
            use_list=False,
            strict_map_key=True,
            max_array_len=ITEM_CAP,
            max_map_len=ITEM_CAP,
        )
    except ProtocolError:
        raise
    # what msgpack and struct raise on hostile bytes is not one family
    except Exception as error:
        message = f"not a frame: {type(error).__name__}"
        raise ProtocolError(message) from error
    if offset != len(payload):
        message = f"{len(payload) - offset} bytes of payload belong to no array"
        raise ProtocolError(message)
    _check_form(value, DEPTH_CAP, sent=False)
    return value


def _counter() -> Callable[[Any], Any]:
    """Make a hook that sees every container of a frame, until it holds too much."""
    things = 0

    def count(container: Any) -> Any:  # noqa: ANN401  as it came
        nonlocal things
        things += 1 + len(container)
        if things > TOTAL_CAP:
            message = f"more than {TOTAL_CAP} things in a frame"
            raise ProtocolError(message)
        return container

    return count


def _unpack_array(
    data: bytes, payload: bytearray, offset: int
) -> tuple["np.ndarray[Any, Any]", int]:
    code, ndim = data[0], (len(data) - 1) // 4
    if ndim > DIMENSION_CAP:
        message = f"an array of {ndim} dimensions"
        raise ProtocolError(message)
    shape = struct.unpack(f"<{ndim}I", data[1:])
    dtype = _DTYPES[code]
    count = 1
    for length in shape:
        count *= length
    size = count * dtype.itemsize
    size += -size % ALIGNMENT
    if size > len(payload) - offset:
        message = "an array larger than its frame"
        raise ProtocolError(message)
    if count == 0:
        return np.zeros(shape, dtype), 0
    array = np.frombuffer(payload, dtype, count, offset)
    if code == _BOOL and array.view(np.uint8).max() > 1:
        message = "a bool that is neither 0 nor 1"
        raise ProtocolError(message)
    return array.reshape(shape), size


def _check_form(value: object, left: int, *, sent: bool = True) -> None:
    """Check depth, counts, keys and types of what is to be sent, or has come.

    What is to be sent may hold anything: a handle will stand for it.
    """
    if left == 0:
        message = "nested too deeply"
        raise ProtocolError(message)
    if isinstance(value, tuple | list):
        items: Iterable[object] = value
    elif type(value) is dict:
        items = value.values()
        if any(type(key) is not str for key in value):
            message = "a dict with keys that are no text"
            raise ProtocolError(message)
    elif type(value) in TRAVELLERS or (sent and not isinstance(value, NEVER)):
        return
    else:
        message = f"{type(value).__name__} does not travel"
        raise ProtocolError(message)
    if len(value) > ITEM_CAP:
        message = f"more than {ITEM_CAP} items"
        raise ProtocolError(message)
    for item in items:
        if left == 1 or type(item) not in TRAVELLERS:  # most are, and need no call
            _check_form(item, left - 1, sent=sent)
