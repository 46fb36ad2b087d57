"""SciPy's side of rows of mostly zeros: a batch iteration as its two products, and scikit-learn's fits on the same CSR."""
import time

import numpy as np
import scipy
import sklearn
from protocol import serve, versions
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, SGDClassifier

X = y = None


def about(_):
    return versions(**{"scipy": scipy.__version__, "scikit-learn": sklearn.__version__})


def load(request):
    global X, y
    data, indices = np.fromfile(request["data"], "f4"), np.fromfile(request["indices"], "i4")
    shape = request["rows"], request["columns"]
    X, y = csr_matrix((data, indices, np.fromfile(request["indptr"], "i4")), shape=shape), np.fromfile(request["y"], "f4")
    return {"rows": len(y)}


def descend(request):
    theta = np.zeros(X.shape[1], X.dtype)
    rate = X.dtype.type(2 * request["learningRate"] / len(y))
    start = time.perf_counter()
    for _ in range(request["iterations"]):
        residuals = X @ theta
        residuals -= y
        theta -= rate * (X.T @ residuals)
    return {"seconds": time.perf_counter() - start, "theta": theta.tolist()}


def epoch(request):
    rate = {"learning_rate": "constant", "eta0": request["learningRate"]}
    fitted = SGDClassifier(
        loss="log_loss", alpha=request["l2"], fit_intercept=False, max_iter=request["iterations"], tol=None, random_state=1, **rate
    )
    start = time.perf_counter()
    fitted.fit(X, y)
    return {"seconds": time.perf_counter() - start, "theta": fitted.coef_.reshape(-1).tolist()}


def optimum(request):
    """The penalty of a mean loss is C of the sum: 1 / (l2 · m). lbfgs compares the gradient with its tolerance, the others
    have their own."""
    solver = request["solver"]
    common = {"C": 1 / (request["l2"] * len(y)), "fit_intercept": False, "max_iter": 1000}
    if solver == "lbfgs":
        common["tol"] = request["tolerance"] * np.abs(X.T @ (0.5 - y)).max() / len(y)
    fitted = LogisticRegression(solver=solver, **common)
    start = time.perf_counter()
    fitted.fit(X, y)
    return {"seconds": time.perf_counter() - start, "theta": fitted.coef_.reshape(-1).tolist()}


serve({"about": about, "load": load, "pass": descend, "epoch": epoch, "optimum": optimum})
