"""Send over TCP, UDP, local sockets and name servers.

body: right
needs: confined
"""

import os
import socket

sent = []


def attempt(name, act):
    try:
        act()
        sent.append(name)
    except OSError:
        pass


attempt("tcp", lambda: socket.create_connection(("127.0.0.1", int("@TCP@")), 1))
attempt("udp", lambda: socket.socket(2, 2).sendto(b"x", ("127.0.0.1", int("@UDP@"))))
attempt("unix", lambda: socket.socket(1).connect("\0@UNIX@"))
attempt("pair", socket.socketpair)
attempt("name", lambda: socket.getaddrinfo("localhost", 80) if socket.socket(2) else None)
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        attempt(f"family {family}", lambda: socket.socket(family, kind))
attempt("adopt", lambda: socket.socket(fileno=os.dup(3)).getsockname())
if sent:
    raise RuntimeError(" ".join(sent))
