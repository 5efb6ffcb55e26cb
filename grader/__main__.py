"""`python -m grader`.

Students' commands start without what only grading a class needs; a hand-out
has nothing else.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

STUDENTS = frozenset({"check", "hint", "progress", "reset"})

if __name__ == "__main__":
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    whole = find_spec("grader.cli") and asked not in STUDENTS
    import_module("grader.cli" if whole else "grader.student_cli").main()
