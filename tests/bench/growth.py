#!/usr/bin/python3
"""How the time grows with rows, with the model and with threads, and what a start costs: growth.py [NNCTL].

Runs alternate, and medians count; on a busy machine the figures mean little.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import workloads as w

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NNCTL = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(ROOT, "build", "nnctl")
MNIST = os.path.join(ROOT, "data", "mnist")
FILES = w.data_files(MNIST if os.path.isdir(MNIST) else os.path.join(ROOT, "data"))


def nnctl(*args):
    return subprocess.run([NNCTL, *args], check=True, capture_output=True, text=True).stdout


def config(name, workload):
    return w.write_config(name + ".json", workload, {"train": {"x": FILES[0], "y": FILES[1]}})


def alternate(rounds, jobs):
    """The median of each job's figure."""
    found = [[job() for job in jobs] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*found)]


def epoch_of(path, rows):
    def job():
        nnctl("train", path, "-q", "-o", "run", "--force", "--limit", str(rows), "--threads", "2")
        with open("run/timing.jsonl") as f:
            return statistics.median(json.loads(line)["seconds"] for line in list(f)[w.WARM:])
    return job


def step_of(path, threads):
    return lambda: json.loads(nnctl("bench", path, "--json", "--seconds", "1s", "--threads", str(threads)))["step_seconds"]


def side_by_side(path):
    """What two threads could reach at most: a step of each of two processes that know nothing of each other."""
    command = [NNCTL, "bench", path, "--json", "--seconds", "1s", "--threads", "1"]

    def job():
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        steps = [json.loads(p.communicate()[0])["step_seconds"] for p in both]
        return 1 / sum(1 / s for s in steps)
    return job


def start_of(*args):
    def job():
        begin = time.perf_counter()
        nnctl(*args)
        return time.perf_counter() - begin
    return job


def main():
    mlp = config("mlp", w.TRAIN["mlp-32"])
    rows = 30000 if os.path.isdir(MNIST) else 5000
    half, whole = alternate(3, [epoch_of(mlp, rows), epoch_of(mlp, 2 * rows)])
    print("twice the rows (MLP, %d and %d): %.4f and %.4f s an epoch, %.2f times"
          % (rows, 2 * rows, half, whole, whole / half))
    small, large = config("small", {"hidden": [128], "batch": 128}), config("large", {"hidden": [1280], "batch": 128})
    one, ten = alternate(3, [step_of(small, 2), step_of(large, 2)])
    print("ten times the model (784-128-10 and 784-1280-10): %.1f and %.1f us a step, %.2f times"
          % (1e6 * one, 1e6 * ten, ten / one))
    for name in ("mlp-large", "cnn-32", "cnn-128"):
        path = config(name, w.TRAIN[name])
        one, two, most = alternate(3, [step_of(path, 1), step_of(path, 2), side_by_side(path)])
        print("two threads for one (%s): %.3f and %.3f ms a step, %.2f times as fast; two processes side by side: %.2f"
              % (name, 1e3 * one, 1e3 * two, one / two, one / most))
    nnctl("train", mlp, "-q", "-o", "model", "--epochs", "1", "--limit", "1000")
    with open("row.csv", "w") as f:
        f.write(",".join(["0"] * 784) + "\n")
    begins = alternate(15, [start_of("--version"), start_of("--help"), start_of("predict", "model", "row.csv"),
                            start_of("check", os.path.join(ROOT, "configs", "xor.json"))])
    print("a process: --version %.1f, --help %.1f, predict of one row %.1f, check of xor.json %.1f ms"
          % tuple(1e3 * b for b in begins))


with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    main()
