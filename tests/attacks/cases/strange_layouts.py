"""Return right numbers in strange layouts: backwards, byte-swapped, in Fortran's order, read-only.

body: right
"""

honest = lstm_forward


def lstm_forward(X, W, c0=None, h0=None):
    Hout, cn, hn, cache = honest(X, W, c0, h0)
    wide = np.zeros((*cn.shape, 3))
    wide[..., 1] = cn
    hn = hn.astype(">f8")
    hn.flags.writeable = False
    return np.ascontiguousarray(Hout[::-1, ::-1])[::-1, ::-1], wide[..., 1], np.asfortranarray(hn), cache
