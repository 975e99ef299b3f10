"""The layers that see time, for make_training.py: Keras's formulas, step by step."""
import math

import torch
import torch.nn.functional as F

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
KINDS = [*GATES, "Bidirectional", "TimeDistributed", "Embedding", "MultiHeadAttention", "PositionalEncoding",
         "GlobalAveragePooling1D"]


def step(l, k, u, b, x, h, c):
    """One step of a recurrent layer; returns h and c."""
    n = u.shape[0]
    if l["type"] == "SimpleRNN":
        return torch.tanh(x @ k + h @ u + b), c
    if l["type"] == "LSTM":
        i, f, g, o = (x @ k + h @ u + b).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    after = l.get("reset_after", True)
    a = x @ k + (b[0] if after else b)
    s = h @ u[:, :2 * n] + (b[1][:2 * n] if after else 0)
    z, r = torch.sigmoid(a[:, :2 * n] + s).chunk(2, -1)
    if after:
        candidate = a[:, 2 * n:] + r * (h @ u[:, 2 * n:] + b[1][2 * n:])
    else:
        candidate = a[:, 2 * n:] + (r * h) @ u[:, 2 * n:]
    return z * h + (1 - z) * torch.tanh(candidate), c


def recurrent(l, weights, prefix, x):
    k, u, b = (weights[prefix + "/" + n] for n in ("kernel", "recurrent_kernel", "bias"))
    h = c = torch.zeros(x.shape[0], u.shape[0])
    out = []
    for t in range(x.shape[1]):
        h, c = step(l, k, u, b, x[:, x.shape[1] - 1 - t if l.get("go_backwards") else t], h, c)
        out.append(h)
    return torch.stack(out, 1) if l.get("return_sequences") else h


def bidirectional(l, weights, x):
    inner, name = l["layer"], l["name"]
    a = recurrent(inner, weights, name + "/forward", x)
    b = recurrent(inner, weights, name + "/backward", x.flip(1))
    if inner.get("return_sequences"):
        b = b.flip(1)
    mode = l.get("merge_mode", "concat")
    return {"concat": lambda: torch.cat([a, b], -1), "sum": lambda: a + b, "mul": lambda: a * b,
            "ave": lambda: (a + b) / 2}[mode]()


def attention(l, weights, x):
    w = {n: weights[l["name"] + "/" + n] for n in attention_shapes(l, x.shape[-1])}
    q, k, v = (torch.einsum("ntd,dhk->nhtk", x, w[n + "_kernel"]) + w[n + "_bias"][None, :, None]
               for n in ("query", "key", "value"))
    scores = q @ k.transpose(-1, -2) / math.sqrt(l["key_dim"])
    if l.get("causal"):
        scores = scores + torch.full(scores.shape[-2:], -math.inf).triu(1)
    return torch.einsum("nhtk,hkd->ntd", F.softmax(scores, -1) @ v, w["output_kernel"]) + w["output_bias"]


def forward(l, weights, x):
    kind = l["type"]
    if kind in GATES:
        return recurrent(l, weights, l["name"], x)
    if kind == "Bidirectional":
        return bidirectional(l, weights, x)
    if kind == "TimeDistributed":  # of a Dense layer
        return torch.tanh(x @ weights[l["name"] + "/kernel"] + weights[l["name"] + "/bias"])
    if kind == "Embedding":
        return F.embedding(x.long(), weights[l["name"] + "/embeddings"])
    if kind == "MultiHeadAttention":
        return attention(l, weights, x)
    if kind == "GlobalAveragePooling1D":
        return x.mean(1)
    if l.get("encoding") == "learned":
        return x + weights[l["name"] + "/embeddings"]
    t, j = torch.arange(x.shape[1])[:, None].double(), torch.arange(x.shape[2])
    angle = t / 10000.0 ** ((j - j % 2) / x.shape[2])
    return x + torch.where(j % 2 == 0, angle.sin(), angle.cos())


def recurrent_shapes(l, features, prefix=""):
    cols = GATES[l["type"]] * l["units"]
    bias = [2, cols] if l["type"] == "GRU" and l.get("reset_after", True) else [cols]
    return {prefix + "kernel": [features, cols], prefix + "recurrent_kernel": [l["units"], cols],
            prefix + "bias": bias}


def attention_shapes(l, features):
    heads = [l["num_heads"], l["key_dim"]]
    shapes = {}
    for n in ("query", "key", "value"):
        shapes[n + "_kernel"], shapes[n + "_bias"] = [features, *heads], heads
    return {**shapes, "output_kernel": [*heads, features], "output_bias": [features]}


def shapes(l, x):
    """Shapes of a layer's weights, by name, for one sample of shape x."""
    kind = l["type"]
    if kind in GATES:
        return recurrent_shapes(l, x[-1])
    if kind == "Bidirectional":
        return {**recurrent_shapes(l["layer"], x[-1], "forward/"),
                **recurrent_shapes(l["layer"], x[-1], "backward/")}
    if kind == "TimeDistributed":
        return {"kernel": [x[-1], l["layer"]["units"]], "bias": [l["layer"]["units"]]}
    if kind == "Embedding":
        return {"embeddings": [l["input_dim"], l["output_dim"]]}
    if kind == "MultiHeadAttention":
        return attention_shapes(l, x[-1])
    return {"embeddings": x} if l.get("encoding") == "learned" else {}
