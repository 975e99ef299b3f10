#!/usr/bin/env python3
"""Races nnctl against PyTorch, scikit-learn and numpy, where they are installed, on the same work.

    cmake --build build --target bench
    tests/bench/bench.py --workloads mlp-32,cnn-32 --threads 2     # a part of it

Runs alternate, and what is told are medians; a ratio is the median of the ratios run by run, since times
drift on shared machines. README.md beside this file says what is measured.
"""
import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import workloads as w

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
TCMALLOC = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
OPENMP = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


def data_name(args):
    return "dense" if args.dense else "mnist" if "mnist" in args.data else "bundled"


def peak_of(pid):
    """MiB; what is touched for the first time within the last moment of a process is not seen."""
    try:
        with open("/proc/%d/status" % pid) as f:
            return max((int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM")), default=0)
    except OSError:
        return 0


class Race:
    def __init__(self, args, scratch):
        self.args, self.scratch, self.name = args, scratch, data_name(args)
        self.files = w.data_files(args.data)
        if args.dense:
            self.files = w.dense_files(self.files, scratch)
        self.have = {module: self.has(module) for module in ("torch", "sklearn", "numpy")}
        self.made = {}

    def path(self, name):
        return os.path.join(self.scratch, name)

    @staticmethod
    def has(module):
        probe = "import importlib.util as u, sys; sys.exit(u.find_spec('%s') is None)" % module
        return subprocess.run([PYTHON, "-c", probe]).returncode == 0

    @staticmethod
    def clean(threads):
        """Nothing that was set for other reasons may slow a peer down, or us."""
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("OPENBLAS_", "OMP_", "GOMP_", "MKL_", "KMP_", "NNCTL_", "LD_"))}
        return dict(env, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))

    # ---- the two sides ----

    def peer(self, job, threads, **more):
        env = self.clean(threads)
        if threads > 1:
            env["GOMP_SPINCOUNT"] = "10000"
        if os.path.exists(TCMALLOC):
            env["LD_PRELOAD"] = TCMALLOC
        if os.path.isdir(self.args.openblas):
            env["LD_LIBRARY_PATH"] = self.args.openblas
        text = json.dumps(dict(more, job=job, threads=threads, files=self.files))
        begin = time.perf_counter()
        out = subprocess.run([PYTHON, os.path.join(HERE, "peers.py"), text], env=env, check=True,
                             capture_output=True, text=True).stdout
        return dict({"seconds": time.perf_counter() - begin}, **json.loads(out))

    def nnctl(self, threads, *args):
        """Seconds of the whole process, its peak memory, and what it printed."""
        begin = time.perf_counter()
        process = subprocess.Popen([self.args.nnctl, *args, "--threads", str(threads), "-q"], env=self.clean(threads),
                                   stdout=subprocess.PIPE, text=True)
        peak = 0
        while process.poll() is None:  # what wait4 tells can be the peak of this program
            peak = max(peak, peak_of(process.pid))
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        if process.returncode != 0:
            sys.exit("bench: nnctl %s failed" % " ".join(args))
        return {"seconds": seconds, "peak_mib": peak, "out": process.stdout.read()}

    def data(self):
        return {"train": {"x": self.files[0], "y": self.files[1]}}

    def measure(self, threads, config, *more):
        """nnctl bench: what is done in a step, and the limit at this moment."""
        return json.loads(self.nnctl(threads, "bench", config, "--json", "--seconds", "1s", *more)["out"])

    # ---- workloads: each gives nnctl's result, the peers' results, and the share of the limit ----

    def train(self, name, threads):
        workload, run = w.TRAIN[name], self.path("run")
        config = w.write_config(self.path("train.json"), workload, self.data())
        shutil.rmtree(run, ignore_errors=True)
        mine = self.nnctl(threads, "train", config, "-o", run, "--limit", str(workload["rows"]))
        with open(os.path.join(run, "timing.jsonl")) as f:
            rates = [json.loads(line)["rows_per_second"] for line in f]
        mine["seconds"] = 60000 / statistics.median(rates[w.WARM:])
        found = self.measure(threads, config)
        flops = found["gflops"] * found["step_seconds"] / found["batch_size"] * 60000
        mine["share"] = flops / mine["seconds"] / found["limit_gflops"]
        peers = {}
        if self.have["torch"]:
            peers["PyTorch"] = self.peer("torch_train", threads, workload=workload)
        if self.have["sklearn"] and set(workload) == {"hidden", "batch", "rows"}:
            peers["scikit-learn"] = self.peer("sklearn_train", threads, workload=workload)
        return mine, peers

    def infer(self, name, threads):
        workload = w.INFER[name]
        config = w.write_config(self.path("infer.json"), workload, self.data())
        more = ["--predict", "--batch-size", str(workload["batch"])]
        found = self.measure(threads, config, *more)
        mine = {"seconds": 10000 / found["samples_per_second"], "share": found["share"],
                "peak_mib": found["peak_memory_bytes"] / 2**20}
        return mine, {"PyTorch": self.peer("torch_infer", threads, workload=workload)} if self.have["torch"] else {}

    def process(self, name, threads):
        workload = w.PROCESS[name]
        run, model = self.path(name), self.path(name + ".pt")
        if name not in self.made:
            config = w.write_config(self.path("process.json"), workload, self.data(), epochs=1)
            self.nnctl(threads, "train", config, "-o", run, "--force", "--limit", "1000")
            if self.have["torch"]:
                self.peer("torch_save", threads, workload=workload, model=model)
            self.made[name] = True
        out = self.path("predictions.csv")
        mine = self.nnctl(threads, "predict", run, self.files[2], "-o", out, "--force")
        peers = {}
        if self.have["torch"]:
            peers["PyTorch"] = self.peer("torch_process", threads, workload=workload, model=model, out=out)
        return mine, peers

    def load(self, name, threads):
        csv = self.path("train-%s.csv" % self.name)
        if name == "load-csv" and not os.path.exists(csv):
            w.write_csv(self.files, csv)
        data = {"train": {"path": csv}, "scale": "unit", "task": "multiclass"} if name == "load-csv" else self.data()
        config = w.write_config(self.path("load.json"), w.MLP, data)
        mine = self.nnctl(threads, "train", config, "--dry-run")
        return mine, {"numpy": self.peer("numpy_load", threads, name=name, csv=csv)} if self.have["numpy"] else {}

    def run(self, name, threads):
        one = (self.train if name in w.TRAIN else self.infer if name in w.INFER
               else self.process if name in w.PROCESS else self.load)
        results = [one(name, threads) for _ in range(self.args.runs)]
        mine = [r[0] for r in results]
        row = {"workload": name, "data": self.name, "threads": threads, "runs": len(mine), "peers": {}}
        for key in ("seconds", "peak_mib", "share"):
            if key in mine[0]:
                row[key] = statistics.median(m[key] for m in mine)
        for peer in results[0][1]:
            theirs = [r[1][peer] for r in results]
            row["peers"][peer] = {
                "seconds": statistics.median(t["seconds"] for t in theirs),
                "peak_mib": statistics.median(t["peak_mib"] for t in theirs),
                "times_as_fast": statistics.median(t["seconds"] / m["seconds"] for m, t in zip(mine, theirs))}
        return row


# ---- the table ----

LINE = "%-14s %-7s %7s %10s %6s %8s  %-12s %9s %6s %13s"
COLUMNS = ["workload", "data", "threads", "nnctl", "MiB", "of limit", "peer", "s", "MiB", "times as fast"]


def cells(row):
    mine = [row["workload"], row["data"], str(row["threads"]), "%.3f s" % row["seconds"], "%.0f" % row["peak_mib"],
            "%.0f %%" % (100 * row["share"]) if "share" in row else ""]
    for i, (name, peer) in enumerate(row["peers"].items() or [("", None)]):
        theirs = [name, "%.3f" % peer["seconds"], "%.0f" % peer["peak_mib"],
                  "%.1f" % peer["times_as_fast"]] if peer else [""] * 4
        yield (mine if i == 0 else [""] * len(mine)) + theirs


def show(row):
    for line in cells(row):
        print(LINE % tuple(line), flush=True)


def machine():
    cpu = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), cpu)
    return "%s, %d cores, %s" % (cpu, len(os.sched_getaffinity(0)), platform.platform())


def markdown(result):
    lines = ["%s; %s; medians of %s runs. Training: seconds per 60,000 rows; inference: per 10,000."
             % (result["when"], result["machine"], " or ".join(sorted({str(row["runs"]) for row in result["rows"]}))),
             "",
             "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in result["rows"]:
        lines += ["| " + " | ".join(line) + " |" for line in cells(row)]
    return "\n".join(lines) + "\n"


def merged(path, rows):
    """The rows of an earlier part of the table, and these."""
    def key(row):
        return row["data"] != "mnist", row["data"], w.ALL.index(row["workload"]), row["threads"]
    all_rows = {}
    if path and os.path.exists(path):
        with open(path) as f:
            all_rows = {key(row): row for row in json.load(f)["rows"]}
    all_rows.update((key(row), row) for row in rows)
    return [all_rows[k] for k in sorted(all_rows)]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nnctl", default=os.path.join(ROOT, "build", "nnctl"))
    parser.add_argument("--data", help="folder of IDX files (data/mnist if it is there, else the bundled digits)")
    parser.add_argument("--dense", action="store_true", help="random data of the same shapes, without zeros")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--workloads", default=",".join(w.ALL), help="some of " + ", ".join(w.ALL))
    parser.add_argument("--openblas", default=OPENMP, help="folder of an OpenMP build of OpenBLAS, which PyTorch is "
                        "faster with")
    parser.add_argument("--scratch", help="keep random data and the CSV file in this folder for the next time")
    parser.add_argument("--json", help="write the result to this file as well; rows that stand there are kept, "
                        "unless they are measured again")
    parser.add_argument("--markdown", help="write the table to this file as well")
    args = parser.parse_args()
    mnist = os.path.join(ROOT, "data", "mnist")
    args.data = os.path.abspath(args.data or (mnist if os.path.isdir(mnist) else os.path.join(ROOT, "data")))
    args.workloads = args.workloads.split(",")
    unknown = set(args.workloads) - set(w.ALL)
    if unknown:
        parser.error("unknown workload: " + ", ".join(sorted(unknown)))
    return args


def main():
    args = parse()
    result = {"when": time.strftime("%Y-%m-%d"), "machine": machine(), "rows": []}
    if args.scratch:
        os.makedirs(args.scratch, exist_ok=True)
    with tempfile.TemporaryDirectory() if not args.scratch else contextlib.nullcontext(args.scratch) as scratch:
        race = Race(args, scratch)
        missing = [name for name, there in race.have.items() if not there]
        if missing:
            print("not installed, and left out: " + ", ".join(missing))
        print(LINE % tuple(COLUMNS))
        for name in args.workloads:
            for threads in map(int, args.threads.split(",")):
                result["rows"].append(race.run(name, threads))
                show(result["rows"][-1])
    result["rows"] = merged(args.json, result["rows"])
    for path, text in ((args.json, json.dumps(result, indent=1) + "\n"), (args.markdown, markdown(result))):
        if path:
            with open(path, "w") as f:
                f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
