"""The student's functions, as a rubric calls them: `student.lstm_forward(X, W)`.

Behind every call stands one request to a worker, with its own deadline. A
call that hangs or crashes costs only the criterion that made it: the worker
is killed, and the next call gets a new one.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from grader.calls import (
    SCRATCH,
    Array,
    Call,
    Callback,
    Made,
    Raised,
    Returned,
    Signature,
    Trouble,
    form,
    named,
)
from grader.errors import SandboxError
from grader.model import CELL_MARK
from grader.numerics import Path as Varied
from grader.numerics import varied
from grader.reference import fingerprint
from grader.sandbox import protocol, worker
from grader.sandbox.channel import DeadlineExceeded, WorkerGone
from grader.sandbox.figures import PICTURE
from grader.sandbox.server import Sandbox, Worker
from grader.sandbox.worker import CALLBACK, LET_GO, MADE, SUBMITTED, WHOLE

__all__ = ["Limits", "Student", "StudentError", "known_as"]

T = TypeVar("T")

#: How a process ends that somebody has sent SIGKILL, and how often it is asked then.
KILLED = -9
TRIES = 4
#: Names of exceptions that may be shown; anything else a worker says is not.
KNOWN_ERRORS = frozenset(
    name
    for name, value in vars(__import__("builtins")).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds of wall clock per import, request, exercise ("total") and submission.

    strikes: a function that was killed this often is not called again.
    """

    load: float = 5.0
    request: float = 2.0
    total: float = 60.0
    submission: float = 300.0
    strikes: int = 2


def known_as(function: str, exercise: str) -> str:
    """Name what was asked for as its author knows it: arrays by the name of their file."""
    return f"{exercise}.npz" if function == SUBMITTED else function


class StudentError(Exception):
    """What the student's code did instead of returning something to judge.

    trouble: which kind. name: a built-in exception, for `RAISED`.
    The message is fit for the student: it repeats nothing the code said while
    it held hidden inputs.
    """

    def __init__(self, trouble: Trouble, message: str, name: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.name = name


class KilledError(StudentError):
    """The worker was killed, and not by us: by what it did, or by something else."""


class Student:
    """One submission to one exercise, ready to be asked.

    name: the exercise, which is the module to import.
    sources: every file of the submission, by exercise name.
    signatures: the functions of the exercise and what they return.
    public: the inputs are no secret, so exceptions and prints may be shown.
    needs: earlier exercises it imports; what they lack is told only when it
        is needed.
    beside: other files whose functions may be asked for, where they are there.
    data: the arrays that were handed in with it, as the bytes of a .npz.
    figures: it draws, so that its worker has matplotlib.
    used: seconds its other exercises have taken.

    Attributes:
        calls: what was asked and seen since `forget` was last called.
        changed: functions that changed an array they were given.
        printed: what the code printed, if `public`; else only whether it did.
        spent: seconds its code has taken.
    """

    def __init__(  # noqa: PLR0913  each is one fact about the submission
        self,
        sandbox: Sandbox,
        name: str,
        sources: Mapping[str, str],
        signatures: Mapping[str, Signature],
        *,
        limits: Limits | None = None,
        public: bool = False,
        needs: Sequence[str] = (),
        beside: Sequence[str] = (),
        data: bytes | None = None,
        figures: bool = False,
        used: float = 0.0,
    ) -> None:
        self.limits = limits or Limits()
        self.calls: list[Call] = []
        self.changed: set[str] = set()
        self.printed: list[str] = []
        self._sandbox = sandbox
        self._name = name
        # what UTF-8 cannot hold cannot be sent; Python would refuse it anyway
        self._sources = {k: t.encode(errors="replace").decode() for k, t in sources.items()}
        self._signatures = signatures
        self._public = public
        self._needs = tuple(needs)
        self._beside = tuple(file for file in beside if file in sources)
        self._wanting: dict[str, str] = {}
        self._data = data
        self._figures = figures
        self._worker: Worker | None = None
        self._functions: set[str] = set()
        self._strikes: dict[str, int] = {}
        self._drawn: dict[tuple[str, bytes] | None, list[Returned]] = {}
        self._used = used
        self.spent = 0.0
        self._secret = False  # has a hidden input been near its code?

    def __getattr__(self, name: str) -> Callable[..., Returned]:
        """Look up a function of the exercise."""
        if name not in self._signatures:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.each(name, [(args, kwargs)])[0]

    def load(self) -> None:
        """Import the student's file.

        Raises:
            StudentError: it cannot be imported. The first time no hidden
                input has been near it, so the message repeats what Python said.
        """
        self._again(self._load, f"import {self._name}")

    def _load(self) -> None:
        if self._strikes.get(f"import {self._name}", 0) >= self.limits.strikes:
            message = f"importing {self._name}.py had to be stopped before"
            raise StudentError(Trouble.LATE, message)
        self._check_total()
        self._worker = worker = self._sandbox.start(figures=self._figures)
        data = None if self._data is None else np.frombuffer(self._data, np.uint8)
        sources = {k: np.frombuffer(t.encode(), np.uint8) for k, t in self._sources.items()}
        load = (self._name, sources, (*self._beside, *self._needs), data, worker.scratch)
        said = self._ask(worker, "load", *load, seconds=self.limits.load)
        self._heard(self._name, worker.notes)
        match _tagged(said):
            case ("loaded", tuple(found), dict(broken)):
                self._functions = {name for name in found if type(name) is str}
                self._wanting = {file: self._why_wanting(file, broken) for file in self._needs}
            case ("raised", *_):
                self._drop()
                raise self._unimportable(self._name, said)
            case ("needs", str(file)) if file in self._needs:
                self._drop()
                message = f"{self._file(self._name)} cannot be imported: it already calls your"
                message += f" {file}.py while it is, and that is missing or broken"
                raise StudentError(Trouble.RAISED, message)
            case _:
                self._drop()
                raise self._garbled(self._name)

    def _unimportable(self, file: str, said: object) -> StudentError:
        match _tagged(said):
            case ("raised", str(name), str(at), int(line), str(text)):
                known = name if name in KNOWN_ERRORS else "Exception"
                where = self._file(at.removesuffix(".py") or file)
                # what one worker has seen may reach the next by ways nobody has closed
                detail = f": {text}" if text and not self._secret else ""
                message = f"{where} cannot be imported: {known}{detail}{self._place(at, line)}"
                return StudentError(Trouble.RAISED, message, known)
        return self._garbled(file)

    def _why_wanting(self, file: str, broken: Mapping[str, Any]) -> str:
        """Say what is wrong with an earlier file; nothing, if it is there and runs."""
        if file not in self._sources:
            return f"there is no {file}.py in your submission"
        return str(self._unimportable(file, broken[file])) if file in broken else ""

    def drawn(self, function: str, *args: object) -> object:
        """Call a function that draws; describe its figure with the pixels of it."""
        return self.each(function, [(args, {})], pixels=True)[0][0]

    def each(
        self,
        function: str,
        calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]],
        *,
        pixels: bool = False,
    ) -> list[Returned]:
        """Call one function several times in one request.

        pixels: draw figures, too; their data comes along in any case.

        Raises:
            StudentError: a call returned nothing to judge (the first one).
        """
        try:
            questions = [
                [[self._real(v) for v in args], {k: self._real(v) for k, v in kwargs.items()}]
                for args, kwargs in calls
            ]
            if function == SUBMITTED and self._data is None:
                if self._public:  # at home it is made last, like a function
                    message = f"there is no {self._name}.npz beside your {self._name}.py yet"
                    raise StudentError(Trouble.NOT_WRITTEN, message)
                message = f"there is no {self._name}.npz in your submission"
                raise StudentError(Trouble.MISSING, message)
            signature = self._signatures[function]
            # a figure takes fifty times as long as a call: the same one is drawn once
            drawing = (function, fingerprint((), {"": calls})) if signature.figures else None
            if drawing in self._drawn and not pixels:
                for call, seen in zip(calls, self._drawn[drawing], strict=True):
                    self._note(function, [call], seen)
                return self._drawn[drawing]
            opaque, drawn = (
                _positions(signature, marked) for marked in (signature.opaque, signature.figures)
            )
            after = [k for _, k in signature.after]
            said = self._request(function, "call", opaque, questions, LET_GO, pixels, drawn, after)
            if len(said) != len(calls):
                raise self._garbled(function)
        except StudentError as error:
            self._note(function, calls[:1], Raised(trouble=error.trouble, name=error.name))
            raise
        judged = [
            self._judged(function, call, answer)
            for call, answer in zip(calls, said, strict=True)
        ]  # fmt: skip
        if drawing and not pixels:
            self._drawn[drawing] = judged
        return judged

    def _real(self, value: object) -> object:
        """Spell what only the worker can make: an opaque value, a function."""
        if value is SCRATCH:
            return worker.SCRATCH
        if isinstance(value, Callback):
            return {CALLBACK: [value.source, value.name, list(value.uses)]}
        if not isinstance(value, Made):
            return value
        args = [self._real(item) for item in value.args]
        kwargs = {key: self._real(item) for key, item in value.kwargs.items()}
        whole = len(self._signatures[value.function].names) == 1
        return {MADE: [value.function, args, kwargs, WHOLE if whole else value.position]}

    def sweep(
        self,
        function: str,
        args: Sequence[Any],
        vary: Sequence[Varied],
        delta: float,
        outputs: Sequence[str],
        **kwargs: object,
    ) -> list[list[Array]]:
        """Evaluate at every args[k] ± delta in one entry; one request for all k.

        Returns, for each k in vary, one stack (2n, ...) per output: see
        `worker.Session.sweep` and `numerics.numerical_gradient`.

        Raises:
            StudentError: a call returned nothing to judge.
        """
        names = self._signatures[function].names
        wanted = [names.index(name) for name in outputs]
        real = [self._real(value) for value in args]
        keywords = {key: self._real(value) for key, value in kwargs.items()}
        said = self._request(function, "sweep", real, keywords, list(vary), delta, wanted)
        match _tagged(said):
            case ("returned", tuple(stacks)):
                counts = [2 * varied(args, path).size for path in vary]
                if _well_formed(stacks, counts, len(wanted)):
                    return [list(stack) for stack in stacks]
            case ("raised" | "needs" | "unmade", *_):
                raise self._raised(function, said)
            case ("form",):
                should = ", ".join(names)
                message = f"`{function}` should return {should}, of the same shapes in every call"
                raise StudentError(Trouble.FORM, message)
        raise self._garbled(function)

    def forget(self) -> None:
        """Start a new record of calls."""
        self.calls = []

    def close(self) -> None:
        """End the worker."""
        self._drop()

    # --- one request ---------------------------------------------------------

    def _request(self, function: str, action: str, *rest: object) -> tuple[Any, ...]:
        return self._again(lambda: self._requested(function, action, *rest), function)

    def _again(self, act: Callable[[], T], key: str) -> T:
        """Ask again if the worker was killed: a machine may have been out of memory."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(KilledError):
                return act()
        try:
            return act()
        except KilledError:
            self._strike(key)
            raise

    def _strike(self, key: str) -> None:
        self._strikes[key] = self._strikes.get(key, 0) + 1

    def _requested(self, function: str, action: str, *rest: object) -> tuple[Any, ...]:
        if self._worker is None:
            self.load()
        assert self._worker is not None  # noqa: S101  load raises otherwise
        if function not in self._functions:
            data = function.isupper()
            if any(self._wanting.values()) and not data and not self._own_signature(function):
                raise self._needed(function, "")
            what = "" if data else "function "
            message = f"{self._file(self._name)} has no {what}`{function}`"
            raise StudentError(Trouble.MISSING, message)
        if self._strikes.get(function, 0) >= self.limits.strikes:
            message = f"`{function}` had to be stopped before, so it was not called again"
            raise StudentError(Trouble.LATE, message)
        seconds = min(self.limits.request, self._check_total())
        self._secret = not self._public
        said = self._ask(self._worker, action, function, *rest, seconds=seconds)
        self._heard(function, self._worker.notes)
        match said:
            case (str(),):
                message = (
                    f"`{function}` returned something that cannot be looked at: "
                    "nested too deeply, too large, or one object too many"
                )
                raise StudentError(Trouble.REFUSED, message)
            case tuple():
                return said
        raise self._garbled(function)

    def _check_total(self) -> float:
        """Return the seconds left; none left is the student's trouble."""
        lefts = {
            f"{self.limits.total:g} s this exercise": self.limits.total - self.spent,
            f"{self.limits.submission:g} s a submission": (
                self.limits.submission - self._used - self.spent
            ),
        }
        what, left = min(lefts.items(), key=lambda item: item[1])
        if left <= 0:
            raise StudentError(Trouble.LATE, f"your code has used up the {what} may take")
        return left

    def _ask(self, worker: Worker, action: str, name: str, *rest: object, seconds: float) -> Any:  # noqa: ANN401
        started = time.monotonic()
        loading = action == "load"
        what = f"importing {name}.py" if loading else f"`{name}`"
        try:
            return worker.ask(action, name, *rest, seconds=seconds)
        except DeadlineExceeded:
            trouble, message = Trouble.LATE, f"{what} did not end within {seconds:g} s"
            message += ": is there a loop that never stops?"
        except WorkerGone:
            self._worker = None
            ended = worker.close()  # raises when it was our fork server that went
            trouble, message = Trouble.DIED, f"{what} ended Python itself"
            message += " (os._exit, or a crash): a function should return its result"
            if ended.code == KILLED:
                raise KilledError(trouble, message) from None
        except protocol.ProtocolError:
            trouble, message = Trouble.REFUSED, f"{what} sent something that is no answer"
        finally:
            self.spent += time.monotonic() - started
        self._strike(f"import {name}" if loading else name)
        self._drop()
        raise StudentError(trouble, message)

    def _heard(self, function: str, notes: Mapping[str, Any]) -> None:
        printed = notes.get("printed")
        if isinstance(printed, str) and printed:
            self.printed.append(printed if self._public else "")
        if notes.get("changed") is True:
            self.changed.add(function)

    def _drop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            # without its fork server a worker is dead already; who starts the
            # next one is told
            with contextlib.suppress(SandboxError):
                worker.leave()

    # --- one answer ----------------------------------------------------------

    def _judged(
        self, function: str, call: tuple[tuple[Any, ...], Mapping[str, Any]], answer: object
    ) -> Returned:
        signature = self._signatures[function]
        error: StudentError
        match _tagged(answer):
            case ("returned", value, tuple(warned), *left):
                values = form(value, signature)
                if values is not None and len(left) == len(signature.after):
                    if any(value is SCRATCH for value in (*call[0], *call[1].values())):
                        values = tuple(self._with_file(item) for item in values)
                    assert self._worker is not None  # noqa: S101  it just answered
                    values = (*named(function, *call, values, signature), *left)
                    kinds = frozenset(kind for kind in warned if type(kind) is str)
                    seen = Returned(names=signature.seen, values=values, warned=kinds)
                    self._note(function, [call], seen)
                    return seen
                error = StudentError(Trouble.FORM, _wrong_form(function, signature, value))
            case ("raised" | "needs" | "unmade", *_):
                error = self._raised(function, answer, _shapes(*call))
            case _:
                error = self._garbled(function)
        self._note(function, [call], Raised(trouble=error.trouble, name=error.name))
        raise error

    def _with_file(self, value: object) -> object:
        """Say how much of a picture a figure left in the scratch file, by looking ourselves."""
        assert self._worker is not None  # noqa: S101  it just answered
        if not isinstance(value, dict) or not self._worker.scratch:
            return value
        try:
            with Path(self._worker.scratch).open("rb") as file:
                picture = file.read(len(PICTURE)) == PICTURE
                size = file.seek(0, 2)
        except OSError:  # removed, where nothing forbids it
            picture, size = False, 0
        return value | {"saved": size if picture else 0}

    def _note(
        self,
        function: str,
        calls: Sequence[tuple[tuple[Any, ...], Mapping[str, Any]]],
        seen: Returned | Raised,
    ) -> None:
        self.calls += [Call(function=function, args=a, kwargs=k, seen=seen) for a, k in calls]

    def _needed(self, function: str, file: str) -> StudentError:
        """Say which earlier file is wanting."""
        known = [self._wanting.get(file, "")] if file else list(self._wanting.values())
        reasons = "; ".join(reason for reason in known if reason)
        reasons = reasons or f"it asks for something that your {file}.py does not have"
        message = f"`{function}` needs your earlier work: {reasons}"
        return StudentError(Trouble.NEEDED, message)

    def _raised(self, function: str, said: object, given: str = "") -> StudentError:
        match _tagged(said):
            case ("raised", *_) if function == SUBMITTED:
                message = f"{self._name}.npz cannot be read: save plain arrays with np.savez"
                return StudentError(Trouble.FORM, message)
            case ("needs", str(file)) if not file or file in self._needs:
                return self._needed(function, file)
            case ("unmade", str(maker)) if maker in self._signatures:
                should = ", ".join(self._signatures[maker].names)
                message = f"`{maker}` should return {should}, and `{function}` needs the last of it"
                return StudentError(Trouble.FORM, message)
            case ("raised", str(name), str(file), int(line), str(text)):
                known = name if name in KNOWN_ERRORS else "Exception"
                if known == "NotImplementedError":
                    return self._not_written(function, text)
                if known == "TypeError" and not line:
                    given += self._own_signature(function)
                detail = f": {text}" if self._public and text else ""
                message = f"`{function}` raised {known}{detail}{self._place(file, line)}{given}"
                return StudentError(Trouble.RAISED, message, known)
        return self._garbled(function)

    def _not_written(self, function: str, text: str) -> StudentError:
        """Say whose hole it is: a stub raises with its own name, maybe that of a helper."""
        own = self._defines(self._name, text)
        for earlier in () if own else self._needs:
            if text.isidentifier() and self._defines(earlier, text):
                message = f"`{function}` needs `{text}` of your {self._file(earlier)}"
                return StudentError(Trouble.NEEDED, f"{message}, which is not written yet")
        message = f"`{function}` is not written yet"
        if text in self._signatures and text != function:
            message = f"`{function}` calls `{text}`, which is not written yet"
        return StudentError(Trouble.NOT_WRITTEN, message)

    def _file(self, name: str) -> str:
        """Name the file as the student knows it."""
        notebook = self._sources.get(name, "").startswith(CELL_MARK)
        return f"{name}.ipynb" if notebook else f"{name}.py"

    def _own_signature(self, function: str) -> str:
        """Quote the student's own def line, where a call did not even get inside."""
        found = self._defines(self._name, function)
        return f"; your function reads `{found.strip()[:120]}`" if found else ""

    def _defines(self, file: str, function: str) -> str:
        """Find the def line of a function in a file of the submission."""
        lines = self._sources.get(file, "").splitlines()
        return next((text for text in lines if text.startswith(f"def {function}(")), "")

    def _place(self, file: str, line: int) -> str:
        """Quote the student's own source line, from our own copy of it."""
        lines = self._sources.get(file.removesuffix(".py"), "").splitlines()
        if not 1 <= line <= len(lines):
            return ""
        place, above = f"line {line}", lines[: line - 1]
        for back, text in enumerate(reversed(above), 1):
            if text.startswith(CELL_MARK):  # a notebook: count as Jupyter does
                place = f"cell {text.removeprefix(CELL_MARK)}, line {back}"
                break
        return f" ({place}: `{lines[line - 1].strip()[:120]}`)"

    @staticmethod
    def _garbled(function: str) -> StudentError:
        return StudentError(Trouble.REFUSED, f"`{function}` sent something that is no answer")


def _positions(signature: Signature, marked: Collection[int]) -> list[int]:
    """List the positions of the results that are marked; WHOLE, if there is only one."""
    return [WHOLE] if len(signature.names) == 1 and marked else sorted(marked)


def _shapes(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """Say what a call was given: sizes help more than any exception's text."""
    shapes = [
        (f"{key} " if key else "") + str(value.shape)
        for key, value in (*(("", v) for v in args), *kwargs.items())
        if isinstance(value, np.ndarray)
    ]
    return f"; called with arrays of shape {', '.join(shapes)}" if shapes else ""


def _tagged(said: object) -> tuple[Any, ...]:
    """Take an answer that starts with a word; an array is not to be compared with one."""
    return said if type(said) is tuple and said and type(said[0]) is str else ("garbled",)


def _wrong_form(function: str, signature: Signature, value: object) -> str:
    count = len(value) if isinstance(value, tuple) else 1
    got = "nothing (None)" if value is None else f"{count} value{'s' * (count != 1)}"
    names = ", ".join(signature.names)
    return f"`{function}` returned {got}; it should return {len(signature.names)}: {names}"


def _well_formed(stacks: Sequence[object], counts: Sequence[int], outputs: int) -> bool:
    return len(stacks) == len(counts) and all(
        isinstance(stack, tuple)
        and len(stack) == outputs
        and all(
            type(a) is np.ndarray and a.dtype.kind == "f" and a.ndim and len(a) == count
            for a in stack
        )
        for stack, count in zip(stacks, counts, strict=True)
    )
