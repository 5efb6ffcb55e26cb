"""Break what our own worker needs to pack an array.

body: wrong
status: unreadable
says: something that
"""

import msgpack

np.asarray = np.frombuffer = np.ndarray = None
msgpack.packb = msgpack.unpackb = lambda *_, **__: b"\xc0"
