"""Generated files: stubs, tables inside handouts and READMEs, a notebook to play with.

Each has one source: a stub its solution, a table of points course.toml and the
hidden grader's docstrings, the notebook a text. `wanted` says what they should contain; the command
`sync` writes them, and a test fails while one is out of step.
"""

import ast
from collections.abc import Mapping
from pathlib import Path

from grader.course import Course
from grader.errors import AuthoringError
from grader.play import NOTEBOOK, TEXT, notebook
from grader.pytest_session import Rubric, RubricSession

__all__ = ["between", "stale", "wanted"]


def wanted(course: Course) -> dict[Path, str]:
    """Work out every generated file: path -> text."""
    rubrics = _rubrics(course)
    files: dict[Path, str] = {}
    own = [name for name in course.names if course.home(name) == course.root]
    for name in own:  # the others are generated where they live
        files[course.stub_path(name)] = course.stub(name)
        handout = course.handout(name)
        table = _rubric_table(course, name, {c.id: c.title for c in rubrics[name].criteria})
        files[handout] = between(handout, "rubric", table)
    for readme in (course.root / "exercises" / "README.md", course.root / "README.md"):
        if len(own) < len(course.names) and not readme.exists():
            continue  # a course on top of another need not have one
        files[readme] = between(readme, "exercises", _exercise_table(course, readme.parent))
    key = course.root / "exercises" / "README.md"
    if "<!-- begin functions -->" in files.get(key, ""):  # a course may do without
        lists = (_signatures(course, name, rubrics[name]) for name in course.names)
        files[key] = between(key, "functions", "\n\n".join(lists), files[key])
    play = course.root / "exercises" / TEXT
    if play.exists():
        files[play.with_name(NOTEBOOK)] = notebook(play.read_text("utf-8"))
    return files


def stale(course: Course) -> list[Path]:
    """List the generated files that are out of step with their source."""
    return [
        path
        for path, text in wanted(course).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def _rubrics(course: Course) -> dict[str, Rubric]:
    session = RubricSession([course.hidden(name) for name in course.names])
    try:
        rubrics = session.rubrics()
        return {name: rubrics[course.hidden(name).resolve()] for name in course.names}
    finally:
        session.close()


def _signatures(course: Course, name: str, rubric: Rubric) -> str:
    """List the functions of an exercise: how they are called, and what they return."""
    lines = [f"**{name}**", ""]
    for node in ast.parse(course.stub(name)).body:
        if isinstance(node, ast.FunctionDef) and node.name in rubric.signatures:
            returned = ", ".join(rubric.signatures[node.name].names)
            lines.append(f"- `{node.name}({ast.unparse(node.args)})` → {returned}")
    return "\n".join(lines)


def _rubric_table(course: Course, name: str, titles: Mapping[str, str]) -> str:
    points = course.exercises[name].points
    escaped = {key: title.replace("|", "\\|") for key, title in titles.items()}
    rows = [f"| {title} | {points[key]} |" for key, title in escaped.items()]
    total = sum(points[key] for key in titles)
    return "\n".join(
        ["| What is asked | Points |", "|---|--:|", *rows, f"| **Total** | **{total}** |"]
    )


def _exercise_table(course: Course, folder: Path) -> str:
    up = "" if folder.name == "exercises" else "exercises/"
    rows = [
        f"| [`{entry.name}`]({up}handouts/{entry.name}.md) | {entry.does} "
        f"| {sum(entry.points.values())} |"
        for entry in course.exercises.values()
    ]
    return "\n".join(["| Exercise | What you write | Points |", "|---|---|--:|", *rows])


def between(path: Path, what: str, table: str, text: str = "") -> str:
    """Replace what stands between the two markers of a file.

    text: what the file is going to hold, if that is known already.
    """
    begin, end = f"<!-- begin {what} -->", f"<!-- end {what} -->"
    text = text or (path.read_text("utf-8") if path.exists() else "")
    if text.count(begin) != 1 or text.count(end) != 1:
        message = f"{path}: needs the lines {begin} and {end} once each, for a generated table"
        raise AuthoringError(message)
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n\n{table}\n\n{end}{tail}"
