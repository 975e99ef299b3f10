#!/usr/bin/env python3
"""Reads event files with a reader of its own, and holds them against metrics.jsonl, also after a resume.

    event_files.py NNCTL SOURCE
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

nnctl, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
os.chdir(tempfile.mkdtemp())
CONFIG = os.path.join(source, "configs", "binary-mlp.json")
TABLE = []
for n in range(256):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def expect(condition, what):
    if not condition:
        sys.exit("event_files: " + what)


def masked(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        head = data[at:at + 8]
        (length,) = struct.unpack("<Q", head)
        body = data[at + 12:at + 12 + length]
        expect(struct.unpack("<I", data[at + 8:at + 12])[0] == masked(head), "checksum of a length at %d" % at)
        expect(len(body) == length, "a record is cut")
        end = at + 12 + length
        expect(struct.unpack("<I", data[end:end + 4])[0] == masked(body), "checksum of the data at %d" % at)
        yield body
        at = end + 4


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """(number, value) of a message: varints as int, all else as bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def events(path):
    """[(step, {tag: value})] behind the record of the version."""
    out = []
    for i, body in enumerate(records(path)):
        event = dict(fields(body))
        if i == 0:
            expect(event.get(3) == b"brain.Event:2", "the first record is no version")
            continue
        values = {}
        for _, value in fields(event[5]):
            value = dict(fields(value))
            values[value[1].decode()] = struct.unpack("<f", value[2])[0]
        out.append((event[2], values))
    return out


def check(run):
    with open(os.path.join(run, "metrics.jsonl")) as f:
        lines = [json.loads(line) for line in f]
    got = events(os.path.join(run, "events.out.tfevents.nnctl"))
    expect([e[0] for e in got] == [l["step"] for l in lines], "steps %s" % [e[0] for e in got])
    names = {"loss/train": "loss", "loss/validation": "val_loss", "accuracy/train": "accuracy",
             "accuracy/validation": "val_accuracy", "learning_rate": "lr", "gradient_norm": "gradient_norm"}
    for (_, values), line in zip(got, lines):
        expect(set(values) == set(names), "tags %s" % sorted(values))
        for tag, key in names.items():
            expect(values[tag] == struct.unpack("<f", struct.pack("<f", line[key]))[0], "%s differs" % tag)
    return len(got)


def train(*arguments):
    done = subprocess.run([nnctl, "train", "-q"] + list(arguments), capture_output=True, text=True)
    expect(done.returncode == 0, "training failed: " + done.stderr)


train(CONFIG, "-o", "run", "--epochs", "3", "--set", "logging.tensorboard=true", "--set", "validation=0.2")
expect(check("run") == 3, "not a record per epoch")
FILE = "run/events.out.tfevents.nnctl"
with open(FILE, "rb") as f:
    whole = f.read()
with open(FILE, "ab") as f:  # what a kill may leave: later epochs again, half a record
    f.write(whole[len(whole) // 2:])
train("--resume", "run", "--epochs", "5")
expect(check("run") == 5, "resuming does not go on where the run was")
train(CONFIG, "-o", "plain", "--epochs", "1")
expect(not os.path.exists("plain/events.out.tfevents.nnctl"), "an event file that nobody asked for")
print("event_files: ok")
