#!/usr/bin/env python3
"""Writes sequences.json, as make_layers.py does layers.json, for the layers that see time.

Run in this directory with PyTorch installed: python3 make_sequences.py > sequences.json
SimpleRNN, LSTM and GRU are PyTorch's own, their weights put into its order; the forms that PyTorch
does not have are written out step by step.
"""
import json
import math

import torch
import torch.nn.functional as F

from make_layers import case, kernel

UNITS, FEATURES, STEPS, SAMPLES = 4, 3, 5, 2


def weights_of(gates, bias, name="r", features=FEATURES, units=UNITS):
    """Keras's three tensors of a recurrent layer; bias: its shape, or None."""
    weights = {name + "/kernel": kernel(features, gates * units),
               name + "/recurrent_kernel": kernel(units, gates * units)}
    if bias:
        weights[name + "/bias"] = kernel(*bias)
    return weights


def tensors(w, name):
    return w[name + "/kernel"], w[name + "/recurrent_kernel"], w.get(name + "/bias")


def start(x, w, name):
    return torch.zeros(x.shape[0], w[name + "/recurrent_kernel"].shape[0])


def simple_rnn(x, w, name="r"):
    k, u, b = tensors(w, name)
    flat = [k.T, u.T, b, torch.zeros_like(b)]
    return torch._VF.rnn_tanh(x, start(x, w, name)[None], flat, True, 1, 0.0, False, False, True)[0]


def lstm(x, w, name="r"):
    k, u, b = tensors(w, name)  # PyTorch's order is i, f, g, o as well
    h = start(x, w, name)[None]
    return torch._VF.lstm(x, (h, h), [k.T, u.T, b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)[0]


def swap(t):
    """z, r, h to PyTorch's r, z, n."""
    z, r, h = t.chunk(3, -1)
    return torch.cat([r, z, h], -1)


def gru(x, w, name="r"):
    k, u, b = tensors(w, name)
    flat = [swap(k).T, swap(u).T, swap(b[0]), swap(b[1])]
    return torch._VF.gru(x, start(x, w, name)[None], flat, True, 1, 0.0, False, False, True)[0]


def gru_reset_before(x, w, name="r", act=torch.tanh, gate=torch.sigmoid):
    k, u, b = tensors(w, name)
    h, out, n = start(x, w, name), [], u.shape[0]
    for t in range(x.shape[1]):
        a = x[:, t] @ k + b
        z, r = gate(a[:, :2 * n] + h @ u[:, :2 * n]).chunk(2, -1)
        candidate = act(a[:, 2 * n:] + (r * h) @ u[:, 2 * n:])
        h = z * h + (1 - z) * candidate
        out.append(h)
    return torch.stack(out, 1)


def lstm_of(act, gate):
    def run(x, w, name="r"):
        k, u, b = tensors(w, name)
        h, out = start(x, w, name), []
        c = h
        for t in range(x.shape[1]):
            i, f, g, o = (x[:, t] @ k + h @ u + (b if b is not None else 0)).chunk(4, -1)
            c = gate(f) * c + gate(i) * act(g)
            h = gate(o) * act(c)
            out.append(h)
        return torch.stack(out, 1)
    return run


KINDS = [("SimpleRNN", {}, 1, [UNITS], simple_rnn), ("LSTM", {}, 4, [4 * UNITS], lstm),
         ("GRU", {}, 3, [2, 3 * UNITS], gru),
         ("GRU", {"reset_after": False}, 3, [3 * UNITS], gru_reset_before),
         ("LSTM", {"activation": "gelu", "recurrent_activation": "hard_sigmoid"}, 4, [4 * UNITS],
          lstm_of(F.gelu, lambda z: ((z + 3) / 6).clamp(0, 1))),
         ("LSTM", {"use_bias": False}, 4, None, lstm_of(torch.tanh, torch.sigmoid))]


def data():
    return torch.randn(SAMPLES, STEPS, FEATURES)


def recurrent_cases():
    for kind, settings, gates, bias, run in KINDS:
        layer = {"type": kind, "name": "r", "units": UNITS, **settings}
        name = "%s %s" % (kind, settings)
        yield case(name, [dict(layer)], weights_of(gates, bias), data(),
                   lambda x, w, f=run: f(x, w)[:, -1])
        yield case(name + " sequences", [dict(layer, return_sequences=True)], weights_of(gates, bias),
                   data(), lambda x, w, f=run: f(x, w))
        yield case(name + " backwards", [dict(layer, return_sequences=True, go_backwards=True)],
                   weights_of(gates, bias), data(), lambda x, w, f=run: f(x.flip(1), w))


MERGES = {"concat": lambda a, b: torch.cat([a, b], -1), "sum": lambda a, b: a + b,
          "mul": lambda a, b: a * b, "ave": lambda a, b: (a + b) / 2}


def both_ways(gates, bias):
    return {**weights_of(gates, bias, "b/forward"), **weights_of(gates, bias, "b/backward")}


def bidirectional_cases():
    for (kind, settings, gates, bias, run), (mode, merge) in zip(KINDS, MERGES.items()):
        inner = {"type": kind, "units": UNITS, **settings}
        layer = {"type": "Bidirectional", "name": "b", "merge_mode": mode}
        yield case("Bidirectional " + mode, [dict(layer, layer=dict(inner))], both_ways(gates, bias), data(),
                   lambda x, w, f=run, m=merge: m(f(x, w, "b/forward")[:, -1],
                                                  f(x.flip(1), w, "b/backward")[:, -1]))
        inner["return_sequences"] = True
        yield case("Bidirectional %s sequences" % mode, [dict(layer, layer=dict(inner))],
                   both_ways(gates, bias), data(),
                   lambda x, w, f=run, m=merge: m(f(x, w, "b/forward"), f(x.flip(1), w, "b/backward").flip(1)))


def attention_weights(features, heads, width, bias=True):
    weights = {}
    for name in ("query", "key", "value"):
        weights["a/%s_kernel" % name] = kernel(features, heads, width)
        if bias:
            weights["a/%s_bias" % name] = kernel(heads, width)
    weights["a/output_kernel"] = kernel(heads, width, features)
    if bias:
        weights["a/output_bias"] = kernel(features)
    return weights


def attention(x, w, causal=False):
    q, k, v = (torch.einsum("ntd,dhk->nhtk", x, w["a/%s_kernel" % name]) +
               (w["a/%s_bias" % name][None, :, None] if "a/query_bias" in w else 0)
               for name in ("query", "key", "value"))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        scores = scores + torch.full(scores.shape[-2:], -math.inf).triu(1)
    y = torch.einsum("nhtk,hkd->ntd", torch.softmax(scores, -1) @ v, w["a/output_kernel"])
    return y + w["a/output_bias"] if "a/output_bias" in w else y


def torch_attention(x, w, heads):
    """PyTorch's own, which has only heads that share the features out."""
    d = x.shape[-1]
    kernels = torch.cat([w["a/%s_kernel" % n].reshape(d, d).T for n in ("query", "key", "value")])
    biases = torch.cat([w["a/%s_bias" % n].reshape(d) for n in ("query", "key", "value")])
    x = x.transpose(0, 1)
    y, _ = F.multi_head_attention_forward(x, x, x, d, heads, kernels, biases, None, None, False, 0.0,
                                          w["a/output_kernel"].reshape(d, d).T, w["a/output_bias"],
                                          need_weights=False)
    return y.transpose(0, 1)


def waves(steps, features):
    t, j = torch.arange(steps, dtype=torch.float64)[:, None], torch.arange(features)
    angle = t / 10000.0 ** ((j - j % 2) / features)
    return torch.where(j % 2 == 0, angle.sin(), angle.cos())


def other_cases():
    layer = {"type": "MultiHeadAttention", "name": "a", "num_heads": 2, "key_dim": 3}
    yield case("MultiHeadAttention", [dict(layer, num_heads=2, key_dim=2)], attention_weights(4, 2, 2),
               torch.randn(2, 5, 4), lambda x, w: torch_attention(x, w, 2))
    yield case("MultiHeadAttention of another width", [dict(layer)], attention_weights(4, 2, 3),
               torch.randn(2, 5, 4), attention)
    yield case("MultiHeadAttention causal", [dict(layer, causal=True)], attention_weights(4, 2, 3),
               torch.randn(2, 5, 4), lambda x, w: attention(x, w, True))
    yield case("MultiHeadAttention without bias", [dict(layer, use_bias=False)],
               attention_weights(4, 2, 3, False), torch.randn(2, 5, 4), attention)
    for features in (4, 5):
        yield case("PositionalEncoding of %d" % features, [{"type": "PositionalEncoding"}], {},
                   torch.randn(2, 6, features), lambda x, w: x + waves(*x.shape[1:]))
    yield case("PositionalEncoding learned", [{"type": "PositionalEncoding", "name": "p", "encoding": "learned"}],
               {"p/embeddings": kernel(6, 4)}, torch.randn(2, 6, 4), lambda x, w: x + w["p/embeddings"])
    yield case("Embedding", [{"type": "Embedding", "name": "e", "input_dim": 6, "output_dim": 3}],
               {"e/embeddings": kernel(6, 3)}, torch.tensor([[0.0, 5, 2, 2], [1, 2, 0, 5]]),
               lambda x, w: F.embedding(x.long(), w["e/embeddings"]) + 0 * x[..., None])
    yield case("TimeDistributed", [{"type": "TimeDistributed", "name": "t",
                                    "layer": {"type": "Dense", "units": 2, "activation": "tanh"}}],
               {"t/kernel": kernel(3, 2), "t/bias": kernel(2)}, torch.randn(2, 4, 3),
               lambda x, w: torch.tanh(x @ w["t/kernel"] + w["t/bias"]))
    layers = [{"type": "TimeDistributed", "name": "b",
               "layer": {"type": "Bidirectional", "layer": {"type": "GRU", "units": UNITS}}}]
    yield case("TimeDistributed Bidirectional", layers, both_ways(3, [2, 3 * UNITS]),
               torch.randn(2, 3, 4, FEATURES),
               lambda x, w: torch.cat([gru(x.flatten(0, 1), w, "b/forward")[:, -1],
                                       gru(x.flatten(0, 1).flip(1), w, "b/backward")[:, -1]],
                                      -1).unflatten(0, x.shape[:2]))
    yield case("GlobalMaxPooling1D", [{"type": "GlobalMaxPooling1D"}], {}, torch.randn(3, 5, 4),
               lambda x, w: x.max(1).values)
    inner = {"type": "LSTM", "units": UNITS, "return_sequences": True, "go_backwards": True}
    yield case("Bidirectional backwards", [{"type": "Bidirectional", "name": "b", "layer": inner}],
               both_ways(4, [4 * UNITS]), data(),
               lambda x, w: torch.cat([lstm(x.flip(1), w, "b/forward"), lstm(x, w, "b/backward").flip(1)], -1))


def with_holes():
    """Steps that do not count at the end, in the middle, at the beginning; and one sample without any that do."""
    x = torch.randn(5, STEPS, FEATURES)
    for sample, steps in enumerate(([3, 4], [1, 2], [0, 4], [], range(STEPS))):
        x[sample, list(steps)] = 0
    return x


def skipping(run, x, keep, w, name="r"):
    """What a layer gives when each sample has only the steps that count; between them it stays as it was."""
    rows = []
    for sample, kept in zip(x, keep):
        nothing = torch.zeros(w[name + "/recurrent_kernel"].shape[0]) + 0 * sample.sum()
        steps = [nothing, *run(sample[kept][None], w, name)[0]] if kept.any() else [nothing]
        rows.append(torch.stack([steps[n] for n in kept.cumsum(0)]))
    return torch.stack(rows)


def attending(x, keep, w, causal=False):
    """Attention where each query has only the keys that count; without any it gathers nothing."""
    rows = []
    for sample, kept in zip(x, keep):
        for t in range(len(sample)):
            seen = sample[: t + 1 if causal else len(sample)][kept[: t + 1 if causal else len(sample)]]
            q = torch.einsum("d,dhk->hk", sample[t], w["a/query_kernel"]) + w["a/query_bias"]
            k, v = (torch.einsum("td,dhk->thk", seen, w["a/%s_kernel" % n]) + w["a/%s_bias" % n]
                    for n in ("key", "value"))
            share = torch.softmax(torch.einsum("hk,thk->ht", q, k) / math.sqrt(q.shape[-1]), -1)
            y = torch.einsum("ht,thk->hk", share, v)
            rows.append(torch.einsum("hk,hkd->d", y, w["a/output_kernel"]) + w["a/output_bias"])
    return torch.stack(rows).reshape(x.shape)


def mask_cases():
    masking = {"type": "Masking"}

    def keep_of(x):
        return (x != 0).any(-1)

    for kind, settings, gates, bias, run in KINDS:
        layer = {"type": kind, "name": "r", "units": UNITS, **settings}
        name, weights = "Masking %s %s" % (kind, settings), lambda g=gates, b=bias: weights_of(g, b)
        yield case(name, [masking, dict(layer)], weights(), with_holes(),
                   lambda x, w, f=run: skipping(f, x, keep_of(x), w)[:, -1])
        yield case(name + " sequences", [masking, dict(layer, return_sequences=True)], weights(), with_holes(),
                   lambda x, w, f=run: skipping(f, x, keep_of(x), w))
        yield case(name + " backwards", [masking, dict(layer, return_sequences=True, go_backwards=True)], weights(),
                   with_holes(), lambda x, w, f=run: skipping(f, x.flip(1), keep_of(x).flip(1), w))
    inner = {"type": "GRU", "units": UNITS, "return_sequences": True}
    both = {"type": "Bidirectional", "name": "b", "layer": inner}

    def two_ways(x, w):
        keep = keep_of(x)
        back = skipping(gru, x.flip(1), keep.flip(1), w, "b/backward").flip(1)
        return torch.cat([skipping(gru, x, keep, w, "b/forward"), back], -1)

    def mean(y, keep):
        return (y * keep[..., None]).sum(1) / keep.sum(1, keepdim=True).clamp(min=1)

    yield case("Masking Bidirectional", [masking, dict(both)], both_ways(3, [2, 3 * UNITS]), with_holes(), two_ways)
    yield case("Masking Bidirectional, the mean", [masking, dict(both), {"type": "Activation", "activation": "gelu"},
                                                   {"type": "GlobalAveragePooling1D"}],
               both_ways(3, [2, 3 * UNITS]), with_holes(), lambda x, w: mean(F.gelu(two_ways(x, w)), keep_of(x)))
    yield case("Masking GlobalMaxPooling1D", [masking, {"type": "GlobalMaxPooling1D"}], {},
               -with_holes()[:4].abs(), lambda x, w: (x - 9 * ~keep_of(x)[..., None]).max(1).values)
    layer = {"type": "MultiHeadAttention", "name": "a", "num_heads": 2, "key_dim": 3}
    for causal in (False, True):
        yield case("Masking MultiHeadAttention %s" % causal, [masking, dict(layer, causal=causal)],
                   attention_weights(3, 2, 3), with_holes(),
                   lambda x, w, c=causal: attending(x * keep_of(x)[..., None], keep_of(x), w, c))
    yield case("Masking of -1", [{"type": "Masking", "mask_value": -1}], {},
               torch.tensor([[[-1.0, -1], [-1, 2], [0, 0], [3, -1]], [[1, 2], [-1, -1], [-1, -1], [5, 5]]]),
               lambda x, w: x * (x != -1).any(-1, keepdim=True))
    yield case("mask_zero", [{"type": "Embedding", "name": "e", "input_dim": 6, "output_dim": 3, "mask_zero": True},
                             {"type": "LSTM", "name": "r", "units": UNITS}],
               {"e/embeddings": kernel(6, 3), **weights_of(4, [4 * UNITS])},
               torch.tensor([[3.0, 5, 2, 2], [1, 2, 0, 0], [4, 0, 0, 5], [0, 0, 0, 0]]),
               lambda x, w: skipping(lstm, F.embedding(x.long(), w["e/embeddings"]) + 0 * x[..., None], x != 0,
                                     w)[:, -1])


def main():
    torch.manual_seed(20261121)
    cases = [*recurrent_cases(), *bidirectional_cases(), *other_cases(), *mask_cases()]
    print("{\"cases\":[")
    print(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
    print("]}")


if __name__ == "__main__":
    main()
