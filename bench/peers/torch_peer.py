"""PyTorch's side: the matrix products of each descent, into tensors made beforehand."""
import time

import numpy as np
import torch
from protocol import Files, cores, serve, versions

torch.set_num_threads(cores)
files = Files()
X = y = None


def about(_):
    return versions(torch=torch.__version__)


def load(request):
    global X, y
    X, y = (torch.from_numpy(values) for values in files.load(request))
    return {"rows": len(X)}


def descend(request):
    theta, gradient = torch.zeros(X.shape[1], dtype=X.dtype), torch.empty(X.shape[1], dtype=X.dtype)
    residuals, transposed = torch.empty(len(X), dtype=X.dtype), X.t()
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        torch.mv(X, theta, out=residuals)
        residuals.sub_(y)
        torch.mv(transposed, residuals, out=gradient)
        theta.sub_(gradient, alpha=2 * request["learningRate"] / len(X))
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def mini_batch(request):
    size = request["batchSize"]
    theta, gradient = torch.zeros(X.shape[1], dtype=X.dtype), torch.empty(X.shape[1], dtype=X.dtype)
    rows, targets = torch.empty((size, X.shape[1]), dtype=X.dtype), torch.empty(size, dtype=X.dtype)
    residuals = torch.empty(size, dtype=X.dtype)
    steps = min(request["steps"], -(-len(X) // size))
    start = time.perf_counter()
    order = torch.from_numpy(np.random.RandomState(request["seed"]).permutation(len(X)))
    for step in range(steps):
        batch = order[step * size : (step + 1) * size]
        if len(batch) < size:
            rows, targets, residuals = rows[: len(batch)], targets[: len(batch)], residuals[: len(batch)]
        torch.index_select(X, 0, batch, out=rows)
        torch.index_select(y, 0, batch, out=targets)
        torch.mv(rows, theta, out=residuals)
        residuals.sub_(targets)
        torch.mv(rows.t(), residuals, out=gradient)
        theta.sub_(gradient, alpha=2 * request["learningRate"] / len(batch))
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist(), "steps": steps}


with torch.no_grad():
    serve({"about": about, "load": load, "descend": descend, "mini-batch": mini_batch})
