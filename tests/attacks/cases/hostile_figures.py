"""Return figures whose artists act when they are drawn, and whose texts and data lie.

exercise: gate_analysis
body: right
earns: at most 24
"""

import os

from matplotlib.artist import Artist
from matplotlib.figure import Figure

word = "".join(["EXFIL", "TRATED"])


class Killer(Artist):
    def draw(self, *_):
        os._exit(0)


class Lying(str):
    def __getitem__(self, _):
        return {word: self}


class Hostile(Figure):
    @property
    def axes(self):
        raise SystemExit(0)

    def get_suptitle(self):
        return Lying(word)

    def set_dpi(self, _):
        raise KeyboardInterrupt


def plot_gates(*_, **__):
    figure = Figure()
    figure.add_artist(Killer())
    return figure


def plot_gradient_flow(*_, **__):
    return Hostile()


def plot_saturation(*_, **__):
    figure = Figure()
    axes = figure.subplots()
    axes.get_title = lambda: Lying(word)
    axes.get_legend = lambda: [word] * 10**6
    axes.set_title("$" + r"\frac{" * 500 + "x" + "}{y}" * 500 + "$")
    return figure
