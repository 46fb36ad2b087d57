"""NumPy's side of fused-pass.mjs: batch descent as the two products that it takes without a fused pass.

Answers each line of JSON on standard input with one line of JSON on standard output.
"""
import json
import platform
import sys
import time

import numpy as np

X = y = None


def blas():
    """The BLAS that NumPy has loaded, by its file, where the system tells."""
    try:
        with open("/proc/self/maps") as maps:
            files = {line.split("/")[-1].strip() for line in maps if "blas" in line and "/" in line}
    except OSError:
        return []
    # The file libblas.so.3 is OpenBLAS too where it stands beside it; the more telling name is enough.
    return sorted(name for name in files if name.startswith(("libopenblas", "libmkl", "libblis"))) or sorted(files)


def about(_):
    return {"numpy": np.__version__, "python": platform.python_version(), "blas": blas()}


def load(request):
    global X, y
    X = np.fromfile(request["X"], np.float32).reshape(-1, request["columns"])
    y = np.fromfile(request["y"], np.float32)
    return {"rows": len(X)}


def descend(request):
    theta = np.zeros(X.shape[1], np.float32)
    scale = np.float32(2 * request["learningRate"] / len(X))
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        residuals = X @ theta - y
        theta -= scale * (X.T @ residuals)
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def read(request):
    """Reads every byte of X once: the inner product of X with itself."""
    values = X.reshape(-1)
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        np.dot(values, values)
    return {"seconds": time.perf_counter() - start}


for line in sys.stdin:
    request = json.loads(line)
    answer = {"about": about, "load": load, "descend": descend, "read": read}[request["do"]](request)
    print(json.dumps(answer), flush=True)
