"""Writes what PyTorch makes of several outputs, in float64, and scikit-learn of several classes at the optimum.

The rows are those of diabetes-standardized in reference.json. Its target, taken three ways, makes three
outputs; its thirds make three classes. The losses of a row's outputs add up, and weights are penalised by
weight_decay, the intercepts are not, as in thalweg. The order of rows comes from NumPy's legacy generator.
Needs NumPy, PyTorch and scikit-learn.

    python3 make_outputs.py > outputs.json
"""
import json
import pathlib

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

REFERENCE = pathlib.Path(__file__).resolve().parent / "reference.json"
PROBLEM = "diabetes-standardized"
STEPS = 100
BATCH = 32
EPOCHS = 3
SEED = 42
L2 = 0.01
CLASSES = 3


def squared(z, y):
    return ((z - y) ** 2).sum(1)


def log(z, y):
    return functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1)


def poisson(z, y):
    return functional.poisson_nll_loss(z, y, log_input=True, reduction="none").sum(1)


def huber(z, y):
    return functional.huber_loss(torch.tanh(z), y, reduction="none").sum(1)


def cross_entropy(z, y):
    return functional.cross_entropy(z, y, reduction="none")


# Ours by name, the loss of rows, which targets, and the learning rates of batches, mini-batches and single rows.
CASES = [
    ("linear", "squared", squared, "real", (0.05, 0.01, 0.001)),
    ("sigmoid", "log", log, "bits", (0.5, 0.1, 0.01)),
    ("exp", "poisson", poisson, "counts", (0.05, 0.01, 0.001)),
    ("tanh", "huber", huber, "real", (0.5, 0.1, 0.01)),
    ("softmax", "cross-entropy", cross_entropy, "labels", (0.5, 0.1, 0.01)),
]


def descend(X, y, of_rows, rate, batches, optimizer=torch.optim.SGD):
    theta = torch.zeros(X.shape[1], CLASSES, dtype=torch.float64, requires_grad=True)
    intercept = torch.zeros(CLASSES, dtype=torch.float64, requires_grad=True)
    groups = [{"params": [theta], "weight_decay": L2}, {"params": [intercept], "weight_decay": 0}]
    stepper = optimizer(groups, lr=rate)
    losses = []
    for rows in batches:
        stepper.zero_grad()
        loss = of_rows(X[rows] @ theta + intercept, y[rows]).mean()
        losses.append(float((loss + L2 / 2 * (theta ** 2).sum()).detach()))
        loss.backward()
        stepper.step()
    return {"theta": theta.detach().flatten().tolist(), "intercept": intercept.tolist()}, losses


def gradient(X, y, of_rows, theta, intercept):
    theta = torch.tensor(theta, requires_grad=True)
    intercept = torch.tensor(intercept, requires_grad=True)
    loss = of_rows(X @ theta + intercept, y).mean() + L2 / 2 * (theta ** 2).sum()
    loss.backward()
    return {"theta": theta.detach().flatten().tolist(), "intercept": intercept.tolist(), "loss": float(loss.detach()),
            "gradient": theta.grad.flatten().tolist(), "interceptGradient": intercept.grad.tolist()}


def targets_of(target):
    scaled = (target - target.mean()) / target.std()
    real = np.stack([scaled, scaled ** 2 / 2, np.sin(scaled)], 1)
    labels = np.digitize(target, np.quantile(target, [1 / 3, 2 / 3]))
    return {"real": real.round(6), "bits": (real > 0.3).astype(float),
            "counts": np.floor(np.abs(real) * 2), "labels": labels}


def main():
    problem = next(each for each in json.loads(REFERENCE.read_text())["descents"] if each["name"] == PROBLEM)
    X, target = np.array(problem["X"]), np.array(problem["y"])
    m, n = X.shape
    targets = targets_of(target)
    np.random.seed(SEED)
    orders = [np.random.permutation(m) for _ in range(EPOCHS)]
    batches = [order[i:i + BATCH] for order in orders for i in range(0, m, BATCH)]
    np.random.seed(SEED)
    draws = [np.array([i]) for i in np.random.randint(m, size=m)]
    at = np.random.RandomState(1).uniform(-0.5, 0.5, (n + 1, CLASSES))
    tensor = torch.tensor(X)
    cases = []
    for activation, loss, of_rows, kind, (rate, some, one) in CASES:
        y = torch.tensor(targets[kind])
        batch, losses = descend(tensor, y, of_rows, rate, [np.arange(m)] * STEPS)
        adam, _ = descend(tensor, y, of_rows, 0.01, batches, torch.optim.Adam)
        cases.append({
            "activation": activation, "loss": loss, "targets": kind, "rates": [rate, some, one],
            "gradient": gradient(tensor, y, of_rows, at[:n], at[n]),
            "batch": {**batch, "loss": losses},
            "miniBatch": descend(tensor, y, of_rows, some, batches)[0],
            "stochastic": descend(tensor, y, of_rows, one, draws)[0],
            "adam": {**adam, "rate": 0.01},
        })
    optimum = LogisticRegression(C=1 / (m * L2), tol=1e-12, max_iter=100000, solver="newton-cg").fit(X, targets["labels"])
    print(json.dumps({
        "problem": PROBLEM, "steps": STEPS, "batchSize": BATCH, "epochs": EPOCHS, "seed": SEED, "l2": L2,
        "targets": {name: values.tolist() for name, values in targets.items()}, "cases": cases,
        "optimum": {"theta": optimum.coef_.T.flatten().tolist(), "intercept": optimum.intercept_.tolist(),
                    "probabilities": optimum.predict_proba(X[:20]).flatten().tolist()},
        "versions": {"torch": torch.__version__.split("+")[0], "numpy": np.__version__},
    }))


if __name__ == "__main__":
    main()
