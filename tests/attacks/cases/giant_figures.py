"""Draw figures of a million inches, ten million points and a thousand axes.

exercise: gate_analysis
body: right
earns: at most 24
"""

import numpy as np
from matplotlib.figure import Figure


def plot_gates(*_, **__):
    return Figure(figsize=(1e6, 1e6), dpi=10_000)


def plot_gradient_flow(*_, **__):
    figure = Figure()
    figure.subplots().plot(np.random.default_rng(0).standard_normal(3_000_000))
    return figure


def plot_saturation(*_, **__):
    figure = Figure()
    figure.subplots(12, 12)
    figure.axes[0].imshow(np.zeros((3000, 3000)))
    return figure
