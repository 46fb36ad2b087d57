"""PyTorch's side: the matrix products of each descent, into tensors made beforehand.

`torch_peer.py cuda` has them on the GPU, and `torch_peer.py cuda compile` has a whole iteration as torch.compile makes it.
"""
import sys
import time

import numpy as np
import torch
from protocol import Files, cores, serve, versions

torch.set_num_threads(cores)
device = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cpu")
compiled = "compile" in sys.argv[2:]
if device.type == "cuda" and not torch.cuda.is_available():
    sys.exit("this PyTorch reaches no CUDA device")
files = Files()
X = y = None


def about(_):
    card = {"card": torch.cuda.get_device_name(), "cuda": torch.version.cuda} if device.type == "cuda" else {}
    return versions(torch=torch.__version__, **card)


def finish():
    """Until the GPU has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def load(request):
    global X, y
    X, y = (torch.from_numpy(values).to(device) for values in files.load(request))
    return {"rows": len(X)}


def iteration(X, y, theta, rate):
    return theta - rate * (X.t() @ (X @ theta - y))


if compiled:
    iteration = torch.compile(iteration)


def descend_compiled(request):
    theta = torch.zeros(X.shape[1], dtype=X.dtype, device=device)
    rate = torch.tensor(2 * request["learningRate"] / len(X), dtype=X.dtype, device=device)
    iteration(X, y, theta, rate)  # compiles it, the first time
    finish()
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        theta = iteration(X, y, theta, rate)
    finish()
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def descend(request):
    if compiled:
        return descend_compiled(request)
    theta = torch.zeros(X.shape[1], dtype=X.dtype, device=device)
    gradient = torch.empty(X.shape[1], dtype=X.dtype, device=device)
    residuals, transposed = torch.empty(len(X), dtype=X.dtype, device=device), X.t()
    finish()
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        torch.mv(X, theta, out=residuals)
        residuals.sub_(y)
        torch.mv(transposed, residuals, out=gradient)
        theta.sub_(gradient, alpha=2 * request["learningRate"] / len(X))
    finish()
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def outputs(request):
    """Batch descent of several outputs, as users write it: the loss forward, and what autograd makes of it backward."""
    count = request["outputs"]
    softmax = request["loss"] == "cross-entropy"
    theta = torch.zeros(X.shape[1], count, dtype=X.dtype, device=device, requires_grad=True)
    targets = y.long() if softmax else y.reshape(-1, count)
    finish()
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        with torch.enable_grad():
            z = X @ theta
            if softmax:
                loss = torch.nn.functional.cross_entropy(z, targets)
            else:
                loss = torch.nn.functional.mse_loss(z, targets, reduction="sum") / len(X)
            loss.backward()
        theta.sub_(theta.grad, alpha=request["learningRate"])
        theta.grad = None
    finish()
    return {"seconds": time.perf_counter() - start, "theta": theta.reshape(-1).tolist()}


def stepper(theta, gradient, request):
    """A function that steps theta along the gradient of a batch of so many rows, of half of its squared loss."""
    rate = request["learningRate"]
    if "optimizer" not in request:
        return lambda rows: theta.sub_(gradient, alpha=2 * rate / rows)
    theta.grad = gradient
    try:
        adam = torch.optim.Adam([theta], lr=rate, fused=True)
    except (RuntimeError, TypeError):
        adam = torch.optim.Adam([theta], lr=rate)

    def step(rows):
        gradient.mul_(2 / rows)
        adam.step()

    return step


def mini_batch(request):
    """By one of torch.optim where an optimiser is named, fused where this PyTorch has that for the CPU."""
    size = request["batchSize"]
    theta, gradient = torch.zeros(X.shape[1], dtype=X.dtype), torch.empty(X.shape[1], dtype=X.dtype)
    rows, targets = torch.empty((size, X.shape[1]), dtype=X.dtype), torch.empty(size, dtype=X.dtype)
    residuals = torch.empty(size, dtype=X.dtype)
    take_step = stepper(theta, gradient, request)
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
        take_step(len(batch))
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist(), "steps": steps}


with torch.no_grad():
    serve({"about": about, "load": load, "descend": descend, "outputs": outputs, "mini-batch": mini_batch})
