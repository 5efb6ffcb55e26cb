"""Loop for ever, swallowing whatever could interrupt the loop.

body: wrong
says: did not end within 1 s
"""


def lstm_forward(*_):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
