#!/usr/bin/env python3
"""What `show` says that a training takes is what it takes, within 10 %: planned_memory.py NNCTL SOURCE."""
import json
import os
import subprocess
import sys
import tempfile

NNCTL, SOURCE = sys.argv[1], sys.argv[2]
LAST = {"type": "Dense", "units": 10, "activation": "softmax"}
NETWORKS = {
    "MLP": [{"type": "Flatten"}, {"type": "Dense", "units": 128, "activation": "relu"}, LAST],
    "CNN": [{"type": "Reshape", "target_shape": [28, 28, 1]},
            {"type": "Conv2D", "filters": 16, "kernel_size": 3, "activation": "relu"}, {"type": "MaxPooling2D"},
            {"type": "Flatten"}, {"type": "Dense", "units": 128, "activation": "relu"}, LAST],
    "LSTM": [{"type": "LSTM", "units": 32}, LAST],
}


def files(kind):
    name = os.path.join(SOURCE, "data", "digits-%s-%s-idx%d-ubyte.gz")
    return {"x": name % (kind, "images", 3), "y": name % (kind, "labels", 1)}


def nnctl(*args):
    return subprocess.run([NNCTL, *args], check=True, capture_output=True, text=True).stdout


def main():
    wrong = []
    large = b"x" * (100 << 20)  # what starts nnctl may be larger than it
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for name, layers in NETWORKS.items():
            with open("net.json", "w") as f:
                json.dump({"data": {"train": files("train"), "test": files("test")}, "model": {"layers": layers},
                           "training": {"epochs": 1}}, f)
            for threads in ("1", "2"):
                run = name + threads
                shown = json.loads(nnctl("show", "net.json", "--json", "--threads", threads))["memory_bytes"]
                start = nnctl("train", "net.json", "--dry-run", "--json", "--threads", threads).split("\n")[0]
                nnctl("train", "net.json", "-q", "-o", run, "--limit", "1500", "--threads", threads)
                with open(os.path.join(run, "run.json")) as f:
                    record = json.load(f)
                planned, taken = record["planned_memory_bytes"], record["peak_memory_bytes"]
                print("%-5s %s threads: shown %d, planned %d, taken %d" % (name, threads, shown, planned, taken))
                if shown != planned or json.loads(start)["memory_bytes"] != planned:
                    wrong.append("%s, %s threads: show, train --dry-run and run.json differ" % (name, threads))
                if abs(planned - taken) > 0.1 * taken:
                    wrong.append("%s, %s threads: planned %d, taken %d" % (name, threads, planned, taken))
    print("\n".join(wrong))
    return len(wrong) > 0 or len(large) == 0


sys.exit(main())
