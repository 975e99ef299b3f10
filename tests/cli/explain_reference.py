# Attributions against the same computed here, in plain Python: a network with normalisation and dropout, whose
# gradients are those of inference; tables whose columns add up; permutation importance of a known line.
# Argument: nnctl.
import csv
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

nnctl = sys.argv[1]
failures = 0


def check(what, got, want, tolerance):
    global failures
    off = max(abs(a - b) for a, b in zip(got, want))
    fine = len(got) == len(want) and off <= tolerance * (1 + max(map(abs, want)))
    if not fine:
        failures += 1
    print("ok" if fine else "FAILED", what, f"off by {off:.2e}", *([] if fine else [got, want]))


def explain(*args):
    out = subprocess.run([nnctl, "explain", *args, "--json"], check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()]


class Network:
    """x -> tanh(x W1 + b1) -> normalised by moving statistics -> scores, with the gradient of one score."""

    def __init__(self, inputs, hidden, outputs, rng):
        row = lambda n: [rng.uniform(-1, 1) for _ in range(n)]
        self.w1, self.b1 = [row(hidden) for _ in range(inputs)], row(hidden)
        self.gamma, self.beta, self.mean = row(hidden), row(hidden), row(hidden)
        self.variance = [rng.uniform(0.5, 2) for _ in range(hidden)]
        self.w2, self.b2 = [row(outputs) for _ in range(hidden)], row(outputs)

    def hidden(self, x):
        return [math.tanh(b + sum(x[i] * self.w1[i][j] for i in range(len(x)))) for j, b in enumerate(self.b1)]

    def scores(self, x):
        h = self.hidden(x)
        z = [self.gamma[j] * (h[j] - self.mean[j]) / math.sqrt(self.variance[j] + 1e-3) + self.beta[j]
             for j in range(len(h))]
        return [b + sum(z[j] * self.w2[j][k] for j in range(len(z))) for k, b in enumerate(self.b2)]

    def gradient(self, x, k):
        h = self.hidden(x)
        back = [self.w2[j][k] * self.gamma[j] / math.sqrt(self.variance[j] + 1e-3) * (1 - h[j] ** 2)
                for j in range(len(h))]
        return [sum(self.w1[i][j] * back[j] for j in range(len(h))) for i in range(len(x))]

    def layers(self):
        return [{"type": "Dense", "units": len(self.b1), "activation": "tanh",
                 "weights": {"kernel": self.w1, "bias": self.b1}},
                {"type": "BatchNormalization",
                 "weights": {"gamma": self.gamma, "beta": self.beta, "moving_mean": self.mean,
                             "moving_variance": self.variance}},
                {"type": "Dropout", "rate": 0.5},
                {"type": "GaussianNoise", "stddev": 1.0},
                {"type": "Dense", "units": len(self.b2), "activation": "softmax",
                 "weights": {"kernel": self.w2, "bias": self.b2}}]


def write(path, value):
    with open(path, "w") as f:
        json.dump(value, f)
    return path


def write_rows(path, rows, head=None):
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        if head:
            out.writerow(head)
        out.writerows(rows)
    return path


def check_network(directory, rng):
    net = Network(4, 6, 3, rng)
    rows = [[round(rng.uniform(-2, 2), 3) for _ in range(4)] for _ in range(5)]
    config = write(os.path.join(directory, "net.json"),
                   {"data": {"train": {"inline": {"x": rows, "y": [0, 1, 2, 0, 1]}}, "task": "multiclass"},
                    "validation": 0, "model": {"layers": net.layers()}})
    table = write_rows(os.path.join(directory, "net.csv"), rows)
    zero = net.scores([0] * 4)
    for method in ("gradient", "integrated", "occlusion"):
        for x, seen in zip(rows, explain(config, table, "--method", method, "--limit", "5")):
            scores = net.scores(x)
            k = scores.index(max(scores))
            check(f"{method}: score", [seen["output"], seen["baseline"]], [scores[k], zero[k]], 1e-5)
            check(f"{method}: class", [int(seen["target"])], [k], 0)
            soft = math.exp(scores[k]) / sum(map(math.exp, scores))
            check(f"{method}: probability", [seen["probability"]], [soft], 1e-5)
            if method == "gradient":
                want = [g * v for g, v in zip(net.gradient(x, k), x)]
            elif method == "occlusion":
                want = [scores[k] - net.scores(x[:i] + [0] + x[i + 1:])[k] for i in range(4)]
            else:
                steps = 2000
                path = [net.gradient([(s + .5) / steps * v for v in x], k) for s in range(steps)]
                want = [v * sum(g[i] for g in path) / steps for i, v in enumerate(x)]
                whole = scores[k] - zero[k]
                check("integrated: completeness", [sum(seen["attributions"])], [whole], 0.01 * abs(whole) / (1 + abs(whole)))
            check(f"{method}: attributions", seen["attributions"], want, 2e-3 if method == "integrated" else 1e-5)


def check_target_units(directory, rng):
    """A trained line on scaled targets is explained in the units of the data."""
    rows = [[rng.uniform(0, 10), rng.choice(["red", "green", "blue"]), rng.uniform(-1, 1)] for _ in range(200)]
    value = {"red": 100, "green": 200, "blue": 400}
    for r in rows:
        r.append(30 * r[0] + value[r[1]])
    table = write_rows(os.path.join(directory, "line.csv"), rows, ["size", "colour", "noise", "price"])
    config = write(os.path.join(directory, "line.json"),
                   {"data": {"train": {"path": table}, "task": "regression", "target_scale": "standard"},
                    "metrics": ["mse"], "optimizer": {"type": "adam", "learning_rate": 0.05},
                    "model": {"layers": [{"type": "Dense", "units": 1}]}, "training": {"epochs": 60}})
    run = os.path.join(directory, "line")
    subprocess.run([nnctl, "train", config, "-q", "-o", run], check=True, stdout=subprocess.DEVNULL)
    for method in ("gradient", "integrated", "occlusion"):
        a, b = explain(run, table, "--method", method, "--limit", "2")
        assert a["columns"] == ["size", "colour", "noise"], a
        for r, seen in zip(rows, (a, b)):
            check(f"{method}: price", [seen["output"]], [r[3]], 0.02)
            check(f"{method}: columns sum to the difference", [sum(seen["attributions"])],
                  [seen["output"] - seen["baseline"]], 1e-4)
        if rows[0][1] != rows[1][1]:
            between = [x - y for x, y in zip(a["attributions"], b["attributions"])]
            want = [30 * (rows[0][0] - rows[1][0]), value[rows[0][1]] - value[rows[1][1]], 0]
            check(f"{method}: what two rows differ by", between, want, 0.03)
    seen = explain(run, table, "--method", "permutation", "--repeats", "30")[0]
    got = {i["column"]: i for i in seen["importances"]}
    mean = sum(r[0] for r in rows) / len(rows)
    spread = sum((r[0] - mean) ** 2 for r in rows) / len(rows)
    check("permutation: mse of a column dealt anew", [got["size"]["importance"] / (2 * 900 * spread)], [1], 0.05)
    colours = [value[r[1]] for r in rows]
    mean = sum(colours) / len(rows)
    check("permutation: all numbers of a word together",
          [got["colour"]["importance"] / (2 * sum((c - mean) ** 2 for c in colours) / len(rows))], [1], 0.05)
    check("permutation: a column that says nothing", [got["noise"]["importance"] / got["size"]["importance"]], [0], 0.01)
    assert got["size"]["spread"] > 0 and seen["repeats"] == 30
    assert seen == explain(run, table, "--method", "permutation", "--repeats", "30")[0], "not the same twice"


def check_picture(directory):
    """A network that looks at one pixel is explained by that pixel, whatever the method."""
    kernel = [[0.0, 0.0] for _ in range(36)]
    kernel[14] = [2.0, 0.0]
    config = write(os.path.join(directory, "pixel.json"),
                   {"data": {"train": {"inline": {"x": [[i + 1 for i in range(36)]] * 2, "y": [0, 1]}},
                             "task": "multiclass", "shape": [6, 6]}, "validation": 0,
                    "model": {"layers": [{"type": "Flatten"},
                                         {"type": "Dense", "units": 2, "activation": "softmax",
                                          "weights": {"kernel": kernel, "bias": [0, 0]}}]}})
    table = write_rows(os.path.join(directory, "pixel.csv"), [[i + 1 for i in range(36)]])
    for method, more in (("gradient", []), ("integrated", []), ("occlusion", ["--patch", "1"])):
        seen = explain(config, table, "--method", method, *more)[0]
        check(f"{method}: one pixel", seen["attributions"], [30.0 if i == 14 else 0.0 for i in range(36)], 1e-5)
    for form in ("png", "svg"):
        out = os.path.join(directory, "why." + form)
        subprocess.run([nnctl, "explain", config, table, "-o", out], check=True)
        head = open(out, "rb").read()
        assert head.startswith(b"\x89PNG\r\n" if form == "png" else b"<?xml"), head[:20]
    shown = subprocess.run([nnctl, "explain", config, table, "--color", "always"], check=True, capture_output=True).stdout
    assert "\u2580".encode() in shown, shown


def main():
    directory = tempfile.mkdtemp()
    rng = random.Random(8)
    check_network(directory, rng)
    check_target_units(directory, rng)
    check_picture(directory)
    shutil.rmtree(directory)
    sys.exit(1 if failures else 0)


main()
