#!/usr/bin/env python3
"""Writes small valid files of each format as seeds: seeds.py DIR [NNCTL]; NNCTL makes the models."""
import gzip, json, os, signal, struct, subprocess, sys, tempfile, time, zlib

out, nnctl = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))


def put(target, name, data):
    os.makedirs(os.path.join(out, target), exist_ok=True)
    with open(os.path.join(out, target, name), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def idx(kind, dims, data):
    return bytes([0, 0, kind, len(dims)]) + b"".join(struct.pack(">I", d) for d in dims) + data


def npy(descr, shape, data, fortran=False, version=1):
    head = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode()
    width = 2 if version == 1 else 4
    head += b" " * ((-(6 + 2 + width + len(head) + 1)) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(head).to_bytes(width, "little") + head + data


arrays = {
    "u8": idx(0x08, [2, 2, 2], bytes(range(8))), "i8": idx(0x09, [3], b"\xff\0\1"),
    "i16": idx(0x0B, [2, 2], struct.pack(">4h", 1, -2, 3, -4)),
    "i32": idx(0x0C, [2], struct.pack(">2i", 70000, -1)),
    "f32": idx(0x0D, [2, 3], struct.pack(">6f", *range(6))),
    "f64": idx(0x0E, [1, 2], struct.pack(">2d", .5, 1e300)),
    "npy-f4": npy("<f4", (2, 3), struct.pack("<6f", *range(6))),
    "npy-f8-fortran": npy(">f8", (2, 2), struct.pack(">4d", *range(4)), True),
    "npy-u1": npy("|u1", (3, 2, 2), bytes(12)), "npy-b1": npy("|b1", (2,), b"\0\1"),
    "npy-i8-v2": npy("<i8", (3,), struct.pack("<3q", 1, 2, 3), version=2),
    "npy-i2-v3": npy(">i2", (2, 1), b"\0\1\0\2", version=3),
}
for name, data in arrays.items():
    put("array", name, data)
put("array", "packed", gzip.compress(arrays["u8"], mtime=0))


def stored(data):
    return (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\1" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
            + struct.pack("<II", zlib.crc32(data), len(data)))


text = b"the quick brown fox jumps over the lazy dog " * 3
full = gzip.compress(text, mtime=1)
put("gzip", "small", full)
put("gzip", "stored", stored(b"abc"))
put("gzip", "empty", gzip.compress(b"", mtime=0))
put("gzip", "two", full + stored(b"more"))
put("gzip", "padded", full + bytes(20))
put("gzip", "zeros", gzip.compress(bytes(100000), mtime=0))
put("gzip", "plain", text)
extra = full[:3] + b"\x1e" + full[4:10] + b"\4\0abcd" + b"name\0comment\0"
put("gzip", "named", extra + struct.pack("<H", zlib.crc32(extra) & 0xFFFF) + full[10:])

tables = {
    "numbers": "a,b,y\n1,2,3\n4,5.5,6\n-1e3,.5,7\n", "words": "city,n,y\nBonn,1,a\nKiel,2,b\nBonn,,a\n",
    "quotes": 'a;b\n"x;""y\n";1\nz;2\r\n', "tabs": "1\t2\t0\n3\t4\t1\n", "decimal": "a;b\n1,5;2\n2,25;3\n",
    "bom": "\ufeffa,b\n1,2\n3,4\n\n\n", "one": "7\n8\n9\n", "gaps": "a,b,c\nNA,1,x\n2,null,y\n?,3,x\n",
    "spaces": "a , b\n 1 , 2\n3,4\n", "umlaut": "größe,y\n1,ä\n2,ö\n", "dates": "t,y\n2026-01-02,1\n2026-01-03,2\n",
}
for name, data in tables.items():
    put("csv", name, data)
    put("profile", name, data)
put("csv", "packed", gzip.compress(tables["words"].encode(), mtime=0))
for name in ("u8", "f32", "npy-f4"):
    put("profile", name, arrays[name])

pictures = os.path.join(root, "tests", "data", "reference", "pictures")
for name in sorted(os.listdir(pictures)):
    with open(os.path.join(pictures, name), "rb") as f:
        put("picture", name, f.read())
put("picture", "plain.pgm", "P2 # grey\n2 2 255\n0 1 2 255\n")
put("picture", "plain.ppm", "P3\n1 1 7 1 2 3\n")
put("picture", "raw16.pgm", b"P5 2 1 65535\n\0\1\2\3")


def tensors(entries, meta=None, pad=8):
    head, at, data = {}, 0, b""
    if meta is not None:
        head["__metadata__"] = meta
    for name, dtype, shape, raw in entries:
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        data += raw
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % pad)
    return struct.pack("<Q", len(text)) + text + data


put("tensors", "one", tensors([("w", "F32", [2], struct.pack("<2f", 1, 2))]))
put("tensors", "types", tensors([("a", "F64", [1], bytes(8)), ("b", "I64", [], bytes(8)), ("c", "BF16", [2], bytes(4)),
                                 ("d", "F16", [1], bytes(2)), ("e", "U8", [3], b"abc"), ("f", "I32", [0], b"")]))
put("tensors", "meta", tensors([("x/kernel", "F32", [1, 1], bytes(4))], {"format": "pt", "crc32": "00000000"}))
put("tensors", "empty", tensors([]))

for name in sorted(os.listdir(os.path.join(root, "configs"))):
    if name.endswith(".json") and "schema" not in name:
        with open(os.path.join(root, "configs", name), "rb") as f:
            put("config", name, f.read())
X, Y = [[0, 1], [1, 0], [1, 1], [0, 0]], [1, 1, 0, 0]


def small(layers, x=X, y=Y, **more):
    return dict({"data": {"train": {"inline": {"x": x, "y": y}}}, "validation": 0, "training": {"epochs": 1},
                 "model": {"layers": layers}}, **more)


dense = [{"type": "Dense", "units": 3, "activation": "tanh"}, {"type": "Dense", "units": 2, "activation": "softmax"}]
image = {"train": {"inline": {"x": [[i % 5 for i in range(16)], [1] * 16], "y": [0, 1]}}, "shape": [4, 4, 1]}
series = {"train": {"inline": {"x": [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]], "y": [0.5, 1.5]}}, "shape": [3, 2]}
configs = {
    "dense": small(dense),
    "words": small(dense, y=["no", "yes", "no", "no"], loss={"type": "sparse_categorical_crossentropy"},
                   optimizer={"type": "sgd", "momentum": 0.9}, schedule={"type": "cosine", "warmup": 1}, metrics=["f1"]),
    "number": small([{"type": "Dense", "units": 1}], y=[.5, 1, 2, 3], regularization={"l2": 0.1}, loss="huber"),
    "image": small([{"type": "Conv2D", "filters": 2, "kernel_size": 3, "padding": "same"},
                    {"type": "BatchNormalization"}, {"type": "MaxPooling2D"}, {"type": "Flatten"},
                    {"type": "Dropout", "rate": 0.5}, {"type": "Dense", "units": 2, "activation": "softmax"}], data=image),
    "series": small([{"type": "LSTM", "units": 2, "return_sequences": True}, {"type": "GRU", "units": 2},
                     {"type": "Dense", "units": 1}], data=series),
    "attention": small([{"type": "PositionalEncoding"}, {"type": "MultiHeadAttention", "num_heads": 1, "key_dim": 2},
                        {"type": "GlobalAveragePooling1D"}, {"type": "Dense", "units": 1}], data=series),
    "graph": small([{"type": "Dense", "units": 2, "name": "a"}, {"type": "Dense", "units": 2, "name": "b", "inputs": ["input"]},
                    {"type": "Add", "inputs": ["a", "b"]}, {"type": "Activation", "activation": "softmax"}]),
    "hand": small([{"type": "Dense", "units": 1, "weights": {"kernel": [[1], [2]], "bias": [0]}}], y=[1.5, 2, 3, 4]),
    "bidirectional": small([{"type": "Bidirectional", "layer": {"type": "SimpleRNN", "units": 2}},
                            {"type": "Dense", "units": 1}], data=series),
}
for name, value in configs.items():
    put("config", name, json.dumps(value))
put("config", "comments", "// c\n{/* x */\"data\": {\"train\": {\"path\": \"t.csv\"}}, \"model\": {\"layers\": []}}")
sets = ["optimizer.learning_rate=0.01", "model.layers[0].units=64", "optimizer=adam", "loss=mse\nname=x",
        'data.train={"inline":{"x":[[1]],"y":[1]}}', "training.batch_size=full", "seed=18446744073709551615",
        "model.layers[1].weights.kernel=[[1,2],[3,4],[5,6]]", "early_stopping.monitor=val_loss",
        'optimizer.type=sgd\noptimizer.nesterov=true', "validation.method=last", "model.layers=[]"]
for i, one in enumerate(sets):
    put("set", "%02d" % i, one)

if nnctl:
    for name, value in configs.items():
        with tempfile.TemporaryDirectory() as work:
            with open(os.path.join(work, "c.json"), "w") as f:
                json.dump(value, f)
            subprocess.run([nnctl, "-C", work, "train", "-q", "c.json", "-o", "run"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(work, "run", "model.safetensors"), "rb") as f:
                put("model", name, f.read())
    for name in ("words", "numbers", "gaps"):
        with tempfile.TemporaryDirectory() as work:
            with open(os.path.join(work, "t.csv"), "w") as f:
                f.write(tables[name])
            head = {"type": "Dense", "units": 1}
            value = small([head], data={"train": {"path": "t.csv"}})
            if name == "numbers":
                value["data"].update(task="regression", target_scale="standard")
            else:
                head.update(units=2, activation="softmax")
                value["data"]["columns"] = {"n" if name == "words" else "a": {"impute": "mean"}}
            if name == "gaps":
                value["data"]["columns"]["b"] = {"impute": "zero"}
            with open(os.path.join(work, "c.json"), "w") as f:
                json.dump(value, f)
            subprocess.run([nnctl, "-C", work, "train", "-q", "c.json", "-o", "run"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(work, "run", "model.safetensors"), "rb") as f:
                put("model", "table-" + name, f.read())


states = {
    "plain": small(dense[1:], optimizer="sgd"),
    "binary": small([{"type": "Dense", "units": 1, "activation": "sigmoid"}], validation=0.4, early_stopping={"patience": 3},
                    metrics=["auc", "f1", "top_k", "accuracy"],
                    data={"task": "binary", "train": {"inline": {"x": X * 3, "y": Y * 3}}}),
    "classes": small([{"type": "Dense", "units": 3, "activation": "softmax"}], x=X * 2, y=[0, 1, 2, 0] * 2,
                     metrics=["top_k", "precision", "recall"],
                     schedule={"type": "reduce_on_plateau", "monitor": "loss", "patience": 1, "cooldown": 1}),
    "rollback": small([{"type": "BatchNormalization"}, {"type": "Dense", "units": 1}],
                      metrics=["r2", "mae"], optimizer={"type": "sgd", "momentum": 0.5}, schedule={"type": "one_cycle"},
                      data={"scale": "none", "train": {"inline": {"x": [[0, 1], [1e30, 0], [1, 1], [0, -1e30]] * 2,
                                                                  "y": [.5, 1, 2, 3] * 2}}},
                      training={"batch_size": 2, "on_nonfinite": "rollback", "most_nonfinite": 4}),
    "series": configs["series"],
    "image": small([{"type": "Conv2D", "filters": 1, "kernel_size": 2}, {"type": "GlobalAveragePooling2D"},
                    {"type": "Dropout", "rate": 0.2}, {"type": "Dense", "units": 2, "activation": "softmax"}],
                   training={"batch_size": 2},
                   data={"train": {"inline": {"x": [[i % 5 for i in range(16)], [1] * 16] * 3, "y": [0, 1] * 3}},
                         "shape": [4, 4, 1], "augment": {"flip": "both"}}),
}


def batch_of(state):
    """How many batches of the epoch a state has behind it."""
    size = int.from_bytes(state[:8], "little")
    at = json.loads(state[8:8 + size])["batch"]["data_offsets"][0]
    return int.from_bytes(state[8 + size + at:][:8], "little")


def state_of(value, stop):
    """The state of a training that is over, or was stopped within an epoch."""
    value = dict(value, training=dict({"batch_size": 1}, **dict(value["training"], epochs=100000 if stop else 2)))
    while True:
        with tempfile.TemporaryDirectory() as work:
            with open(os.path.join(work, "c.json"), "w") as f:
                json.dump(value, f)
            p = subprocess.Popen([nnctl, "-C", work, "train", "-q", "c.json", "-o", "run"], stdout=subprocess.DEVNULL)
            while stop and not os.path.exists(os.path.join(work, "run")):
                time.sleep(0.001)
            if stop:
                p.send_signal(signal.SIGUSR1)
            assert p.wait() in ((75,) if stop else (0,)), value
            with open(os.path.join(work, "run", "state.safetensors"), "rb") as f:
                state = f.read()
        if not stop or batch_of(state) > 0:
            return state


if nnctl:
    for name, value in states.items():
        put("state", name + "-done", state_of(value, False))
        put("state", name, state_of(value, True))
