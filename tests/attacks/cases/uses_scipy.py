"""Have scipy do the sigmoid, imported where it is used.

body: right
earns: at most 24
says: raised ImportError
"""


def sigmoid(a):
    from scipy.special import expit

    return expit(a)
