"""The layers that see time, for make_training.py: Keras's formulas, step by step."""
import math

import torch
import torch.nn.functional as F

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
KINDS = [*GATES, "Bidirectional", "TimeDistributed", "Embedding", "MultiHeadAttention", "PositionalEncoding",
         "GlobalAveragePooling1D", "Masking"]


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


def make_mask(l, x, mask):
    """The mask [samples, steps] of a layer's output, or None: masks is what its inputs have."""
    if l["type"] == "Masking":
        return (x != l.get("mask_value", 0)).any(-1)
    if l["type"] == "Embedding" and l.get("mask_zero"):
        return x != 0
    inner = l["layer"] if l["type"] == "Bidirectional" else l
    stops = inner["type"] in GATES and not inner.get("return_sequences")
    return None if stops or l["type"] in ("Flatten", "GlobalAveragePooling1D") else mask


def recurrent(l, weights, prefix, x, mask):
    k, u, b = (weights[prefix + "/" + n] for n in ("kernel", "recurrent_kernel", "bias"))
    h = c = torch.zeros(x.shape[0], u.shape[0])
    out = []
    for t in range(x.shape[1]):
        at = x.shape[1] - 1 - t if l.get("go_backwards") else t
        new_h, new_c = step(l, k, u, b, x[:, at], h, c)
        if mask is not None:
            new_h, new_c = (torch.where(mask[:, at, None], new, old) for new, old in ((new_h, h), (new_c, c)))
        h, c = new_h, new_c
        out.append(h)
    return torch.stack(out, 1) if l.get("return_sequences") else h


def bidirectional(l, weights, x, mask):
    inner, name = l["layer"], l["name"]
    a = recurrent(inner, weights, name + "/forward", x, mask)
    b = recurrent(inner, weights, name + "/backward", x.flip(1), None if mask is None else mask.flip(1))
    if inner.get("return_sequences"):
        b = b.flip(1)
    mode = l.get("merge_mode", "concat")
    return {"concat": lambda: torch.cat([a, b], -1), "sum": lambda: a + b, "mul": lambda: a * b,
            "ave": lambda: (a + b) / 2}[mode]()


def attention(l, weights, x, mask):
    w = {n: weights[l["name"] + "/" + n] for n in attention_shapes(l, x.shape[-1])}
    q, k, v = (torch.einsum("ntd,dhk->nhtk", x, w[n + "_kernel"]) + w[n + "_bias"][None, :, None]
               for n in ("query", "key", "value"))
    scores = q @ k.transpose(-1, -2) / math.sqrt(l["key_dim"])
    if l.get("causal"):
        scores = scores + torch.full(scores.shape[-2:], -math.inf).triu(1)
    if mask is not None:  # a query without any key to see does not count itself, whatever it gives
        scores = torch.where(mask[:, None, None], scores, torch.tensor(-1e9))
    return torch.einsum("nhtk,hkd->ntd", F.softmax(scores, -1) @ v, w["output_kernel"]) + w["output_bias"]


def forward(l, weights, x, mask=None):
    kind = l["type"]
    if kind in GATES:
        return recurrent(l, weights, l["name"], x, mask)
    if kind == "Masking":
        return x * make_mask(l, x, None)[..., None]
    if kind == "Bidirectional":
        return bidirectional(l, weights, x, mask)
    if kind == "TimeDistributed":  # of a Dense layer
        return torch.tanh(x @ weights[l["name"] + "/kernel"] + weights[l["name"] + "/bias"])
    if kind == "Embedding":
        return F.embedding(x.long(), weights[l["name"] + "/embeddings"])
    if kind == "MultiHeadAttention":
        return attention(l, weights, x, mask)
    if kind == "GlobalAveragePooling1D":
        mask = torch.ones(x.shape[:2]) if mask is None else mask.double()
        return (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
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
