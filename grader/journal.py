"""What has been graded already, kept beside the results: RESULTS/.journal/<submission>.json.

An entry is one exercise of one submission, with a key: a digest of everything
its result depends on. A grading whose key is the same would come out the same,
so it is not done again. What an entry does not know is never guessed: a
damaged, older or foreign file is no entry, and is graded anew.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.course import Course
from grader.files import sweep, write_atomically
from grader.grade import Judged, digest_of, environment
from grader.model import ExerciseResult, Status, Submission
from grader.policy import Prerequisite
from grader.report.names import page_name
from grader.seeds import Seeds

__all__ = ["Entry", "Journal", "Keys"]

FOLDER = ".journal"
SCHEMA = "grader/journal/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exercise of one submission, as it was judged.

    consulted: other exercises whose graders had a say, with their digests.
    """

    key: str
    result: ExerciseResult
    consulted: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    sketch: str = ""

    @property
    def judged(self) -> Judged:
        """Take what a report is made of."""
        others = frozenset(self.consulted)
        return Judged(
            result=self.result, consulted=others, seconds=self.seconds, sketch=self.sketch
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    submission: str
    entries: dict[str, Entry]
    schema: str = SCHEMA


class Keys:
    """What results depend on, apart from the submission, for one grading.

    graders: exercise -> digest of everything that decides how it is graded.
    """

    def __init__(
        self,
        course: Course,
        seeds: Seeds,
        isolation: str,
        *,
        prerequisite: Prerequisite = Prerequisite.OWN,
    ) -> None:
        self.graders = {name: course.grader_digest(name) for name in course.names}
        self._common = (
            seeds.seed, seeds.key_name, isolation, environment(), prerequisite.value
        )  # fmt: skip

    def key(self, exercise: str, submission: Submission) -> str:
        """Digest everything the result of one exercise depends on."""
        # messages name files; any file of a submission can import any other
        paths = {name: file.path for name, file in submission.files.items()}
        parts = (
            exercise,
            self.graders[exercise],
            digest_of(submission),
            sorted(paths.items()),
            sorted(submission.unreadable.items()),
            self._common,
        )
        return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()

    def holds(self, entry: Entry | None, exercise: str, submission: Submission) -> bool:
        """Tell whether grading again would give the same result."""
        return (
            entry is not None
            and entry.key == self.key(exercise, submission)
            and all(self.graders.get(n) == digest for n, digest in entry.consulted.items())
        )

    def entries(self, submission: Submission, judged: Iterable[Judged]) -> dict[str, Entry]:
        """Make entries of what was judged; not of what needs attention, to be tried again."""
        return {
            one.result.name: Entry(
                key=self.key(one.result.name, submission),
                result=one.result,
                consulted={name: self.graders[name] for name in sorted(one.consulted)},
                seconds=one.seconds,
                sketch=one.sketch,
            )
            for one in judged
            if one.result.status is not Status.NEEDS_ATTENTION
        }


class Journal:
    """The journal of one results folder."""

    def __init__(self, results: Path) -> None:
        self._folder = results / FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        sweep(self._folder)

    def knows(self, submission: str) -> bool:
        """Tell whether anything is kept of a submission."""
        return self._path(submission).exists()

    def read(self, submission: str) -> dict[str, Entry]:
        """Read the entries of a submission, by exercise; none if they cannot be read."""
        try:
            file = msgspec.json.decode(self._path(submission).read_bytes(), type=_File)
        except (OSError, ValueError):
            return {}
        known = file.schema == SCHEMA and file.submission == submission
        return file.entries if known else {}

    def add(self, submission: str, entries: Mapping[str, Entry]) -> None:
        """Write entries beside those there are; on disk when this returns."""
        kept = self.read(submission) | dict(entries)
        data = msgspec.json.encode(_File(submission=submission, entries=kept))
        write_atomically(self._path(submission), data)

    def _path(self, submission: str) -> Path:
        return self._folder / f"{page_name(submission)}.json"
