#!/usr/bin/env python3
"""Makes tests/run/reference/cases: small trainings whose final weights PyTorch computed in float64.

Each case is a config with inline data (NAME.json), the weights it starts from (NAME.init.safetensors) and
the weights after training (NAME.final.safetensors, float64). The update rules are Keras's, written out here;
PyTorch supplies the gradients. Needs python3-torch; the tests themselves need neither Python nor PyTorch.
"""
import json
import math
import os
import struct
import sys

import torch
import torch.nn.functional as F

import sequence_layers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../nn/reference"))
import image_layers  # noqa: E402: it has the layers on images that make_images.py checks one by one

torch.set_default_dtype(torch.float64)
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")


def save(path, tensors, dtype):
    """A safetensors file with nothing but the standard library."""
    header, data = {}, b""
    for name in sorted(tensors):
        values = tensors[name].flatten().tolist()
        raw = struct.pack("<%d%s" % (len(values), "f" if dtype == "F32" else "d"), *values)
        header[name] = {"dtype": dtype, "shape": list(tensors[name].shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def activation(spec, x):
    name, arg = (spec, {}) if isinstance(spec, str) else (spec["type"], spec)
    return {
        "linear": lambda: x,
        "relu": lambda: F.relu(x),
        "leaky_relu": lambda: F.leaky_relu(x, arg.get("negative_slope", 0.2)),
        "elu": lambda: F.elu(x, arg.get("alpha", 1.0)),
        "selu": lambda: F.selu(x),
        "gelu": lambda: F.gelu(x, approximate="tanh" if arg.get("approximate") else "none"),
        "silu": lambda: F.silu(x),
        "softplus": lambda: F.softplus(x, threshold=700),
        "sigmoid": lambda: torch.sigmoid(x),
        "hard_sigmoid": lambda: torch.clamp(x + 3, 0, 6) / 6,
        "tanh": lambda: torch.tanh(x),
        "softmax": lambda: F.softmax(x, -1),
    }[name]()


STATES = ("moving_mean", "moving_variance")


class States:
    """The moving statistics of a layer among the weights."""

    def __init__(self, weights, layer):
        self.weights, self.prefix = weights, layer.get("name", "") + "/"

    def __getitem__(self, name):
        return self.weights[self.prefix + name]

    def __setitem__(self, name, value):
        self.weights[self.prefix + name] = value


def forward(layers, weights, x, split_last):
    return forward_masked(layers, weights, x, split_last)[0]


def forward_masked(layers, weights, x, split_last):
    """Outputs of the last layer, without its activation when split_last; and their mask, or None."""
    out, previous = {"input": x}, x
    masks, mask = {"input": None}, None
    for i, l in enumerate(layers):
        inputs = [out[n] for n in l["inputs"]] if "inputs" in l else [previous]
        a = inputs[0]
        mask = masks[l["inputs"][0]] if "inputs" in l else mask  # all inputs have the same
        last = split_last and i == len(layers) - 1
        if l["type"] == "Dense":
            y = a @ weights[l["name"] + "/kernel"]
            if l.get("use_bias", True):
                y = y + weights[l["name"] + "/bias"]
            y = y if last else activation(l.get("activation", "linear"), y)
        elif l["type"] == "Activation":
            y = a if last else activation(l["activation"], a)
        elif l["type"] == "Flatten":
            y = a.reshape(a.shape[0], -1)
        elif l["type"] == "Reshape":
            y = a.reshape([a.shape[0]] + l["target_shape"])
        elif l["type"] == "Add":
            y = sum(inputs)
        elif l["type"] == "Average":
            y = sum(inputs) / len(inputs)
        elif l["type"] == "Multiply":
            y = math.prod(inputs)
        elif l["type"] == "Concatenate":
            y = torch.cat(inputs, l.get("axis", -1))
        elif l["type"] in sequence_layers.KINDS:
            y = sequence_layers.forward(l, weights, a, mask)
        elif l["type"] in image_layers.KINDS:
            y = image_layers.run(l, a, lambda name: weights[l["name"] + "/" + name], States(weights, l))
            y = activation(l.get("activation", "linear"), y)
        mask = sequence_layers.make_mask(l, a, mask)
        masks[l.get("name")], out[l.get("name")] = mask, y
        previous = y
    return previous, mask


def option(spec, key, default):
    return default if isinstance(spec, str) else spec.get(key, default)


def kind(spec):
    return spec if isinstance(spec, str) else spec["type"]


def sample_losses(loss, y, t, split):
    """One loss per sample. y: logits when split, else predictions."""
    name, eps = kind(loss), 1e-7
    if name == "mse":
        return ((y - t) ** 2).mean(-1)
    if name == "mae":
        return (y - t).abs().mean(-1)
    if name == "huber":
        d, e = option(loss, "delta", 1.0), (y - t).abs()
        return torch.where(e <= d, 0.5 * e * e, d * e - 0.5 * d * d).mean(-1)
    smooth = option(loss, "label_smoothing", 0.0)
    if name == "binary_crossentropy":
        t = t * (1 - smooth) + 0.5 * smooth
        if split:
            return F.binary_cross_entropy_with_logits(y, t, reduction="none").mean(-1)
        y = y.clamp(eps, 1 - eps)
        return -(t * y.log() + (1 - t) * (1 - y).log()).mean(-1)
    t = t * (1 - smooth) + smooth / t.shape[-1]
    if split:
        return -(t * F.log_softmax(y, -1)).sum(-1)
    y = y / y.sum(-1, keepdim=True)
    return -(t * y.clamp(eps, 1 - eps).log()).sum(-1)


class Optimizer:
    """Keras's update rules, one tensor at a time."""

    def __init__(self, spec, params):
        self.spec, self.params, self.t = spec, params, 0
        start = option(spec, "initial_accumulator_value", 0.1) if kind(spec) == "adagrad" else 0.0
        self.a = [torch.full_like(p, start) for p in params]
        self.b = [torch.zeros_like(p) for p in params]

    def step(self, grads):
        name, o = kind(self.spec), lambda key, default: option(self.spec, key, default)
        lr = o("learning_rate", 0.01 if name == "sgd" else 0.001)
        self.t += 1
        for p, g, a, b in zip(self.params, grads, self.a, self.b):
            if name == "sgd":
                m = o("momentum", 0.0)
                a.mul_(m).sub_(lr * g)
                p.add_(m * a - lr * g if o("nesterov", False) else a)
            elif name in ("adam", "adamw"):
                b1, b2 = o("beta_1", 0.9), o("beta_2", 0.999)
                if name == "adamw":
                    p.sub_(lr * o("weight_decay", 0.004) * p)
                a.mul_(b1).add_((1 - b1) * g)
                b.mul_(b2).add_((1 - b2) * g * g)
                scale = lr * math.sqrt(1 - b2 ** self.t) / (1 - b1 ** self.t)
                p.sub_(scale * a / (b.sqrt() + o("epsilon", 1e-7)))
            elif name == "rmsprop":
                rho = o("rho", 0.9)
                a.mul_(rho).add_((1 - rho) * g * g)
                p.sub_(lr * g / (a + o("epsilon", 1e-7)).sqrt())
            elif name == "adagrad":
                a.add_(g * g)
                p.sub_(lr * g / (a + o("epsilon", 1e-7)).sqrt())


def penalty(config, weights):
    default, total = config.get("regularization", {}), 0.0
    for l in config["model"]["layers"]:
        r = l.get("layer", l).get("kernel_regularizer", default)
        for w in (w for n, w in weights.items() if n.startswith(l["name"] + "/") and n.endswith("/kernel")):
            total = total + r.get("l1", 0.0) * w.abs().sum() + r.get("l2", 0.0) * (w * w).sum()
    return total


def clip(training, grads):
    if "clip_value" in training:
        grads = [g.clamp(-training["clip_value"], training["clip_value"]) for g in grads]
    if "clip_norm" in training:
        norm = math.sqrt(sum(float((g * g).sum()) for g in grads))
        if norm > training["clip_norm"]:
            grads = [g * (training["clip_norm"] / norm) for g in grads]
    return grads


def targets(config, outputs):
    y = config["data"]["train"]["inline"]["y"]
    if config["data"]["task"] == "multiclass":
        return F.one_hot(torch.tensor(y), outputs).double(), torch.tensor(y)
    t = torch.tensor(y, dtype=torch.float64)
    return (t if t.dim() == 2 else t[:, None]), t.long().reshape(-1)


def mean_loss(losses, mask):
    """Keras 3's "sum_over_batch_size": what is masked counts neither above nor below the line."""
    return losses.mean() if mask is None else (losses * mask).sum() / mask.sum()


def train(config, weights):
    layers, training = config["model"]["layers"], config["training"]
    x = torch.tensor(config["data"]["train"]["inline"]["x"], dtype=torch.float64)
    x = x.reshape([x.shape[0]] + config["data"].get("shape", [x.shape[1]]))
    last = layers[-1].get("activation", "linear")
    entropy = kind(config["loss"]).endswith("crossentropy")
    split = entropy and (last in ("softmax", "sigmoid") or option(config["loss"], "from_logits", False))
    outputs = forward(layers, dict(weights), x[:1], split).shape[-1]
    t, label = targets(config, outputs)
    frozen = {l["name"] for l in layers if not l.get("trainable", True)}
    states = [n for n in weights if n.endswith(STATES)]
    names = [n for n in weights if n.split("/")[0] not in frozen and n not in states]
    class_weight = {int(k): v for k, v in training.get("class_weight", {}).items()}
    counts = torch.tensor([class_weight.get(int(c), 1.0) for c in label.reshape(-1)]).reshape(label.shape)
    optimizer = Optimizer(config["optimizer"], [weights[n] for n in names])
    size = len(x) if training["batch_size"] == "full" else training["batch_size"]
    for _ in range(training["epochs"]):
        for i in range(0, len(x), size):
            leaves = {n: w.detach().clone().requires_grad_(n in names) for n, w in weights.items()}
            y, mask = forward_masked(layers, leaves, x[i:i + size], split)
            losses = sample_losses(config["loss"], y, t[i:i + size].reshape(y.shape), split)
            if class_weight:
                losses = losses * counts[i:i + size]
            total = mean_loss(losses, mask) + penalty(config, leaves)
            grads = torch.autograd.grad(total, [leaves[n] for n in names])
            optimizer.step(clip(training, list(grads)))
            weights.update((n, leaves[n]) for n in states)


def dense(name, units, act="linear", **more):
    return dict({"type": "Dense", "name": name, "units": units, "activation": act}, **more)


def grid(values):
    """Multiples of 1/64, which float32, float64 and decimal text all hold exactly."""
    return (values * 64).round() / 64


def image_weights(l, inputs, generator):
    """First weights of a layer on images: not those that Keras would take, lest ones and zeros hide mistakes."""
    weights = {}
    for n, size in image_layers.weight_shapes(l, inputs).items():
        spread = 1.0 / math.sqrt(math.prod(size[:-1])) if n == "kernel" else 0.3
        weights[l["name"] + "/" + n] = grid(torch.randn(size, generator=generator) * spread + (n == "gamma"))
    if l["type"] == "BatchNormalization":
        for n in STATES:
            weights[l["name"] + "/" + n] = grid(torch.rand(inputs[-1:], generator=generator) + 0.5)
    return weights


def make(name, layers, loss, optimizer="sgd", task="multiclass", rows=23, features=5, outputs=3,
         shape=None, training=None, vocabulary=None, holes=0, each=None, **more):
    generator = torch.Generator().manual_seed(sum(map(ord, name)))
    x = grid(torch.randn(rows, features, generator=generator))
    if vocabulary:
        x = torch.randint(0, vocabulary, x.shape, generator=generator).double()
    if holes:  # steps that do not count, anywhere
        steps = x.reshape([rows] + (shape or [features]))
        steps[torch.rand(steps.shape[:2], generator=generator) < holes] = 0
    if task == "multiclass":
        y = torch.randint(0, outputs, (rows,), generator=generator)
        y[:outputs] = torch.arange(outputs)
    elif task == "binary":
        y = (torch.rand(rows, generator=generator) > 0.5).long()
        y[:2] = torch.tensor([0, 1])
    elif task == "multilabel":
        y = (torch.rand(rows, outputs, generator=generator) > 0.5).long()
    else:
        y = grid(torch.randn(rows, outputs, generator=generator))
    if each and task == "multiclass":  # a target for each step
        y = torch.randint(0, outputs, (rows, each), generator=generator)
    elif each:
        y = grid(torch.randn(rows, each * outputs, generator=generator))
        y = (y > 0).long() if task == "multilabel" else y
    data = {"task": task, "scale": "none", "train": {"inline": {"x": x.tolist(), "y": y.tolist()}}}
    if shape:
        data["shape"] = shape
    config = {"name": name, "data": data, "validation": 0, "model": {"layers": layers}, "loss": loss,
              "optimizer": optimizer,
              "training": dict({"epochs": 3, "batch_size": 5, "shuffle": False}, **(training or {}))}
    config.update(more)
    weights, shapes = {}, {"input": shape or [features]}
    previous = shapes["input"]
    for l in layers:  # weights in the order and shapes of the layers
        ins = [shapes[n] for n in l["inputs"]] if "inputs" in l else [previous]
        probe = forward([dict(l, inputs=["input"])] if len(ins) == 1 else
                        [dict(l, inputs=["i%d" % k for k in range(len(ins))])],
                        {}, torch.zeros([1] + ins[0]), False) if l["type"] in ("Flatten", "Reshape") else None
        if l["type"] == "Dense":
            k = torch.randn(ins[0][-1], l["units"], generator=generator) * (1.0 / math.sqrt(ins[0][-1]))
            weights[l["name"] + "/kernel"] = grid(k)
            if l.get("use_bias", True):
                weights[l["name"] + "/bias"] = grid(torch.randn(l["units"], generator=generator) * 0.3)
            out = ins[0][:-1] + [l["units"]]
        elif l["type"] in sequence_layers.KINDS:
            for n, size in sequence_layers.shapes(l, ins[0]).items():
                spread = 0.3 if n.endswith("bias") else 1.0 / math.sqrt(size[0])
                weights[l["name"] + "/" + n] = grid(torch.randn(size, generator=generator) * spread)
            out = list(sequence_layers.forward(l, weights, torch.zeros([1] + ins[0])).shape[1:])
        elif l["type"] in image_layers.KINDS:
            weights.update(image_weights(l, ins[0], generator))
            out = list(forward([dict(l, inputs=["input"])], dict(weights), torch.zeros([1] + ins[0]), False).shape[1:])
        elif l["type"] == "Concatenate":
            out = ins[0][:-1] + [sum(s[-1] for s in ins)]
        elif probe is not None:
            out = list(probe.shape[1:])
        else:
            out = ins[0]
        shapes[l.get("name")] = previous = out
    save(os.path.join(HERE, name + ".init.safetensors"), weights, "F32")
    with open(os.path.join(HERE, name + ".json"), "w") as f:
        json.dump(config, f, separators=(",", ":"))
        f.write("\n")
    train(config, weights)
    save(os.path.join(HERE, name + ".final.safetensors"), weights, "F64")


def sgd(lr=0.1, **more):
    return dict({"type": "sgd", "learning_rate": lr}, **more)


def sequences():
    """Networks that see time: 4 steps of 3 features."""
    seen = dict(features=12, shape=[4, 3])
    scce, end = "sparse_categorical_crossentropy", dense("z", 3, "softmax")

    def layer(kind_, name, **more):
        return dict({"type": kind_, "name": name}, **more)

    for kind_ in ("SimpleRNN", "LSTM", "GRU"):
        low = kind_.lower()
        make(low, [layer(kind_, "r", units=5), end], scce, "adam", **seen)
        make(low + "-stacked", [layer(kind_, "r", units=4, return_sequences=True),
                                layer(kind_, "s", units=3, go_backwards=True), end], scce, sgd(), **seen)
        make(low + "-penalty", [layer(kind_, "r", units=4, kernel_regularizer={"l2": 0.1}), end], scce, sgd(),
             training={"clip_norm": 0.5}, regularization={"l1": 0.03}, **seen)
    make("gru-reset-before", [layer("GRU", "r", units=5, reset_after=False), end], scce, "adam", **seen)
    for mode, kind_ in zip(("concat", "sum", "mul", "ave"), ("LSTM", "GRU", "SimpleRNN", "LSTM")):
        inner = {"type": kind_, "units": 3, "return_sequences": mode in ("sum", "mul")}
        make("bidirectional-" + mode, [layer("Bidirectional", "b", merge_mode=mode, layer=inner),
                                       layer("Flatten", "f"), end], scce, "adam",
             regularization={"l2": 0.05}, **seen)
    make("time-distributed", [layer("TimeDistributed", "t", layer={"type": "Dense", "units": 2, "activation": "tanh"}),
                              layer("LSTM", "r", units=3), end], scce, sgd(), **seen)
    make("embedding", [layer("Embedding", "e", input_dim=7, output_dim=3), layer("GRU", "r", units=4), end], scce,
         "adam", features=6, vocabulary=7)
    # Not Adam: it would blow up what rounding leaves of the gradient of the keys' bias, which is zero.
    for causal in (False, True):
        make("transformer-causal" if causal else "transformer-encoder",
             [layer("PositionalEncoding", "p", encoding="learned" if causal else "sinusoidal"),
              layer("MultiHeadAttention", "a", num_heads=2, key_dim=2, causal=causal),
              layer("Add", "r", inputs=["p", "a"]), dense("d", 5, "gelu"), dense("e", 3),
              layer("Add", "q", inputs=["e", "r"]), layer("GlobalAveragePooling1D", "g"), end], scce, sgd(), **seen)


def masks():
    """Sequences of unequal length: of 6 steps about a third does not count."""
    seen = dict(features=18, shape=[6, 3], holes=0.35)
    scce, end = "sparse_categorical_crossentropy", dense("z", 3, "softmax")
    masking = {"type": "Masking", "name": "m"}

    def layer(kind_, name, **more):
        return dict({"type": kind_, "name": name}, **more)

    for kind_, more in (("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}), ("GRU", {"reset_after": False})):
        name = "mask-" + kind_.lower() + ("-before" if more else "")
        make(name, [masking, layer(kind_, "r", units=4, return_sequences=True, **more), dense("d", 3, "tanh"),
                    layer(kind_, "s", units=3, go_backwards=True, **more), end], scce, "adam", **seen)
    inner = {"type": "LSTM", "units": 3, "return_sequences": True}
    make("mask-bidirectional", [masking, layer("Bidirectional", "b", layer=inner),
                                layer("GlobalAveragePooling1D", "g"), end], scce, sgd(), **seen)
    make("mask-zero", [layer("Embedding", "e", input_dim=6, output_dim=3, mask_zero=True),
                       layer("Bidirectional", "b", layer={"type": "GRU", "units": 3}), end], scce, "adam",
         features=8, vocabulary=6, holes=0.3)
    make("mask-transformer", [masking, layer("PositionalEncoding", "p"),
                              layer("MultiHeadAttention", "a", num_heads=2, key_dim=2),
                              layer("Add", "r", inputs=["p", "a"]), layer("LayerNormalization", "n"),
                              layer("MultiHeadAttention", "b", num_heads=1, key_dim=3, causal=True),
                              layer("GlobalAveragePooling1D", "g"), end], scce, sgd(), **seen)


def steps():
    """A target for every step, of sequences whose lengths are unequal or not."""
    seen = dict(features=18, shape=[6, 3], each=6)
    scce = "sparse_categorical_crossentropy"
    masking = {"type": "Masking", "name": "m"}

    def layer(kind_, name, **more):
        return dict({"type": kind_, "name": name}, **more)

    def whole(kind_, name, units=4, **more):
        return layer(kind_, name, units=units, return_sequences=True, **more)

    make("steps-rnn", [whole("SimpleRNN", "r"), dense("z", 3, "softmax")], scce, "adam", **seen)
    make("steps-masked", [masking, whole("LSTM", "r"), whole("LSTM", "s", 3), dense("z", 3, "softmax")], scce, sgd(),
         holes=0.35, training={"class_weight": {"0": 2.5, "2": 0.25}}, **seen)
    make("steps-masked-backwards",
         [layer("Embedding", "e", input_dim=6, output_dim=3, mask_zero=True),
          layer("Bidirectional", "b", layer={"type": "GRU", "units": 2, "return_sequences": True, "reset_after": False}),
          whole("GRU", "g", 3, go_backwards=True), dense("z", 3, "softmax")], scce, "adam", features=6, vocabulary=6,
         holes=0.3, each=6)
    make("steps-masked-numbers",
         [masking, dense("d", 4, "tanh"), layer("PositionalEncoding", "p"),
          layer("MultiHeadAttention", "a", num_heads=2, key_dim=2), layer("Add", "r", inputs=["p", "a"]), dense("z", 2)],
         "huber", sgd(), task="regression", outputs=2, holes=0.35, **seen)
    make("steps-masked-labels", [masking, whole("GRU", "g", 3), dense("z", 2, "sigmoid")], "binary_crossentropy", "adam",
         task="multilabel", outputs=2, holes=0.35, regularization={"l2": 0.01}, **seen)


def images():
    """Networks on images of 6 x 6 places with 2 channels, and on sequences."""
    seen = dict(features=72, shape=[6, 6, 2])
    scce, flat, end = "sparse_categorical_crossentropy", {"type": "Flatten", "name": "f"}, dense("z", 3, "softmax")

    def layer(kind_, name, **more):
        return dict({"type": kind_, "name": name}, **more)

    def conv(name, filters, size=3, **more):
        return layer("Conv2D", name, filters=filters, kernel_size=size, **more)

    pool = layer("MaxPooling2D", "p")
    make("conv", [conv("a", 4, activation="relu"), pool, flat, end], scce, sgd(), **seen)
    make("conv-two", [conv("a", 3, padding="same", activation="relu"), pool, conv("b", 5, 2, activation="relu"),
                      flat, dense("d", 4, "relu"), end], scce, "adam", **seen)
    make("conv-wide", [conv("a", 18, activation="relu"), conv("b", 17, padding="same", activation="relu"), pool, flat,
                       end], scce, sgd(), **seen)
    make("conv-strides", [conv("a", 4, strides=2, padding="same", activation="gelu"), conv("b", 3, 2), flat, end],
         scce, sgd(), **seen)
    make("conv-dilated", [conv("a", 3, dilation_rate=2, activation="tanh", use_bias=False), flat, end], scce, sgd(),
         **seen)
    make("conv-penalty", [conv("a", 3, activation="relu"), conv("b", 3, kernel_regularizer={"l1": 0.02}), flat, end],
         scce, sgd(), regularization={"l2": 0.05}, training={"clip_norm": 0.8}, **seen)
    make("conv-frozen", [conv("a", 3, activation="relu", trainable=False), conv("b", 3), flat, end], scce, "adam",
         **seen)
    make("conv-batch-norm", [conv("a", 4, use_bias=False), layer("BatchNormalization", "n"),
                             layer("Activation", "r", activation="relu"), pool, flat, end], scce, "adam", **seen)
    make("conv-pools", [conv("a", 3, 2, activation="tanh"),
                        layer("AveragePooling2D", "m", pool_size=3, strides=2, padding="same"),
                        layer("UpSampling2D", "u"), layer("ZeroPadding2D", "o", padding=[[1, 0], [2, 1]]),
                        layer("MaxPooling2D", "p", pool_size=3, strides=[1, 2], padding="same"),
                        layer("GlobalMaxPooling2D", "g"), end], scce, sgd(), **seen)
    make("depthwise", [layer("DepthwiseConv2D", "d", kernel_size=3, activation="relu"), conv("a", 4, 1),
                       layer("DepthwiseConv2D", "e", kernel_size=2, strides=2, padding="same"),
                       layer("GlobalAveragePooling2D", "g"), end], scce, sgd(), regularization={"l2": 0.05}, **seen)
    make("residual", [conv("a", 2, padding="same", use_bias=False), layer("BatchNormalization", "n", momentum=0.9),
                      layer("Activation", "r", activation="relu"), conv("b", 2, padding="same"),
                      layer("Add", "s", inputs=["b", "input"]), layer("Activation", "t", activation="relu"),
                      conv("c", 4, 1, strides=2, inputs=["t"]), conv("d", 4, strides=2, padding="same", inputs=["t"]),
                      layer("Add", "u", inputs=["c", "d"]), layer("GlobalAveragePooling2D", "g"), end], scce, "adam",
         **seen)
    make("layer-norm", [dense("a", 6, "tanh"), layer("LayerNormalization", "n"), end], scce, sgd())
    make("layer-norm-conv", [conv("a", 4), layer("LayerNormalization", "n", epsilon=0.01, center=False), flat, end],
         scce, sgd(), **seen)
    make("batch-norm", [dense("a", 6), layer("BatchNormalization", "n", epsilon=0.01, momentum=0.5),
                        layer("Activation", "r", activation="tanh"), end], scce, sgd())
    make("batch-norm-bare", [layer("BatchNormalization", "n", scale=False, center=False), dense("a", 6, "relu"), end],
         scce, sgd())
    make("batch-norm-frozen", [dense("a", 6), layer("BatchNormalization", "n", trainable=False), end], scce, sgd())
    line = dict(features=16, shape=[8, 2])
    make("conv1d", [layer("Conv1D", "a", filters=4, kernel_size=3, padding="same", activation="relu"),
                    layer("MaxPooling1D", "p"), layer("Conv1D", "b", filters=3, kernel_size=2), flat, end], scce,
         sgd(), **line)
    make("conv1d-causal", [layer("Conv1D", "a", filters=4, kernel_size=3, padding="causal", activation="relu"),
                           layer("Conv1D", "b", filters=4, kernel_size=3, dilation_rate=2, padding="causal"),
                           layer("AveragePooling1D", "p", padding="same"), layer("GlobalAveragePooling1D", "g"), end],
         scce, "adam", **line)


def main():
    os.makedirs(HERE, exist_ok=True)
    for old in os.listdir(HERE):
        os.remove(os.path.join(HERE, old))
    mlp = [dense("a", 6, "tanh"), dense("b", 3, "softmax")]
    numbers = [dense("a", 6, "tanh"), dense("b", 2)]
    cce, scce = "categorical_crossentropy", "sparse_categorical_crossentropy"
    reg = dict(task="regression", outputs=2)

    for o in ("sgd", "adam", "adamw", "rmsprop", "adagrad"):
        make("optimizer-" + o, mlp, scce, o)
        make("optimizer-%s-fast" % o, numbers, "mse", {"type": o, "learning_rate": 0.05}, **reg)
    make("optimizer-momentum", mlp, scce, sgd(momentum=0.9))
    make("optimizer-nesterov", mlp, scce, sgd(momentum=0.9, nesterov=True))
    make("optimizer-adam-settings", mlp, scce,
         {"type": "adam", "learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 0.001})
    make("optimizer-adamw-decay", mlp, scce, {"type": "adamw", "learning_rate": 0.02, "weight_decay": 0.3})

    for loss in ("mse", "mae", "huber"):
        make("loss-" + loss, numbers, loss, sgd(), **reg)
    make("loss-huber-delta", numbers, {"type": "huber", "delta": 0.3}, sgd(), **reg)
    make("loss-mse-classes", mlp, "mse", sgd())
    make("loss-mse-sigmoid", [dense("a", 4, "sigmoid"), dense("b", 1, "sigmoid")], "mse", sgd(1.0),
         task="binary", training={"batch_size": "full", "epochs": 20})
    one = [dense("a", 6, "relu"), dense("b", 1, "sigmoid")]
    make("loss-binary", one, "binary_crossentropy", sgd(), task="binary")
    make("loss-binary-smooth", one, {"type": "binary_crossentropy", "label_smoothing": 0.2}, sgd(),
         task="binary")
    make("loss-binary-logits", [dense("a", 6, "relu"), dense("b", 1)],
         {"type": "binary_crossentropy", "from_logits": True}, sgd(), task="binary")
    make("loss-multilabel", [dense("a", 6, "relu"), dense("b", 3, "sigmoid")], "binary_crossentropy",
         sgd(), task="multilabel")
    make("loss-categorical", mlp, cce, sgd())
    make("loss-categorical-smooth", mlp, {"type": cce, "label_smoothing": 0.1}, sgd())
    make("loss-categorical-logits", [dense("a", 6, "tanh"), dense("b", 3)],
         {"type": cce, "from_logits": True}, sgd())
    make("loss-sparse-logits", [dense("a", 6, "tanh"), dense("b", 3)],
         {"type": scce, "from_logits": True}, sgd())
    make("loss-class-weight", mlp, scce, sgd(), training={"class_weight": {"0": 2.5, "2": 0.5}})

    make("penalty-l1", mlp, scce, sgd(), regularization={"l1": 0.02})
    make("penalty-l2", mlp, scce, sgd(), regularization={"l2": 0.05})
    make("penalty-both", mlp, scce, "adam", regularization={"l1": 0.01, "l2": 0.02})
    make("penalty-own", [dense("a", 6, "tanh", kernel_regularizer={"l2": 0.1}), dense("b", 3, "softmax")],
         scce, sgd(), regularization={"l1": 0.03})
    make("clip-norm", numbers, "mse", sgd(), training={"clip_norm": 0.5}, **reg)
    make("clip-norm-penalty", numbers, "mse", sgd(), training={"clip_norm": 0.7},
         regularization={"l2": 0.2}, **reg)
    make("clip-value", numbers, "mse", sgd(), training={"clip_value": 0.1}, **reg)
    make("clip-both", numbers, "mse", "adam", training={"clip_value": 0.2, "clip_norm": 0.3}, **reg)

    for act in ("linear", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "sigmoid",
                "hard_sigmoid", "tanh", "softmax"):
        make("dense-" + act, [dense("a", 6, act), dense("b", 2)], "mse", sgd(), **reg)
    make("dense-settings", [dense("a", 6, {"type": "leaky_relu", "negative_slope": 0.05}),
                            dense("b", 4, {"type": "elu", "alpha": 0.5}),
                            dense("c", 2, {"type": "gelu", "approximate": True}, use_bias=False)],
         "mse", sgd(), **reg)
    make("activation-layer", [dense("a", 6), {"type": "Activation", "name": "t", "activation": "gelu"},
                              dense("b", 3), {"type": "Activation", "name": "s", "activation": "softmax"}],
         scce, sgd())
    make("dense-rank-2", [dense("a", 4, "tanh"), {"type": "Flatten", "name": "f"}, dense("b", 2)], "mse",
         sgd(), features=6, shape=[2, 3], **reg)
    make("reshape", [{"type": "Reshape", "name": "r", "target_shape": [3, 2]}, dense("a", 4, "silu"),
                     {"type": "Flatten", "name": "f"}, dense("b", 3, "softmax")], scce, sgd(), features=6)
    make("frozen", [dense("a", 6, "tanh", trainable=False), dense("b", 3, "softmax")], scce, "adam")
    make("frozen-last", [dense("a", 6, "tanh"), dense("b", 3, "softmax", trainable=False)], scce, sgd())

    def merge(kind_, **more):
        return [dense("a", 4, "tanh", inputs=["input"]), dense("b", 4, "relu", inputs=["input"]),
                dict({"type": kind_, "name": "m", "inputs": ["a", "b", "a"]}, **more),
                dense("c", 3, "softmax")]

    for kind_ in ("Add", "Multiply", "Average", "Concatenate"):
        make("graph-" + kind_.lower(), merge(kind_), scce, sgd())
    make("graph-residual", [dense("a", 5, "relu"), {"type": "Add", "name": "r", "inputs": ["a", "input"]},
                            dense("b", 5, "tanh"), {"type": "Add", "name": "q", "inputs": ["b", "r", "a"]},
                            dense("c", 3, "softmax")], scce, "adam")
    make("graph-views", [dense("a", 4, "tanh"), {"type": "Reshape", "name": "r", "target_shape": [2, 2]},
                         dense("b", 2, "relu"), {"type": "Flatten", "name": "f"},
                         {"type": "Multiply", "name": "m", "inputs": ["f", "a"]}, dense("c", 2)],
         "huber", sgd(), **reg)
    sequences()
    masks()
    steps()
    images()
    print("%d cases" % (len(os.listdir(HERE)) // 3))


if __name__ == "__main__":
    sys.exit(main())
