#!/usr/bin/env python3
"""Makes losses.inc, metrics.inc, optimizers.inc and schedules.inc beside this file.

Losses and schedules come from PyTorch in float64. Keras's update rules and the metrics are written
out here, and the rules are checked against PyTorch's with an epsilon of zero, where they are equal.
Run it again when a case is added.
"""
import itertools
import json
import math
import os
import warnings

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
RNG = np.random.default_rng(20)
warnings.filterwarnings("ignore", category=UserWarning)


def numbers(values):
    flat = np.asarray(values, dtype=np.float64).ravel()
    return "{" + ", ".join("NAN" if math.isnan(v) else repr(float(v)) for v in flat) + "}"


def whole(values):
    return "{" + ", ".join(str(int(v)) for v in values) + "}"


def text(conf):
    return '"' + json.dumps(conf).replace('"', '\\"') + '"'


def as_float(a):
    """Numbers that float32 holds exactly, so that both builds compute with the same ones."""
    return np.asarray(a, dtype=np.float32).astype(np.float64)


def write(name, rows):
    path = os.path.join(HERE, name)
    with open(path, "w", encoding="ascii") as f:
        f.write("/* Made by make_rules.py. */\n/* clang-format off */\n")
        f.writelines(row + ",\n" for row in rows)


# Losses: {conf, fused, n, width, labels?, weighted?, label, t, weight, y, sum, dy, y after}


def loss_value(kind, conf, y, t):
    """Per-sample losses of logits (cross-entropies) or outputs, and what y becomes."""
    s = conf.get("label_smoothing", 0.0)
    if kind == "mse":
        return F.mse_loss(y, t, reduction="none").mean(1), y
    if kind == "mae":
        return F.l1_loss(y, t, reduction="none").mean(1), y
    if kind == "huber":
        d = conf.get("delta", 1.0)
        return F.huber_loss(y, t, reduction="none", delta=d).mean(1), y
    if kind == "binary_crossentropy":
        soft = t * (1 - s) + s / 2
        return F.binary_cross_entropy_with_logits(y, soft, reduction="none").mean(1), y.sigmoid()
    return F.cross_entropy(y, t, reduction="none", label_smoothing=s), y.softmax(1)


def loss_value_of_probabilities(kind, conf, y, t):
    s = conf.get("label_smoothing", 0.0)
    if kind == "binary_crossentropy":
        soft = t * (1 - s) + s / 2
        yes, no = y.clamp(1e-7, 1 - 1e-7), (1 - y).clamp(1e-7, 1 - 1e-7)
        return -(soft * yes.log() + (1 - soft) * no.log()).mean(1)
    soft = t * (1 - s) + s / y.shape[1]
    p = (y / y.sum(1, keepdim=True)).clamp(1e-7, 1 - 1e-7)
    return -(soft * p.log()).sum(1)


def loss_row(kind, conf, y, fused=False, label=None, value=None, weight=None):
    y = as_float(y)
    n, width = y.shape
    if label is None:
        t = as_float(value)
    elif width == 1:
        t = np.asarray(label, dtype=np.float64)[:, None]
    else:
        t = np.eye(width)[label]
    ty = torch.tensor(y, requires_grad=True)
    tt = torch.tensor(t)
    tw = torch.tensor(as_float(weight) if weight is not None else np.ones(n))
    cross = "crossentropy" in kind
    if cross and not (fused or conf.get("from_logits")):
        each, after = loss_value_of_probabilities(kind, conf, ty, tt), ty
    else:
        each, after = loss_value(kind, conf, ty, tt)
    total = (each * tw).sum()
    (total / n).backward()
    parts = [text({"type": kind, **conf}), int(fused), n, width, int(label is not None),
             int(weight is not None), whole(label if label is not None else [0]),
             numbers(t if label is None else [0]), numbers(tw.numpy()), numbers(y),
             repr(total.item()), numbers(ty.grad.numpy()), numbers(after.detach().numpy())]
    return "{" + ", ".join(map(str, parts)) + "}"


def loss_rows():
    outputs = RNG.normal(size=(4, 3)) * 2
    numbers_wanted = RNG.normal(size=(4, 3)) * 2
    one = RNG.normal(size=(5, 1)) * 2
    weight = [0.5, 2.0, 1.0, 0.0]
    label = [2, 0, 1, 2]
    yes = [1, 0, 0, 1, 1]
    many_yes = RNG.integers(0, 2, size=(4, 3))
    shares = np.array([[0.25, 0.5, 0.25], [1, 0, 0], [0.125, 0.125, 0.75], [0, 0.5, 0.5]])
    probabilities = np.array([[0.2, 0.3, 0.5], [0.9, 0.05, 0.05],
                              [0.25, 0.5, 0.25], [0.6, 0.3, 0.1]])
    clipped = np.array([[1.0, 0.0, 0.0], [1e-9, 0.4, 0.6], [2.0, 3.0, 5.0], [0.1, 0.1, 0.2]])
    sure = np.array([[0.0], [1.0], [0.3], [0.75], [0.5]])
    far = outputs * 5000
    for kind, conf in [("mse", {}), ("mae", {}), ("huber", {}), ("huber", {"delta": 0.5})]:
        yield loss_row(kind, conf, outputs, value=numbers_wanted)
        yield loss_row(kind, conf, outputs, value=numbers_wanted, weight=weight)
        yield loss_row(kind, conf, outputs, label=label)
        yield loss_row(kind, conf, one, value=one + RNG.normal(size=(5, 1)))
    for smoothing in [{}, {"label_smoothing": 0.125}]:
        logits = {"from_logits": True, **smoothing}
        kind = "binary_crossentropy"
        yield loss_row(kind, smoothing, one, True, label=yes)
        yield loss_row(kind, smoothing, outputs, True, value=many_yes, weight=weight)
        yield loss_row(kind, smoothing, 1 / (1 + np.exp(-one)), label=yes)
        yield loss_row(kind, smoothing, probabilities, value=many_yes, weight=weight)
        yield loss_row(kind, smoothing, sure, label=yes)
        yield loss_row(kind, logits, one, label=yes)
        yield loss_row(kind, smoothing, far, True, value=many_yes)
        kind = "categorical_crossentropy"
        yield loss_row(kind, smoothing, outputs, True, label=label)
        yield loss_row(kind, smoothing, outputs, True, label=label, weight=weight)
        yield loss_row(kind, smoothing, outputs, True, value=shares)
        yield loss_row(kind, smoothing, far, True, label=label)
        yield loss_row(kind, smoothing, probabilities, label=label, weight=weight)
        yield loss_row(kind, smoothing, clipped, label=[1, 0, 2, 2])
        yield loss_row(kind, smoothing, probabilities, value=shares)
        yield loss_row(kind, logits, outputs, label=label)
    yield loss_row("sparse_categorical_crossentropy", {}, outputs, True, label=label, weight=weight)
    yield loss_row("sparse_categorical_crossentropy", {}, probabilities, label=label)
    yield loss_row("sparse_categorical_crossentropy", {"from_logits": True}, far, label=label)


# Metrics: {conf, data set, value}; data sets: {n, width, classes, labels?, label, t, y}


def sets():
    grid = lambda a: np.round(np.asarray(a) * 8) / 8  # few different values: ties
    many = grid(RNG.random((12, 4)))
    truth = RNG.integers(0, 3, 12)  # class 3 never occurs
    return {
        "binary": (grid(RNG.random((12, 1))), RNG.integers(0, 2, 12), None),
        "multiclass": (many, truth, None),
        "multilabel": (grid(RNG.random((10, 3))), None, RNG.integers(0, 2, (10, 3)).astype(float)),
        "numbers": (as_float(RNG.normal(size=(9, 2))), None,
                    as_float(RNG.normal(size=(9, 2)) + 100)),
        "one class": (grid(RNG.random((5, 1))), np.ones(5, dtype=int), None),
        "all right": (np.eye(3), np.arange(3), None),
        "all said no": (np.full((4, 1), 0.25), np.array([0, 1, 1, 0]), None),
        "constant": (as_float(RNG.normal(size=(4, 1))), None, np.full((4, 1), 7.0)),
    }


def one_hot(y, label, value):
    if label is None:
        return value
    return label[:, None].astype(float) if y.shape[1] == 1 else np.eye(y.shape[1])[label]


def said(y, label):
    if label is None or y.shape[1] == 1:
        return (y > 0.5).astype(float)
    return np.eye(y.shape[1])[y.argmax(1)]


def f_over(top, bottom):
    return top / bottom if bottom > 0 else 0.0


def macro(y, label, value, score):
    t, p = one_hot(y, label, value), said(y, label)
    scores = [score((t[:, j] * p[:, j]).sum(), p[:, j].sum(), t[:, j].sum())
              for j in range(y.shape[1]) if t[:, j].sum() + p[:, j].sum() > 0]
    return np.mean(scores) if scores else math.nan


def auc(y, label, value):
    t = one_hot(y, label, value)
    areas = []
    for j in range(y.shape[1]):
        yes, no = y[t[:, j] > 0.5, j], y[t[:, j] <= 0.5, j]
        if len(yes) and len(no):
            pairs = [1.0 if a > b else 0.5 if a == b else 0.0
                     for a, b in itertools.product(yes, no)]
            areas.append(np.mean(pairs))
    return np.mean(areas) if areas else math.nan


def r2(y, label, value):
    t = one_hot(y, label, value)
    around = ((t - t.mean(0)) ** 2).sum(0)
    some = around > 0
    return np.mean(1 - (((t - y) ** 2).sum(0)[some] / around[some])) if some.any() else math.nan


def accuracy(y, label, value):
    right = said(y, label) == one_hot(y, label, value)
    return right.all(1).mean() if label is not None else right.mean()


def top_k(y, label, k):
    if y.shape[1] == 1:
        return accuracy(y, label, None) if k == 1 else 1.0
    return np.mean([(row > row[c]).sum() < k for row, c in zip(y, label)])


def metric_rows(data):
    order = list(data)
    square = lambda y, l, v: ((one_hot(y, l, v) - y) ** 2).mean()
    rules = [
        ({"type": "accuracy"}, accuracy),
        ({"type": "precision"}, lambda y, l, v: macro(y, l, v, lambda b, p, t: f_over(b, p))),
        ({"type": "recall"}, lambda y, l, v: macro(y, l, v, lambda b, p, t: f_over(b, t))),
        ({"type": "f1"}, lambda y, l, v: macro(y, l, v, lambda b, p, t: 2 * b / (p + t))),
        ({"type": "auc"}, auc),
    ]
    for k in (1, 2, 3, 5):
        rules.append(({"type": "top_k", "k": k}, lambda y, l, v, k=k: top_k(y, l, k)))
    number_rules = [
        ({"type": "mse"}, square),
        ({"type": "rmse"}, lambda y, l, v: math.sqrt(square(y, l, v))),
        ({"type": "mae"}, lambda y, l, v: np.abs(one_hot(y, l, v) - y).mean()),
        ({"type": "r2"}, r2),
    ]
    for name, (y, label, value) in data.items():
        of_numbers = name in ("numbers", "constant")
        for conf, rule in number_rules if of_numbers else rules + number_rules[:3]:
            if conf["type"] == "top_k" and label is None:
                continue
            result = float(rule(y, label, value))
            shown = "NAN" if math.isnan(result) else repr(result)
            yield "{" + f'{text(conf)}, {order.index(name)}, {shown}' + "}"


def set_rows(data):
    for name, (y, label, value) in data.items():
        n, width = y.shape
        classes = 0 if label is None else max(2, width)
        yield "{" + ", ".join([
            f'"{name}"', str(n), str(width), str(classes), str(int(label is not None)),
            whole(label if label is not None else [0]), numbers(value if label is None else [0]),
            numbers(y)]) + "}"


# Optimizers: {conf, l1, l2, clip norm, clip value, weights after 20 steps, last penalty, last norm}

CURVE = as_float([0.5, 2.0, 1.0, 4.0, 0.25, 1.5, 3.0])
GOAL = as_float([1.0, -2.0, 0.0, 0.5, 3.0, -0.25, 1.0])
START = as_float([0.5, -0.5, 0.0, 1.0, -1.0, 2.0, 0.25])
KERNEL = 4  # the first four are the kernel, with penalties; the others a bias without
L1, L2 = 0.0625, 0.03125
STEPS = 20


class Rule:
    """Keras's update rules, as documented in its own terms."""

    def __init__(self, conf):
        kind = conf["type"]
        defaults = {
            "sgd": {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False},
            "adam": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
            "adamw": {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
                      "weight_decay": 0.004},
            "rmsprop": {"learning_rate": 0.001, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7},
            "adagrad": {"learning_rate": 0.001, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
        }[kind]
        self.c = {**defaults, **conf}
        self.step = getattr(self, kind)
        self.a = np.full(len(START), self.c.get("initial_accumulator_value", 0.0))
        self.b = np.zeros(len(START))
        self.count = 0

    def sgd(self, w, g):
        c = self.c
        self.a = c["momentum"] * self.a - c["learning_rate"] * g
        return w + (c["momentum"] * self.a - c["learning_rate"] * g if c["nesterov"] else self.a)

    def adam(self, w, g):
        c = self.c
        self.count += 1
        self.a = c["beta_1"] * self.a + (1 - c["beta_1"]) * g
        self.b = c["beta_2"] * self.b + (1 - c["beta_2"]) * g * g
        unbias = math.sqrt(1 - c["beta_2"] ** self.count) / (1 - c["beta_1"] ** self.count)
        return w - c["learning_rate"] * unbias * self.a / (np.sqrt(self.b) + c["epsilon"])

    def adamw(self, w, g):
        return self.adam(w - self.c["learning_rate"] * self.c["weight_decay"] * w, g)

    def rmsprop(self, w, g):
        c = self.c
        self.a = c["rho"] * self.a + (1 - c["rho"]) * g * g
        self.b = c["momentum"] * self.b + c["learning_rate"] * g / np.sqrt(self.a + c["epsilon"])
        return w - self.b

    def adagrad(self, w, g):
        c = self.c
        self.a = self.a + g * g
        return w - c["learning_rate"] * g / np.sqrt(self.a + c["epsilon"])


def gradient(w, l1, l2):
    g = CURVE * (w - GOAL)
    g[:KERNEL] += l1 * np.sign(w[:KERNEL]) + 2 * l2 * w[:KERNEL]
    return g


def penalty(w, l1, l2):
    return l1 * np.abs(w[:KERNEL]).sum() + l2 * (w[:KERNEL] ** 2).sum()


def torch_twin(conf, w):
    """PyTorch's optimizer where it means the same; epsilon (made 0) is where they part."""
    c = Rule(conf).c
    lr = c["learning_rate"]
    kind = conf["type"]
    if kind == "sgd":
        return torch.optim.SGD([w], lr=lr, momentum=c["momentum"], nesterov=c["nesterov"])
    if kind == "adam":
        return torch.optim.Adam([w], lr=lr, betas=(c["beta_1"], c["beta_2"]), eps=0)
    if kind == "adamw":
        return torch.optim.AdamW([w], lr=lr, betas=(c["beta_1"], c["beta_2"]), eps=0,
                                 weight_decay=c["weight_decay"])
    if kind == "rmsprop":
        return torch.optim.RMSprop([w], lr=lr, alpha=c["rho"], momentum=c["momentum"], eps=0)
    return torch.optim.Adagrad([w], lr=lr, eps=0,
                               initial_accumulator_value=c["initial_accumulator_value"])


def check_against_torch(conf):
    rule = Rule({**conf, "epsilon": 0.0})
    w = START + 0.125  # away from gradients of zero, which need the epsilon
    tw = torch.tensor(w, requires_grad=True)
    twin = torch_twin({**conf, "epsilon": 0.0}, tw)
    for _ in range(STEPS):
        tw.grad = torch.tensor(gradient(tw.detach().numpy(), 0, 0))
        twin.step()
        w = rule.step(w, gradient(w, 0, 0))
    assert np.allclose(w, tw.detach().numpy(), rtol=1e-12, atol=1e-14), (conf, w, tw)


def optimizer_row(conf, l1=0.0, l2=0.0, norm=0.0, value=0.0):
    rule = Rule(conf)
    w = START.copy()
    for _ in range(STEPS):
        g = gradient(w, l1, l2)
        cost = penalty(w, l1, l2)
        if value:
            g = np.clip(g, -value, value)
        length = math.sqrt((g * g).sum())
        if norm and length > norm:
            g = g * norm / length
        w = rule.step(w, g)
    return "{" + ", ".join([text(conf), repr(l1), repr(l2), repr(norm), repr(value), numbers(w),
                            repr(cost), repr(length)]) + "}"


def optimizer_rows():
    confs = [
        {"type": "sgd"},
        {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9},
        {"type": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        {"type": "adam"},
        {"type": "adam", "learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.75, "epsilon": 0.01},
        {"type": "adamw"},
        {"type": "adamw", "learning_rate": 0.1, "weight_decay": 0.25},
        {"type": "rmsprop"},
        {"type": "rmsprop", "learning_rate": 0.02, "rho": 0.5, "momentum": 0.75, "epsilon": 0.01},
        {"type": "adagrad"},
        {"type": "adagrad", "learning_rate": 0.5, "initial_accumulator_value": 0.5,
         "epsilon": 0.25},
    ]
    for conf in confs:
        check_against_torch(conf)
        yield optimizer_row(conf)
        yield optimizer_row(conf, l1=L1, l2=L2)
        yield optimizer_row(conf, l1=L1, l2=L2, norm=0.75, value=1.25)
    yield optimizer_row({"type": "sgd"}, norm=0.5)
    yield optimizer_row({"type": "sgd"}, value=0.5)
    yield optimizer_row({"type": "sgd"}, l1=L1)
    yield optimizer_row({"type": "sgd"}, l2=L2)


# Schedules: {conf, steps per epoch, epochs, plateau values, the rate of every step at base 1}


def torch_factors(make, count):
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(sgd)
    factors = []
    for _ in range(count):
        factors.append(sgd.param_groups[0]["lr"])
        sgd.step()
        schedule.step()
    return factors


def schedule_row(conf, factors, per_epoch, epochs, warmup=0):
    """`factors` are those of whole units after the warm-up, which takes whole units as well."""
    by_step = conf.get("unit") == "step"
    rates = []
    for step in range(per_epoch * epochs):
        unit = step if by_step else step // per_epoch
        length = warmup * (1 if by_step else per_epoch)
        rates.append((step + 1) / length * factors[0] if step < length else factors[unit - warmup])
    conf = {**conf, "warmup": warmup} if warmup else conf
    return "{" + ", ".join([text(conf), str(per_epoch), str(epochs), numbers(rates)]) + "}"


def schedule_rows():
    S = torch.optim.lr_scheduler
    total = 12
    makers = [
        ({"type": "constant"}, lambda o, n: S.ConstantLR(o, factor=1.0)),
        ({"type": "step", "step_size": 3, "gamma": 0.5}, lambda o, n: S.StepLR(o, 3, 0.5)),
        ({"type": "step"}, lambda o, n: S.StepLR(o, 10, 0.1)),
        ({"type": "exponential"}, lambda o, n: S.ExponentialLR(o, 0.96)),
        ({"type": "exponential", "decay_rate": 0.5, "decay_steps": 4},
         lambda o, n: S.ExponentialLR(o, 0.5 ** 0.25)),
        ({"type": "exponential", "decay_rate": 0.5, "decay_steps": 4, "staircase": True},
         lambda o, n: S.StepLR(o, 4, 0.5)),
        ({"type": "polynomial"}, lambda o, n: S.PolynomialLR(o, n, 1.0)),
        ({"type": "polynomial", "power": 2.0}, lambda o, n: S.PolynomialLR(o, n, 2.0)),
        ({"type": "polynomial", "end": 0.25},
         lambda o, n: S.LambdaLR(o, lambda k: 0.25 + 0.75 * (1 - k / n))),
        ({"type": "cosine"}, lambda o, n: S.CosineAnnealingLR(o, n)),
        ({"type": "cosine", "alpha": 0.125}, lambda o, n: S.CosineAnnealingLR(o, n, 0.125)),
        ({"type": "one_cycle"}, lambda o, n: S.OneCycleLR(o, 1.0, n, cycle_momentum=False)),
        ({"type": "one_cycle", "pct_start": 0.5, "div_factor": 4.0, "final_div_factor": 10.0},
         lambda o, n: S.OneCycleLR(o, 1.0, n, pct_start=0.5, div_factor=4.0, final_div_factor=10.0,
                                   cycle_momentum=False)),
    ]
    for conf, make in makers:
        for warmup in (0, 2):
            factors = torch_factors(lambda o: make(o, total - warmup), total - warmup)
            yield schedule_row(conf, factors, 2, total, warmup)
            yield schedule_row({**conf, "unit": "step"}, factors, 4, total // 4, warmup)
    yield schedule_row({"type": "reduce_on_plateau"}, [1.0] * total, 2, total, 3)


# reduce_on_plateau: {conf, higher is better?, values seen, the factor after each}


def plateau_factors(conf, higher, values):
    """Keras's ReduceLROnPlateau with a first rate of 1."""
    c = {"factor": 0.5, "patience": 5, "min_delta": 1e-4, "cooldown": 0, "min_factor": 0.0, **conf}
    best, wait, cooling, rate, out = (-math.inf if higher else math.inf), 0, 0, 1.0, []
    for v in values:
        if cooling > 0:
            cooling -= 1
            wait = 0
        if v > best + c["min_delta"] if higher else v < best - c["min_delta"]:
            best, wait = v, 0
        elif cooling == 0:
            wait += 1
            if wait >= c["patience"]:
                if rate > c["min_factor"]:
                    rate = max(rate * c["factor"], c["min_factor"])
                    cooling = c["cooldown"]
                wait = 0
        out.append(rate)
    if not c["cooldown"] and not any(map(math.isnan, values)):
        sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        twin = torch.optim.lr_scheduler.ReduceLROnPlateau(
            sgd, "max" if higher else "min", c["factor"], c["patience"] - 1, c["min_delta"],
            "abs", 0, c["min_factor"], eps=0)
        for v, rate in zip(values, out):
            twin.step(v)
            assert sgd.param_groups[0]["lr"] == rate
    return out


def plateau_rows():
    falling = [3.0, 2.0, 1.5, 1.5, 1.49995, 1.6, 1.5, 1.5, 1.0, 1.1, 1.1, 1.1, 1.1, 1.1, 0.5, 0.6]
    broken = [math.nan, 2.0, math.nan, 1.0, math.nan, math.nan] + [0.5] * 8 + [0.4, 0.4]
    for conf, higher, values in [
            ({}, False, falling), ({"patience": 2}, False, falling),
            ({"patience": 1, "factor": 0.25, "min_factor": 0.125}, False, falling),
            ({"patience": 2, "cooldown": 2}, False, falling),
            ({"patience": 1, "cooldown": 3}, False, falling),
            ({"patience": 3, "min_delta": 0.75}, False, falling),
            ({"patience": 2}, True, [-v for v in falling]),
            ({"patience": 2}, False, broken), ({"patience": 2, "cooldown": 1}, False, broken)]:
        yield "{" + ", ".join([text({"type": "reduce_on_plateau", **conf}), str(int(higher)),
                               str(len(values)), numbers(values),
                               numbers(plateau_factors(conf, higher, values))]) + "}"


if __name__ == "__main__":
    write("losses.inc", loss_rows())
    DATA = sets()
    write("metric_sets.inc", set_rows(DATA))
    write("metrics.inc", metric_rows(DATA))
    write("optimizers.inc", optimizer_rows())
    write("schedules.inc", schedule_rows())
    write("plateaus.inc", plateau_rows())
