"""Use up descriptors, until ours cannot be used either.

body: right
"""

kept = []
try:
    while True:
        kept.append(open("/dev/null"))
except OSError:
    pass
