"""scikit-learn's side, in the float64 it computes in: an epoch of SGDRegressor or SGDClassifier at a constant rate, and fits to
the optimum."""
import time

import numpy as np
import sklearn
from protocol import Files, serve, versions
from sklearn.linear_model import LogisticRegression, PoissonRegressor, SGDClassifier, SGDRegressor

files = Files()
X = y = None


def about(_):
    return versions(**{"scikit-learn": sklearn.__version__, "numpy": np.__version__})


def load(request):
    """Converted beforehand: partial_fit would copy any other type at each call."""
    global X, y
    X, y = (np.ascontiguousarray(values, np.float64) for values in files.load(request))
    return {"rows": len(X)}


def stochastic(request):
    """scikit-learn's squared loss is half of ours, its log loss ours."""
    common = {"penalty": None, "fit_intercept": False, "learning_rate": "constant", "random_state": request["seed"]}
    if request.get("activation") == "sigmoid":
        model = SGDClassifier(loss="log_loss", eta0=request["learningRate"], **common)
        arguments = {"classes": [0, 1]}
    else:
        model = SGDRegressor(loss="squared_error", eta0=2 * request["learningRate"], **common)
        arguments = {}
    start = time.perf_counter()
    model.partial_fit(X, y, **arguments)
    return {"seconds": time.perf_counter() - start, "theta": model.coef_.reshape(-1).tolist(), "steps": len(X)}


def gradient_at_zero(model):
    """The largest component, of the mean loss at θ = 0."""
    if model == "softmax":
        onehot = y[:, None] == np.arange(y.max() + 1)
        return np.abs(X.T @ (1 / onehot.shape[1] - onehot)).max() / len(X)
    return np.abs(X.T @ ((1 if model == "poisson" else 0.5) - y)).max() / len(X)


def optimum(request):
    """A fit with no penalty and no intercept. scikit-learn's lbfgs compares the gradient with its tolerance."""
    model, solver = request["model"], request["solver"]
    tolerance = request["tolerance"] * (gradient_at_zero(model) if solver == "lbfgs" else 1)
    common = {"fit_intercept": False, "tol": tolerance, "max_iter": 10_000}
    if model == "poisson":
        fitted = PoissonRegressor(alpha=0, **common)
    else:
        fitted = LogisticRegression(penalty=None, solver=solver, n_jobs=1, **common)
    start = time.perf_counter()
    fitted.fit(X, y)
    seconds = time.perf_counter() - start
    weights = np.atleast_2d(fitted.coef_).T
    return {"seconds": seconds, "theta": weights.reshape(-1).tolist(), "iterations": int(np.max(fitted.n_iter_))}


serve({"about": about, "load": load, "stochastic": stochastic, "optimum": optimum})
