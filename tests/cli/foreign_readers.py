"""Other programs open what nnctl writes: a model with Python's standard library alone, predictions with numpy.

The model's weights are run through the network here, and must give nnctl's own probabilities.
Arguments: the nnctl to test, the root of the source tree.
"""
import ast
import csv
import gzip
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import zlib

SAMPLES = 3


def read_safetensors(path):
    """({name: (shape, values)}, metadata); checks the checksum as it is documented."""
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<Q", data[:8])[0]
    raw, body = data[8:8 + length], data[8 + length:]
    header = json.loads(raw)
    metadata = header.pop("__metadata__")
    crc = zlib.crc32(body, zlib.crc32(raw.replace(metadata["crc32"].encode(), b"00000000", 1)))
    assert "%08x" % crc == metadata["crc32"], "the checksum does not hold"
    tensors = {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        assert t["dtype"] == "F32" and end - begin == 4 * math.prod(t["shape"])
        tensors[name] = (t["shape"], struct.unpack("<%df" % ((end - begin) // 4), body[begin:end]))
    return tensors, metadata


def read_npy(path):
    """(shape, values) by numpy where it is installed, else by the format's own description."""
    try:
        import numpy
        array = numpy.load(path)
        assert array.dtype == numpy.float32
        return array.shape, array.flatten().tolist()
    except ImportError:
        with open(path, "rb") as f:
            data = f.read()
        assert data[:8] == b"\x93NUMPY\x01\x00"
        length = struct.unpack("<H", data[8:10])[0]
        assert (10 + length) % 64 == 0
        header = ast.literal_eval(data[10:10 + length].decode("ascii"))
        assert header["descr"] == "<f4" and not header["fortran_order"]
        values = data[10 + length:]
        assert len(values) == 4 * math.prod(header["shape"])
        return header["shape"], list(struct.unpack("<%df" % (len(values) // 4), values))


def dense(x, tensors, name):
    (rows, cols), kernel = tensors[name + "/kernel"]
    y = list(tensors[name + "/bias"][1])
    for i in range(rows):
        if x[i] != 0:
            for j in range(cols):
                y[j] += x[i] * kernel[i * cols + j]
    return y


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


def main(nnctl, source):
    images = os.path.join(source, "data", "digits-test-images-idx3-ubyte.gz")
    with tempfile.TemporaryDirectory() as scratch:
        run, npy, table = (os.path.join(scratch, n) for n in ("run", "p.npy", "p.csv"))
        config = os.path.join(source, "configs", "digits-mlp.json")
        subprocess.run([nnctl, "train", config, "-q", "--limit", "600", "--epochs", "1", "-o", run],
                       check=True, stdout=subprocess.DEVNULL)
        for out in (npy, table):
            subprocess.run([nnctl, "predict", run, images, "--proba", "--limit", str(SAMPLES), "-o", out],
                           check=True, stdout=subprocess.DEVNULL)
        tensors, metadata = read_safetensors(os.path.join(run, "model.safetensors"))
        shape, probabilities = read_npy(npy)
        with open(table, newline="") as f:
            rows = list(csv.DictReader(f))
    assert metadata["format"] == "nnctl" and json.loads(metadata["classes"]) == [str(i) for i in range(10)]
    assert tuple(shape) == (SAMPLES, 10)
    with gzip.open(images) as f:
        pixels = f.read(16 + 784 * SAMPLES)[16:]
    for i in range(SAMPLES):
        x = [p / 255 for p in pixels[784 * i:784 * (i + 1)]]
        expected = softmax(dense([max(v, 0) for v in dense(x, tensors, "dense")], tensors, "dense_1"))
        for k in range(10):
            assert abs(expected[k] - probabilities[10 * i + k]) < 1e-5, (i, k)
            assert abs(expected[k] - float(rows[i]["p_%d" % k])) < 1e-5, (i, k)


if __name__ == "__main__":
    main(*sys.argv[1:])
