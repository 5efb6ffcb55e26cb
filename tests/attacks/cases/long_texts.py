"""Return texts of many megabytes, with halves of surrogates and every control character.

earns: 0
"""

hostile = "".join(map(chr, range(0x20))) + "\x7f\x9b31m\u202e\ud800\udfff\ufeff"

sigmoid = lambda a: "x" * (50 << 20)
lstm_gates = lambda *_: (hostile,) * 4
lstm_step = lambda *_: (hostile * 10_000, b"\x00" * 10**6)
pack_gates = lambda *_: {hostile: hostile}
init_lstm = lambda *_, **__: "y" * 900_000
lstm_forward = lambda *_: [hostile] * 16_000
