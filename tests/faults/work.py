"""What the fault campaigns share: a small world to train in, runs of nnctl, and comparing what is left."""
import atexit
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # nothing stays in memory for that

# What is trained: a config whose blanks are epochs, batch size and how often there is a checkpoint.
CONFIGS = {
    "mlp": """{
  "data": {"train": {"path": "rows.csv"}, "task": "binary"},
  "seed": 5, "validation": 0.2,
  "model": {"layers": [
    {"type": "Dense", "units": 5, "activation": "tanh"}, {"type": "BatchNormalization"},
    {"type": "Dropout", "rate": 0.2}, {"type": "Dense", "units": 1, "activation": "sigmoid"}]},
  "metrics": ["auc"],
  "training": {"epochs": %d, "batch_size": %d},
  "checkpoint": {"every": "%s"}
}
""",
    "cnn": """{
  "data": {"train": {"x": "images.idx", "y": "kinds.idx"}, "shape": [6, 6, 1],
           "augment": {"shift": 0.2, "rotate": 10, "flip": "horizontal", "noise": 0.1, "mixup": 0.2}},
  "seed": 6, "validation": 0.2, "optimizer": {"type": "sgd", "momentum": 0.9},
  "schedule": {"type": "cosine", "warmup": 1},
  "model": {"layers": [
    {"type": "Conv2D", "filters": 3, "kernel_size": 3, "padding": "same"},
    {"type": "BatchNormalization"}, {"type": "Activation", "activation": "relu"},
    {"type": "MaxPooling2D"}, {"type": "Dropout", "rate": 0.3}, {"type": "Flatten"},
    {"type": "Dense", "units": 2, "activation": "softmax"}]},
  "training": {"epochs": %d, "batch_size": %d},
  "checkpoint": {"every": "%s"}
}
""",
    "lstm": """{
  "data": {"train": {"path": "opinions.csv"}, "format": "text", "target": "label",
           "text": {"tokens": "word", "length": 6}},
  "seed": 7, "validation": 0.2, "optimizer": "rmsprop",
  "schedule": {"type": "reduce_on_plateau", "patience": 2},
  "early_stopping": {"patience": 1000},
  "model": {"layers": [
    {"type": "Embedding", "input_dim": 12, "output_dim": 3, "mask_zero": true},
    {"type": "LSTM", "units": 4, "dropout": 0.1}, {"type": "Dropout", "rate": 0.2},
    {"type": "Dense", "units": 1, "activation": "sigmoid"}]},
  "training": {"epochs": %d, "batch_size": %d},
  "checkpoint": {"every": "%s"}
}
""",
    "attention": """{
  "data": {"train": {"path": "opinions.csv"}, "format": "text", "target": "label",
           "text": {"tokens": "word", "length": 6}},
  "seed": 8, "validation": 0.2, "optimizer": {"type": "adamw", "weight_decay": 0.01},
  "schedule": {"type": "one_cycle", "unit": "step"}, "regularization": {"l2": 0.001},
  "model": {"layers": [
    {"type": "Embedding", "input_dim": 12, "output_dim": 4}, {"type": "PositionalEncoding", "name": "words"},
    {"type": "MultiHeadAttention", "num_heads": 2, "key_dim": 2, "name": "looks"},
    {"type": "Add", "inputs": ["words", "looks"]}, {"type": "LayerNormalization"},
    {"type": "Bidirectional", "layer": {"type": "GRU", "units": 2, "return_sequences": true}},
    {"type": "GlobalAveragePooling1D"}, {"type": "GaussianNoise", "stddev": 0.1},
    {"type": "Dense", "units": 1, "activation": "sigmoid"}]},
  "training": {"clip_norm": 1, "class_weight": "balanced", "epochs": %d, "batch_size": %d},
  "checkpoint": {"monitor": "val_accuracy", "every": "%s"}
}
""",
}


def numbers(seed):
    """Whole numbers below 2**31 without an end, the same ones every time."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed


def rows(count):
    """Two classes of points."""
    lines = ["a,b,label"]
    of = numbers(7)
    for _ in range(count):
        x, y = next(of) / 2**31 * 4 - 2, next(of) / 2**31 * 4 - 2
        lines.append("%.4f,%.4f,%s" % (x, y, "in" if x + y > 0 else "out"))
    return "\n".join(lines) + "\n"


def opinions(count):
    """Texts of 1 to 6 words, which are good when they say so."""
    words = "the food was good and bad service slow here".split()
    lines = ["text,label"]
    of = numbers(11)
    for _ in range(count):
        text = [words[next(of) // 2**16 % len(words)] for _ in range(1 + next(of) // 2**16 % 6)]
        lines.append("%s,%s" % (" ".join(text), "yes" if "good" in text else "no"))
    return "\n".join(lines) + "\n"


def pictures(count):
    """An IDX file of pictures, whose left or right half is lit, and one of which."""
    of = numbers(13)
    pixels, kinds = bytearray(), bytearray()
    for _ in range(count):
        kinds.append(next(of) // 2**16 % 2)
        for at in range(36):
            pixels.append(next(of) // 2**16 % 100 + (150 if (at % 6 > 2) == kinds[-1] else 0))
    return (struct.pack(">4B3I", 0, 0, 8, 3, count, 6, 6) + pixels,
            struct.pack(">4BI", 0, 0, 8, 1, count) + kinds)


class World:
    """A directory of its own with data and a config of one kind."""

    def __init__(self, nnctl, library, epochs=2, batch=16, every="0.000001s", count=40, kind="mlp"):
        self.nnctl, self.library = nnctl, library
        memory = "/dev/shm"  # a kill asks nothing of the disk, and fsync there costs nothing
        is_there = os.path.isdir(memory) and os.access(memory, os.W_OK)
        self.dir = tempfile.mkdtemp(prefix="faults-", dir=memory if is_there else None)
        atexit.register(shutil.rmtree, self.dir, ignore_errors=True)
        self.kind = kind
        self.write_data(count)
        self.write("config.json", CONFIGS[kind] % (epochs, batch, every))

    def write_data(self, count):
        if self.kind == "mlp":
            self.write("rows.csv", rows(count))
        elif self.kind in ("lstm", "attention"):
            self.write("opinions.csv", opinions(count))
        else:
            for name, data in zip(("images.idx", "kinds.idx"), pictures(count)):
                with open(self.path(name), "wb") as f:
                    f.write(data)

    def close(self):
        shutil.rmtree(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def preload(self):
        """What puts our library before all others, also before that of the address sanitizer."""
        return {"LD_PRELOAD": self.library,
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}

    def run(self, *args, fault=None, count=None, env=None, before=None, timeout=120, stdin=None,
            inside=()):
        """The status (negative: the signal that ended it), stdout and stderr; `inside`: of what starts it."""
        environment = dict(os.environ, NNCTL_THREADS="2", LC_ALL="C")
        environment.pop("NN_FAULT", None)
        if fault or count or (env and any(key.startswith(("NN_NO_", "NN_FAULT")) for key in env)):
            environment.update(self.preload())
        if fault:
            environment["NN_FAULT"] = fault
        if count:
            environment["NN_FAULT_COUNT"] = count
        environment.update(env or {})
        done = subprocess.run([*inside, self.nnctl, *args], cwd=self.dir, env=environment, timeout=timeout,
                              stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, preexec_fn=before)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def counts(self, *args):
        """How many calls of each kind a command makes when nothing goes wrong."""
        file = self.path("counts")
        status, _, text = self.run(*args, count=file)
        assert status == 0, text
        pairs = [line.split() for line in self.read("counts").decode().splitlines()]
        os.unlink(file)
        return {name: int(number) for name, number in pairs}

    def remove(self, *names):
        for name in names:
            path = self.path(name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif os.path.lexists(path):
                os.unlink(path)

    def forget_hidden(self):
        """Runs that were killed before they came to stand."""
        for name in os.listdir(self.dir):
            if name.startswith(".run-"):
                shutil.rmtree(self.path(name))

    def result(self, run):
        """The files of a run that must be the same to the byte."""
        return {name: self.read(os.path.join(run, name))
                for name in ("model.safetensors", "last.safetensors", "metrics.jsonl")}

    def files(self):
        """Every file below the directory, with its bytes."""
        found = {}
        for root, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(root, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, self.dir)] = f.read()
        return found


def elsewhere(change, what):
    """What starts a command where this was changed of the mounts; None, and it says so, where that cannot be."""
    inside = ["unshare", "-m", "sh", "-c", change + ' && exec "$@"', "sh"]
    try:
        if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return inside
    except OSError:
        pass
    print("%s: skipped, it cannot be had here" % what)
    return None


class Report:
    """Counts what was tried, and what went wrong."""

    def __init__(self, title):
        self.title, self.tried, self.faults = title, 0, []

    def check(self, ok, text):
        if not ok:
            self.faults.append(text)
            print("FAULT", self.title, text, flush=True)
        return ok

    def end(self):
        print("%s: %d cases, %d faults" % (self.title, self.tried, len(self.faults)), flush=True)
        return len(self.faults)


def name_of(status):
    return "signal %s" % signal.Signals(-status).name if status < 0 else "status %d" % status
