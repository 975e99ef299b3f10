#!/usr/bin/python3
"""The other side of the race, each job in a process of its own: peers.py JOB prints its result as JSON.

PyTorch with its fastest settings: tensors in memory and no DataLoader, foreach Adam, channels_last for
convolutions, traced and frozen for inference; bench.py adds tcmalloc and the spinning of OpenMP.
"""
import json
import os
import resource
import statistics
import sys
import time

from workloads import EPOCHS, MEASURED, WARM, read_images, read_labels


def peak_mib():
    try:
        with open("/proc/self/status") as f:  # what getrusage tells can be that of the program that started this one
            return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def torch_net(torch, workload):
    if "rnn" in workload:
        class Rows(torch.nn.Module):
            def __init__(self):
                super().__init__()
                kind = {"SimpleRNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}[workload["rnn"]]
                self.rnn = kind(28, workload["units"], batch_first=True)
                self.dense = torch.nn.Linear(workload["units"], 10)

            def forward(self, batch):
                return self.dense(self.rnn(batch)[0][:, -1])
        return Rows()
    modules, inputs = [], 28 * 28
    if "filters" in workload:  # 3 x 3 windows that stay inside, 2 x 2 pooling between them
        channels, size = 1, 28
        for i, filters in enumerate(workload["filters"]):
            modules += [torch.nn.MaxPool2d(2)] if i > 0 else []
            modules += [torch.nn.Conv2d(channels, filters, 3), torch.nn.ReLU()]
            channels, size = filters, (size // 2 if i > 0 else size) - 2
        modules += [torch.nn.Flatten()]
        inputs = channels * size * size
    widths = [inputs] + workload["hidden"] + [10]
    for a, b in zip(widths, widths[1:]):
        modules += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    net = torch.nn.Sequential(*modules[:-1])
    return net.to(memory_format=torch.channels_last) if "filters" in workload else net


def torch_images(torch, workload, path, most=None):
    n, height, width, pixels = read_images(path)
    x = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(n, height * width)[:most].float() / 255
    if "rnn" in workload:
        return x.reshape(-1, height, width)
    if "filters" in workload:
        return x.reshape(-1, 1, height, width).contiguous(memory_format=torch.channels_last)
    return x


def start_torch(job):
    import torch
    torch.set_num_threads(job["threads"])
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    return torch


def torch_train(job):
    torch = start_torch(job)
    workload = job["workload"]
    x = torch_images(torch, workload, job["files"][0], workload["rows"])
    y = torch.frombuffer(bytearray(read_labels(job["files"][1])), dtype=torch.uint8)[:len(x)].long()
    net, batch, seconds = torch_net(torch, workload), workload["batch"], []
    adam = torch.optim.Adam(net.parameters(), lr=0.001, eps=1e-7, foreach=True)
    for _ in range(EPOCHS):
        begin = time.perf_counter()
        order = torch.randperm(len(x))
        for i in range(0, len(x), batch):
            rows = order[i:i + batch]
            adam.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
            adam.step()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": statistics.median(seconds[WARM:]) * 60000 / len(x), "peak_mib": peak_mib()}


def torch_infer(job):
    torch = start_torch(job)
    workload = job["workload"]
    x, batch = torch_images(torch, workload, job["files"][0], workload["rows"]), workload["batch"]
    with torch.inference_mode():
        net = torch.nn.Sequential(torch_net(torch, workload), torch.nn.Softmax(1)).eval()
        net = torch.jit.freeze(torch.jit.trace(net, x[:batch]))
        def one_pass():
            begin = time.perf_counter()
            for i in range(0, len(x) - batch + 1, batch):
                net(x[i:i + batch])
            return time.perf_counter() - begin

        def passes(seconds):
            all_passes, end = [], time.perf_counter() + seconds
            while not all_passes or time.perf_counter() < end:
                all_passes.append(one_pass())
            return statistics.median(all_passes) / (len(x) // batch * batch)
        passes(0.2)  # to warm up, as nnctl bench does
        seconds = passes(0.8)
    return {"seconds": seconds * 10000, "peak_mib": peak_mib()}


def torch_save(job):
    torch = start_torch(job)
    torch.save(torch_net(torch, job["workload"]).state_dict(), job["model"])
    return {}


def torch_process(job):
    """What a short script would do; the process is timed from outside."""
    torch = start_torch(job)
    net = torch_net(torch, job["workload"])
    net.load_state_dict(torch.load(job["model"]))
    with torch.inference_mode():
        p = torch.nn.functional.softmax(net.eval()(torch_images(torch, job["workload"], job["files"][2])), 1)
    value, label = p.max(1)
    with open(job["out"], "w") as f:
        f.write("row,prediction,probability\n")
        f.writelines("%d,%d,%.8g\n" % row for row in zip(range(len(p)), label.tolist(), value.tolist()))
    return {"peak_mib": peak_mib()}


def sklearn_train(job):
    import warnings
    import numpy
    from sklearn.neural_network import MLPClassifier
    warnings.simplefilter("ignore")
    workload = job["workload"]
    n, height, width, pixels = read_images(job["files"][0])
    x = numpy.frombuffer(pixels, numpy.uint8).reshape(n, -1)[:workload["rows"]].astype(numpy.float32) / 255
    y = numpy.frombuffer(read_labels(job["files"][1]), numpy.uint8)[:len(x)]
    seconds = []
    for epochs in (WARM, EPOCHS):
        net = MLPClassifier(workload["hidden"], batch_size=workload["batch"], max_iter=epochs, alpha=0,
                            n_iter_no_change=1000, random_state=1)
        begin = time.perf_counter()
        net.fit(x, y)
        seconds.append(time.perf_counter() - begin)
    return {"seconds": (seconds[1] - seconds[0]) / MEASURED * 60000 / len(x), "peak_mib": peak_mib()}


def numpy_load(job):
    import numpy
    begin = time.perf_counter()
    if job["name"] == "load-csv":
        x = numpy.loadtxt(job["csv"], delimiter=",", dtype=numpy.float32)
    else:
        n, height, width, pixels = read_images(job["files"][0])
        x = numpy.frombuffer(pixels, numpy.uint8).reshape(n, -1).astype(numpy.float32) / 255
    seconds = time.perf_counter() - begin
    assert x.ndim == 2
    return {"seconds": seconds, "peak_mib": peak_mib()}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(globals()[given["job"]](given)), flush=True)
    os._exit(0)  # nothing is left to tidy up
