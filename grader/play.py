"""The notebook to play with, made from a text that can be read, and compared, without one.

Fenced Python is a cell of code, everything between is a cell of prose. Nothing
is stored but that: no outputs, and the same text gives the same bytes.
"""

import re

__all__ = ["NOTEBOOK", "TEXT", "notebook"]

TEXT, NOTEBOOK = "play.md", "play.ipynb"
_CODE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(text: str) -> str:
    """Turn Markdown with fenced Python into the JSON of a notebook."""
    import nbformat  # noqa: PLC0415  slow to load, and every command loads this module

    # a pattern with one group splits into prose, code, prose, ...
    parts = [part.strip("\n") for part in _CODE.split(text)]
    cells = [
        (nbformat.v4.new_code_cell if k % 2 else nbformat.v4.new_markdown_cell)(  # type: ignore[no-untyped-call]
            part, id=f"cell-{k}"
        )
        for k, part in enumerate(parts)
        if part
    ]
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    made = nbformat.v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]
    written: str = nbformat.writes(made)  # type: ignore[no-untyped-call]
    return written + "\n"
