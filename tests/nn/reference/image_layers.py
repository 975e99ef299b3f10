"""Layers on images and sequences, as PyTorch computes them: for make_images.py and make_training.py.

Tensors are channels last, as in nnctl; PyTorch wants channels first, so everything is turned twice.
"""
import torch
import torch.nn.functional as F


KINDS = ["Conv2D", "Conv1D", "DepthwiseConv2D", "MaxPooling2D", "MaxPooling1D", "AveragePooling2D",
         "AveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling2D",
         "ZeroPadding2D", "UpSampling2D", "BatchNormalization", "LayerNormalization"]


def pair(value):
    return [value, value] if isinstance(value, int) else list(value)


def padding(size, window, stride, dilation, word):
    """Zeros before and after one dimension, by Keras's rules."""
    reach = (window - 1) * dilation + 1
    if word == "causal":
        return reach - 1, 0
    if word != "same":
        return 0, 0
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def pad(x, window, strides, dilation, word, value=0.0):
    """x is [n, c, h, w]."""
    (top, bottom), (left, right) = (
        padding(x.shape[2 + i], window[i], strides[i], dilation[i], word) for i in range(2))
    return F.pad(x, (left, right, top, bottom), value=value)


def convolve(layer, x, kernel, bias):
    """Conv2D, Conv1D and DepthwiseConv2D, without the activation."""
    flat = layer["type"] == "Conv1D"
    get = lambda key, default: layer.get(key, default)
    if flat:
        window, strides, dilation = ([1, get(k, 1)] for k in ("kernel_size", "strides", "dilation_rate"))
        x, kernel = x[:, None], kernel[None]
    else:
        window, strides, dilation = (pair(get(k, 1)) for k in ("kernel_size", "strides", "dilation_rate"))
    x = pad(x.permute(0, 3, 1, 2), window, strides, dilation, get("padding", "valid"))
    groups = 1
    if layer["type"] == "DepthwiseConv2D":
        groups, kernel = kernel.shape[2], kernel.permute(0, 1, 3, 2)  # [kh, kw, 1, channels]
    y = F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, strides, 0, dilation, groups).permute(0, 2, 3, 1)
    return y[:, 0] if flat else y


def pool(layer, x):
    flat = layer["type"].endswith("1D")
    size = [1, layer.get("pool_size", 2)] if flat else pair(layer.get("pool_size", 2))
    strides = layer.get("strides") or layer.get("pool_size", 2)
    strides = [1, strides] if flat else pair(strides)
    x = (x[:, None] if flat else x).permute(0, 3, 1, 2)
    word = layer.get("padding", "valid")
    if layer["type"].startswith("Max"):
        y = F.max_pool2d(pad(x, size, strides, [1, 1], word, float("-inf")), size, strides)
    else:  # zeros of the padding do not count
        total, count = (F.avg_pool2d(pad(t, size, strides, [1, 1], word), size, strides)
                        for t in (x, torch.ones_like(x)))
        y = total / count
    y = y.permute(0, 2, 3, 1)
    return y[:, 0] if flat else y


def zero_padding(layer, x):
    p = layer.get("padding", 1)
    (top, bottom), (left, right) = (pair(side) for side in pair(p))
    return F.pad(x, (0, 0, left, right, top, bottom))


def up_sample(layer, x):
    rows, cols = pair(layer.get("size", 2))
    return x.repeat_interleave(rows, 1).repeat_interleave(cols, 2)


def batch_normalize(layer, x, w, state):
    """`w` finds weights by name; moves state["moving_mean"] and ["moving_variance"] when it trains."""
    dims, epsilon = list(range(x.dim() - 1)), layer.get("epsilon", 1e-3)
    if layer.get("trainable", True):
        mean, variance = x.mean(dims), x.var(dims, unbiased=False)
        keep = layer.get("momentum", 0.99)
        for name, new in (("moving_mean", mean), ("moving_variance", variance)):
            state[name] = keep * state[name] + (1 - keep) * new.detach()
    else:
        mean, variance = state["moving_mean"], state["moving_variance"]
    return affine(layer, (x - mean) / (variance + epsilon).sqrt(), w)


def layer_normalize(layer, x, w):
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, unbiased=False, keepdim=True)
    return affine(layer, (x - mean) / (variance + layer.get("epsilon", 1e-3)).sqrt(), w)


def affine(layer, x, w):
    x = x * w("gamma") if layer.get("scale", True) else x
    return x + w("beta") if layer.get("center", True) else x


def run(layer, x, w, state=None):
    """One layer of KINDS without its activation. `w` finds weights by name."""
    kind = layer["type"]
    if kind in ("Conv2D", "Conv1D", "DepthwiseConv2D"):
        return convolve(layer, x, w("kernel"), w("bias") if layer.get("use_bias", True) else None)
    if kind in ("MaxPooling2D", "MaxPooling1D", "AveragePooling2D", "AveragePooling1D"):
        return pool(layer, x)
    if kind in ("GlobalAveragePooling2D", "GlobalAveragePooling1D"):
        return x.mean(list(range(1, x.dim() - 1)))
    if kind == "GlobalMaxPooling2D":
        return x.amax((1, 2))
    if kind == "ZeroPadding2D":
        return zero_padding(layer, x)
    if kind == "UpSampling2D":
        return up_sample(layer, x)
    if kind == "BatchNormalization":
        return batch_normalize(layer, x, w, state)
    return layer_normalize(layer, x, w)


def weight_shapes(layer, inputs):
    """The trained weights of a layer for inputs of this shape (of one sample), by name."""
    kind, channels = layer["type"], inputs[-1]
    shapes = {}
    if kind in ("Conv2D", "Conv1D", "DepthwiseConv2D"):
        window = [layer["kernel_size"]] if kind == "Conv1D" else pair(layer["kernel_size"])
        filters = channels if kind == "DepthwiseConv2D" else layer["filters"]
        shapes["kernel"] = window + ([channels, 1] if kind == "DepthwiseConv2D" else [channels, filters])
        if layer.get("use_bias", True):
            shapes["bias"] = [filters]
    if kind in ("BatchNormalization", "LayerNormalization"):
        if layer.get("scale", True):
            shapes["gamma"] = [channels]
        if layer.get("center", True):
            shapes["beta"] = [channels]
    return shapes
