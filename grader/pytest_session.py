"""Pytest kept open: rubrics are collected once and run per submission.

`pytest.main` costs some 40 ms a time, running an item that is already
collected well under one. This is the only module that drives pytest from
inside; the names it uses from `_pytest` are the ones pytest-xdist's workers
use, and pyproject.toml pins the versions they are tested with.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from _pytest.config import _prepareconfig

from grader import pytest_plugin
from grader.calls import Signature
from grader.errors import AuthoringError
from grader.families import Family
from grader.gradients import Gradient
from grader.model import BlockMap, Criterion, Drawing, Plot
from grader.pytest_plugin import (
    CURRENT,
    Current,
    beside_of,
    criterion_of,
    examples_of,
    gradients_of,
    signatures_of,
    without_example,
)

__all__ = ["Rubric", "RubricSession"]

OPTIONS = (
    "--disable-plugin-autoload",
    "--noconftest",
    "--import-mode=importlib",
    "--assert=plain",
    "--capture=no",
    "--strict-markers",
    *(f"-pno:{name}" for name in
      ("terminal", "cacheprovider", "doctest", "unittest", "junitxml", "logging", "warnings",
       "faulthandler", "stepwise", "pastebin", "debugging", "setuponly", "setupplan",
       "threadexception", "unraisableexception", "tmpdir", "monkeypatch", "recwarn",
       "legacypath", "reports", "nose")),
)  # fmt: skip


class Rubric:
    """The collected items of one hidden grader or one file of checks."""

    def __init__(self, path: Path, items: Iterable[pytest.Function]) -> None:
        self.path = path
        self._items: dict[str, pytest.Function] = {}
        self._pictures: list[pytest.Function] = []
        found: list[Criterion] = []
        for item in items:
            criterion = criterion_of(item)
            if criterion is None:
                if item.get_closest_marker("picture") is None:
                    message = f"{path}: {item.name} has neither @points nor @picture"
                    raise AuthoringError(message)
                self._pictures.append(item)
                continue
            if not criterion.title:
                message = f"{path}: {item.name} has no docstring; it is the line in the report"
                raise AuthoringError(message)
            unknown = set(criterion.needs) - self._items.keys()
            if unknown:
                message = f"{path}: {item.name} needs {', '.join(unknown)}, which is not above it"
                raise AuthoringError(message)
            self._items[criterion.id] = item
            found.append(criterion)
        if not found:
            message = f"{path}: no test with @points in it"
            raise AuthoringError(message)
        self.criteria = tuple(found)
        first = next(iter(self._items.values()))
        self.signatures: dict[str, Signature] = signatures_of(first.module)
        self.gradients: dict[str, Gradient] = gradients_of(first.module)
        self.examples: dict[str, Family] = examples_of(first.module)
        self.beside: tuple[str, ...] = beside_of(first.module)
        self.without_example: dict[str, str] = without_example(first.module)
        stray = [
            *(f"EXAMPLES names {name}, which RETURNS does not"
              for name in self.examples.keys() - self.signatures.keys()),
            *(f"NO_EXAMPLE names {name}, which is no criterion"
              for name in self.without_example.keys() - self._items.keys()),
        ]  # fmt: skip
        if stray:
            message = f"{path}: {'; '.join(sorted(stray))}"
            raise AuthoringError(message)

    def run(self, criterion: str, current: Current) -> BaseException | None:
        """Run one criterion for one submission; return what it raised."""
        _, error = _run(self._items[criterion], current)
        return error

    def items(self) -> list[Callable[[Current], object]]:
        """List the bare functions behind criteria and pictures, for benchmarks.

        Called with a `Current`, each runs without pytest around it.
        """
        return [partial(_bare, item) for item in (*self._items.values(), *self._pictures)]

    def pictures(self, current: Current) -> Iterator[BlockMap | Drawing | Plot]:
        """Make the pictures that can be made."""
        for item in self._pictures:
            value, _ = _run(item, current)
            if isinstance(value, BlockMap | Drawing | Plot):
                yield value


class _Broken:
    """A pytest plugin that keeps what went wrong while files were collected."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.reports: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the last lines of a failure: file, line and error."""
        if report.failed:
            last = [line for line in report.longreprtext.splitlines() if line.strip()][-3:]
            self.reports.append(
                f"{self._root / report.nodeid}: cannot be collected: {' '.join(last)}"
            )


class RubricSession:
    """A pytest session with the items of some files, open until closed."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = [path.resolve() for path in paths]
        for path in self._paths:
            if not path.exists():
                message = f"{path}: no such grader"
                raise AuthoringError(message)
        folder = self._paths[0].parent
        with _no_pytest_variables():
            # confcutdir: or pytest lists every folder above, up to the root
            arguments = [*OPTIONS, f"--rootdir={folder}", f"--confcutdir={folder}",
                         f"-c{os.devnull}", *map(str, self._paths)]  # fmt: skip
            self._broken = _Broken(self._paths[0].parent)
            self._config = _prepareconfig(arguments, [pytest_plugin, self._broken])
        self._config.addinivalue_line("python_functions", "picture_*")
        self._config._do_configure()  # noqa: SLF001
        self._session = pytest.Session.from_config(self._config)
        self._config.hook.pytest_sessionstart(session=self._session)
        _forget(self._paths)
        try:
            self._session.perform_collect()
        except pytest.UsageError as error:
            self.close()
            raise AuthoringError(str(error)) from error
        finally:
            _forget(self._paths)
        if self._broken.reports:
            self.close()
            raise AuthoringError("\n".join(self._broken.reports))

    def rubrics(self) -> dict[Path, Rubric]:
        """Group what was collected by file."""
        items = [item for item in self._session.items if isinstance(item, pytest.Function)]
        return {path: Rubric(path, [i for i in items if i.path == path]) for path in self._paths}

    def close(self) -> None:
        """Let pytest clean up."""
        self._config.hook.pytest_sessionfinish(session=self._session, exitstatus=0)
        self._config._ensure_unconfigure()  # noqa: SLF001


def _forget(paths: Iterable[Path]) -> None:
    """Take rubrics out of sys.modules, where pytest would find them by name.

    Two courses, or the checks and the hidden grader of one exercise, have
    files of the same name; each session shall import its own.
    """
    names = {path.stem for path in paths}
    for name in [name for name in sys.modules if name.rpartition(".")[2] in names]:
        del sys.modules[name]


def _run(item: pytest.Function, current: Current) -> tuple[object, BaseException | None]:
    """Run one item, without making pytest's reports."""
    if _ours(item):
        info = pytest.CallInfo.from_call(
            lambda: _bare(item, current), "call", reraise=KeyboardInterrupt
        )
        return (None, info.excinfo.value) if info.excinfo else (info.result, None)
    return _run_with_fixtures(item, current)


def _run_with_fixtures(
    item: pytest.Function, current: Current
) -> tuple[object, BaseException | None]:
    """Set up, call and tear down an item that has fixtures of its own."""
    item.config.stash[CURRENT] = current
    item._initrequest()  # noqa: SLF001  as pytest does for an item run again
    value: object = None

    def call() -> None:
        nonlocal value
        state = item.session._setupstate  # noqa: SLF001
        try:
            state.setup(item)
            arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}  # noqa: SLF001
            value = item.obj(**arguments)
        finally:
            state.teardown_exact(None)

    info = pytest.CallInfo.from_call(call, "call", reraise=KeyboardInterrupt)
    del item.config.stash[CURRENT]
    return value, info.excinfo.value if info.excinfo else None


def _ours(item: pytest.Function) -> bool:
    """Tell whether an item asks for nothing but what we hand to every item."""
    # initialnames: what it asks for, and fixtures that are used without asking
    return pytest_plugin.ARGUMENTS.issuperset(item._fixtureinfo.initialnames)  # noqa: SLF001


def _bare(item: pytest.Function, current: Current) -> object:
    names = item._fixtureinfo.argnames  # noqa: SLF001
    return item.obj(**pytest_plugin.arguments(current, item.name, names))


@contextlib.contextmanager
def _no_pytest_variables() -> Iterator[None]:
    """Keep PYTEST_ADDOPTS and its kin of the surroundings out."""
    names = [name for name in os.environ if name.startswith("PYTEST")]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(kept)
