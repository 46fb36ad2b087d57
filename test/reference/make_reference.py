"""Writes the reference vectors that every device must reproduce.

The three descents below are the textbook NumPy programs, run in float64. Their
index sequences come from NumPy's legacy generator (numpy.random.seed, randint,
permutation), whose stream NumPy keeps frozen, so they can be reproduced exactly
in any language. Needs NumPy (Debian: python3-numpy).

    python3 make_reference.py [--seeds 0,1,42] > reference.json
"""
import argparse
import csv
import json
import pathlib

import numpy as np

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples" / "data"


def batch(X, y, rate, iterations, history):
    m, theta = len(y), np.zeros(X.shape[1])
    for _ in range(iterations):
        r = X.dot(theta) - y
        history.append(float(r.dot(r) / m))
        theta = theta - rate * (2 / m * X.T.dot(r))
    return theta


def stochastic(X, y, rate, epochs):
    m, theta = len(y), np.zeros(X.shape[1])
    for _ in range(epochs):
        for _ in range(m):
            i = np.random.randint(m)
            xi, yi = X[i:i + 1], y[i:i + 1]
            theta = theta - rate * (2 * xi.T.dot(xi.dot(theta) - yi))
    return theta


def mini_batch(X, y, rate, epochs, size):
    m, theta = len(y), np.zeros(X.shape[1])
    for _ in range(epochs):
        order = np.random.permutation(m)
        Xs, ys = X[order], y[order]
        for i in range(0, m, size):
            xi, yi = Xs[i:i + size], ys[i:i + size]
            theta = theta - rate * (2 / len(yi) * xi.T.dot(xi.dot(theta) - yi))
    return theta


def table(name, target):
    with open(DATA / name, newline="") as f:
        rows = list(csv.DictReader(f))
    columns = [c for c in rows[0] if c != target]
    X = np.array([[float(r[c]) for c in columns] for r in rows])
    y = np.array([float(r[target]) for r in rows])
    return (X - X.mean(0)) / X.std(0), y


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--seeds", default="0,1,42")
    seeds = [int(s) for s in args.parse_args().seeds.split(",")]

    X4 = np.array([[1, 1], [1, 2], [2, 2], [2, 3]], float)
    problems = {"four-points": (X4, X4.dot([1, 2]) + 3, 0.1, 1000, 2)}
    Xd, yd = table("diabetes.csv", "progression")
    problems["diabetes-standardized"] = (Xd, yd, 0.01, 20, 32)
    for m, n in [(1, 1), (7, 1), (33, 3), (257, 17), (64, 130)]:
        rng = np.random.RandomState(1000 * m + n)
        X = rng.standard_normal((m, n))
        y = X.dot(rng.standard_normal(n)) + 0.1 * rng.standard_normal(m)
        problems[f"gaussian-{m}x{n}"] = (X, y, 0.1 / (n + 1), 5, 5)

    out = {"generator": {"randint": {}, "permutation": {}}, "descents": []}
    for seed in seeds:
        np.random.seed(seed)
        out["generator"]["randint"][seed] = {
            str(k): [int(np.random.randint(k)) for _ in range(16)] for k in (1, 2, 7, 1000, 2**31)
        }
        np.random.seed(seed)
        out["generator"]["permutation"][seed] = {
            str(k): np.random.permutation(k).tolist() for k in (1, 2, 10, 33)
        }

    for name, (X, y, rate, passes, size) in problems.items():
        history = []
        theta = batch(X, y, rate, passes, history)
        case = {"name": name, "X": X.tolist(), "y": y.tolist(), "learningRate": rate,
                "stochasticLearningRate": rate / 4, "passes": passes, "batchSize": size,
                "batch": {"theta": theta.tolist(), "loss": history[:20]},
                "stochastic": {}, "miniBatch": {}}
        for seed in seeds:
            np.random.seed(seed)
            case["stochastic"][seed] = stochastic(X, y, rate / 4, passes).tolist()
            np.random.seed(seed)
            case["miniBatch"][seed] = mini_batch(X, y, rate, passes, size).tolist()
        out["descents"].append(case)
    print(json.dumps(out))


main()
