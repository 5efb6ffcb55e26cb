"""Change matplotlib's settings, backends and classes, so that whatever is drawn later is ours.

exercise: gate_analysis
body: right
earns: at most 25
"""

import matplotlib
from matplotlib import font_manager
from matplotlib.backends import backend_agg

matplotlib.rcParams.update({"text.usetex": True, "backend": "tkagg", "savefig.format": "pgf"})
font_manager.findfont = lambda *_, **__: "/etc/passwd"
backend_agg.FigureCanvasAgg.buffer_rgba = lambda self: memoryview(b"x" * 10**6)
matplotlib.axes.Axes.get_title = lambda self: 7
