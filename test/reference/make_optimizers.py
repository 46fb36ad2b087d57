"""Writes what torch.optim makes of a logistic neuron, in float64: the reference of every optimiser.

The rows are those of diabetes-standardized in reference.json, with a label of 1 where the target is above
its mean. Weights are penalised by weight_decay, the intercept is not, as in thalweg. The order of
rows comes from NumPy's legacy generator. Needs NumPy and PyTorch.

    python3 make_optimizers.py > optimizers.json
"""
import json
import pathlib

import numpy as np
import torch

REFERENCE = pathlib.Path(__file__).resolve().parent / "reference.json"
PROBLEM = "diabetes-standardized"
STEPS = 200
BATCH = 32
SEED = 42
L2 = 0.01

# Ours by name and constants, PyTorch's by class and arguments, and the learning rate: one that does not
# reach the optimum, where an optimiser that divides by the gradient's size follows its rounding.
CASES = [
    ({"name": "momentum"}, torch.optim.SGD, {"momentum": 0.9}, 0.05),
    ({"name": "momentum", "momentum": 0.7, "dampening": 0.3}, torch.optim.SGD, {"momentum": 0.7, "dampening": 0.3}, 0.05),
    ({"name": "nesterov"}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, 0.05),
    ({"name": "adagrad"}, torch.optim.Adagrad, {}, 0.01),
    ({"name": "adagrad", "lrDecay": 0.1, "initialAccumulatorValue": 0.5, "eps": 1e-6}, torch.optim.Adagrad,
     {"lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-6}, 0.1),
    ({"name": "rmsprop"}, torch.optim.RMSprop, {}, 0.001),
    ({"name": "rmsprop", "alpha": 0.9, "momentum": 0.5, "eps": 1e-3}, torch.optim.RMSprop,
     {"alpha": 0.9, "momentum": 0.5, "eps": 1e-3}, 0.001),
    ({"name": "rmsprop", "centered": True}, torch.optim.RMSprop, {"centered": True}, 0.001),
    ({"name": "adam"}, torch.optim.Adam, {}, 0.001),
    ({"name": "adam", "betas": [0.8, 0.99], "eps": 1e-4, "amsgrad": True}, torch.optim.Adam,
     {"betas": (0.8, 0.99), "eps": 1e-4, "amsgrad": True}, 0.05),
    ({"name": "adamw"}, torch.optim.AdamW, {}, 0.001),
    ({"name": "adamw", "weightDecay": 0.5, "amsgrad": True}, torch.optim.AdamW,
     {"weight_decay": 0.5, "amsgrad": True}, 0.05),
]


def descend(X, y, optimizer, arguments, rate, batches):
    theta = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    intercept = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    decoupled = optimizer is torch.optim.AdamW
    decay = arguments.get("weight_decay", 0.01) if decoupled else L2
    rest = {name: value for name, value in arguments.items() if name != "weight_decay"}
    groups = [{"params": [theta], "weight_decay": decay}, {"params": [intercept], "weight_decay": 0}]
    stepper = optimizer(groups, lr=rate, **rest)
    for rows in batches:
        stepper.zero_grad()
        z = X[rows] @ theta + intercept
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[rows])
        if decoupled:  # whose weight_decay is no l2 term
            loss = loss + L2 / 2 * (theta @ theta)
        loss.backward()
        stepper.step()
    return theta.tolist() + intercept.tolist()


def main():
    problem = next(each for each in json.loads(REFERENCE.read_text())["descents"] if each["name"] == PROBLEM)
    X, target = np.array(problem["X"]), np.array(problem["y"])
    y = (target > target.mean()).astype(float)
    m = len(y)
    np.random.seed(SEED)
    epochs = -(-STEPS // -(-m // BATCH))
    orders = [np.random.permutation(m) for _ in range(epochs)]
    batches = [order[i:i + BATCH] for order in orders for i in range(0, m, BATCH)]
    np.random.seed(SEED)
    draws = [np.array([i]) for i in np.random.randint(m, size=m)]
    X, y = torch.tensor(X), torch.tensor(y)
    slower = 10  # single rows are noisy
    cases = []
    for ours, optimizer, arguments, rate in CASES:
        def by(batches, rate=rate):
            return descend(X, y, optimizer, arguments, rate, batches)
        # Of gradients over all rows, which hardly change, a variance is rounding alone.
        batch = {} if ours.get("centered") else {"batch": by([np.arange(m)] * STEPS)}
        cases.append({
            "optimizer": ours,
            "learningRate": rate,
            **batch,
            "miniBatch": by(batches),
            "stochastic": by(draws, rate / slower),
        })
    print(json.dumps({"problem": PROBLEM, "y": y.tolist(), "steps": STEPS, "batchSize": BATCH, "epochs": epochs,
                      "seed": SEED, "slower": slower, "l2": L2, "torch": torch.__version__, "cases": cases}))


if __name__ == "__main__":
    main()
