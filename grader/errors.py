"""Everything that can go wrong, by whose turn it is to act.

GraderError                 root: a message for a person, never a traceback
├── UsageError              the command was given something it cannot use
├── AuthoringError          the course is inconsistent: an author must act
├── SubmissionError         a submission cannot be read: its student must act
└── SandboxError            the worker's side broke in a way we did not foresee

What a student's code does wrong while it is being graded is no exception of
this tree: it is a criterion lost (`grader.sandbox.student.StudentError`).
"""

__all__ = [
    "AuthoringError",
    "GraderError",
    "SandboxError",
    "SubmissionError",
    "UsageError",
]


class GraderError(Exception):
    """Where, what, and what to do next, in one message."""


class UsageError(GraderError):
    """The command was given something it cannot use."""


class AuthoringError(GraderError):
    """The course contradicts itself; the message names file and remedy."""


class SubmissionError(GraderError):
    """A submission cannot be read; the message is meant for its student."""


class SandboxError(GraderError):
    """The sandbox failed for a reason that is ours, not the student's."""
