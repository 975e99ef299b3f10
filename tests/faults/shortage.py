"""Less memory than is asked for: files that unpack without an end, and a group with a limit of its own."""
import os
import resource
import struct
import zlib

from work import Report, elsewhere, name_of

MIB = 1 << 20
ROOM = 56 * MIB  # of addresses: enough to train on what is small, and a third of it to read


def limited(kind, value):
    def before():
        resource.setrlimit(kind, (value, value))
    return before


def bomb(world, name, head, block, count):
    """A gzip file that never ends: one block, packed once, again and again."""
    def pack(data):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    with open(world.path(name), "wb") as f:
        f.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + pack(head) + count * pack(block))


# Those that keep what they read, and those that keep a little of each row.
KEEP = (("train", "bomb.json", "-o", "run"), ("check", "bomb.json"), ("predict", "whole", "rows.gz"),
        ("eval", "whole", "--csv", "rows.gz"), ("explain", "whole", "rows.gz"),
        ("data", "split", "rows.gz", "--fractions", "0.5,0.5", "--target", "label", "-o", "part"),
        ("train", "prose.json", "-o", "run"), ("data", "info", "images.gz"),
        ("data", "convert", "images.gz", "-o", "x.csv"), ("predict", "whole", "images.gz"))
LOOK = (("data", "info", "numbers.gz"), ("data", "convert", "numbers.gz", "-o", "x.npy"))

PROSE = """{"data": {"train": {"path": "prose.gz"}, "format": "text", "text": {"tokens": "char", "length": 8}},
 "model": {"layers": [{"type": "Embedding", "input_dim": 20, "output_dim": 3},
  {"type": "LSTM", "units": 3, "return_sequences": true}, {"type": "Dense", "units": 20, "activation": "softmax"}]}}"""


def endless(world, step):
    """Tables, text and arrays that unpack to a thousand times their size, in little room."""
    report = Report("files that unpack without an end")
    bomb(world, "rows.gz", b"a,b,label\n", b"1.5,2.25,in\n" * (MIB // 12), 120)
    bomb(world, "numbers.gz", b"a,b,label\n", b"1.5,2.25,3\n" * (MIB // 11), 60)
    bomb(world, "prose.gz", b"so it goes\n", b"and so it goes on\n" * (MIB // 18), 80)
    bomb(world, "images.gz", struct.pack(">4B3I", 0, 0, 8, 3, 200000, 28, 28), bytes(MIB), 150)
    world.write("bomb.json", world.read("config.json").decode().replace("rows.csv", "rows.gz"))
    world.write("prose.json", PROSE)
    before = set(world.files())
    commands = [(args, ROOM) for args in KEEP] + [(args, ROOM // 3) for args in LOOK]
    for args, room in commands[::min(step, 2)]:  # a short form takes every other one
        status, out, text = world.run(*args, before=limited(resource.RLIMIT_AS, room))
        what = " ".join(args)
        report.tried += 1
        report.check(status == 7, "%s: %s: %s" % (what, name_of(status), text))
        report.check(".gz: not enough memory" in text, "%s: %s" % (what, text))
        report.check(out == b"" and set(world.files()) == before, what + ": left something")
    world.remove("rows.gz", "numbers.gz", "prose.gz", "images.gz", "bomb.json", "prose.json")
    return report.end()


def group_limit(world):
    """Needs to be root. A control group leaves less than the training needs: told before there is a run."""
    report = Report("a group with little memory")
    for mib, expected in ((4, 7), (512, 0)):
        inside = elsewhere("mount -t tmpfs none /sys/fs/cgroup && echo %d > /sys/fs/cgroup/memory.max && "
                           "echo 0 > /sys/fs/cgroup/memory.current" % (mib * MIB), report.title)
        if inside is None:
            break
        world.remove("run")
        status, _, text = world.run("train", "config.json", "-o", "run", "--set",
                                    "model.layers[0].units=100000", inside=inside)
        report.tried += 1
        report.check(status == expected, "%d MiB: %s: %s" % (mib, name_of(status), text))
        report.check(expected == 0 or ("MiB of memory, but only 4 MiB are to be had" in text and
                                       "the largest parts: " in text), "%d MiB: %s" % (mib, text))
        report.check(os.path.exists(world.path("run")) == (expected == 0), "%d MiB: a run" % mib)
        left = [name for name in os.listdir(world.dir) if name.startswith(".run-")]
        report.check(not left, "%d MiB: %s left behind" % (mib, left))
    world.remove("run")
    return report.end()
