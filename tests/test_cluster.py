import dataclasses
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.batch import grade_all, graders
from grader.course import Course
from grader.errors import UsageError
from grader.executors import cluster
from grader.model import Report
from tests.golden import CLASS, ROOT
from tests.test_batch import JOB, MANY, graded_anew, grades

PATHS = [CLASS / name for name in (*MANY, "viktor", "yara", "zoe", "wanda", "pavel", "omar")]
EVERYWHERE = dataclasses.replace(JOB, elsewhere=graders(Course.load(ROOT)))


@pytest.fixture(name="workers")
def _workers() -> Iterator[Any]:
    """Start a dask cluster of two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as workers:
        yield workers


def test_a_cluster_that_loses_a_worker_gives_what_one_process_gives(
    workers: Any, tmp_path: Path
) -> None:
    """Whatever it was doing is done again by another; every submission has one result."""
    opened = partial(cluster, workers.scheduler_address)
    found: dict[str, Report] = {}
    for graded in grade_all(PATHS, EVERYWHERE, tmp_path / "there", opened=opened):
        assert graded.report.submission not in found
        found[graded.report.submission] = dataclasses.replace(graded.report, timing={})
        if len(found) == 1:
            os.kill(workers.workers[0].pid, signal.SIGKILL)
    assert found == grades(PATHS, tmp_path / "here")
    assert graded_anew(PATHS, tmp_path / "there") == set()


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """How to start one, and no traceback."""
    pytest.importorskip("distributed")
    opened = partial(cluster, "tcp://127.0.0.1:9", seconds=0.5)
    with pytest.raises(UsageError, match="no dask scheduler answers there"):
        grades(PATHS[:1], tmp_path, opened, EVERYWHERE)


def test_a_cluster_that_grows_gets_more_to_do(workers: Any) -> None:
    """Workers that start later, as they do from a queue, are not left idle."""
    with cluster(workers.scheduler_address) as opened:
        assert opened.window() == 8
        workers.scale(3)
        until = time.monotonic() + 60
        while opened.window() < 12 and time.monotonic() < until:
            time.sleep(0.2)
        assert opened.window() == 12
