"""Beside the notebooks: finds earlier exercises, and runs the public checks.

    %run carousel.py setup lstm_backward   so that `from lstm_forward import ...` works
    %run carousel.py check lstm_backward   checks the notebook as it is saved

Earlier exercises come from your notebook of that name or from exercises/NAME.py,
whichever has fewer holes left.
"""

import json
import os
import subprocess
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

HERE = Path.cwd()
HOLE = "raise NotImplementedError"
#: What only a notebook understands.
MAGIC = ("%", "!", "?")


def sources(path):
    """List the code cells of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def program(path):
    """Read a program; of a notebook its code cells, without what is no Python."""
    if path.suffix != ".ipynb":
        return path.read_text("utf-8-sig")
    lines = (line for cell in sources(path) for line in cell.splitlines())
    return "\n".join("" if line.startswith(MAGIC) else line for line in lines)


class Earlier(MetaPathFinder, Loader):
    """Imports an earlier exercise from its notebook, or from the folder exercises."""

    def find_spec(self, name, within=None, target=None):
        """Find the file of this name with the fewest holes; a notebook, if there are several."""
        if within is not None:
            return None
        beside = [HERE / f"{name}.ipynb", *sorted(HERE.parent.glob(f"*/{name}.ipynb"))]
        places = [*beside, handout() / "exercises" / f"{name}.py"]
        found = [place for place in places if place.is_file()]
        best = min(found, key=lambda place: program(place).count(HOLE), default=None)
        return ModuleSpec(name, self, origin=str(best)) if best else None

    def exec_module(self, module):
        """Run what was found."""
        path = Path(module.__spec__.origin)
        exec(compile(program(path), str(path), "exec"), module.__dict__)


def handout():
    """Find the folder with start.py: above this one, or where CAROUSEL_HANDOUT says."""
    named = os.environ.get("CAROUSEL_HANDOUT")
    places = [Path(named)] if named else [HERE, *HERE.parents]
    return next((place for place in places if (place / "start.py").is_file()), HERE)


def setup(_name):
    """Let earlier exercises be imported; what was imported before is forgotten."""
    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__name__ != "Earlier"]
    sys.meta_path.append(Earlier())
    for name, module in list(sys.modules.items()):
        if type(getattr(module, "__loader__", None)).__name__ == "Earlier":
            del sys.modules[name]


def check(name):
    """Run the public checks on the notebook as it is saved, and print what they say."""
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        print("Being graded; the public checks are for you to run.")
        return 0
    notebook, start = HERE / f"{name}.ipynb", handout() / "start.py"
    if not start.is_file():
        print("The checks are part of the hand-out. Unpack it, and set CAROUSEL_HANDOUT to its")
        print("folder before you start Jupyter: the one that start.py lies in.")
        return 0
    if unsaved(notebook):
        print("Careful: some cells you have run are not saved yet. Save (Ctrl+S), then run me.\n")
    command = [sys.executable, str(start), "check", str(notebook)]
    environment = dict(os.environ, PYTHONIOENCODING="utf-8", COLUMNS="100")
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    print(done.stdout.decode("utf-8", "replace"))
    return done.returncode


def validate(name):
    """Do the same for `nbgrader validate`, which wants an error where something is wrong.

    Raises:
        AssertionError: something is wrong.
    """
    if check(name):
        message = "a public check fails; what it says is above"
        raise AssertionError(message)


def unsaved(notebook):
    """Tell whether the last version of some function that was run is not in the file."""
    try:
        from IPython import get_ipython

        run = get_ipython().user_ns.get("In", [])
    except (ImportError, AttributeError):
        return False
    saved = {cell.strip() for cell in sources(notebook)}
    last = {}
    for cell in run:
        for line in cell.splitlines():
            if line.startswith("def "):
                last[line.partition("(")[0]] = cell.strip()
    return any(cell not in saved for cell in last.values())


if __name__ == "__main__":
    {"setup": setup, "check": check, "validate": validate}[sys.argv[1]](sys.argv[2])
