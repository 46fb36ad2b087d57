"""scikit-learn's side: an epoch of SGDRegressor or SGDClassifier at a constant rate, in the float64 it computes in."""
import time

import numpy as np
import sklearn
from protocol import Files, serve, versions
from sklearn.linear_model import SGDClassifier, SGDRegressor

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


serve({"about": about, "load": load, "stochastic": stochastic})
