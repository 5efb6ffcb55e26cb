"""What every benchmark does first: one thread, the solutions importable.

Import it before NumPy, which reads the number of threads when it is loaded.
"""

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "solutions"))


def describe(*packages: str) -> str:
    """Say in one line what a table was measured on."""
    facts = [
        f"{cpu()}, {os.cpu_count()} cores, one thread",
        f"{platform.system()}, Python {platform.python_version()}",
        *(f"{package} {version(package)}" for package in packages),
    ]
    return "; ".join(facts)


def cpu() -> str:
    """Name the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
