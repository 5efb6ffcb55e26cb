"""What every command shares: where the course is, JSON, and how errors end."""

import difflib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec

from grader.course import Course
from grader.errors import GraderError, UsageError
from grader.files import write_atomically

__all__ = ["SETTINGS", "Commands", "course_option", "dump", "how", "known", "run"]

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

course_option = click.option(
    "--course", "root", type=click.Path(path_type=Path), default=".",
    help="The folder with course.toml (default: here).",
)  # fmt: skip


class Commands(click.Group):
    """Commands; whoever asks for one that is not there hears which there are."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the others where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            there = ", ".join(self.list_commands(ctx))
            message = f"{error.format_message()} There are: {there}."
            raise click.UsageError(message, ctx) from error


def run(
    group: click.Group, arguments: Sequence[str] | None, end: Callable[[], None] = lambda: None
) -> None:
    """Run a command; our own errors become one line and exit code 2.

    arguments: instead of those of the process. end: done in any case.
    """
    try:
        group(arguments, prog_name=_started_by(), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except GraderError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except OSError as error:  # a file somebody named, such as that of --json
        click.echo(f"error: {error.filename or 'a file'}: {error.strerror or error}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt) as error:
        click.echo(str(error) or "stopped; run the same command again to go on", err=True)
        sys.exit(130)
    finally:
        end()


def how(command: str) -> str:
    """Spell a command as it has to be typed here; whoever started us says how."""
    return f"`{_started_by()} {command}`"


def _started_by() -> str:
    return os.environ.get("CAROUSEL_COMMAND", "python -m grader")


def known(course: Course, exercises: Sequence[str]) -> None:
    """Check the names of exercises.

    Raises:
        UsageError: there is no such exercise; says which may be meant.
    """
    if unknown := [name for name in exercises if name not in course.exercises]:
        near = difflib.get_close_matches(unknown[0], course.names, 1)
        meant = f"did you mean {near[0]}?" if near else f"there are: {', '.join(course.names)}"
        message = f"no exercise {', '.join(unknown)}; {meant}"
        raise UsageError(message)


def dump(target: str, value: object) -> None:
    """Write a value as JSON to a file, or to the screen for "-"."""
    data = msgspec.json.format(msgspec.json.encode(msgspec.to_builtins(value)), indent=2)
    if target == "-":
        sys.stdout.buffer.write(data + b"\n")
    else:
        write_atomically(Path(target), data + b"\n")
