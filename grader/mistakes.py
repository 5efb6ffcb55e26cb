"""The mistakes of the first five minutes, each answered in one sentence.

A table: what our own message says of a failure, and what helps. It adds to a
message and never replaces it; it knows nothing of any exercise.
"""

import difflib
import re
from dataclasses import dataclass

__all__ = ["MISTAKES", "Mistake", "explain"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: its name, how a message about it reads, and what to say.

    says: may repeat groups of the pattern, as `re` writes them.
    """

    name: str
    pattern: str
    says: str


#: How alike two names are when one is the other with a slip in it.
ALIKE = 0.8
#: Names NumPy has dropped, and what to write instead.
GONE = {
    "float": "float", "int": "int", "bool": "bool", "object": "object", "str": "str",
    "complex": "complex", "float_": "np.float64", "complex_": "np.complex128",
    "Inf": "np.inf", "Infinity": "np.inf", "PINF": "np.inf", "infty": "np.inf", "NINF": "-np.inf",
    "NaN": "np.nan", "NAN": "np.nan", "product": "np.prod", "cumproduct": "np.cumprod",
    "alltrue": "np.all", "sometrue": "np.any", "asfarray": "np.asarray(x, float)",
    "row_stack": "np.vstack", "in1d": "np.isin", "trapz": "np.trapezoid", "mat": "np.asarray",
    "msort": "np.sort(x, axis=0)", "round_": "np.round", "asscalar": "x.item()",
    "rank": "np.ndim", "unicode_": "np.str_", "string_": "np.bytes_", "matrix_power":
    "np.linalg.matrix_power", "norm": "np.linalg.norm", "randn": "rng.standard_normal",
    "rand": "rng.random",
}  # fmt: skip
#: Names people know from elsewhere, and what NumPy calls them.
FOREIGN = {
    "cat": "np.concatenate", "sigmoid": "a sigmoid of your own", "softmax": "a softmax of your own",
    "mm": "the operator @", "bmm": "the operator @", "zeros_": "np.zeros", "pow": "the operator **",
    "multiply_matrices": "the operator @", "unsqueeze": "x[:, None]", "permute": "np.transpose",
    "relu": "np.maximum(x, 0)", "randn_like": "rng.standard_normal", "size_": "x.shape",
}  # fmt: skip

MISTAKES = (
    # --- the file cannot be read as Python
    Mistake("a print of Python 2", r"SyntaxError: Missing parentheses in call to 'print'",
            "In Python 3 print is a function: write print(...), with parentheses."),
    Mistake("an except of Python 2", r"SyntaxError: multiple exception types must be parenth",
            "That is Python 2: write `except Error as e`."),
    Mistake("<> of Python 2", r"SyntaxError: .*`[^`]*<>", "That is Python 2: write != for unequal."),
    Mistake("a backslash of Python 2's exec", r"SyntaxError: Missing parentheses in call to 'exec'",
            "That is Python 2: exec is a function now, and nothing here needs it."),
    Mistake("a prompt pasted along", r"SyntaxError: .*: `>>>",
            "A prompt was copied along: delete the >>> in front of your lines."),
    Mistake("a magic of Jupyter", r"SyntaxError: .*: `\s*[%!]\s*\w",
            "That line is for Jupyter only: delete it here."),
    Mistake("marks of git", r"SyntaxError: .*`(?:<<<<<<<|=======|>>>>>>>)",
            "Git has left its marks of a conflict: keep one version and delete the marked lines."),
    Mistake("quotes of a text program", r"SyntaxError: invalid character '[“”‘’„]'",
            "Those are the curly quotes of a text program: type straight ones, \" or '."),
    Mistake("a letter that only looks right", r"SyntaxError: invalid (?:non-printable )?character",
            "That character only looks right, it comes from a copied text: type the line again."),
    Mistake("a forgotten colon", r"SyntaxError: expected ':'",
            "A line with def, if, for, while or else ends in a colon."),
    Mistake("an open bracket", r"SyntaxError: '[(\[{]' was never closed",
            "Count the brackets from that line on: one is opened and never closed."),
    Mistake("= for ==", r"SyntaxError: .*(?:Maybe you meant '=='|cannot assign to .*here)",
            "Comparing takes two equal signs, ==; one alone gives a name to a value."),
    Mistake("a forgotten comma", r"SyntaxError: .*forgot a comma",
            "Two things stand side by side with nothing between: a comma, or an operator?"),
    Mistake("a return at the margin", r"SyntaxError: 'return' outside function",
            "That return stands outside its function: indent it as far as the lines above."),
    Mistake("an open text", r"SyntaxError: unterminated",
            "A text is begun there and never ends: is a quotation mark missing?"),
    Mistake("tabs and blanks", r"TabError",
            "Tabs and blanks are mixed: let your editor turn all tabs into four blanks."),
    Mistake("a block that is empty or too far left", r"IndentationError: expected an indented block",
            "What belongs to the line above stands four blanks further in."),
    Mistake("crooked indentation", r"IndentationError",
            "Lines of one block begin in the same column: align that one with its neighbours."),
    Mistake("any other slip of the pen", r"SyntaxError",
            "Python cannot read that line, or the one before it: look for a missing sign."),
    # --- the file cannot be run
    Mistake("another library", r"ImportError: (\w+) is not allowed here",
            r"Write it with NumPy: learning what \1 does for you is the exercise."),
    Mistake("a file that is not handed in", r"cannot be imported: ModuleNotFoundError",
            "Only NumPy, Python's own library and the exercises of this course can be imported."),
    Mistake("numpy has no such name to import", r"ImportError: cannot import name '\w+' from 'numpy",
            "NumPy has no such name (any more): `import numpy as np`, then np.something."),
    Mistake("a file read on import", r"cannot be imported: (?:FileNotFound|Permission)Error",
            "No file can be read here: your functions get all they need as arguments."),
    Mistake("a question on import", r"(?:EOFError|input\(\): lost)",
            "Nobody is there to type an answer: take input() out."),
    Mistake("an exit", r"(?:SystemExit|ended Python itself)",
            "Take exit(), quit() or sys.exit() out: a function ends with return."),
    Mistake("a try-out at the margin", r"cannot be imported: NotImplementedError",
            "Your own call at the left margin runs before the function is written: delete it, "
            "`check` does the calling."),
    # --- the function is not there, or asked in the wrong way
    Mistake("another number of arguments", r"raised TypeError: .*\bpositional arguments?\b.*;"
            r" your function reads",
            "Keep the arguments the stub came with: their number, their order, their names."),
    Mistake("another name for an argument", r"raised TypeError: .*unexpected keyword argument '(\w+)'",
            r"It is called with an argument \1: keep the names of the stub's arguments."),
    Mistake("nothing returned", r"returned nothing \(None\)|is None; it should be an array",
            "A function hands its result back with return; printing it is not enough."),
    Mistake("the cache is forgotten", r"the cache is missing|needs the last of it",
            "Return the cache as the last result, too: whatever your backward will need."),
    Mistake("too few or too many results", r"returned \d+ values?; it should return",
            "Return all of them, in that order, in one line: return first, second."),
    Mistake("results in another order", r"are the results in order\?",
            "Two results have changed places: return them in the order the stub gives."),
    # --- shapes
    Mistake("a transposed array", r"has shape \((\d+), (\d+)\); it should be [^.]*\(\2, \1\)",
            "It lies on its side: a .T is missing or too much, or a product has its factors swapped."),
    Mistake("batch before time", r"has shape \((\d+), (\d+), (\d+)\); it should be [^.]*\(\2, \1, \3\)",
            "Time comes first in this course, then the batch: (T, B, ...)."),
    Mistake("a lost axis", r"has shape \((\d+),\); it should be [^.]*\((?:\1, 1|1, \1)\)",
            "An axis got lost: keep columns two-dimensional, as x[:, None] or with keepdims=True."),
    Mistake("a matrix of one cell too many", r"has shape \(\); it should be",
            "It is a single number now: was everything summed up? Give sum or mean its axis."),
    Mistake("a list", r"is a tuple or list; it should be an array",
            "Make one array of it: np.array(...) or np.stack(...)."),
    Mistake("a text", r"is a text; it should be an array", "Return numbers, not a text about them."),
    Mistake("no array of numbers", r"return a plain array of floats",
            "Rows of different lengths, or things that are no numbers, make an array of objects."),
    Mistake("single precision", r"is float(?:32|16); compute in float64",
            "Leave dtype and astype out: NumPy computes in float64 by itself."),
    Mistake("two shapes that do not multiply", r"raised ValueError: matmul",
            "For A @ B the last axis of A is as long as the first of B: print both shapes there."),
    Mistake("two shapes that do not fit", r"raised ValueError: .*could not be broadcast",
            "Print both shapes there; did you want @, the matrix product, where * stands?"),
    Mistake("rows that do not stack", r"raised ValueError: .*(?:concatenation axis must match|"
            r"must have the same shape|number of dimensions)",
            "Arrays that are stacked agree in all other axes: print their shapes there."),
    Mistake("pieces of another number", r"raised ValueError: .*(?:not enough|too many) values to unpack"
            r"|raised ValueError: .*unpack \(expected",
            "As many names on the left as there are values on the right: what does the shape or the "
            "function on the right hold?"),
    Mistake("one truth of many", r"raised ValueError: The truth value of an array",
            "An array has no single truth: compare with `is None`, or use .any() or .all()."),
    # --- names
    Mistake("np is not imported", r"NameError: name 'np' is not defined",
            "The line `import numpy as np` at the top of the file is missing."),
    Mistake("xrange of Python 2", r"NameError: name 'xrange'", "In Python 3 it is called range."),
    Mistake("names of Python 2", r"NameError: name '(raw_input|unicode|reduce|unichr|long)'",
            r"\1 was a name of Python 2 and is no longer built in."),
    Mistake("math is not imported", r"NameError: name '(math|exp|tanh|sqrt|log)' is not defined",
            r"Use NumPy's, which takes whole arrays: np.exp, np.tanh, np.sqrt, np.log."),
    Mistake("self", r"NameError: name 'self'",
            "There are no classes here: everything a function needs is among its arguments."),
    Mistake("a name before it has a value", r"UnboundLocalError",
            "It is used before it gets a value, perhaps because only one branch gives it one."),
    Mistake("a name nobody gave", r"NameError: name '(\w+)'",
            r"Nothing is called \1 there: is it spelled as above, and computed before it is used?"),
    Mistake("a key that is not there", r"raised KeyError: (['\"]?[\w ]+['\"]?)",
            r"The dict has no key \1: the docstring lists its keys, with their underscores."),
    Mistake("has_key of Python 2", r"has no attribute '(?:has_key|iteritems|itervalues)'",
            "That is Python 2: write `key in p`, p.items(), p.values()."),
    Mistake("the words of torch", r"'numpy\.ndarray' object has no attribute '(\w+)'",
            r"NumPy's arrays have no .\1: PyTorch's may have; look for the function under np."),
    Mistake("tuples have no shape", r"'tuple' object has no attribute",
            "A function with several results gives a tuple: unpack it, a, b = f(...)."),
    # --- types
    Mistake("a shape without its brackets", r"TypeError: Cannot interpret '.*' as a data type",
            "The shape is one argument: np.zeros((B, H)), with two pairs of brackets."),
    Mistake("arrays without their brackets", r"TypeError: (?:only integer scalar arrays|"
            r"only length-1 arrays can be converted to Python scalars|concatenate\(\) got)"
            r".*(?:concatenate|vstack|hstack|stack)",
            "Arrays that are joined are one argument: np.hstack([a, b]), with two pairs of brackets."),
    Mistake("math on an array", r"TypeError: only (?:length-1|0-dimensional|size-1) arrays can be"
            r" converted",
            "math.exp takes one number; np.exp takes the whole array."),
    Mistake("a division that should be whole", r"TypeError: (?:'float' object cannot be interpreted as"
            r" an integer|slice indices must be|expected a sequence of integers|'numpy\.float64'"
            r" object cannot be interp)",
            "A size must be a whole number: divide with //, 8 // 4, instead of /."),
    Mistake("^ for a power", r"TypeError: .*(?:bitwise_xor|for \^)",
            "Powers are written **: x**2; ^ means something else."),
    Mistake("a list that is indexed like an array", r"TypeError: list indices must be",
            "That is a list: make it an array, np.array(...), or index it step by step, [t][b]."),
    Mistake("a function that is not called", r"TypeError: .*(?:'function'|builtin_function_or_method)",
            "A function is used there without its brackets: call it, f(...)."),
    Mistake("brackets after an array", r"TypeError: '(?:numpy\.ndarray|float|tuple)' object is not"
            r" callable",
            "Round brackets call a function; an array wants square ones, or a * is missing."),
    Mistake("None in a sum", r"TypeError: .*NoneType",
            "One of them is None: is an optional argument used before it became zeros, or a return "
            "missing in a helper?"),
    Mistake("a read-only result", r"ValueError: assignment destination is read-only",
            "That array is not yours to write into: take a .copy() first."),
    Mistake("an index too far", r"IndexError",
            "Count from 0: the last of n is n - 1; and print the shape of what is indexed."),
    Mistake("an endless recursion", r"RecursionError",
            "The function calls itself for ever: did a helper get its own name?"),
    # --- time and text
    Mistake("an endless loop", r"did not end within|had to be stopped",
            "Look at the loops: does each of them come nearer to its end?"),
    Mistake("nothing but NaN", r" is NaN$| is NaN[ ;,]",
            "NaN comes from 0/0, inf - inf or a log of nothing: print where the first one appears."),
    Mistake("a flood of prints", r"Your code printed:[\s\S]*more lines",
            "So many prints hide the verdict: print one shape instead of whole arrays."),
)  # fmt: skip

_COMPILED = tuple((mistake, re.compile(mistake.pattern)) for mistake in MISTAKES)
_NUMPY_NAME = re.compile(r"AttributeError: module 'numpy[\w.]*' has no attribute '(\w+)'")
_MISSING = re.compile(r"has no function `(\w+)`")
_UNWRITTEN = re.compile(r"`(\w+)` is not written yet|calls `(\w+)`, which is not written yet")


def explain(message: str, source: str = "") -> str:
    """Answer a message in one sentence; "" where there is nothing to add.

    source: the student's file.
    """
    if found := _NUMPY_NAME.search(message):
        return _numpy_name(found[1])
    if found := _MISSING.search(message):
        return _missing(found[1], source)
    if found := _UNWRITTEN.search(message):
        return _unwritten(found[1] or found[2], source)
    for mistake, pattern in _COMPILED:
        if found := pattern.search(message):
            return found.expand(mistake.says)
    return ""


def _numpy_name(name: str) -> str:
    if name in GONE:
        return f"np.{name} does not exist (any more): write {GONE[name]}."
    if name in FOREIGN:
        return f"NumPy has no {name}: write {FOREIGN[name]}."
    import numpy as np  # noqa: PLC0415  only to look for names

    near = difflib.get_close_matches(name, [n for n in dir(np) if n[0].islower()], 2)
    meant = " or ".join(f"np.{one}" for one in near)
    return f"NumPy has no {name}" + (f": did you mean {meant}?" if near else ".")


def _missing(function: str, source: str) -> str:
    """Say where a function that is not there may be."""
    if not source.strip():
        return "The file is empty: did your editor save it? `reset` gives it back."
    if re.search(rf"^[ \t]+def {function}\(", source, re.MULTILINE):
        return f"It stands inside something else: `def {function}` begins at the left margin."
    defined = re.findall(r"^def (\w+)\(", source, re.MULTILINE)
    if near := difflib.get_close_matches(function.lower(), [*map(str.lower, defined)], 1, ALIKE):
        meant = next(name for name in defined if name.lower() == near[0])
        return f"You have a function {meant}: call it {function}, as the stub did."
    if re.search(rf"^{function}\s*=|^class {function}", source, re.MULTILINE):
        return f"Write it as a function: def {function}(...)."
    return "Did it get deleted or renamed? Every function of the stub keeps its name."


def _unwritten(function: str, source: str) -> str:
    """See whether a function is written, and the stub's last line still stands under it."""
    found = re.search(
        rf"^def {function}\((.*?)raise NotImplementedError", source, re.MULTILINE | re.DOTALL
    )
    if not found:
        return ""
    body = re.sub(r'""".*?"""', "", found[1], count=1, flags=re.DOTALL).partition(":\n")[2]
    lines = (line.strip() for line in body.splitlines())
    if any(line and not line.startswith("#") for line in lines):
        return (
            f"Your code in {function} is followed by the stub's `raise NotImplementedError`: "
            "delete that line, and return your result."
        )
    return ""
