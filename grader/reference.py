"""Trusted functions called in this process: the reference and its patched twins.

A `Reference` answers like the student's proxy does, so that one can stand in
for the other. Answers are remembered: a class of submissions graded with one
seed asks the same questions again and again.
"""

import contextlib
import hashlib
import secrets
import sys
import tempfile
import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.calls import (
    SCRATCH,
    Array,
    Callback,
    Made,
    Observation,
    Raised,
    Returned,
    Signature,
    Trouble,
    form,
    leaves,
    named,
)
from grader.numerics import Path as Varied
from grader.numerics import varied
from grader.sandbox import figures
from grader.sandbox.protocol import Seed

__all__ = ["Reference", "fingerprint", "load_functions"]

MEMORY = 4096
#: Where trusted code writes a picture when it is asked to; one per process, of a
#: name that nobody could have made a link of before.
SCRATCH_FILE = Path(tempfile.gettempdir()) / f"carousel-{secrets.token_hex(8)}.png"


def load_functions(sources: Mapping[str, str]) -> dict[str, Any]:
    """Run trusted sources and return the names they define, the last one's first.

    sources: by flat name; each may import those before it. They see each
        other only, and are left nowhere.
    """
    before = {name: sys.modules.get(name) for name in sources}
    names: dict[str, Any] = {}
    try:
        for name, source in sources.items():
            module = sys.modules[name] = types.ModuleType(name)
            exec(_compiled(name, source), module.__dict__)  # noqa: S102
            names |= module.__dict__
    finally:
        for name, loaded_before in before.items():
            if loaded_before is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = loaded_before
    return names


@lru_cache(maxsize=1024)
def _compiled(name: str, source: str) -> types.CodeType:
    return compile(source, f"solutions/{name}.py", "exec")


class Reference:
    """The functions of one trusted source, by attribute, as in a rubric.

    signatures: function name -> what it returns.
    """

    def __init__(self, functions: Mapping[str, Any], signatures: Mapping[str, Signature]) -> None:
        self._functions = functions
        self._signatures = signatures
        self._remembered: dict[tuple[str, bytes], Observation] = {}

    def __getattr__(self, name: str) -> Callable[..., Returned]:
        """Look up a function of the exercise."""
        if name not in self._signatures:
            raise AttributeError(name)

        def call(*args: object, **kwargs: object) -> Returned:
            seen = self.observe(name, args, kwargs)
            if isinstance(seen, Raised):
                message = f"the reference {name} raised {seen.name}"
                raise TypeError(message)
            return seen

        return call

    def each(
        self, function: str, calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]]
    ) -> list[Returned]:
        """Call one function several times, as a student is asked in one request."""
        return [getattr(self, function)(*args, **kwargs) for args, kwargs in calls]

    def drawn(self, function: str, *args: object) -> object:
        """Describe a figure as `Student.drawn` does, but for its pixels."""
        return getattr(self, function)(*args)[0]

    def observe(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Observation:
        """Call a function; an exception is an observation too."""
        key = (function, fingerprint(args, kwargs))
        if key not in self._remembered:
            if len(self._remembered) >= MEMORY:
                self._remembered.clear()
            self._remembered[key] = self._observe(function, args, kwargs)
        return self._remembered[key]

    def sweep(
        self,
        function: str,
        args: Sequence[Any],
        vary: Sequence[Varied],
        delta: float,
        outputs: Sequence[str],
        **kwargs: object,
    ) -> list[list[Array]]:
        """Evaluate at every args[k] ± delta in one entry, as `Student.sweep` does.

        Raises:
            TypeError: a call raised; a patched twin may.
        """
        stacks = []
        for path in vary:
            rows: list[list[Array]] = [[] for _ in outputs]
            for row in range(2 * varied(args, path).size):
                moved = [_copied(value) for value in args]
                flat = varied(moved, path).reshape(-1)
                flat[row // 2] += -delta if row % 2 else delta
                seen = self._observe(function, tuple(moved), kwargs)
                if isinstance(seen, Raised):
                    message = f"the reference {function} raised {seen.name}"
                    raise TypeError(message)
                for kept, output in zip(rows, outputs, strict=True):
                    kept.append(seen[output])
            stacks.append([np.array(kept) for kept in rows])
        return stacks

    def _observe(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Observation:
        written = any(value is SCRATCH for value in (*args, *kwargs.values()))
        try:
            return self._seen(function, args, kwargs, written=written)
        finally:
            if written:
                SCRATCH_FILE.unlink(missing_ok=True)

    def _seen(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], *, written: bool
    ) -> Observation:
        warned: set[str] = set()
        signature = self._signatures[function]
        try:
            fresh = [self._real(value) for value in args]
            keywords = {key: self._real(value) for key, value in kwargs.items()}
            with np.errstate(
                over="call", divide="call", invalid="call", under="ignore",
                call=lambda kind, _: warned.add(kind),
            ), figures.saved_undrawn() if written else contextlib.nullcontext():  # fmt: skip
                found = self._functions[function]
                # data of the module is asked for like a function: `student.ANSWERS()`
                value = found(*fresh, **keywords) if callable(found) else found
        # a patched twin may fail in any way its bug makes it fail
        except Exception as error:  # noqa: BLE001
            return Raised(trouble=Trouble.RAISED, name=type(error).__name__)
        values = form(value, signature)
        if values is None:
            return Raised(trouble=Trouble.FORM)
        if signature.figures:
            values = tuple(
                _drawn(item, written=written) if k in signature.figures else item
                for k, item in enumerate(values)
            )
        left = (fresh[k] if k < len(fresh) else None for _, k in signature.after)
        values = (*named(function, args, kwargs, values, signature), *left)
        for _, array in leaves("", values):
            if isinstance(array, np.ndarray):
                array.flags.writeable = False  # it will be handed out again and again
        return Returned(names=signature.seen, values=values, warned=frozenset(warned))

    def _real(self, value: object) -> object:
        """Copy an argument; make what stands for an opaque one, or for a function."""
        if isinstance(value, Callback):
            names = {used: self._functions[used] for used in value.uses}
            exec(_compiled("callback", value.source), names)  # noqa: S102  the rubric's own
            return names[value.name]
        if not isinstance(value, Made):
            return _copied(value)
        args = [self._real(item) for item in value.args]
        kwargs = {key: self._real(item) for key, item in value.kwargs.items()}
        made = form(
            self._functions[value.function](*args, **kwargs), self._signatures[value.function]
        )
        if made is None:
            message = f"{value.function} returned something else than its signature says"
            raise TypeError(message)
        return made[value.position]


def _drawn(value: object, *, written: bool) -> object:
    """Describe a figure as the worker does a student's."""
    described = figures.describe(value, draw=False)
    if isinstance(described, dict) and written:
        described["saved"] = SCRATCH_FILE.stat().st_size if SCRATCH_FILE.exists() else 0
    return described


def _copied(value: object) -> object:
    if value is SCRATCH:
        SCRATCH_FILE.unlink(missing_ok=True)
        return str(SCRATCH_FILE)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_copied(item) for item in value)
    if isinstance(value, Seed):
        return np.random.default_rng(value.entropy)
    return value


def fingerprint(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bytes:
    """Digest arguments, arrays by their bytes, so that equal ones are equal."""
    digest = hashlib.blake2b(digest_size=16)
    _feed(digest, args)
    _feed(digest, dict(kwargs))
    return digest.digest()


def _feed(digest: "hashlib.blake2b", value: object) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, Made):
        _feed(digest, (value.function, value.args, value.kwargs, value.position))
    elif isinstance(value, tuple | list):
        digest.update(f"[{len(value)}".encode())
        for item in value:
            _feed(digest, item)
    elif isinstance(value, Mapping):
        digest.update(f"{{{len(value)}".encode())
        for key in sorted(value):
            _feed(digest, key)
            _feed(digest, value[key])
    else:
        digest.update(f"{type(value).__name__} {value!r};".encode(errors="surrogatepass"))
