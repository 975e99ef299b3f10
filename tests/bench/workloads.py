"""What the race is run on: networks, data, and the nnctl config of each."""
import gzip
import json
import os
import struct

MLP = {"hidden": [128]}
LARGE = {"hidden": [1024, 1024]}
CNN = {"filters": [32, 64, 64], "hidden": [64]}

# `rows` of the training data are used, so that no run takes long; seconds are told per 60,000.
TRAIN = {
    "mlp-32": dict(MLP, batch=32, rows=60000),
    "mlp-128": dict(MLP, batch=128, rows=60000),
    "mlp-large": dict(LARGE, batch=256, rows=15360),
    "cnn-32": dict(CNN, batch=32, rows=4800),
    "cnn-128": dict(CNN, batch=128, rows=5120),
    "simple-rnn": {"rnn": "SimpleRNN", "units": 128, "batch": 64, "rows": 15360},
    "lstm": {"rnn": "LSTM", "units": 128, "batch": 64, "rows": 7680},
    "gru": {"rnn": "GRU", "units": 128, "batch": 64, "rows": 7680},
}
# In one process, data in memory; seconds are told per 10,000.
INFER = {"infer-%s-%d" % (name, batch): dict(net, batch=batch, rows=rows)
         for name, net, batch, rows in (("mlp", MLP, 1, 10000), ("mlp", MLP, 32, 60000), ("mlp", MLP, 1000, 60000),
                                        ("cnn", CNN, 1, 1000), ("cnn", CNN, 32, 4000), ("cnn", CNN, 1000, 4000))}
# A program that is started, loads a model and the test images, predicts them, writes a CSV file, and ends.
PROCESS = {"process-mlp": MLP, "process-cnn": CNN}
# Training images into float32, scaled: gzipped IDX, and the same as CSV.
LOAD = ("load-idx", "load-csv")
ALL = list(TRAIN) + list(INFER) + list(PROCESS) + list(LOAD)
WARM, MEASURED = 2, 3  # epochs of everybody: the first ones warm up, the median of the others counts
EPOCHS = WARM + MEASURED


def data_files(directory):
    """The four IDX files of a folder: MNIST's names, or the bundled digits'."""
    for prefix, test in (("", "t10k"), ("digits-", "digits-test")):
        names = [os.path.join(directory, part + "-" + kind + ".gz")
                 for part in (prefix + "train", test) for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        if all(os.path.exists(n) for n in names):
            return names
    raise SystemExit("bench: no IDX files in %s" % directory)


def read_images(path):
    """Rows, height, width, and the bytes."""
    with gzip.open(path) as f:
        _, rows, height, width = struct.unpack(">4i", f.read(16))
        return rows, height, width, f.read()


def read_labels(path):
    with gzip.open(path) as f:
        return f.read()[8:]


def dense_files(files, directory):
    """The same shapes with random bytes, none of them 0."""
    never_zero = bytes([1] + list(range(1, 256)))
    names = []
    for i in (0, 2):
        rows, height, width, pixels = read_images(files[i])
        for magic, shape, data in ((0x803, (rows, height, width), os.urandom(len(pixels)).translate(never_zero)),
                                   (0x801, (rows,), bytes(b % 10 for b in os.urandom(rows)))):
            names.append(os.path.join(directory, "dense-%d.gz" % len(names)))
            if os.path.exists(names[-1]):
                continue
            with gzip.open(names[-1], "wb", compresslevel=1) as f:
                f.write(struct.pack(">%di" % (1 + len(shape)), magic, *shape) + data)
    return names


def write_csv(files, path):
    """The training images as text, the label last."""
    rows, height, width, pixels = read_images(files[0])
    labels, size = read_labels(files[1]), height * width
    with open(path, "w") as f:
        for i in range(rows):
            f.write(",".join(map(str, pixels[i * size:(i + 1) * size])) + ",%d\n" % labels[i])


def layers_of(workload):
    if "rnn" in workload:  # an image is a sequence of its rows
        layers = [{"type": workload["rnn"], "units": workload["units"]}]
    else:
        layers = []
        for i, filters in enumerate(workload.get("filters", [])):
            layers.append({"type": "MaxPooling2D"} if i > 0 else {"type": "Reshape", "target_shape": [28, 28, 1]})
            layers.append({"type": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu"})
        layers.append({"type": "Flatten"})
        layers += [{"type": "Dense", "units": u, "activation": "relu"} for u in workload["hidden"]]
    return layers + [{"type": "Dense", "units": 10, "activation": "softmax"}]


def write_config(path, workload, data, epochs=EPOCHS):
    with open(path, "w") as f:
        json.dump({"name": "bench", "seed": 1, "validation": 0, "data": data, "optimizer": "adam",
                   "model": {"layers": layers_of(workload)},
                   "training": {"epochs": epochs, "batch_size": workload.get("batch", 32)}}, f)
    return path
