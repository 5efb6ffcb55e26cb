"""Marks and feedback in the files of other programs: gradebooks, platforms, CI.

An exporter is a function from `Material` (marks, and what students may be told)
and an `Order` (where to, which sheet is filled) to `Exported` (bytes). It reads
and writes no file itself; pages it needs are handed to it, rendered.
`formats.FORMATS` is the list of them.
"""
