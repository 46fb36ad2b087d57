"""Writes what scikit-learn's metrics say of rows that are random, tied, weighted, of one class or constant.

Each case is a metric, its arguments by their places in `data`, its options as ours take them (sampleWeight by its place),
and the value. NaN is null. Needs NumPy and scikit-learn.

    python3 make_metrics.py > metrics.json
"""
import json
import math
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.simplefilter("ignore")
random = np.random.RandomState(7)
cases = []
data = []
places = {}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(each) for each in value]
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (str, np.str_)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    value = float(value)
    return None if math.isnan(value) else "Infinity" if math.isinf(value) else value


def place(values):
    """Where values stand in `data`; each is written once."""
    values = plain(values)
    if json.dumps(values) not in places:
        places[json.dumps(values)] = len(data)
        data.append(values)
    return places[json.dumps(values)]


def short(values, digits=6):
    """Numbers that are written with few digits."""
    return np.array([float(f"{value:.{digits}g}") for value in values.ravel()]).reshape(values.shape)


def rand(*shape):
    return short(random.rand(*shape))


def randn(*shape):
    return short(random.randn(*shape))


def case(what, metric, arguments, value, **options):
    given = {name: option for name, option in options.items() if option is not None or name == "average"}
    if "sampleWeight" in given:
        given["sampleWeight"] = place(given["sampleWeight"])
    arguments = [place(each) for each in arguments]
    cases.append(plain({"what": what, "metric": metric, "arguments": arguments, "options": given, "value": value}))


def weights_of(m):
    """None, integers with zeros, and real numbers."""
    return [("", None), (", whole weights", random.randint(0, 4, m).astype(float)), (", weights", short(random.gamma(1, 1, m)))]


def regression():
    for what, y, p in [
        ("random", randn(40), randn(40)),
        ("close", *(lambda y: (y, y + 0.01 * randn(40)))(randn(40))),
        ("far from 0", *(lambda y: (1e9 + y, 1e9 + y + 0.1 * randn(40)))(randn(40))),
        ("large", 1e150 * randn(20), 1e150 * randn(20)),
        ("of a constant, wrong", np.full(10, 3.0), randn(10)),
        ("of a constant, right", np.full(10, 3.0), np.full(10, 3.0)),
        ("one row", np.array([2.0]), np.array([3.0])),
        ("two outputs", randn(30, 2), randn(30, 2)),
    ]:
        for also, w in weights_of(len(y)):
            if w is not None and len(y) == 1:
                continue
            for name, metric in [("r2Score", metrics.r2_score), ("meanSquaredError", metrics.mean_squared_error),
                                 ("meanAbsoluteError", metrics.mean_absolute_error)]:
                case(what + also, name, [y, p], metric(y, p, sample_weight=w), sampleWeight=w)
                if y.ndim == 2:
                    case(what + also + ", each", name, [y, p], metric(y, p, sample_weight=w, multioutput="raw_values"),
                         sampleWeight=w, multioutput="raw-values")
    for what, y, p in [("counts", random.poisson(3, 40).astype(float), random.gamma(2, 1.5, 40)),
                       ("rare counts", random.poisson(0.05, 40).astype(float), random.gamma(1, 0.05, 40) + 1e-9)]:
        for also, w in weights_of(40):
            case(what + also, "meanPoissonDeviance", [y, p], metrics.mean_poisson_deviance(y, p, sample_weight=w), sampleWeight=w)


def binary():
    m = 40
    for what, y, s in [
        ("random", random.randint(0, 2, m), rand(m)),
        ("tied", random.randint(0, 2, m), np.round(rand(m), 1)),
        ("told apart", *(lambda y: (y, y + 0.1 * rand(m)))(random.randint(0, 2, m))),
        ("all equal", random.randint(0, 2, m), np.full(m, 0.5)),
        ("booleans", rand(m) < 0.3, rand(m)),
        ("minus and plus one", 2 * random.randint(0, 2, m) - 1, randn(m)),
        ("rare", (rand(m) < 0.03).astype(int), rand(m)),
        ("one negative", np.r_[np.ones(m - 1, int), 0], rand(m)),
        ("only zeros", np.zeros(m, int), rand(m)),
        ("only ones", np.ones(m, int), rand(m)),
        ("tiny and huge", random.randint(0, 2, m), np.r_[-0.0, 0.0, 5e-324, -5e-324, 1e308, -1e308, randn(m - 6)]),
    ]:
        for also, w in weights_of(m):
            case(what + also, "rocAuc", [y, s], metrics.roc_auc_score(y, s, sample_weight=w), sampleWeight=w)
            case(what + also, "averagePrecision", [y, s], metrics.average_precision_score(y, s, sample_weight=w), sampleWeight=w)
            for drop in [True, False]:
                fpr, tpr, thresholds = metrics.roc_curve(y, s, sample_weight=w, drop_intermediate=drop)
                case(f"{what}{also}, {'without' if drop else 'with'} all points", "rocCurve", [y, s],
                     {"fpr": fpr, "tpr": tpr, "thresholds": thresholds}, sampleWeight=w, dropIntermediate=drop)
    y, s = random.choice(["b", "a"], m), rand(m)
    for positive in ["a", "b"]:
        fpr, tpr, thresholds = metrics.roc_curve(y, s, pos_label=positive)
        case(f"texts, {positive}", "rocCurve", [y, s], {"fpr": fpr, "tpr": tpr, "thresholds": thresholds}, positive=positive)
        case(f"texts, {positive}", "averagePrecision", [y, s],
             metrics.average_precision_score(y, s, pos_label=positive), positive=positive)
    case("texts", "rocAuc", [y, s], metrics.roc_auc_score(y, s))
    y = random.randint(0, 3, m)
    fpr, tpr, thresholds = metrics.roc_curve(y, s, pos_label=2)
    case("one of three", "rocCurve", [y, s], {"fpr": fpr, "tpr": tpr, "thresholds": thresholds}, positive=2)


def classes():
    m = 50
    names = np.array(["oak", "ash", "elm", "yew"])
    for what, y, given in [
        ("numbers", random.randint(0, 4, m), random.randint(0, 4, m)),
        ("texts", names[random.randint(0, 4, m)], names[random.randint(0, 4, m)]),
        ("booleans", rand(m) < 0.5, rand(m) < 0.5),
        ("one never given", names[random.randint(0, 4, m)], names[random.randint(0, 3, m)]),
        ("one never there", names[random.randint(0, 3, m)], names[random.randint(0, 4, m)]),
        ("all right", *(lambda y: (y, y))(names[random.randint(0, 3, m)])),
        ("one label alone", np.full(m, "oak"), np.full(m, "oak")),
        ("never right", np.full(m, 0), np.full(m, 1)),
        ("far apart", random.choice([-5, 2, 1000], m), random.choice([-5, 2, 1000], m)),
    ]:
        for also, w in weights_of(m):
            case(what + also, "accuracyScore", [y, given], metrics.accuracy_score(y, given, sample_weight=w), sampleWeight=w)
            case(what + also + ", counted", "accuracyScore", [y, given],
                 metrics.accuracy_score(y, given, sample_weight=w, normalize=False), sampleWeight=w, normalize=False)
            labels = np.unique(np.r_[y, given])
            for normalize in [None, "true", "pred", "all"]:
                case(what + also, "confusionMatrix", [y, given],
                     {"labels": labels, "matrix": metrics.confusion_matrix(y, given, sample_weight=w, normalize=normalize)},
                     sampleWeight=w, normalize=normalize)
            for average in [None, "macro", "micro", "weighted"]:
                for zero in [0, 1, float("nan")]:
                    p, r, f, n = metrics.precision_recall_fscore_support(
                        y, given, sample_weight=w, average=average, zero_division=zero)
                    value = {"precision": p, "recall": r, "f1": f}
                    if average is None:
                        value |= {"labels": labels, "support": n}
                    case(f"{what}{also}, 0/0 = {zero}", "precisionRecallF1", [y, given], value,
                         sampleWeight=w, average=average, zeroDivision=zero)
    y, given = names[random.randint(0, 4, m)], names[random.randint(0, 4, m)]
    labels = ["yew", "oak", "fir"]
    case("some labels", "confusionMatrix", [y, given],
         {"labels": labels, "matrix": metrics.confusion_matrix(y, given, labels=labels)}, labels=labels)
    for average in [None, "macro", "micro", "weighted"]:
        p, r, f, n = metrics.precision_recall_fscore_support(y, given, labels=labels, average=average, zero_division=0)
        value = {"precision": p, "recall": r, "f1": f} | ({"labels": labels, "support": n} if average is None else {})
        case("some labels", "precisionRecallF1", [y, given], value, labels=labels, average=average)


def probabilities():
    m = 40
    for what, y, p in [
        ("random", random.randint(0, 2, m), rand(m)),
        ("certain and wrong", random.randint(0, 2, m), random.randint(0, 2, m).astype(float)),
        ("booleans", rand(m) < 0.4, rand(m)),
        ("texts", random.choice(["no", "yes"], m), rand(m)),
    ]:
        for also, w in weights_of(m):
            for normalize in [True, False]:
                case(f"{what}{also}, {'mean' if normalize else 'sum'}", "logLoss", [y, p],
                     metrics.log_loss(y, p, sample_weight=w, normalize=normalize), sampleWeight=w, normalize=normalize)
    y, p = np.zeros(10, int), rand(10)
    case("one class", "logLoss", [y, p], metrics.log_loss(y, p, labels=[0, 1]), labels=[0, 1])
    names = np.array(["ash", "elm", "oak", "yew"])
    for what, y, p in [
        ("four", names[random.randint(0, 4, m)], random.dirichlet(np.ones(4), m)),
        ("four, tied", names[random.randint(0, 4, m)], np.eye(4)[random.randint(0, 4, m)] * 0.7 + 0.075),
        ("four, one rare", names[np.r_[3, random.randint(0, 3, m - 1)]], random.dirichlet(np.ones(4), m)),
    ]:
        for also, w in weights_of(m):
            case(what + also, "logLoss", [y, p], metrics.log_loss(y, p, sample_weight=w), sampleWeight=w)
            for average in ["macro", "weighted", "micro", None]:
                case(what + also, "rocAuc", [y, p],
                     metrics.roc_auc_score(y, p, sample_weight=w, multi_class="ovr", average=average),
                     sampleWeight=w, average=average)
                case(what + also, "averagePrecision", [y, p],
                     metrics.average_precision_score(y, p, sample_weight=w, average=average), sampleWeight=w, average=average)
    y, p = names[random.randint(0, 3, m)], random.dirichlet(np.ones(4), m)
    case("one never there", "logLoss", [y, p], metrics.log_loss(y, p, labels=names), labels=names)
    for average in ["macro", "weighted", "micro", None]:
        case("one never there", "rocAuc", [y, p],
             metrics.roc_auc_score(y, p, labels=names, multi_class="ovr", average=average), labels=names, average=average)


def calibration():
    m = 60
    for what, y, p in [("random", random.randint(0, 2, m), rand(m)),
                       ("on the edges", random.randint(0, 2, m), random.randint(0, 11, m) / 10),
                       ("gathered", random.randint(0, 2, m), 0.3 + 0.1 * rand(m)),
                       ("only zeros", np.zeros(m, int), rand(m))]:
        for bins in [1, 2, 5, 10, 7]:
            for strategy in ["uniform", "quantile"]:
                true, pred = calibration_curve(y, p, n_bins=bins, strategy=strategy)
                case(f"{what}, {bins} bins, {strategy}", "calibrationCurve", [y, p],
                     {"probTrue": true, "probPred": pred}, bins=bins, strategy=strategy)


regression()
binary()
classes()
probabilities()
calibration()
print(json.dumps({"sklearn": sklearn.__version__, "data": data, "cases": cases}, separators=(",", ":")))
