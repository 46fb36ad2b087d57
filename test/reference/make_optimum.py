"""Writes where scikit-learn's L-BFGS ends: the reference of optimizer 'lbfgs' and of what fits find by default.

Of each problem the rows, unless they are an example's, and the least loss: mean loss plus l2/2 of the squared
weights, over features of mean 0 and deviation 1. Needs NumPy and scikit-learn.

    python3 make_optimum.py > optimum.json
"""
import csv
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression, PoissonRegressor

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data"


def standardized(X):
    deviation = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(deviation == 0, 1, deviation)


def logistic_loss(X, y, theta, intercept, l2):
    z = X @ theta + intercept
    return float(np.mean(np.logaddexp(0, z) - y * z) + l2 / 2 * theta @ theta)


def logistic(X, y, l2):
    m = len(y)
    best = None
    # The second is there to see that the first has arrived.
    for solver in ["lbfgs", "newton-cholesky"]:
        model = LogisticRegression(C=1 / (m * l2) if l2 else np.inf, solver=solver, tol=1e-12, max_iter=100_000).fit(X, y)
        theta, intercept = model.coef_[0], float(model.intercept_[0])
        loss = logistic_loss(X, y, theta, intercept, l2)
        if best is None or loss < best[0]:
            best = loss, theta, intercept
    return best


def poisson(X, y, l2):
    best = None
    for solver in ["lbfgs", "newton-cholesky"]:
        model = PoissonRegressor(alpha=l2, solver=solver, tol=1e-12, max_iter=100_000).fit(X, y)
        z = X @ model.coef_ + model.intercept_
        loss = float(np.mean(np.exp(z) - y * z) + l2 / 2 * model.coef_ @ model.coef_)
        if best is None or loss < best[0]:
            best = loss, model.coef_, float(model.intercept_)
    return best


def rounded(values, digits=4):
    return np.array([[float(f"{value:.{digits}g}") for value in row] for row in values])


def breast_cancer():
    with open(EXAMPLES / "breast-cancer.csv", encoding="utf8") as file:
        rows = list(csv.reader(file))[1:]
    X = np.array([[float(value) for value in row[:-1]] for row in rows])
    return X, np.array([float(row[-1]) for row in rows])


def passengers(random, m=300):
    """Columns as those of the passengers of a ship: sex, classes, age, fare, companions."""
    sex = random.integers(0, 2, m)
    travels = random.integers(1, 4, m)
    age = np.clip(random.normal(30, 14, m), 0.5, 80)
    fare = np.exp(random.normal(4.5 - travels, 0.6))
    companions = random.poisson(0.6, (m, 2))
    X = np.column_stack([sex, travels == 2, travels == 3, age, fare, companions]).astype(float)
    z = -2.5 * sex - 0.9 * (travels == 2) - 1.8 * (travels == 3) - 0.04 * age + 0.002 * fare + 3
    return rounded(X), (random.random(m) < 1 / (1 + np.exp(-z))).astype(float)


def counts(random, m=200, n=4):
    X = rounded(random.normal(size=(m, n)))
    return X, random.poisson(np.exp(X @ np.array([0.5, -0.4, 0.3, 0]) + 1)).astype(float)


def ill_scaled(random, m=200, n=6):
    """Scales from 1 to a million, which standardizing removes."""
    X = rounded(random.normal(size=(m, n)) * 10.0 ** np.arange(n))
    z = standardized(X) @ random.normal(size=n)
    return X, (random.random(m) < 1 / (1 + np.exp(-z))).astype(float)


def ill_conditioned(random, m=300, n=6):
    """Columns that are nearly one, so that a condition of some 10,000 is left when they are standardized."""
    apart = 10.0 ** -np.linspace(0, 4, n)
    X = rounded(random.normal(size=(m, 1)) + random.normal(size=(m, n)) * apart, 9)
    z = standardized(X) @ random.normal(size=n)
    return X, (random.random(m) < 1 / (1 + np.exp(-z))).astype(float)


def main():
    random = np.random.default_rng(16)
    problems = []

    def add(name, kind, data, l2, file=None):
        X, y = data
        scaled = standardized(X)
        loss, theta, intercept = (logistic if kind == "log" else poisson)(scaled, y, l2)
        rows = {"file": file} if file else {"X": X.tolist(), "y": y.tolist()}
        problems.append({"name": name, "loss": kind, "l2": l2, **rows,
                         "condition": float(np.linalg.cond(scaled)), "least": loss,
                         "outputs": (scaled @ theta + intercept)[:5].tolist()})

    add("breast-cancer", "log", breast_cancer(), 0.01, "breast-cancer.csv")
    add("passengers", "log", passengers(random), 0)
    add("counts", "poisson", counts(random), 0)
    add("counts, penalised", "poisson", counts(random), 0.1)
    add("ill-scaled", "log", ill_scaled(random), 0)
    add("ill-conditioned", "log", ill_conditioned(random), 0)
    print(json.dumps({"scikit-learn": sklearn.__version__, "problems": problems}))


if __name__ == "__main__":
    main()
