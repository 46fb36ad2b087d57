"""Writes scikit-learn's folds, and the scores of its models on rows held out, fold by fold and penalty by penalty.

The rows are those of diabetes-standardized in reference.json, with columns of other sizes and means. Its target is real; a
half of it makes two classes, thirds make three. Penalties are thalweg's, of a mean loss: they become alpha and C by what the
rows of the other folds count. Needs NumPy and scikit-learn.

    python3 make_selection.py > selection.json
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

REFERENCE = pathlib.Path(__file__).resolve().parent / "reference.json"
FOLDS = 5
SEED = 3
L1 = [0.5, 0.02]
L2 = [1.0, 0.001, 0.1]
EXACT = {"tol": 1e-12, "max_iter": 100_000}


def splits():
    random = np.random.RandomState(1)
    found = []
    for rows, folds, seed in [(5, 2, 0), (23, 4, 0), (442, 5, 7), (1000, 3, 4294967295)]:
        labels = random.randint(0, 3, rows).tolist()
        for shuffle in [False, True]:
            how = {"n_splits": folds, "shuffle": shuffle, "random_state": seed if shuffle else None}
            each = {"rows": rows, "folds": folds, "seed": seed, "shuffle": shuffle, "labels": labels}
            each["plain"] = [test.tolist() for _, test in KFold(**how).split(labels)]
            each["stratified"] = [test.tolist() for _, test in StratifiedKFold(**how).split(labels, labels)]
            found.append(each)
    return found


def squared(model, X, y, weights):
    found = model.predict(X)
    return r2_score(y, found, sample_weight=weights), mean_squared_error(y, found, sample_weight=weights)


def classes(model, X, y, weights):
    score = accuracy_score(y, model.predict(X), sample_weight=weights)
    return score, log_loss(y, model.predict_proba(X), labels=model.classes_, sample_weight=weights)


def ridge(l1, l2, counted):
    return Ridge(alpha=counted * l2 / 2, solver="cholesky")


def lasso(l1, l2, counted):
    return Lasso(alpha=l1 / 2, **EXACT)


def logistic(l1, l2, counted):
    return LogisticRegression(C=1 / (counted * l2), solver="newton-cholesky", **EXACT)


def main():
    problems = json.loads(REFERENCE.read_text())["descents"]
    problem = next(each for each in problems if each["name"] == "diabetes-standardized")
    X = np.array(problem["X"]) * np.geomspace(0.5, 20, len(problem["X"][0])) + np.linspace(-3, 3, len(problem["X"][0]))
    real = np.array(problem["y"])
    order = np.argsort(np.argsort(real))
    rows = len(real)
    targets = {
        "real": real,
        "halves": (order >= rows * 0.6).astype(int),
        "thirds": order * 3 // rows,
    }
    weights = np.random.RandomState(5).randint(0, 4, rows) / 2
    cases = []
    for name, activation, make, score, target, grid, weighted, scaled in [
        ("ridge", "linear", ridge, squared, "real", [(0, l2) for l2 in L2], False, True),
        ("ridge as it is", "linear", ridge, squared, "real", [(0, l2) for l2 in L2], False, False),
        ("weighted ridge", "linear", ridge, squared, "real", [(0, l2) for l2 in L2], True, True),
        ("lasso", "linear", lasso, squared, "real", [(l1, 0) for l1 in L1], False, True),
        ("logistic", "sigmoid", logistic, classes, "halves", [(0, l2) for l2 in L2], False, True),
        ("logistic as it is", "sigmoid", logistic, classes, "halves", [(0, l2) for l2 in L2], False, False),
        ("weighted logistic", "sigmoid", logistic, classes, "halves", [(0, l2) for l2 in L2], True, True),
        ("softmax", "softmax", logistic, classes, "thirds", [(0, l2) for l2 in L2], False, True),
    ]:
        y = targets[target]
        splitter = (KFold if activation == "linear" else StratifiedKFold)(FOLDS, shuffle=True, random_state=SEED)
        found = [{"l1": l1, "l2": l2, "scores": [], "losses": []} for l1, l2 in grid]
        for train, test in splitter.split(X, y):
            w = weights if weighted else np.ones(rows)
            scaler = StandardScaler(with_mean=scaled, with_std=scaled).fit(X[train], sample_weight=w[train])
            for each in found:
                model = make(each["l1"], each["l2"], w[train].sum())
                model.fit(scaler.transform(X[train]), y[train], sample_weight=w[train])
                figures = score(model, scaler.transform(X[test]), y[test], w[test])
                for key, value in zip(("scores", "losses"), figures):
                    each[key].append(float(value))
        cases.append(
            {"name": name, "activation": activation, "target": target, "weighted": weighted, "standardize": scaled, "candidates": found}
        )
    targets = {name: values.tolist() for name, values in targets.items()}
    written = {"folds": FOLDS, "seed": SEED, "X": X.tolist(), "targets": targets, "weights": weights.tolist(), "cases": cases}
    print(json.dumps({"splits": splits(), **written}))


main()
