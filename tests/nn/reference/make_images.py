#!/usr/bin/env python3
"""Writes images.json, as make_layers.py does layers.json, for the layers on images.

Run in this directory with PyTorch installed: python3 make_images.py > images.json
"""
import json

import torch

from image_layers import run, weight_shapes
from make_layers import case, kernel


def one(shape, kind, **keys):
    layer = {"type": kind, **keys}
    shapes = weight_shapes(layer, shape)
    weights = {"l/" + k: kernel(*s) for k, s in shapes.items()}
    states = {"moving_mean": torch.zeros(shape[-1]), "moving_variance": torch.ones(shape[-1])}
    if shapes:
        layer["name"] = "l"
    text = " ".join([kind] + ["%s=%s" % item for item in keys.items()])
    made = case("%s on %s" % (text, shape), [layer], weights, torch.randn(2, *shape),
                lambda x, w: run(layer, x, lambda name: w["l/" + name], dict(states)))
    if kind == "BatchNormalization":  # its states have a place among the weights, but no gradient
        for name, state in states.items():
            layer.setdefault("weights", {})[name] = state.tolist()
            made["dw"]["l/" + name] = [0] * shape[-1]
    return made


def convolutions():
    forms = [{}, {"padding": "same"}, {"strides": 2}, {"strides": [2, 3], "padding": "same"},
             {"dilation_rate": 2}, {"dilation_rate": [1, 2], "padding": "same"}]
    for shape, window in (([5, 6, 2], 3), ([6, 5, 1], [3, 2]), ([5, 5, 3], 2)):
        for keys in forms:
            yield one(shape, "Conv2D", filters=2, kernel_size=window, **keys)
    yield one([1, 1, 2], "Conv2D", filters=3, kernel_size=1)
    yield one([1, 1, 2], "Conv2D", filters=2, kernel_size=3, padding="same")
    yield one([3, 4, 2], "Conv2D", filters=2, kernel_size=1, strides=2)
    yield one([4, 4, 17], "Conv2D", filters=18, kernel_size=3, strides=2)
    yield one([3, 2, 2], "Conv2D", filters=2, kernel_size=5, padding="same", use_bias=False)
    for shape in ([9, 2], [8, 1]):
        for keys in ({}, {"padding": "same"}, {"padding": "causal"}, {"strides": 2, "padding": "same"},
                     {"dilation_rate": 2, "padding": "causal"}, {"strides": 3}):
            yield one(shape, "Conv1D", filters=3, kernel_size=3, **keys)
    for keys in forms:
        yield one([5, 6, 3], "DepthwiseConv2D", kernel_size=[3, 2], **keys)


def others():
    for kind in ("MaxPooling2D", "AveragePooling2D"):
        for shape in ([6, 4, 2], [5, 7, 1]):
            for keys in ({}, {"padding": "same"}, {"pool_size": 3, "strides": 2, "padding": "same"},
                         {"pool_size": [2, 3], "strides": 1}):
                yield one(shape, kind, **keys)
    for kind in ("MaxPooling1D", "AveragePooling1D"):
        yield one([7, 3], kind, pool_size=3, strides=2, padding="same")
    for kind in ("GlobalAveragePooling2D", "GlobalMaxPooling2D"):
        yield one([3, 4, 2], kind)
    yield one([5, 2], "GlobalAveragePooling1D")
    for keys in ({}, {"padding": 2}, {"padding": [1, 0]}, {"padding": [[0, 1], [2, 3]]}):
        yield one([2, 3, 2], "ZeroPadding2D", **keys)
    for keys in ({}, {"size": [1, 3]}):
        yield one([2, 3, 2], "UpSampling2D", **keys)
    for kind in ("BatchNormalization", "LayerNormalization"):
        for keys in ({}, {"epsilon": 0.1}, {"scale": False}, {"center": False}):
            yield one([3, 2, 3], kind, **keys)


def main():
    print("{\"cases\":[")
    print(",\n".join(json.dumps(c, separators=(",", ":")) for c in [*convolutions(), *others()]))
    print("]}")


if __name__ == "__main__":
    main()
