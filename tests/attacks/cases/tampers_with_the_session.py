"""Find the worker's own session and have it claim whatever is asked for.

body: wrong
earns: at most 1
"""

import gc
import sys

frame = sys._getframe()
while frame:
    session = frame.f_locals.get("self")
    if type(session).__name__ == "Session":
        session.kept.extend(range(4000))
        session.pristine = session.payload = bytearray()
        session.data = b"forged"
        type(session)._call = lambda *_: ["returned", ["forged"] * 4, ["perfect"]]
        type(session)._warn = type(session)._place = lambda *_: None
    for name, value in list(frame.f_locals.items()):
        if type(value).__name__ == "SubmissionFinder":
            value.sources = dict.fromkeys(["lstm_forward"], "")
    for module in [v for v in frame.f_globals.values() if type(v) is type(sys)]:
        if module.__name__.endswith("protocol"):
            module.HEADER_CAP = module.PAYLOAD_CAP = module.ITEM_CAP = module.DEPTH_CAP = 1 << 40
    frame = frame.f_back
