"""Refuse everything that our own code does afterwards, with an audit hook that cannot be removed.

body: wrong
status: unreadable
"""

import sys


def refuse(name, _):
    raise SystemExit(0)


sys.addaudithook(refuse)
raise ValueError
