"""Writes the learning rates of torch.optim.lr_scheduler, and of scikit-learn's SGDRegressor: the reference of
every schedule. Needs NumPy, PyTorch and scikit-learn.

    python3 make_schedules.py > schedules.json
"""
import json

import numpy as np
import sklearn
import torch
from sklearn.linear_model import SGDRegressor
from torch.optim import lr_scheduler

UNITS = 40
INITIAL = 0.3


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=INITIAL)
    scheduler = make(optimizer)
    found = []
    for _ in range(UNITS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warmed_up(warmup, t_max, eta_min, **start):
    return lambda optimizer: lr_scheduler.SequentialLR(optimizer, [
        lr_scheduler.LinearLR(optimizer, total_iters=warmup, **start),
        lr_scheduler.CosineAnnealingLR(optimizer, t_max, eta_min=eta_min),
    ], milestones=[warmup])


def inverse_scaling(**power):
    # Of |y − w| with y out of reach the gradient is −1: w grows by the rate.
    model = SGDRegressor(loss="epsilon_insensitive", epsilon=0, penalty=None, fit_intercept=False,
                         learning_rate="invscaling", eta0=INITIAL, **power)
    found, before = [], 0.0
    for _ in range(UNITS):
        model.partial_fit(np.array([[1.0]]), np.array([1e6]))
        found.append(model.coef_[0] - before)
        before = model.coef_[0]
    return found


CASES = [
    ({"schedule": "inverse-scaling"}, inverse_scaling()),
    ({"schedule": "inverse-scaling", "powerT": 0.5}, inverse_scaling(power_t=0.5)),
    ({"schedule": "step", "stepSize": 7}, rates(lambda o: lr_scheduler.StepLR(o, 7))),
    ({"schedule": "step", "stepSize": 3, "gamma": 0.8}, rates(lambda o: lr_scheduler.StepLR(o, 3, gamma=0.8))),
    ({"schedule": "exponential", "gamma": 0.9}, rates(lambda o: lr_scheduler.ExponentialLR(o, 0.9))),
    ({"schedule": "cosine", "tMax": UNITS}, rates(lambda o: lr_scheduler.CosineAnnealingLR(o, UNITS))),
    ({"schedule": "cosine", "tMax": 13, "etaMin": 0.05},
     rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 13, eta_min=0.05))),
    ({"schedule": "cosine", "tMax": 30, "etaMin": 0.01, "warmup": 10}, rates(warmed_up(10, 30, 0.01))),
    ({"schedule": "cosine", "tMax": 35, "warmup": 5, "startFactor": 0.1}, rates(warmed_up(5, 35, 0, start_factor=0.1))),
]

if __name__ == "__main__":
    print(json.dumps({"initial": INITIAL, "torch": torch.__version__, "sklearn": sklearn.__version__,
                      "cases": [{"schedule": schedule, "rates": found} for schedule, found in CASES]}))
