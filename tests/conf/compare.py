#!/usr/bin/env python3
"""
Holds what nnctl accepts as JSON and as safetensors against readers written here, on generated documents, most of
them broken in some way: compare.py DUMP COUNT [SEED]. They must agree on every one, and on what it says.
"""
import json, random, struct, subprocess, sys, zlib

dump, count = sys.argv[1], int(sys.argv[2])
rnd = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)


class Refused(Exception):
    pass


# ---- JSON: Python's reader, and the rules that it does not know ----

def pairs(items):
    if len({key for key, _ in items}) != len(items):
        raise Refused("repeated key")
    return dict(items)


def number(text):
    if len(text) > 63:
        raise Refused("long number")
    return float(text)


def constant(_):
    raise Refused("constant")


def check(value, depth=1):
    """No text with a NUL, half a surrogate pair or over 64 KiB; no more than 64 levels."""
    if depth > 65 or (depth > 64 and isinstance(value, (list, dict))):
        raise Refused("depth")
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
    for text in texts:
        if "\0" in text or any(0xD800 <= ord(c) < 0xE000 for c in text) or len(text.encode()) > 64 << 10:
            raise Refused("text")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        check(child, depth + 1)


def read_json(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("encoding")
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\0" in text:
        raise Refused("NUL")
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=constant)
    except (ValueError, RecursionError):
        raise Refused("grammar")
    check(value)
    return value


def random_text():
    return "".join(rnd.choice("ab\"\\/\n\t\x7fé€\U0001f600 \u2028{}[]:,0") for _ in range(rnd.randrange(6)))


def random_value(depth=0):
    kind = rnd.randrange(9 if depth < 5 else 5)
    if kind == 0:
        return rnd.choice([None, True, False])
    if kind <= 2:
        return rnd.choice([0, -1, 7, 1.5, -0.25, 1e300, 5e-324, 123456789012, 0.1])
    if kind <= 4:
        return random_text()
    if kind <= 6:
        return [random_value(depth + 1) for _ in range(rnd.randrange(4))]
    return {random_text(): random_value(depth + 1) for _ in range(rnd.randrange(4))}


scraps = [b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\\u00e9", b"\\x", b"\\'", b"01", b"1.", b".5", b"+1", b"1e", b"1E+5",
          b"-", b"-0", b"1e999", b"NaN", b"Infinity", b"tru", b"nul", b"'a'", b"/*x*/", b"//x\n", b",", b",,", b"[]", b"{}",
          b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82\xac", b"\xef\xbb\xbf", b"\0", b"\x0b", b"\x1f",
          b" ", b"\r\n", b"\xa0", b"[" * 63, b"[" * 66, b"1" * 63, b"1" * 64, b'"a":1', b'"a":1,"a":2', b'"', b"\\", b":", b"}", b"]"]


def broken(data):
    data = bytearray(data)
    for _ in range(rnd.choice([0, 1, 1, 2, 3])):
        at = rnd.randrange(len(data) + 1)
        how = rnd.randrange(5)
        if how == 0:
            data[at:at] = rnd.choice(scraps)
        elif how == 1:
            del data[at:at + rnd.randrange(1, 4)]
        elif how == 2 and at < len(data):
            data[at] ^= 1 << rnd.randrange(8)
        elif how == 3:
            data[at:at] = data[max(0, at - rnd.randrange(9)):at]
        else:
            data = data[:at] if rnd.random() < .3 else data
    return bytes(data)


def random_json():
    if rnd.random() < .02:
        n = rnd.randrange(62, 68)
        return b"[" * n + b"]" * n
    return broken(json.dumps(random_value(), ensure_ascii=rnd.random() < .5, indent=rnd.choice([None, 1])).encode())


# ---- safetensors, from the description of the format ----

sizes = {"F32": 4, "F64": 8, "F16": 2, "BF16": 2, "U8": 1, "I32": 4, "I64": 8, "U64": 8}


def whole(x):
    return isinstance(x, float) and 0 <= x < 2 ** 53 and x == int(x)


def entry(name, value):
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"} or len(name.encode()) > 1024:
        raise Refused("entry")
    kind, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(kind, str) or kind not in sizes or not isinstance(shape, list) or len(shape) > 8:
        raise Refused("type, shape")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(whole, shape + offsets)):
        raise Refused("numbers")
    size = sizes[kind]
    for dim in shape:
        size *= int(dim)
    begin, end = map(int, offsets)
    if end < begin or end - begin != size:
        raise Refused("size")
    return begin, end, name, kind, [int(d) for d in shape]


def read_tensors(data):
    if len(data) < 8:
        raise Refused("length")
    n = struct.unpack("<Q", data[:8])[0]
    if n < 2 or n > 16 << 20 or n > len(data) - 8 or data[8:9] != b"{":
        raise Refused("header")
    head = read_json(data[8:8 + n])
    if not isinstance(head, dict):
        raise Refused("header")
    meta = head.pop("__metadata__", {})
    if not isinstance(meta, dict) or not all(isinstance(v, str) for v in meta.values()):
        raise Refused("metadata")
    body, at = data[8 + n:], 0
    found = sorted(entry(name, value) for name, value in head.items())
    for begin, end, *_ in found:
        if begin != at:
            raise Refused("order")
        at = end
    if at != len(body):
        raise Refused("end")
    return sorted([name, kind, shape, zlib.crc32(body[begin:end])] for begin, end, name, kind, shape in found)


def random_tensors():
    head, at, body = {}, 0, b""
    if rnd.random() < .5:
        head["__metadata__"] = {random_text(): random_text() if rnd.random() < .9 else 1 for _ in range(rnd.randrange(3))}
    for i in range(rnd.randrange(4)):
        kind = rnd.choice(list(sizes) + ["F32"] * 8)
        shape = [rnd.choice([0, 1, 2, 3]) for _ in range(rnd.choice([0, 1, 2, 2, 8, 9]))]
        size = sizes[kind]
        for dim in shape:
            size *= dim
        body += rnd.randbytes(size)
        head["t%d" % i] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    items = [v for k, v in head.items() if k != "__metadata__"]
    if items and rnd.random() < .5:
        one = rnd.choice(items)
        how = rnd.randrange(6)
        if how == 0:
            one["data_offsets"][rnd.randrange(2)] += rnd.choice([-8, -1, 1, 4, 2 ** 53, 2 ** 64])
        elif how == 1:
            one["shape"].append(rnd.choice([1, 0, -1, 1.5, 2 ** 32, 2 ** 61, 2 ** 64, "2", None]))
        elif how == 2:
            one["dtype"] = rnd.choice(["F8", "f32", 4, None, "BOOL", "I64"])
        elif how == 3:
            del one[rnd.choice(list(one))]
        elif how == 4:
            one["more"] = 1
        else:
            one["data_offsets"] = rnd.choice([[], [0], [0, 4, 8], "0", {}, [0, 4.0], [4, 0]])
    text = json.dumps(head, separators=(",", ":")).encode()
    if rnd.random() < .2:
        text = broken(text)
    text += rnd.choice([b"", b" ", b"\n", b" " * (-len(text) % 8), b"\0", b"\t "])
    body += rnd.choice([b""] * 8 + [b"x"])
    length = len(text) + rnd.choice([0] * 12 + [1, -1, 2 ** 40, 2 ** 63])
    data = struct.pack("<Q", max(0, length)) + text + body
    return data if rnd.random() < .9 else data[:rnd.randrange(len(data) + 1)]


# ---- both readers on the same documents ----

def same(a, b):
    """Equal values; a float that overflows is infinite here and null there."""
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and abs(a) == float("inf"):
        return True
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def compare(mode, make, read):
    documents = [make() for _ in range(count)]
    feed = b"".join(struct.pack("<I", len(d)) + d for d in documents)
    answer = subprocess.run([dump, mode], input=feed, stdout=subprocess.PIPE, check=True).stdout.split(b"\n")
    accepted = wrong = 0
    for document, line in zip(documents, answer):
        try:
            expected = read(document)
        except Refused as reason:
            expected = reason
        if line == b"no" or isinstance(expected, Refused):
            good = line == b"no" and isinstance(expected, Refused)
        else:
            said = json.loads(line[4:].decode(), parse_int=float)
            good = same(expected, sorted(said) if mode == "tensors" else said)
            accepted += 1
        if not good:
            wrong += 1
            if wrong <= 5:
                print("%s: %r\n  here: %r\n  nnctl: %r" % (mode, document, expected, line), file=sys.stderr)
    print("%s: %d documents, %d accepted by both, %d differences" % (mode, count, accepted, wrong))
    return wrong


sys.exit(compare("json", random_json, read_json) + compare("tensors", random_tensors, read_tensors) > 0)
