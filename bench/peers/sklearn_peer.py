"""scikit-learn's side, in the float64 it computes in: an epoch of SGDRegressor or SGDClassifier at a constant rate, fits to the
optimum, and grids of them over folds."""
import time

import numpy as np
import sklearn
from joblib import parallel_backend
from protocol import Files, serve, versions
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge, SGDClassifier, SGDRegressor
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold

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


def cross_validation(request):
    """All fits on all cores, each with its own defaults; penalties are those of a mean loss."""
    folds, penalties = request["folds"], np.array(request["penalties"])
    learned = len(X) * (folds - 1) / folds
    split = {"n_splits": folds, "shuffle": True, "random_state": 0}
    if request["model"] == "logistic":
        model, grid, splits = LogisticRegression(), {"C": 1 / (penalties * learned)}, StratifiedKFold(**split)
    else:
        model, grid, splits = Ridge(), {"alpha": penalties * learned / 2}, KFold(**split)
    targets = y.reshape(-1)
    start = time.perf_counter()
    with parallel_backend("loky", n_jobs=-1, inner_max_num_threads=1):
        search = GridSearchCV(model, grid, cv=splits).fit(X, targets)
    return {"seconds": time.perf_counter() - start, "scores": search.cv_results_["mean_test_score"].tolist()}


serve({"about": about, "load": load, "stochastic": stochastic, "optimum": optimum, "cross_validation": cross_validation})
