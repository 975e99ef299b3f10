#!/usr/bin/env python3
"""Writes layers.json: forward values and gradients of small networks, by PyTorch in float64.

Run in this directory with PyTorch installed: python3 make_layers.py > layers.json
The tests read the file; they need no Python.
"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(20261120)

# F.hardsigmoid multiplies gradients by a sixth in single precision, whatever the tensors are.
ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": F.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": lambda z: ((z + 3) / 6).clamp(0, 1),
    "tanh": torch.tanh,
    "softmax": lambda z: torch.softmax(z, -1),
}


def round_trip(t):
    """Numbers that a float holds exactly, so that both builds start from the same."""
    return t.to(torch.float32).to(torch.float64)


def rounded(t):
    return [float(f"{v:.15g}") for v in t.detach().reshape(-1).tolist()]


def case(name, layers, weights, x, function):
    """`weights` maps "layer/weight" to a tensor; function(x, weights) gives the output."""
    x = round_trip(x).requires_grad_()
    weights = {k: round_trip(w).requires_grad_() for k, w in weights.items()}
    for layer in layers:
        own = {k.split("/", 1)[1]: w.tolist() for k, w in weights.items()
               if k.split("/")[0] == layer.get("name")}
        if own:
            layer["weights"] = own
    y = function(x, weights)
    dy = round_trip(torch.randn(y.shape))
    y.backward(dy)
    return {"name": name, "in": list(x.shape[1:]), "n": x.shape[0], "layers": layers,
            "x": rounded(x), "y": rounded(y), "dy": rounded(dy), "dx": rounded(x.grad),
            "dw": {k: rounded(w.grad) for k, w in weights.items()}}


def dense(x, w, name, f=lambda z: z):
    return f(x @ w[name + "/kernel"] + w[name + "/bias"])


def kernel(*shape):
    return torch.randn(shape) * 0.5


def dense_weights(**layers):
    weights = {}
    for name, (inputs, units) in layers.items():
        weights[name + "/kernel"] = kernel(inputs, units)
        weights[name + "/bias"] = kernel(units)
    return weights


def activation_cases():
    # Far out on both sides, near 0, and either side of where pieces join.
    special = torch.tensor([[-40.0, -12.5, -3.5, -2.5, -1e-3], [1e-4, 0.5, 2.5, 3.5, 30.0]])
    for name, f in ACTIVATIONS.items():
        layers = [{"type": "Activation", "activation": name}]
        yield case("Activation " + name, layers, {}, special, lambda x, w, f=f: f(x))
        layers = [{"type": "Dense", "name": "d", "units": 4, "activation": name}]
        yield case("Dense " + name, layers, dense_weights(d=(3, 4)), torch.randn(5, 3),
                   lambda x, w, f=f: dense(x, w, "d", f))
    for name, settings, f in [
            ("leaky_relu", {"negative_slope": 0.01}, lambda z: F.leaky_relu(z, 0.01)),
            ("elu", {"alpha": 0.5}, lambda z: F.elu(z, 0.5)),
            ("gelu", {"approximate": True}, lambda z: F.gelu(z, approximate="tanh"))]:
        layers = [{"type": "Activation", "activation": {"type": name, **settings}}]
        yield case(f"Activation {name} {settings}", layers, {}, special, lambda x, w, f=f: f(x))


def layer_cases():
    yield case("Dense on rows", [{"type": "Dense", "name": "d", "units": 2, "activation": "softmax"}],
               dense_weights(d=(4, 2)), torch.randn(2, 3, 4),
               lambda x, w: dense(x, w, "d", ACTIVATIONS["softmax"]))
    yield case("Flatten", [{"type": "Flatten"}, {"type": "Dense", "name": "d", "units": 2}],
               dense_weights(d=(6, 2)), torch.randn(3, 2, 3),
               lambda x, w: dense(x.flatten(1), w, "d"))
    yield case("Reshape", [{"type": "Reshape", "target_shape": [-1, 3]},
                           {"type": "Dense", "name": "d", "units": 2}],
               dense_weights(d=(3, 2)), torch.randn(2, 6),
               lambda x, w: dense(x.reshape(-1, 2, 3), w, "d"))
    two = [{"type": "Dense", "name": "a", "units": 3, "activation": "tanh"},
           {"type": "Dense", "name": "b", "units": 3, "inputs": ["input"]}]
    merges = {"Add": lambda a, b: a + b + a, "Multiply": lambda a, b: a * b * a,
              "Average": lambda a, b: (a + b + a) / 3,
              "Concatenate": lambda a, b: torch.cat([a, b, a], -1)}
    for name, merge in merges.items():
        layers = [dict(l) for l in two] + [{"type": name, "inputs": ["a", "b", "a"]}]
        yield case(name, layers, dense_weights(a=(4, 3), b=(4, 3)), torch.randn(2, 4),
                   lambda x, w, m=merge: m(dense(x, w, "a", torch.tanh), dense(x, w, "b")))
    layers = [dict(l) for l in two] + [{"type": "Concatenate", "axis": 1, "inputs": ["a", "b"]}]
    yield case("Concatenate along axis 1", layers, dense_weights(a=(4, 3), b=(4, 3)),
               torch.randn(2, 5, 4),
               lambda x, w: torch.cat([dense(x, w, "a", torch.tanh), dense(x, w, "b")], 1))


def main():
    cases = [*activation_cases(), *layer_cases()]
    print("{\"cases\":[")
    print(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
    print("]}")


if __name__ == "__main__":
    main()
