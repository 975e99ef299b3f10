#!/usr/bin/env python3
"""
Makes broken and hostile files in the current directory, named by the rows of the cases beside this script:
make.py arrays | gzip | configs | models MODEL. The writers here know the formats and nothing of nnctl.
"""
import gzip, json, os, socket, struct, sys, zlib


def put(name, *parts):
    with open(name, "wb") as f:
        for part in parts:
            f.write(part if isinstance(part, bytes) else part.encode())


def idx(kind, dims, data=b""):
    return bytes([0, 0, kind, len(dims)]) + b"".join(struct.pack(">I", d) for d in dims) + data


def arrays():
    pixels, labels = bytes(range(12)), b"\0\1\2"
    good, y = idx(8, [3, 2, 2], pixels), idx(8, [3], labels)
    put("x.idx", good)
    put("y.idx", y)
    put("I01.idx")
    put("I02.idx", good[:3])
    put("I03.idx", b"hello, world\n")
    for kind in (0x00, 0x0A, 0x0F, 0xFF):
        put("I04-%02X.idx" % kind, idx(kind, [3, 2, 2], pixels))
    put("I05.idx", idx(8, []))
    put("I06.idx", bytes([0, 0, 8, 255]), b"\0\0\0\1" * 255, b"\0")
    put("I07.idx", good[:13])
    put("I08.idx", idx(8, [0, 2, 2]))
    put("I09.idx", idx(8, [3, 0, 2]))
    put("I10.idx", idx(8, [0xFFFFFFFF] * 4, pixels))
    put("I12.idx", idx(14, [0x7FFFFFFF, 0x40000000], pixels))
    put("I13.idx", good[:-1])
    put("I14.idx", good + b"\0")
    put("I15.idx", bytes([0, 0, 8, 3]), struct.pack("<3I", 3, 2, 2), pixels)
    put("I16.idx", idx(8, [2], labels[:2]))
    put("I18.idx", idx(8, [3], b"\0\1\12"))
    put("I18-x.idx", idx(8, [6, 2, 2], bytes(24)))
    put("I18-half.idx", idx(8, [6], b"\0\1\2\3\4\5"))
    put("I19-minus.idx", idx(9, [3], b"\0\1\xff"))
    put("I19-half.idx", idx(13, [3], struct.pack(">3f", 0, 1, 1.5)))
    put("I20.idx", idx(8, [3, 1, 1], labels))
    nan = struct.pack(">12f", *([1] * 7 + [float("nan"), 2, float("inf"), 3, 4]))
    put("I21.idx", idx(13, [3, 2, 2], nan))
    put("I22.idx", idx(8, [3, 4, 4], bytes(48)))
    os.mkdir("I23-directory.idx")
    os.mkfifo("I23-fifo.idx")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("I23-socket.idx")
    put("I27-packed.idx", gzip.compress(good, mtime=0))
    put("I27-plain.idx.gz", good)


def member(data, flags=0, extra=b"", level=9):
    pack = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = pack.compress(data) + pack.flush()
    head = bytes([31, 139, 8, flags, 0, 0, 0, 0, 0, 255]) + extra
    return head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def bomb(name, head, size):
    """A member whose data are `head` and then `size` zeros."""
    pack, crc = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.crc32(head)
    block = bytes(1 << 20)
    with open(name, "wb") as f:
        f.write(bytes([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]) + pack.compress(head))
        for _ in range(size >> 20):
            f.write(pack.compress(block))
            crc = zlib.crc32(block, crc)
        f.write(pack.flush() + struct.pack("<II", crc, (len(head) + size) & 0xFFFFFFFF))


def packed():
    good = idx(8, [3, 2, 2], bytes(range(12)))
    g = member(good)
    put("y.idx", idx(8, [3], b"\0\1\2"))
    put("G02.gz", g[:20])
    put("G03-none.gz", g[:-8])
    put("G03-short.gz", g[:-3])
    put("G04.gz", g[:-8], struct.pack("<I", zlib.crc32(good) ^ 1), g[-4:])
    put("G05.gz", g[:-4], struct.pack("<I", len(good) + 1))
    put("G06.gz", member(good[:9]), member(good[9:]))
    second = member(good[9:])
    put("G07.gz", member(good[:9]), second[:-8], bytes(4), second[-4:])
    put("G08.gz", g, b"more")
    put("G09.gz", g, bytes(500))
    put("G10.gz", g, b"\x1f\x8b")
    bomb("G11.gz", good, 1 << 30)
    put("G14-extra.gz", member(good, 4, struct.pack("<H", 65535) + bytes(65535)))
    put("G14-name.gz", g[:3], b"\x08", g[4:10], b"n" * (1 << 20))
    put("G15.gz", g[:3], b"\xe0", g[4:])
    put("G17-zlib", zlib.compress(good))
    put("G17-zip", b"PK\3\4", bytes(60))
    put("G17-bz2", b"BZh91AY&SY", bytes(60))
    put("G17-xz", b"\xfd7zXZ\0", bytes(60))
    put("G17-zstd", b"\x28\xb5\x2f\xfd", bytes(60))
    put("G19-codes.gz", g[:10], b"\x04\xff\xff\xff\xff", g[-8:])
    put("G19-distance.gz", g[:10], bytes([0x63, 0x00, 0x22, 0x00, 0x00]), g[-8:])
    put("G20.gz", member(b"") * 1000000)
    head = bytes([31, 139, 8, 2 | 8, 0, 0, 0, 0, 0, 255]) + b"../../x\0"
    put("G21-name.gz", head, struct.pack("<H", zlib.crc32(head) & 0xFFFF), g[10:])
    put("G21-crc.gz", head, b"\0\0", g[10:])


def models(path):
    with open(path, "rb") as f:
        raw = f.read()
    length = struct.unpack("<Q", raw[:8])[0]
    head, data = json.loads(raw[8:8 + length]), raw[8 + length:]
    meta = head["__metadata__"]
    first = [name for name in head if name != "__metadata__"][0]

    def text(h):
        return json.dumps(h, separators=(",", ":"), ensure_ascii=False).encode()

    def write(name, header, body=data, crc=True, pad=b" "):
        """A file with this header (a dict, or bytes) and the checksum that belongs to it."""
        h = header if isinstance(header, bytes) else text(header)
        h += pad * (-len(h) % 8)
        at = h.find(b'"crc32":"')
        if crc and at >= 0:
            at += 9
            zero = h[:at] + b"00000000" + h[at + 8:]
            h = zero[:at] + b"%08x" % zlib.crc32(body, zlib.crc32(zero)) + zero[at + 8:]
        put(name, struct.pack("<Q", len(h)), h, body)

    def tensor(name, without=(), **changed):
        entry = {**head[first], **changed}
        write(name, {**head, first: {k: v for k, v in entry.items() if k not in without}})

    def config(name, change):
        c = json.loads(meta["config"])
        change(c)
        write(name, {**head, "__metadata__": {**meta, "config": json.dumps(c)}})

    n = struct.pack("<Q", length)
    put("M01-0")
    put("M01-7", raw[:7])
    for k in (0, 1):
        put("M02-%d" % k, struct.pack("<Q", k), raw[8:])
    put("M03", struct.pack("<Q", len(raw)), raw[8:])
    put("M04-63", struct.pack("<Q", 1 << 63), raw[8:])
    put("M04-64", struct.pack("<Q", (1 << 64) - 1), raw[8:])
    put("M05", struct.pack("<Q", (16 << 20) + 1), b"{", b" " * ((16 << 20) + 8))
    put("M06", n, b" ", raw[9:])
    put("M07-utf8", n, raw[8:].replace(b'"format"', b'"f\xffrmat"', 1))
    put("M07-json", n, raw[8:].replace(b":", b";", 1))
    even = text(head) + b" " * (-len(text(head)) % 8)
    write("M08-nul", even + bytes(8))
    write("M08-letter", even + b"x" * 8)
    write("M08-tab.safetensors", head, pad=b"\t")
    double = text(head)[:-1] + b',"%s":%s}' % (first.encode(), text(head[first]))
    write("M09-tensor", double)
    write("M09-meta", text(head)[:-1] + b',"__metadata__":{}}')
    write("M10", {**head, "__metadata__": {**meta, "steps": 7}})
    tensor("M12-missing", without=["shape"])
    for name, shape in (("negative", [-2, 8]), ("half", [1.5, 8]), ("text", "2x8")):
        tensor("M12-" + name, shape=shape)
    write("M12-huge", text({**head, first: {**head[first], "shape": "@"}}).replace(b'"@"', b"[1e999]"))
    tensor("M13", shape=[1 << 33, 1 << 31, 3])
    tensor("M15", shape=[1] * 100000)
    tensor("M16-missing", without=["data_offsets"])
    for name, at in (("one", [0]), ("three", [0, 8, 16]), ("negative", [-8, 64]), ("back", [64, 0])):
        tensor("M16-" + name, data_offsets=at)
    begin = head[first]["data_offsets"][0]
    write("M20", {**head, "empty": {"dtype": "F32", "shape": [0], "data_offsets": [begin + 4, begin + 4]}})
    moved = {k: {**v, "data_offsets": [at + 8 * (v["data_offsets"][0] > 0) for at in v["data_offsets"]]}
             if k != "__metadata__" else v for k, v in head.items()}
    write("M21", moved, data[:head[first]["data_offsets"][1]] + bytes(8) + data[head[first]["data_offsets"][1]:])
    write("M22", head, data + b"\0")
    odd = text(head) + b" " * (1 + -len(text(head)) % 8)
    at = odd.index(b'"crc32":"') + 9
    odd = odd[:at] + b"00000000" + odd[at + 8:]
    odd = odd[:at] + b"%08x" % zlib.crc32(data, zlib.crc32(odd)) + odd[at + 8:]
    put("M23.safetensors", struct.pack("<Q", len(odd)), odd, data)
    write("M26", head, struct.pack("<2f", float("nan"), float("inf")) + data[8:])
    put("M26-crc", raw[:-1], bytes([raw[-1] ^ 1]))
    names = [name for name in head if name != "__metadata__"]
    last = max(names, key=lambda k: head[k]["data_offsets"][1])
    write("M27-missing", {k: v for k, v in head.items() if k != last}, data[:head[last]["data_offsets"][0]])
    write("M27-renamed", {("other/kernel" if k == first else k): v for k, v in head.items()})
    write("M27-extra", {**head, "more": {"dtype": "F32", "shape": [1], "data_offsets": [len(data), len(data) + 4]}},
          data + bytes(4))
    shape = head[first]["shape"]
    tensor("M28", shape=shape[::-1] if len(set(shape)) > 1 else shape + [1])

    def foreign(c):
        c["data"]["train"] = {"path": "/etc/passwd"}
        c["name"] = "a"

    def upward(c):
        c["data"]["train"] = {"path": "../secret.csv"}

    def waits(c):
        c["data"]["train"] = {"path": os.path.abspath("M38-fifo")}
    config("M30-waits", waits)
    config("M30-passwd", foreign)
    config("M30-up", upward)
    config("M30-name", lambda c: c.update(name="../../x"))
    write("M32", {**head, "__metadata__": {**meta, "version": "2"}})
    plain = {k: v for k, v in head.items() if k != "__metadata__"}
    write("M33.safetensors", plain)

    def archive(first):
        return b"PK\3\4" + bytes(22) + struct.pack("<HH", len(first), 0) + first + bytes(60)
    put("M37-torch", archive(b"model/data.pkl"))
    put("M37-npz", archive(b"kernel.npy"))
    put("M37-keras", archive(b"metadata.json"))
    put("M37-pt", b"PK\3\4", bytes(60))
    put("M37-h5", b"\x89HDF\r\n\x1a\n", bytes(60))
    put("M37-gguf", b"GGUF", bytes(60))
    put("M37-onnx", b"\x08\x08\x12\x07pytorch", bytes(60))
    os.symlink("M38-loop", "M38-loop")
    os.mkfifo("M38-fifo")
    os.mkdir("M38-directory")
    tiny = b",".join(b'"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}' % i for i in range(200000))
    write("M39", b"{" + tiny + b"}", b"")


dict(arrays=arrays, gzip=packed, models=models)[sys.argv[1]](*sys.argv[2:])
