"""Figures: how one travels, what is made of anything else, and the one file it may be saved to."""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.calls import SCRATCH, Returned, Signature, Trouble
from grader.errors import SandboxError
from grader.reference import Reference
from grader.sandbox import figures
from grader.sandbox.protocol import Refused
from grader.sandbox.server import ForkServer, Sandbox
from grader.sandbox.student import Limits, Student, StudentError
from tests.sandboxes import CONFINED, LIMITED, gone, opened, worker

pytestmark = pytest.mark.skipif(os.name != "posix", reason="figures are forked from a warm server")

FRESH = "a fresh Python"
PATIENT = Limits(load=20.0, request=20.0)
BRIEF = Limits(load=20.0, request=0.5)
#: What a figure's description always has.
KEYS = {"axes", "suptitle", "legend", "pixels", "saved"}


@pytest.fixture(name="fork", scope="module")
def _fork() -> Iterator[Sandbox]:
    with opened(LIMITED) as sandbox:
        yield sandbox


@pytest.fixture(name="confined", scope="module")
def _confined() -> Iterator[Sandbox]:
    with opened(CONFINED) as sandbox:
        yield sandbox


@contextlib.contextmanager
def drawer(
    sandbox: Sandbox, source: str, *functions: str, limits: Limits = PATIENT
) -> Iterator[Student]:
    """Hand in `work.py`, whose functions each return a figure."""
    signatures = {name: Signature.parse("@figure") for name in functions}
    sources = {"work": HEAD + source}
    student = Student(sandbox, "work", sources, signatures, limits=limits, figures=True)
    try:
        yield student
    finally:
        student.close()


HEAD = "import os\nimport numpy as np\nimport matplotlib.pyplot as plt\nimport matplotlib.figure\n"


def functions(bodies: Mapping[str, str], *, given: str = "") -> tuple[str, dict[str, str]]:
    """Make a function of every body; say how each is called."""
    names = {what: f"f{k}" for k, what in enumerate(bodies)}
    texts = (
        f"def {names[what]}({given}):\n    " + body.replace("\n", "\n    ") + "\n"
        for what, body in bodies.items()
    )
    return "".join(texts), names


# --- what is no figure, and what cannot be drawn ---------------------------------------

NO_FIGURE: dict[str, tuple[str, object]] = {
    "nothing": ("return None", None),
    "a number": ("return 1.5", 1.5),
    "a text": ("return 'figure'", "figure"),
    "an empty tuple": ("return ()", ()),
    "a tuple of nothing": ("return None, None", (None, None)),
    "axes in an array": (
        "return plt.subplots(2, 2)[1]", Refused("an array of Python objects"),
    ),
    "a description of no figure": (
        "return {'axes': [], 'pixels': None, 'saved': 10 ** 6}",
        {"axes": (), "pixels": None, "saved": 10**6},
    ),
}  # fmt: skip


def test_what_is_no_figure_comes_as_it_is(fork: Sandbox) -> None:
    """Nothing is drawn for a student who returned none; the rubric sees what came."""
    source, names = functions({what: body for what, (body, _) in NO_FIGURE.items()})
    with drawer(fork, source, *names.values()) as student:
        for what, (_, value) in NO_FIGURE.items():
            assert getattr(student, names[what])().figure == value, what


OWN = "class Own(matplotlib.figure.Figure):\n    def {}: {}\nreturn Own()"
TROUBLES: dict[str, tuple[str, Trouble]] = {
    "a figure of 1000 inches with numbers on it": (
        "figure, axes = plt.subplots(figsize=(1000, 1000))\nreturn figure", Trouble.RAISED,
    ),
    "a figure that is not finite": ("return plt.figure(figsize=(np.nan, 1))", Trouble.RAISED),
    "axes that are none": (OWN.format("axes(self)", "return 3"), Trouble.RAISED),
    "a title that is none": (OWN.format("get_suptitle(self)", "return 7"), Trouble.RAISED),
    "a figure that raises when it is drawn": (
        OWN.format("draw(self, _)", "raise SystemExit(3)"), Trouble.RAISED,
    ),
    "half a character": ("return plt.figure().suptitle('\\ud800').figure", Trouble.RAISED),
    "more numbers than can be sent": (
        "figure, axes = plt.subplots()\n"
        "axes.plot(np.zeros(4_250_000))[0].set_visible(False)\nreturn figure",
        Trouble.REFUSED,
    ),
    "a figure that never stops drawing": (
        OWN.format("draw(self, _)", "[None for _ in iter(int, 1)]"), Trouble.LATE,
    ),
    "ten thousand texts": (
        "figure, axes = plt.subplots()\n"
        "for k in range(10_000): axes.text(0, 0, 'a text')\nreturn figure", Trouble.LATE,
    ),
    "a figure that ends Python": (OWN.format("draw(self, _)", "os._exit(0)"), Trouble.DIED),
}  # fmt: skip


@pytest.mark.parametrize(("body", "trouble"), TROUBLES.values(), ids=TROUBLES)
def test_a_figure_that_cannot_be_looked_at_is_the_students_trouble(
    body: str, trouble: Trouble, fork: Sandbox
) -> None:
    """It costs its own criterion; the next figure is drawn."""
    limits = BRIEF if trouble is Trouble.LATE else PATIENT
    source, names = functions({"bad": body, "good": "return plt.figure()"})
    with drawer(fork, source, *names.values(), limits=limits) as student:
        with pytest.raises(StudentError) as caught:
            student.drawn(names["bad"])
        assert caught.value.trouble is trouble
        student.limits = PATIENT
        assert set(getattr(student, names["good"])().figure) >= KEYS


# --- what is a figure ------------------------------------------------------------------

PLAIN = "figure, axes = plt.subplots()\naxes.plot([1, 2], [3, 4])\n"
FIGURES: dict[str, tuple[str, tuple[int, int]]] = {
    "a figure": (PLAIN + "return figure", (480, 640)),
    "axes": (PLAIN + "return axes", (480, 640)),
    "a figure and its axes": (PLAIN + "return figure, axes", (480, 640)),
    "axes before their figure": (PLAIN + "return [axes, figure]", (480, 640)),
    "a line of it": (PLAIN + "return axes.lines[0]", (480, 640)),
    "a figure that was closed": (PLAIN + "plt.close(figure)\nreturn figure", (480, 640)),
    "a figure made without pyplot": (
        "figure = matplotlib.figure.Figure()\nfigure.add_subplot().plot([1, 2], [3, 4])\n"
        "return figure", (480, 640),
    ),
    "a figure with many dots": (
        "figure, axes = plt.subplots(dpi=2000)\naxes.plot([1, 2], [3, 4])\nreturn figure",
        (480, 640),
    ),
    "a figure of 20 inches": (
        "figure, axes = plt.subplots(figsize=(20, 5))\naxes.plot([1, 2], [3, 4])\nreturn figure",
        (250, 1000),
    ),
    "an empty figure of 1000 inches": ("return plt.figure(figsize=(1000, 500))", (500, 1000)),
    "an empty figure of a million inches": ("return plt.figure(figsize=(1e6, 1e6))", (1000, 1000)),
}  # fmt: skip


def test_a_figure_comes_with_its_pixels_whatever_its_size(fork: Sandbox) -> None:
    """A figure, axes or a tuple of them: one picture of at most 1000 dots a side."""
    source, names = functions({what: body for what, (body, _) in FIGURES.items()})
    with drawer(fork, source, *names.values()) as student:
        for what, (_, shape) in FIGURES.items():
            figure: Any = student.drawn(names[what])
            assert set(figure) >= KEYS, what
            assert figure["pixels"].dtype == np.uint8, what
            assert figure["pixels"].shape == (*shape, 3), what
            lines = [line.tolist() for axes in figure["axes"] for line in axes["lines"]]
            assert lines == ([] if "empty" in what else [[[1.0, 3.0], [2.0, 4.0]]]), what


def test_a_figure_is_drawn_only_for_its_picture(fork: Sandbox) -> None:
    """Its data comes without: what takes most of the time is done where somebody looks at it."""
    body = PLAIN + "def draw(*_): raise ValueError\nfigure.draw = draw\nreturn figure"
    source, names = functions({"it": body})
    with drawer(fork, source, *names.values()) as student:
        figure = getattr(student, names["it"])().figure
        assert figure["axes"][0]["lines"][0].tolist() == [[1.0, 3.0], [2.0, 4.0]]
        assert figure["pixels"].size == 3
        with pytest.raises(StudentError):
            student.drawn(names["it"])


@pytest.fixture(name="plt", scope="module")
def _plt() -> Any:
    """Draw in this process, as the reference does."""
    figures.prepare()
    from matplotlib import pyplot as plt  # noqa: PLC0415  half a second

    return plt


def described(figure: object) -> dict[str, Any]:
    """Describe a figure."""
    found = figures.describe(figure)
    assert isinstance(found, dict)
    return found


def test_words_come_as_they_are_written(plt: Any) -> None:
    """Titles, labels, scales, texts and legends."""
    figure, axes = plt.subplots()
    figure.suptitle("above all")
    figure.legend(axes.plot([1, 10], [1, 10], label="a line"), ["of the figure"])
    axes.set(title="norms", xlabel="t", ylabel="‖∂h‖", yscale="log")
    axes.text(1, 1, "here")
    axes.legend()
    found = described(figure)
    assert (found["suptitle"], found["legend"]) == ("above all", ["of the figure"])
    (one,) = found["axes"]
    words = {key: one[key] for key in ("title", "xlabel", "ylabel", "xscale", "yscale", "texts")}
    assert words == {
        "title": "norms", "xlabel": "t", "ylabel": "‖∂h‖", "xscale": "linear", "yscale": "log",
        "texts": ["here"],
    }  # fmt: skip
    assert (one["legend"], one["colorbar"]) == (["a line"], False)


def test_points_and_names_at_ticks_come_along(plt: Any) -> None:
    """What is scattered, the ends of error bars, and ticks that are words."""
    figure, axes = plt.subplots()
    axes.scatter([1.0, 2.0], [3.0, 4.0])
    axes.vlines([5.0], [6.0], [7.0])
    axes.set_xticks([1.0, 2.0], ["one", "two"])
    (one,) = described(figure)["axes"]
    assert one["points"].tolist() == [[1.0, 3.0], [2.0, 4.0], [5.0, 6.0], [5.0, 7.0]]
    assert one["ticks"] == ["one", "two"]


A = np.arange(12.0).reshape(3, 4)
CELLS: dict[str, Any] = {
    "imshow": lambda axes: axes.imshow(A),
    "matshow": lambda axes: axes.matshow(A),
    "pcolormesh": lambda axes: axes.pcolormesh(A),
    "pcolor": lambda axes: axes.pcolormesh(A, shading="auto"),
    "whole numbers": lambda axes: axes.imshow(A.astype(int)),
}


@pytest.mark.parametrize("draw", CELLS.values(), ids=CELLS)
def test_cells_come_as_the_array_that_was_drawn(plt: Any, draw: Any) -> None:
    """A heat map of any kind is its numbers, in its form."""
    figure, axes = plt.subplots()
    draw(axes)
    (mesh,) = described(figure)["axes"][0]["meshes"]
    assert mesh.tolist() == A.tolist()


def test_masked_cells_are_no_numbers(plt: Any) -> None:
    """What a mask hides comes as NaN."""
    figure, axes = plt.subplots()
    axes.imshow(np.ma.masked_less(A, 2.0))
    (mesh,) = described(figure)["axes"][0]["meshes"]
    assert np.isnan(mesh[0]).tolist() == [True, True, False, False]
    assert mesh[1:].tolist() == A[1:].tolist()


def test_a_line_nobody_can_see_is_none(plt: Any) -> None:
    """A single point has to be marked, and marks or strokes have to be there."""
    _, axes = plt.subplots()
    axes.plot(1.0, 2.0)
    axes.plot([1.0, 2.0], [3.0, 4.0], "")
    axes.plot([5.0, 6.0], [7.0, 8.0], linestyle="none")
    axes.plot(9.0, 10.0, "_")
    (one,) = described(axes)["axes"]
    assert [line.tolist() for line in one["lines"]] == [[[1.0, 3.0], [2.0, 4.0]], [[9.0, 10.0]]]


def test_a_map_in_one_colour_is_no_mesh_unless_its_numbers_are_one(plt: Any) -> None:
    figure, axes = plt.subplots()
    axes.imshow(A, vmin=1.0, vmax=1.0)
    figure.colorbar(axes.imshow(A, vmin=20.0, vmax=20.0))
    axes.imshow(np.ones((2, 2)))
    axes.imshow(A, vmin=-9.0, vmax=99.0)
    assert [mesh.tolist() for mesh in described(figure)["axes"][0]["meshes"]] == [
        [[1.0, 1.0], [1.0, 1.0]], A.tolist(),
    ]  # fmt: skip


def test_a_picture_in_colours_is_no_mesh(plt: Any) -> None:
    """Colours have no numbers; neither have points and filled contours."""
    figure, axes = plt.subplots()
    axes.imshow(np.zeros((3, 4, 3)))
    axes.contourf(A)
    axes.scatter([1, 2], [3, 4], c=[1.0, 2.0])
    assert described(figure)["axes"][0]["meshes"] == []


def test_a_colorbar_is_known_as_such(plt: Any) -> None:
    """Axes that hold a colour bar are told from those that hold data."""
    figure, axes = plt.subplots()
    figure.colorbar(axes.imshow(A))
    assert [one["colorbar"] for one in described(figure)["axes"]] == [False, True]


def test_bars_come_as_boxes(plt: Any) -> None:
    """A bar is x, y, width and height; a histogram is its bars."""
    figure, axes = plt.subplots()
    axes.bar([1.0, 2.0], [3.0, 4.0], width=0.5)
    axes.hist([0.0, 0.0, 1.0], bins=2, bottom=1.0)
    bars = described(figure)["axes"][0]["bars"]
    assert bars.shape == (4, 4)
    assert bars[:2].tolist() == [[0.75, 0.0, 0.5, 3.0], [1.75, 0.0, 0.5, 4.0]]
    assert bars[2:, 3].tolist() == [2.0, 1.0]


def test_there_are_ends_to_what_is_described(plt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many axes, texts, lines, letters and numbers the first are taken."""
    for name, cap in {"AXES_CAP": 2, "TEXT_CAP": 9, "LIST_CAP": 4, "ARRAY_CAP": 12}.items():
        monkeypatch.setattr(figures, name, cap)
    figure, several = plt.subplots(3, 1)
    axes = several[0]
    axes.set_title("t" * 50)
    for _ in range(6):
        axes.text(0, 0, "x" * 50)
        axes.plot([0, 1])
        axes.imshow(A)
        axes.bar([0], [1])
    axes.imshow(np.ones((2, 7)))
    found = described(figure)
    assert len(found["axes"]) == 2
    one = found["axes"][0]
    sizes = {key: len(one[key]) for key in ("title", "texts", "lines", "meshes", "bars")}
    assert sizes == {"title": 9, "texts": 4, "lines": 4, "meshes": 4, "bars": 3}
    assert [len(text) for text in one["texts"]] == [9] * 4
    assert {mesh.shape for mesh in one["meshes"]} == {A.shape}


def test_describing_closes_what_is_open(plt: Any) -> None:
    """A student who never closes a figure does not fill the memory of the worker."""
    for _ in range(3):
        described(plt.subplots()[0])
    assert plt.get_fignums() == []


# --- the reference's figures -----------------------------------------------------------


def test_the_reference_draws_as_a_student_does(plt: Any, fork: Sandbox) -> None:
    """Both are described alike, so that a rubric compares the one with the other."""

    def plot(a: Any) -> Any:
        figure, axes = plt.subplots()
        axes.imshow(a)
        return figure

    reference = Reference({"f": plot}, {"f": Signature.parse("@figure")})
    want: Any = reference.drawn("f", A)
    source = "def f(a):\n    figure, axes = plt.subplots()\n    axes.imshow(a)\n    return figure\n"
    with drawer(fork, source, "f") as student:
        got: Any = student.drawn("f", A)
    assert got.keys() == want.keys()
    assert got["axes"][0]["meshes"][0].tolist() == want["axes"][0]["meshes"][0].tolist()


def test_the_reference_saves_where_it_is_told(plt: Any) -> None:
    """What it saved is counted, for that question only."""
    signatures = {name: Signature.parse("@figure") for name in ("save", "keep")}

    def save(path: str) -> Any:
        figure = plt.figure()
        figure.savefig(path)
        return figure

    reference = Reference({"save": save, "keep": lambda _: plt.figure()}, signatures)
    assert reference.save(SCRATCH).figure["saved"] > 0
    assert reference.keep(SCRATCH).figure["saved"] == 0


# --- the one file ----------------------------------------------------------------------

SAVING = {
    "saves": "figure = plt.figure()\nfigure.savefig(path)\nreturn figure",
    "saves over and over": "figure = plt.figure()\n"
    "for _ in range(3): figure.savefig(path)\nreturn figure",
}
NOT_SAVING = {
    "saves nothing": "return plt.figure()",
    "writes text": "open(path, 'w').write('a picture')\nreturn plt.figure()",
    "writes another kind of picture": "open(path, 'wb').write(b'GIF89a' + bytes(99))\n"
    "return plt.figure()",
    "writes half of a head": "open(path, 'wb').write(b'\\x89PNG')\nreturn plt.figure()",
    "writes an SVG": "figure = plt.figure()\nfigure.savefig(path, format='svg')\nreturn figure",
    "empties it": "open(path, 'wb').close()\nreturn plt.figure()",
}
TOO_MUCH = {
    "three megabytes": "open(path, 'wb').write(bytes(3 << 20))",
    "far behind its end": "file = open(path, 'r+b')\nfile.seek(1 << 40)\nfile.write(b'x')\n"
    "file.close()",
    "a hole": "os.truncate(path, 1 << 40)",
}
ELSEWHERE = {
    "beside it": "open(os.path.dirname(path) + '/other', 'w')",
    "in /tmp": "open('/tmp/carousel-elsewhere', 'w')",
    "where it stands": "open('here', 'w')",
    "a folder": "os.mkdir(os.path.dirname(path) + '/folder')",
    "under another name": "os.rename(path, path + '.x')",
    "under two names": "os.link(path, path + '.x')",
    "a link": "os.symlink('/etc/passwd', path + '.x')",
    "a pipe": "os.mkfifo(path + '.x')",
    "nowhere any more": "os.remove(path)",
    "for others to see": "os.chmod(path, 0o777)",
}
LINES, NAMES = functions(SAVING | NOT_SAVING | TOO_MUCH | ELSEWHERE, given="path")


def saved(student: Student, what: str) -> int:
    """Ask for one figure, and how much of a picture it left in the file."""
    figure = getattr(student, NAMES[what])(SCRATCH).figure
    return int(figure["saved"])


@pytest.mark.parametrize("way", [LIMITED, CONFINED, FRESH])
def test_a_picture_that_is_saved_is_seen(way: str, request: pytest.FixtureRequest) -> None:
    """We look at the file ourselves; what the student says of it counts for nothing."""
    fixtures = {LIMITED: "fork", CONFINED: "confined"}
    with contextlib.ExitStack() as stack:
        sandbox = (
            request.getfixturevalue(fixtures[way])
            if way in fixtures
            else stack.enter_context(opened(way))
        )
        student = stack.enter_context(drawer(sandbox, LINES, *NAMES.values()))
        for what in SAVING:
            assert saved(student, what) > 0, what


@pytest.mark.parametrize("what", NOT_SAVING)
def test_what_is_no_png_is_no_saved_picture(what: str, fork: Sandbox) -> None:
    """Only a file that begins as PNG files do counts."""
    with drawer(fork, LINES, *NAMES.values()) as student:
        assert saved(student, what) == 0


def test_a_picture_of_another_kind_is_no_png(fork: Sandbox) -> None:
    """A JPEG under the name of a PNG is what it is."""
    source = "def f(path):\n    figure = plt.figure()\n    figure.savefig(path, format='jpg')\n"
    with drawer(fork, source + "    return figure\n", "f") as student:
        assert student.f(SCRATCH).figure["saved"] == 0


def test_only_a_picture_nobody_looks_at_is_cut_short(fork: Sandbox) -> None:
    """What is saved to the one file needs no contents; what a student saves elsewhere has them."""
    source = """
import io
def f(path): return save(path)
def save(file):
    figure, axes = plt.subplots()
    figure.savefig(file)
    return figure
def own():
    file = io.BytesIO()
    save(file)
    return len(file.getvalue())
"""
    with drawer(fork, source, "f", "own") as student:
        drawn: Any = student.drawn("f", SCRATCH)
        assert drawn["saved"] > 0
        assert drawn["pixels"].shape == (480, 640, 3)
        assert student.own().figure > 1000


def test_a_question_without_the_file_says_nothing_of_it(fork: Sandbox) -> None:
    """Only where a path was given is the file looked at."""
    source = "def f(path=None):\n    if path: plt.figure().savefig(path)\n    return plt.figure()\n"
    with drawer(fork, source, "f") as student:
        assert student.f(SCRATCH).figure["saved"] > 0
        assert student.f().figure["saved"] == 0
        assert student.f(path=SCRATCH).figure["saved"] > 0


@pytest.mark.parametrize("before", ["saves", "writes text"])
def test_a_picture_is_counted_for_the_question_that_saved_it(before: str, fork: Sandbox) -> None:
    """A function that saves nothing is not credited with what another one saved."""
    with drawer(fork, LINES, *NAMES.values()) as student:
        getattr(student, NAMES[before])(SCRATCH)
        assert saved(student, "saves nothing") == 0
        assert saved(student, "saves") > 0


@pytest.mark.parametrize("way", [LIMITED, CONFINED])
def test_what_one_submission_wrote_the_next_does_not_see(
    way: str, fork: Sandbox, confined: Sandbox
) -> None:
    """Every worker finds the file empty, even one that knows where it is and is not sent there."""
    sandbox = fork if way == LIMITED else confined
    with drawer(sandbox, LINES, *NAMES.values()) as student:
        getattr(student, NAMES["saves"])(SCRATCH)
        assert student._worker is not None
        path = student._worker.scratch
        assert Path(path).stat().st_size > 0
    with drawer(sandbox, f"def f(): return open({path!r}, 'rb').read().hex()\n", "f") as student:
        assert student.f().figure == ""


def test_what_one_submission_wrote_the_next_fresh_python_does_not_see() -> None:
    """Without a fork server, too, a worker that is sent to the file finds it empty."""
    source = """
def write(path): return open(path, "w").write("a picture")
def read(path): return open(path).read()
"""
    with opened(FRESH) as sandbox:
        for function, seen in (("write", 9), ("read", "")):
            signatures = {function: Signature.parse("y")}
            student = Student(sandbox, "work", {"work": source}, signatures, figures=True)
            assert getattr(student, function)(SCRATCH).y == seen
            student.close()


@pytest.mark.parametrize("what", TOO_MUCH)
def test_the_file_has_a_largest_size(what: str, confined: Sandbox) -> None:
    """The disk is not filled: writing beyond a megabyte is refused."""
    with drawer(confined, LINES, *NAMES.values()) as student:
        with pytest.raises(StudentError) as caught:
            getattr(student, NAMES[what])(SCRATCH)
        assert caught.value.trouble in {Trouble.RAISED, Trouble.DIED}
        assert student._worker is None or Path(student._worker.scratch).stat().st_size <= 1 << 20


@pytest.mark.parametrize("what", ELSEWHERE)
def test_nothing_else_can_be_written(what: str, confined: Sandbox) -> None:
    """Confined, a worker can make, move, link and remove no file, and the one file stays."""
    with drawer(confined, LINES, *NAMES.values()) as student:
        with pytest.raises(StudentError) as caught:
            getattr(student, NAMES[what])(SCRATCH)
        assert caught.value.trouble is Trouble.RAISED
        assert caught.value.name in {"PermissionError", "OSError"}
        assert saved(student, "saves") > 0
    assert not Path("/tmp/carousel-elsewhere").exists()


def test_a_file_that_was_removed_costs_nobody_else() -> None:
    """Where nothing forbids it a student may remove the file; the next one finds it again."""
    with opened(LIMITED) as sandbox:
        with drawer(sandbox, LINES, *NAMES.values()) as student, contextlib.suppress(OSError):
            getattr(student, NAMES["nowhere any more"])(SCRATCH)
        with drawer(sandbox, LINES, *NAMES.values()) as student:
            assert saved(student, "saves") > 0


def test_a_file_that_was_removed_was_not_saved() -> None:
    """To remove the file is the student's doing: no picture, and no error of ours."""
    source = "import os\ndef f(path):\n    os.remove(path)\n    return {'axes': []}\n"
    with opened(FRESH) as sandbox:
        signatures = {"f": Signature.parse("figure")}
        student = Student(sandbox, "work", {"work": source}, signatures, figures=True)
        assert student.f(SCRATCH).figure["saved"] == 0


# --- the server of figures -------------------------------------------------------------


def drawing_server(sandbox: Sandbox) -> ForkServer | None:
    """Look up the second server, if it was started."""
    assert isinstance(sandbox, ForkServer)
    return sandbox._drawing


def test_workers_that_do_not_draw_have_neither_matplotlib_nor_a_file(fork: Sandbox) -> None:
    """Only an exercise that draws pays for it; the others run as before, beside it."""
    source = "import sys\ndef f(): return 'matplotlib' in sys.modules\n"
    loaded = []
    for drawing in (True, False):
        signatures = {"f": Signature.parse("y")}
        student = Student(fork, "work", {"work": source}, signatures, figures=drawing)
        loaded.append(student.f().y)
        student.close()
    assert loaded == [True, False]
    with worker(fork) as plain:
        assert plain.scratch == ""


def test_the_server_of_figures_comes_and_goes_beside_the_other_one() -> None:
    """It starts when needed; killed, it is our trouble and no other worker's; closed, gone."""
    with opened(LIMITED) as sandbox:
        with worker(sandbox):
            pass
        assert drawing_server(sandbox) is None
        with drawer(sandbox, LINES, *NAMES.values()) as student:
            student.load()
            server = drawing_server(sandbox)
            assert server is not None
            assert student._worker is not None
            path = Path(student._worker.scratch)
            assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"", 0o666)
            assert path.parent.stat().st_mode & 0o777 == 0o711
            os.kill(server.process, signal.SIGKILL)
            assert gone(server.process)
            with pytest.raises(SandboxError):
                saved(student, "saves")
        signatures = {"f": Signature.parse("y")}
        plain = Student(sandbox, "work", {"work": "def f(): return 1\n"}, signatures)
        assert plain.f() == Returned(names=("y",), values=(1,))
        plain.close()
        sandbox.close()
        assert not path.parent.exists()


COUNTED = """
count = 0

def plot(a):
    global count
    count += 1
    figure = plt.figure()
    figure.suptitle(f"figure {count}")
    return figure
"""


def test_the_same_figure_is_asked_for_once(fork: Sandbox) -> None:
    """Two lines about one figure cost one; both write down what they saw."""
    with drawer(fork, COUNTED, "plot") as student:

        def title(size: int) -> str:
            figure: Any = student.plot(np.ones(size)).figure
            return str(figure["suptitle"])

        assert [title(2), title(3), title(2)] == ["figure 1", "figure 2", "figure 1"]
        assert len(student.calls) == 3
        again: Any = student.drawn("plot", np.ones(2))
        assert again["suptitle"] == "figure 3"  # pixels are drawn anew
