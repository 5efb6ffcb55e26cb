"""Start here: installs what the course needs, once, and runs it.

    python start.py                     check, and again whenever you save
    python start.py check lstm_forward  check one exercise once
    python start.py --help              everything there is

Nothing is installed outside this folder; to undo it, delete the folder .venv.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
WINDOWS = os.name == "nt"
PYTHON = os.path.join(VENV, "Scripts" if WINDOWS else "bin", "python.exe" if WINDOWS else "python")
REQUIREMENTS = os.path.join(HERE, "requirements.txt")
#: A copy of what was installed, to see when it is out of date.
INSTALLED = os.path.join(VENV, "installed.txt")


def main(arguments):
    """Install if that is needed; run a command, or watch."""
    if sys.version_info < (3, 11):
        sys.exit(
            "This course needs Python 3.11 or newer, this one is %d.%d. Get it from python.org, "
            "then run: %s start.py" % (sys.version_info[0], sys.version_info[1], name())
        )
    if read(INSTALLED) != read(REQUIREMENTS):
        install()
    environment = dict(os.environ, CAROUSEL_COMMAND=name() + " start.py")
    command = [PYTHON, "-m", "grader"] + (arguments or ["check", "--watch"])
    os.chdir(HERE)
    if not WINDOWS:
        sys.stdout.flush()
        os.execve(PYTHON, command, environment)
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # the course hears it, too, and ends


def install():
    """Make a Python of its own for this folder and install what is needed."""
    print("Setting up, once; this takes about a minute ...")
    sys.stdout.flush()
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [
        (
            [sys.executable, "-m", "venv", "--clear", VENV],
            "Python could not set up its venv; on Debian and Ubuntu: sudo apt install python3-venv",
        ),
        (
            pip + ["-r", REQUIREMENTS],
            "The libraries could not be installed: is there a network? Then run this again.",
        ),
    ]
    for command, advice in steps:
        if subprocess.call(command):
            sys.exit(advice)
    with open(INSTALLED, "wb") as file:
        file.write(read(REQUIREMENTS))


def name():
    """Say what Python is called on this system."""
    return "py" if WINDOWS else "python3"


def read(path):
    """Read a file; nothing, if there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (IOError, OSError):
        return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
