"""NumPy's side: descents as the matrix products that they take without a fused pass, into arrays made beforehand."""
import time

import numpy as np
from protocol import Files, serve, versions

files = Files()
X = y = None


def about(_):
    np.ones((64, 64)) @ np.ones((64, 64))
    return versions(numpy=np.__version__)


def load(request):
    global X, y
    X, y = files.load(request)
    return {"rows": len(X)}


def descend(request):
    """Batch descent; with the activation 'sigmoid' of the log loss."""
    theta = np.zeros(X.shape[1], X.dtype)
    sigmoid = request.get("activation") == "sigmoid"
    scale = X.dtype.type((1 if sigmoid else 2) * request["learningRate"] / len(X))
    residuals, gradient = np.empty(len(X), X.dtype), np.empty(X.shape[1], X.dtype)
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        np.dot(X, theta, out=residuals)
        if sigmoid:
            np.negative(residuals, out=residuals)
            np.exp(residuals, out=residuals)
            residuals += 1
            np.reciprocal(residuals, out=residuals)
        np.subtract(residuals, y, out=residuals)
        np.dot(X.T, residuals, out=gradient)
        gradient *= scale
        theta -= gradient
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def outputs(request):
    """Batch descent of several outputs with the squared loss, summed over them; Θ row by row."""
    count = request["outputs"]
    targets = y.reshape(-1, count)
    theta, gradient = np.zeros((X.shape[1], count), X.dtype), np.empty((X.shape[1], count), X.dtype)
    residuals = np.empty((len(X), count), X.dtype)
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        np.dot(X, theta, out=residuals)
        np.subtract(residuals, targets, out=residuals)
        np.dot(X.T, residuals, out=gradient)
        gradient *= X.dtype.type(2 * request["learningRate"] / len(X))
        theta -= gradient
    return {"seconds": time.perf_counter() - start, "theta": theta.reshape(-1).tolist()}


def stochastic(request):
    """A step a row, drawn with replacement; `steps` of them."""
    rate = X.dtype.type(2 * request["learningRate"])
    theta, change = np.zeros(X.shape[1], X.dtype), np.empty(X.shape[1], X.dtype)
    random = np.random.RandomState(request["seed"])
    start = time.perf_counter()
    for i in random.randint(len(X), size=request["steps"]):
        x = X[i]
        np.multiply(x, rate * (x.dot(theta) - y[i]), out=change)
        theta -= change
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist(), "steps": request["steps"]}


def mini_batch(request):
    """An epoch, or its first `steps`, over a permutation."""
    size = request["batchSize"]
    theta, gradient = np.zeros(X.shape[1], X.dtype), np.empty(X.shape[1], X.dtype)
    rows, targets, residuals = np.empty((size, X.shape[1]), X.dtype), np.empty(size, y.dtype), np.empty(size, X.dtype)
    steps = min(request["steps"], -(-len(X) // size))
    start = time.perf_counter()
    order = np.random.RandomState(request["seed"]).permutation(len(X))
    for step in range(steps):
        batch = order[step * size : (step + 1) * size]
        if len(batch) < size:
            rows, targets, residuals = rows[: len(batch)], targets[: len(batch)], residuals[: len(batch)]
        # Any mode but 'raise' lets take write where it is told without a copy of its own.
        np.take(X, batch, axis=0, out=rows, mode="clip")
        np.take(y, batch, out=targets, mode="clip")
        np.dot(rows, theta, out=residuals)
        residuals -= targets
        np.dot(residuals, rows, out=gradient)
        gradient *= X.dtype.type(2 * request["learningRate"] / len(batch))
        theta -= gradient
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist(), "steps": steps}


serve(
    {
        **{"about": about, "load": load, "descend": descend, "outputs": outputs},
        **{"stochastic": stochastic, "mini-batch": mini_batch},
    }
)
