"""Send notes, warnings and names made from hidden inputs where the protocol has words.

body: wrong
"""

import sys

word = "".join(["EXFIL", "TRATED"])
frame = sys._getframe()
while frame:
    session = frame.f_locals.get("self")
    if type(session).__name__ == "Session":
        kind = type(session)

        def answer(self, request, payload, honest=kind.answer):
            said, notes = honest(self, request, payload)
            if request[0] != "load":
                said = [["returned", one[1], [word, "overflow"]] if type(one) is list and one[0] == "returned" else one
                        for one in said]
                notes = {"printed": word, "changed": word, word: word}
            return [said, notes]

        kind.answer = answer
    frame = frame.f_back
