#!/usr/bin/env python3
"""Races nnctl against PyTorch (where python3-torch is installed) on the same work, in turn, and reports medians.

    tests/bench/bench.py [--nnctl build/nnctl] [--data DIR] [--runs 5] [--threads 1,2] [--json FILE]

Seconds are those of one epoch of the training loop alone, from warm programs: nnctl's own timing.jsonl, and a
plain PyTorch loop with its fastest settings (foreach Adam, tensors in memory, no DataLoader). Absolute times
drift on shared machines, so runs alternate and the ratio is taken pair by pair.
"""
import argparse
import gzip
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORKLOADS = {
    "mlp-32": {"hidden": [128], "batch": 32},
    "mlp-128": {"hidden": [128], "batch": 128},
    "mlp-large": {"hidden": [1024, 1024], "batch": 256},
    "cnn-32": {"filters": [32, 64, 64], "hidden": [64], "batch": 32},
    "cnn-128": {"filters": [32, 64, 64], "hidden": [64], "batch": 128},
    "simple-rnn": {"rows": "SimpleRNN", "units": 128, "batch": 64},
    "lstm": {"rows": "LSTM", "units": 128, "batch": 64},
    "gru": {"rows": "GRU", "units": 128, "batch": 64},
}
EPOCHS = 3  # the first warms up; the median of the others counts


def data_files(directory):
    """The four IDX files of a folder: MNIST's names, or the bundled digits'."""
    for prefix, test in (("", "t10k"), ("digits-", "digits-test")):
        train = os.path.join(directory, (prefix + "train-%s.gz"))
        held = os.path.join(directory, test + "-%s.gz")
        names = [train % "images-idx3-ubyte", train % "labels-idx1-ubyte",
                 held % "images-idx3-ubyte", held % "labels-idx1-ubyte"]
        if all(os.path.exists(n) for n in names):
            return names
    sys.exit("bench: no IDX files in %s" % directory)


def config_of(workload, files):
    if "rows" in workload:  # an image is a sequence of its rows
        layers = [{"type": workload["rows"], "units": workload["units"]}]
    else:
        layers = []
        for i, filters in enumerate(workload.get("filters", [])):
            layers += [{"type": "MaxPooling2D"}] if i > 0 else [{"type": "Reshape", "target_shape": [28, 28, 1]}]
            layers += [{"type": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu"}]
        layers += [{"type": "Flatten"}]
        layers += [{"type": "Dense", "units": u, "activation": "relu"} for u in workload["hidden"]]
    layers += [{"type": "Dense", "units": 10, "activation": "softmax"}]
    return {"name": "bench", "seed": 1, "validation": 0, "model": {"layers": layers},
            "data": {"train": {"x": files[0], "y": files[1]}}, "optimizer": "adam",
            "training": {"epochs": EPOCHS, "batch_size": workload["batch"]}}


def run_nnctl(nnctl, config, threads, scratch):
    """Median seconds of an epoch, and the peak memory in MiB."""
    path, out = os.path.join(scratch, "bench.json"), os.path.join(scratch, "run")
    shutil.rmtree(out, ignore_errors=True)
    with open(path, "w") as f:
        json.dump(config, f)
    subprocess.run([nnctl, "train", path, "-q", "-o", out, "--threads", str(threads)], check=True,
                   stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "timing.jsonl")) as f:
        seconds = [json.loads(line)["seconds"] for line in f]
    with open(os.path.join(out, "run.json")) as f:
        peak = json.load(f)["peak_memory_bytes"] / 2**20
    return statistics.median(seconds[1:]), peak


def run_torch(workload, files, threads):
    env = dict(os.environ, OMP_NUM_THREADS=str(threads), GOMP_SPINCOUNT="10000")
    tcmalloc = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
    openmp = "/usr/lib/x86_64-linux-gnu/openblas-openmp"
    if os.path.exists(tcmalloc):
        env["LD_PRELOAD"] = tcmalloc
    if os.path.exists(openmp):
        env["LD_LIBRARY_PATH"] = openmp
    job = json.dumps({"workload": workload, "files": files, "threads": threads})
    out = subprocess.run(["/usr/bin/python3", __file__, "--torch-job", job], env=env, check=True,
                         capture_output=True, text=True).stdout
    return tuple(json.loads(out))


def torch_net(torch, workload, x):
    """The network of a workload for inputs like x."""
    if "rows" in workload:
        class Rows(torch.nn.Module):
            def __init__(self):
                super().__init__()
                kind = {"SimpleRNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}[workload["rows"]]
                self.rnn = kind(x.shape[2], workload["units"], batch_first=True)
                self.dense = torch.nn.Linear(workload["units"], 10)

            def forward(self, batch):
                return self.dense(self.rnn(batch)[0][:, -1])
        return Rows()
    modules, inputs = [], x.shape[1]
    if "filters" in workload:  # 3 x 3 windows that stay inside, 2 x 2 pooling between them
        channels, size = 1, x.shape[2]
        for i, filters in enumerate(workload["filters"]):
            modules += [torch.nn.MaxPool2d(2)] if i > 0 else []
            modules += [torch.nn.Conv2d(channels, filters, 3), torch.nn.ReLU()]
            channels, size = filters, (size // 2 if i > 0 else size) - 2
        modules += [torch.nn.Flatten()]
        inputs = channels * size * size
    widths = [inputs] + workload["hidden"] + [10]
    for a, b in zip(widths, widths[1:]):
        modules += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    net = torch.nn.Sequential(*modules[:-1])
    return net.to(memory_format=torch.channels_last) if "filters" in workload else net


def torch_job(job):
    """The PyTorch side, in a process of its own: prints [median seconds, peak MiB]."""
    import resource
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(job["threads"])
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    with gzip.open(job["files"][0]) as f:
        _, n, rows, cols = struct.unpack(">4i", f.read(16))
        x = torch.frombuffer(bytearray(f.read()), dtype=torch.uint8).reshape(n, rows * cols).float() / 255
    with gzip.open(job["files"][1]) as f:
        f.read(8)
        y = torch.frombuffer(bytearray(f.read()), dtype=torch.uint8).long()
    if "rows" in job["workload"]:
        x = x.reshape(n, rows, cols)
    if "filters" in job["workload"]:
        x = x.reshape(n, 1, rows, cols).contiguous(memory_format=torch.channels_last)
    net = torch_net(torch, job["workload"], x)
    adam = torch.optim.Adam(net.parameters(), lr=0.001, eps=1e-7, foreach=True)
    batch, seconds = job["workload"]["batch"], []
    for _ in range(EPOCHS):
        begin = time.perf_counter()
        order = torch.randperm(n)
        for i in range(0, n, batch):
            rows_ = order[i:i + batch]
            adam.zero_grad(set_to_none=True)
            F.cross_entropy(net(x[rows_]), y[rows_]).backward()
            adam.step()
        seconds.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([statistics.median(seconds[1:]), peak]))


def has_torch():
    probe = "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"
    return os.path.exists("/usr/bin/python3") and subprocess.run(["/usr/bin/python3", "-c", probe]).returncode == 0


def race(args, name, threads, files, scratch):
    workload = WORKLOADS[name]
    config = config_of(workload, files)
    mine, theirs = [], []
    for _ in range(args.runs):
        mine.append(run_nnctl(args.nnctl, config, threads, scratch))
        if args.torch:
            theirs.append(run_torch(workload, files, threads))
    row = {"workload": name, "threads": threads, "nnctl_seconds": statistics.median(m[0] for m in mine),
           "nnctl_peak_mib": statistics.median(m[1] for m in mine)}
    if theirs:
        row["torch_seconds"] = statistics.median(t[0] for t in theirs)
        row["torch_peak_mib"] = statistics.median(t[1] for t in theirs)
        row["times_as_fast"] = statistics.median(t[0] / m[0] for m, t in zip(mine, theirs))
    return row


def show(row):
    text = "%-10s %d threads  nnctl %7.3f s/epoch %5.0f MiB" % (
        row["workload"], row["threads"], row["nnctl_seconds"], row["nnctl_peak_mib"])
    if "torch_seconds" in row:
        text += "   PyTorch %7.3f s/epoch %5.0f MiB   %5.2f times as fast" % (
            row["torch_seconds"], row["torch_peak_mib"], row["times_as_fast"])
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nnctl", default=os.path.join(ROOT, "build", "nnctl"))
    parser.add_argument("--data", help="folder of IDX files (data/mnist if it is there, else the bundled digits)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--json", help="write the rows to this file as well")
    parser.add_argument("--torch-job", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.torch_job:
        return torch_job(json.loads(args.torch_job))
    mnist = os.path.join(ROOT, "data", "mnist")
    files = data_files(os.path.abspath(args.data or (mnist if os.path.isdir(mnist) else os.path.join(ROOT, "data"))))
    args.torch = has_torch()
    if not args.torch:
        print("python3-torch is not installed: nnctl alone")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in args.workloads.split(","):
            for threads in map(int, args.threads.split(",")):
                rows.append(race(args, name, threads, files, scratch))
                show(rows[-1])
    if args.json:
        with open(args.json, "w") as f:
            json.dump(rows, f, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
