"""The worker: the only code of ours that imports a submission.

It answers one request at a time over two file descriptors and holds nothing
worth stealing: no expected value, no grader, no path. A reply is a claim about
what the student's function returned, and is checked as such on the other side.
Imports the standard library, NumPy, msgpack and `protocol`, nothing else.
"""

import builtins
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from grader.sandbox import figures, protocol

__all__ = [
    "CALLBACK",
    "FORBIDDEN",
    "KEEP",
    "LET_GO",
    "MADE",
    "SCRATCH",
    "SUBMITTED",
    "WHOLE",
    "hide",
    "rehearse",
    "serve",
]

#: Libraries that would do the exercise instead of the student.
FORBIDDEN = frozenset(
    {
        "autograd", "cupy", "flax", "jax", "keras", "mxnet", "numba", "onnx", "onnxruntime",
        "pandas", "scipy", "sklearn", "sympy", "tensorflow", "theano", "tinygrad", "torch",
    }
)  # fmt: skip
#: Stands for the position of a result that is not one of several.
WHOLE = -1
#: What becomes of results that stay here.
KEEP, LET_GO = "keep", "let go"
#: Key of an argument to be made here first: function, args, kwargs, position.
MADE = "\0made"
#: Key of an argument that is a function of the grader's: source, name, what it uses.
CALLBACK = "\0callback"
#: An argument that becomes the path of the scratch file.
SCRATCH = "\0scratch"
#: Asked for as a function: the arrays that were handed in.
SUBMITTED = "submitted"
SUBMITTED_CAP = 16
TEXT_CAP = 500
PRINT_CAP = 4000
HANDLE_CAP = 4096


class NeededError(Exception):
    """Code of an earlier exercise is needed and cannot be had; says which file."""


class UnmadeError(Exception):
    """A function does not return what another is to be given; says which."""


class WrongFormError(Exception):
    """A function returned too few values, or values whose form changes."""


class Prints(io.TextIOBase):
    """Stands in for stdout and stderr: keeps the first characters, drops the rest."""

    def __init__(self) -> None:
        self.kept = ""

    def writable(self) -> bool:
        """Accept text, as print expects."""
        return True

    def write(self, text: str) -> int:
        """Keep what fits; never fails, never blocks."""
        self.kept += _writable(text[: PRINT_CAP - len(self.kept)])
        return len(text)


class SubmissionFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the submission's own files by their flat names, from memory.

    Stands first on `sys.meta_path`, refuses `FORBIDDEN` libraries in words,
    and leaves everything else to Python.

    needs: earlier exercises. One that is missing or broken is imported all
        the same; what is taken from it raises when it is called, so that
        whatever does not need it can still be judged.
    broken: of those, what importing them raised.
    """

    def __init__(self, sources: Mapping[str, str], needs: Sequence[str] = ()) -> None:
        self.sources = sources
        self.needs = needs
        self.broken: dict[str, BaseException] = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: types.ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a file of the submission; refuse a forbidden library."""
        library = fullname.partition(".")[0]
        if library == "grader":
            message = f"No module named {fullname!r}"
            raise ModuleNotFoundError(message, name=fullname)
        if library in FORBIDDEN:
            message = f"{library} is not allowed here: this course is written in pure NumPy"
            raise ImportError(message, name=fullname)
        if fullname in self.sources or fullname in self.needs:
            return importlib.util.spec_from_loader(fullname, self, origin=f"{fullname}.py")
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Run one file of the submission."""
        name = module.__name__
        try:
            if name in self.sources:
                code = compile(self.sources[name], f"{name}.py", "exec", dont_inherit=True)
                exec(code, module.__dict__)  # noqa: S102  the purpose of this process
        except BaseException as error:
            if name not in self.needs:
                raise
            self.broken[name] = error
        if name in self.needs:
            module.__dict__["__getattr__"] = partial(_wanting, name)


def _wanting(module: str, name: str) -> object:
    """Stand for what an earlier file should have and has not."""
    if name.startswith("__"):
        raise AttributeError(name)

    def wanting(*_: object, **__: object) -> None:
        raise NeededError(module)

    return wanting


class Session:
    """One submission being asked questions."""

    def __init__(self) -> None:
        self.module: types.ModuleType | None = None
        self.sources: Mapping[str, str] = {}
        self.functions: dict[str, Callable[..., Any]] = {}
        self.constants: set[str] = set()
        self.data: Any = None
        self.scratch = ""
        self.kept: list[object] = []
        self.keeps = True
        self.drawn: Sequence[int] = ()
        self.after: Sequence[int] = ()
        self.pixels = self.saves = False
        self.warned: set[str] = set()
        self.prints = Prints()
        # the arrays of a request are views of its payload
        self.payload, self.pristine = bytearray(), b""

    def answer(self, request: Sequence[Any], payload: bytearray) -> list[object]:
        """Do what one request asks: load, call or sweep."""
        action, *rest = request
        self.prints.kept = ""
        answers: dict[str, Callable[..., object]] = {
            "load": self.load,
            "call": self.call,
            "sweep": self.sweep,
        }
        self.payload, self.pristine = payload, bytes(payload)
        said = answers[action](*rest)
        notes = {
            "printed": self.prints.kept,
            "changed": self.payload != self.pristine,
        }
        return [said, notes]

    def load(
        self,
        name: str,
        sources: Mapping[str, Any],
        needs: Sequence[str] = (),
        data: object = None,
        scratch: str = "",
    ) -> object:
        """Import the submission's file; answer which functions it has.

        Names in capitals are answered, too: whoever asks for data is given it
        as if a function without arguments had returned it.

        sources: texts, or the bytes of them: only arrays may be long.
        needs: earlier exercises, whose functions can be asked for too.
        data: the bytes of the arrays that were handed in, if any were.
        scratch: the one file that may be written, or nothing.
        Answers also which of `needs` could not be imported, and why.
        """
        self.sources = {
            file: text if isinstance(text, str) else text.tobytes().decode()
            for file, text in sources.items()
        }
        self.data, self.scratch = data, scratch
        finder = SubmissionFinder(self.sources, needs)
        sys.meta_path.insert(0, finder)
        np.seterrcall(self._warn)
        try:
            modules = [importlib.import_module(file) for file in (*needs, name)]
        except BaseException as error:  # noqa: BLE001  student code may raise anything
            return self._raised(error)
        self.module = modules[-1]
        for module in modules:  # the last one's count where names are the same
            self.functions |= {
                k: v for k, v in vars(module).items() if type(k) is str and callable(v)
            }
            self.constants |= {k for k in vars(module) if type(k) is str and k.isupper()}
        self.functions[SUBMITTED] = self._submitted
        broken = {file: self._raised(error) for file, error in finder.broken.items()}
        return ["loaded", [*self.functions, *self.constants - self.functions.keys()], broken]

    def call(  # noqa: PLR0913, PLR0917  all of it travels by position
        self,
        function: str,
        opaque: Sequence[int],
        calls: Sequence[Any],
        fate: str = KEEP,
        pixels: bool = False,  # noqa: FBT001, FBT002  travels by position
        drawn: Sequence[int] = (),
        after: Sequence[int] = (),
    ) -> object:
        """Call one function once per (args, kwargs); a raise stops nothing.

        opaque: positions of results that stay here; (WHOLE,) if all does.
        fate: KEEP them under a handle, or LET_GO of them.
        drawn: positions of figures, of which a description travels.
        pixels: draw them, too, which takes most of the time.
        after: positions of arguments that travel back as the call left them.
        """
        self.keeps, self.drawn, self.pixels, self.after = fate == KEEP, drawn, pixels, after
        return [self._call(function, opaque, args, kwargs) for args, kwargs in calls]

    def sweep(
        self,
        function: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        vary: Sequence[int | tuple[int, str]],
        delta: float,
        wanted: Sequence[int],
    ) -> object:
        """Evaluate at every args[k] ± delta in one entry, for k in vary.

        A k may also be a position and the key of a dict there.

        Answers, for each k and each wanted output, the outputs stacked: (2n,
        ...), where entry 2j is + delta and 2j + 1 is - delta at flat index j.
        """
        try:
            target = self._function(function)
            arguments = [self._received(value) for value in args]
            named = {key: self._received(value) for key, value in kwargs.items()}
            with np.errstate(over="call", divide="call", invalid="call", under="ignore"):
                stacks = [self._swept(target, arguments, named, k, delta, wanted) for k in vary]
        except WrongFormError:
            return ["form"]
        except BaseException as error:  # noqa: BLE001
            return self._raised(error)
        return ["returned", stacks]

    def _call(
        self, function: str, opaque: Sequence[int], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> object:
        try:
            target = self._function(function)
            self.saves = False
            with np.errstate(over="call", divide="call", invalid="call", under="ignore"):
                arguments = [self._received(value) for value in args]
                named = {key: self._received(value) for key, value in kwargs.items()}
                self.warned.clear()
                with self._saving():
                    value = self._described(target(*arguments, **named))
        except BaseException as error:  # noqa: BLE001
            return self._raised(error)
        if opaque == (WHOLE,):
            value = self._held(value)
        elif opaque and isinstance(value, tuple | list):
            value = [self._held(item) if k in opaque else item for k, item in enumerate(value)]
        left = [arguments[k] if k < len(arguments) else None for k in self.after]
        return ["returned", value, sorted(self.warned), *left]

    def _swept(
        self,
        target: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        k: int | tuple[int, str],
        delta: float,
        wanted: Sequence[int],
    ) -> list[object]:
        flat = (args[k] if isinstance(k, int) else args[k[0]][k[1]]).reshape(-1)
        rows = 2 * flat.size
        stacks: list[Any] = []
        forms: list[tuple[Any, int, tuple[int, ...], Any]] = []
        # hundreds of evaluations: what can be known before the loop is
        highest, several, array = max(wanted), (tuple, list), np.ndarray
        payload, pristine = self.payload, self.pristine
        dicts = any(type(a) is dict for a in args)
        entries = flat.copy()
        around = np.stack([flat + delta, flat - delta], axis=1).reshape(-1)
        for row, moved in enumerate(around):
            at = row // 2
            flat[at] = moved
            # a function may put other things into a dict it is given
            given = [dict(a) if type(a) is dict else a for a in args] if dicts else args
            value = target(*given, **kwargs)
            outputs = value if isinstance(value, several) else (value,)
            if len(outputs) <= highest:
                raise WrongFormError
            if not forms:
                first = [np.asarray(outputs[position]) for position in wanted]
                stacks = [np.empty((rows, *a.shape), a.dtype) for a in first]
                forms = [
                    (stack, position, a.shape, a.dtype)
                    for stack, position, a in zip(stacks, wanted, first, strict=True)
                ]
            for stack, position, shape, dtype in forms:
                output = outputs[position]
                if type(output) is not array:
                    output = np.asarray(output)
                same = output.dtype is dtype or output.dtype == dtype
                if not same or output.shape != shape:
                    raise WrongFormError
                stack[row] = output
            # only now: what was returned may be a view of an argument
            flat[at] = entries[at]
            if payload != pristine:  # a function may write into its arguments
                payload[:] = pristine
        return stacks

    def _saving(self) -> contextlib.AbstractContextManager[None]:
        """Make saving cheap where it is only asked whether a figure is saved."""
        return figures.saved_undrawn() if self.drawn and self.saves else contextlib.nullcontext()

    def _described(self, value: object) -> object:
        if self.drawn == (WHOLE,):
            return figures.describe(value, draw=self.pixels)
        if self.drawn and isinstance(value, tuple | list):
            pairs = enumerate(value)
            return [
                figures.describe(item, draw=self.pixels) if k in self.drawn else item
                for k, item in pairs
            ]
        return value

    def _held(self, item: object) -> protocol.Handle | None:
        return protocol.Handle(self.keep(item)) if self.keeps else None

    def keep(self, item: object) -> int:
        """Keep an object that may not travel; return its number."""
        if len(self.kept) >= HANDLE_CAP:
            message = "too many objects kept"
            raise protocol.ProtocolError(message)
        self.kept.append(item)
        return len(self.kept) - 1

    def _function(self, name: str) -> Callable[..., Any]:
        # looked up anew: a function may be defined again by another
        found = getattr(self.module, name, None) if name != SUBMITTED else None
        if callable(found):
            return found  # type: ignore[no-any-return]
        if name in self.constants and name not in self.functions:
            return lambda: found
        if name not in self.functions:
            raise NeededError
        return self.functions[name]

    def _submitted(self) -> dict[str, object]:
        """Decode the arrays that were handed in; objects are refused."""
        with np.load(io.BytesIO(self.data.tobytes()), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files[:SUBMITTED_CAP]}

    def _received(self, value: object) -> object:
        if type(value) is protocol.Handle:
            return self.kept[value.number]
        if type(value) is protocol.Seed:
            return np.random.default_rng(value.entropy)
        if type(value) is str and value == SCRATCH:
            self.saves = True
            if self.scratch:  # what an earlier call left there does not count
                with contextlib.suppress(OSError):
                    os.truncate(self.scratch, 0)
            return self.scratch
        if type(value) is dict and CALLBACK in value:
            return self._callback(*value[CALLBACK])
        return self._made(*value[MADE]) if type(value) is dict and MADE in value else value

    def _made(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], position: int
    ) -> object:
        """Make what only its author understands, by the call it comes from."""
        fresh = [self._received(item) for item in args]
        named = {key: self._received(item) for key, item in kwargs.items()}
        made = self._function(function)(*fresh, **named)
        if position == WHOLE:
            return made
        if not isinstance(made, tuple | list) or len(made) <= position:
            raise UnmadeError(function)
        return made[position]

    def _callback(self, source: str, name: str, uses: Sequence[str]) -> object:
        """Run a function's source anew; what it uses is the student's."""
        names = {used: self._function(used) for used in uses}
        exec(compile(source, "<callback>", "exec", dont_inherit=True), names)  # noqa: S102  ours
        return names[name]

    def _warn(self, kind: str, _flag: int) -> None:
        self.warned.add(kind)

    def _raised(self, error: BaseException) -> object:
        if isinstance(error, NeededError | UnmadeError):
            return ["needs" if isinstance(error, NeededError) else "unmade", str(error)]
        if isinstance(error, SyntaxError):
            place = [error.filename or "", error.lineno or 0]
        else:
            place = self._place(error)
        return ["raised", _builtin_name(error), *place, _text(error)]

    def _place(self, error: BaseException) -> list[object]:
        """Find the deepest frame in the student's own files."""
        place: list[object] = ["", 0]
        trace = error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.removesuffix(".py") in self.sources:
                place = [file, trace.tb_lineno]
            trace = trace.tb_next
        return place


def _builtin_name(error: BaseException) -> str:
    """Name the nearest built-in class: a student's own names say too much."""
    for cls in type(error).__mro__:
        if getattr(builtins, cls.__name__, None) is cls:
            return str(cls.__name__)
    return "Exception"


def _writable(text: str) -> str:
    """Replace what UTF-8 cannot hold, such as half a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _text(error: BaseException) -> str:
    try:
        said = error.msg if isinstance(error, SyntaxError) else error
        return _writable(f"{said}"[:TEXT_CAP])
    except BaseException:  # noqa: BLE001  a hostile __str__
        return ""


def read_exactly(file: int, size: int) -> bytearray:
    """Read `size` bytes.

    Raises:
        EOFError: the other side has closed the pipe.
    """
    data = bytearray(size)
    view = memoryview(data)
    while view:
        part = os.read(file, min(len(view), 1 << 20))
        if not part:
            raise EOFError
        view[: len(part)] = part
        view = view[len(part) :]
    return data


def write_all(file: int, parts: Sequence[bytes | memoryview]) -> None:
    """Write the parts of a frame, in order."""
    view = memoryview(b"".join(parts))
    while view:
        view = view[os.write(file, view) :]


REHEARSAL = """
import numpy as np

def rehearsal(X, W=None):
    a = np.hstack([np.ones((len(X), 1)), X]) @ np.ones((3, 4))
    return 1.0 / (1.0 + np.exp(-a)), np.tanh(a[:, 2:]), {}
"""


def rehearse() -> None:
    """Answer a few requests before the fork, so that workers start in their stride.

    What Python and NumPy set up on first use is then set up once, and lies in
    pages that all workers share.
    """
    meta_path, handler = list(sys.meta_path), np.geterrcall()
    for _ in range(3):
        session = Session()
        session.answer(["load", "rehearsal", {"rehearsal": REHEARSAL}], bytearray())
        for request in (
            ["call", "rehearsal", [2], [[[np.ones((2, 2))], {"W": None}]]],
            ["sweep", "rehearsal", [np.ones((2, 2))], {}, [0], 1e-5, [0, 1]],
        ):
            header, payload = _split(protocol.encode([1, *request]))
            _, *asked = protocol.decode(header, payload)
            protocol.encode([1, session.answer(asked, payload)], session.keep)
        sys.modules.pop("rehearsal", None)
        sys.meta_path[:] = meta_path
    np.seterrcall(handler)


def _split(frame: Sequence[bytes | memoryview]) -> tuple[bytearray, bytearray]:
    whole = bytearray(b"".join(frame))
    header, _ = protocol.lengths(whole[: protocol.PREFIX.size])
    body = whole[protocol.PREFIX.size :]
    return body[:header], body[header:]


def hide() -> None:
    """Forget our modules by name; who has them already can go on.

    A submission that imports us would find nothing, but need not find us.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]


def serve(source: int, sink: int) -> None:
    """Answer requests until the other side closes its end."""
    session = Session()
    sys.stdout = sys.stderr = session.prints
    while True:
        try:
            header, payload = protocol.lengths(read_exactly(source, protocol.PREFIX.size))
            head, body = read_exactly(source, header), read_exactly(source, payload)
        except EOFError:
            return
        number, *request = protocol.decode(head, body)
        try:
            frame = protocol.encode([number, *session.answer(request, body)], session.keep)
        except protocol.ProtocolError:
            frame = protocol.encode([number, ["refused"], {}])
        write_all(sink, frame)
