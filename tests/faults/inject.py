#!/usr/bin/env python3
"""Lets the n-th system call of a kind fail, for all n, in every command that reads or writes files.

    inject.py NNCTL LIBRARY [STEP]

Whatever fails, the command ends in status 6 with a message, or carries on to the right result; what
stood there before stands there still, to the byte, and nothing half-written is left. A training that
failed can be gone on with. An interrupted call (EINTR) is never noticed.
"""
import os
import re
import sys

from work import CONFIGS, Report, World, name_of

KINDS = ("open", "create", "read", "write", "fsync", "rename", "link", "truncate", "mkdir", "close")
ERRORS = ("EIO", "ENOSPC", "EACCES", "EINTR")
INTERRUPTIBLE = ("open", "create", "read", "write", "fsync")

#        arguments, the outputs that they replace
COMMANDS = (
    (("predict", "model", "rows.csv", "-o", "out.csv", "--force"), ("out.csv",)),
    (("predict", "model", "rows.csv", "--format", "npy", "-o", "out.npy", "--force"), ("out.npy",)),
    (("eval", "model", "--csv", "rows.csv", "--confusion", "table.csv", "--force"), ("table.csv",)),
    (("data", "convert", "numbers.csv", "-o", "numbers.npy", "--force"), ("numbers.npy",)),
    (("data", "split", "rows.csv", "--fractions", "0.5,0.5", "-o", "part", "--force"),
     ("part-train.csv", "part-test.csv")),
    (("init", "csv", "-o", "mine.json", "--force"), ("mine.json",)),
    (("check", "config.json"), ()),
    (("show", "model"), ()),
    (("data", "info", "rows.csv"), ()),
)


# Commands that need a file.
NEEDS = (
    ("rows.csv", (("check", "config.json"), ("show", "config.json"), ("data", "info", "rows.csv"),
                  ("data", "info", "numbers.csv", "rows.csv"), ("train", "config.json", "-o", "run"),
                  ("train", "--resume", "model"), ("eval", "model"), ("eval", "model", "--csv", "rows.csv"),
                  ("predict", "model", "rows.csv"), ("explain", "model", "rows.csv"),
                  ("data", "convert", "rows.csv", "--target", "label", "-o", "x.npy"),
                  ("data", "split", "rows.csv", "--fractions", "0.5,0.5", "-o", "part"),
                  ("init", "--from", "rows.csv", "-o", "mine.json"))),
    ("config.json", (("check", "config.json"), ("show", "config.json"), ("train", "config.json", "-o", "run"))),
    ("model.safetensors", (("show", "model"), ("predict", "model", "rows.csv"), ("eval", "model"),
                           ("train", "config.json", "-o", "run", "--init-weights", "model/model.safetensors"))),
    ("metrics.jsonl", (("report", "model", "-o", "page.html"), ("train", "--resume", "model"))),
    ("resolved.json", (("report", "model", "-o", "page.html"), ("train", "--resume", "model"))),
)


def unreadable(world):
    """A file that may not be read: status 6, its name, not half an output, and nothing is touched."""
    report = Report("files that may not be read")
    before = world.files()
    for name, commands in NEEDS:
        for args in commands:
            status, out, text = world.run(*args, fault="open:1-:EACCES", env={"NN_FAULT_FILE": name})
            report.tried += 1
            what = "%s: %s" % (name, " ".join(args))
            report.check(status == 6, "%s: %s: %s" % (what, name_of(status), text))
            report.check(name in text and "Permission denied" in text, "%s: %s" % (what, text))
            report.check(out == b"", "%s: half an output: %r" % (what, out))
            report.check(world.files() == before, what + ": other files")
    return report.end()


def cases(calls, step):
    """All of them; with a step, some of the calls, and the errors in turn."""
    turn = 0
    for kind in KINDS:
        for n in range(1, calls[kind] + 1, step):
            turn += 1
            for error in ERRORS if step == 1 else (ERRORS[turn % len(ERRORS)],):
                if error != "EINTR" or kind in INTERRUPTIBLE:
                    yield kind, error, "%s:%d:%s" % (kind, n, error)


def check_end(report, what, error, status, text):
    ok = status == 0 if error == "EINTR" else status in (0, 6)
    report.check(ok, "%s: %s: %s" % (what, name_of(status), text.strip()))
    if status == 6:
        report.check("nnctl: error: " in text or "stderr" in text or "write" in what,
                     what + ": no message")


def inject(world, args, outputs, step):
    """Outputs stand there in an older form; afterwards they are old or new, and nothing between."""
    report = Report("nnctl " + " ".join(args[:2]))
    calls = world.counts(*args)
    _, told, _ = world.run(*args)
    new = {name: world.read(name) for name in outputs}
    others = {name: data for name, data in world.files().items() if name not in outputs}
    for kind, error, fault in cases(calls, step):
        for name in outputs:
            world.write(name, "old")
        status, out, text = world.run(*args, fault=fault)
        report.tried += 1
        check_end(report, fault, error, status, text)
        report.check(kind == "write" or out == told or (status != 0 and out == b""),
                     "%s: neither all nor nothing on stdout: %r" % (fault, out))
        now = world.files()
        for name in outputs:
            whole = (new[name],) if status == 0 else (b"old", new[name])
            report.check(now.pop(name, None) in whole, "%s: %s is neither old nor new" % (fault, name))
        report.check(now == others, "%s: other files: %s" % (fault, set(now) ^ set(others)))
        world_clean(world, others, outputs)
    return report.end()


def world_clean(world, others, outputs):
    for name in world.files():
        if name not in others and name not in outputs:
            world.remove(name)


def inject_training(world, args, prepare, title, step):
    report = Report(title)
    world.remove("run")
    assert world.run("train", "config.json", "-q", "-o", "whole")[0] == 0
    whole = world.result("whole")
    prepare()
    calls = world.counts(*args)
    for kind, error, fault in cases(calls, step):
        world.remove("run")
        prepare()
        status, _, text = world.run(*args, fault=fault)
        report.tried += 1
        check_end(report, fault, error, status, text)
        if status != 0:
            world.forget_hidden()
            again = ("--resume", "run") if os.path.exists(world.path("run")) else (
                "config.json", "-o", "run")
            status, _, text = world.run("train", "-q", *again)
            report.check(status == 0, "%s: going on: %s: %s" % (fault, name_of(status), text))
        if status == 0:
            report.check(world.result("run") == whole, fault + ": other bytes in the end")
    world.remove("run", "whole")
    return report.end()


# Of a disk: what fails, the calls in a trace that it can be, and a part of the file's name.
LASTING = (("create", "create", ""), ("fsync", "fsync", ""), ("fsync", "fsync", ".jsonl"),
           ("rename", "rename", ""), ("save", "write", ""))


def middle(world):
    """For each of LASTING, which calls of its kind come between the first epoch and the last."""
    trace = world.path("trace")
    status, _, text = world.run("train", "config.json", "-q", "-o", "run",
                                env={"NN_FAULT_TRACE": trace, **world.preload()})
    assert status == 0, text
    lines = [line.split("\t") for line in world.read("trace").decode().splitlines()]
    epochs = [i for i, line in enumerate(lines) if line[0] == "write" and "metrics.jsonl" in line[1]]
    world.remove("run", "trace")
    return [[int(line[3]) for line in lines[epochs[0] + 1:epochs[-1]]
             if line[0] == call and name in line[1]] for _, call, name in LASTING]


def epochs_done(world):
    return world.read("run/metrics.jsonl").count(b"\n")


def check_synced_anew(report, what, world):
    """What could not be brought to disk is written into another file; no sync is believed twice."""
    failed = set()
    for line in world.read("trace").decode().splitlines():
        call, name, inode, _ = line.split("\t")
        if call == "unsynced" and inode:
            failed.add((name, inode))
        report.check(call != "fsync" or (name, inode) not in failed, "%s: %s is synced again" % (what, name))
    world.remove("trace")


def bear(world, report, whole, fault):
    """One or two failures in the middle of a training, which goes on to the same bytes."""
    status, _, text = world.run("train", "config.json", "-o", "run", fault=fault,
                                env={"NN_FAULT_TRACE": world.path("trace")})
    report.tried += 1
    report.check(status == 0, "%s: %s: %s" % (fault, name_of(status), text))
    report.check(world.result("run") == whole, fault + ": other bytes")
    report.check("tries again (1 of 3)" in text or "waits for the next" in text, fault + ": no warning")
    report.check("3 of 3" not in text, fault + ": a third try")
    check_synced_anew(report, fault, world)
    world.remove("run")


def give_up(world, report, whole, fault, epochs):
    """Three checkpoints in a row, and no more; the last good one is gone on with."""
    status, _, text = world.run("train", "config.json", "-o", "run", fault=fault,
                                env={"NN_FAULT_TRACE": world.path("trace")})
    report.tried += 1
    report.check(status == 6, "%s: %s" % (fault, name_of(status)))
    for number in (1, 2):
        report.check(text.count("tries again (%d of 3)" % number) == 1,
                     "%s: failure %d is not told once: %s" % (fault, number, text))
    report.check(text.count("nnctl: error: ") == 1, "%s: %s" % (fault, text))
    report.check(epochs_done(world) < epochs, fault + ": went on to the end")
    check_synced_anew(report, fault, world)
    status, _, text = world.run("train", "--resume", "run", "-q")
    report.check(status == 0 and world.result("run") == whole, "%s: after it: %s" % (fault, text))
    world.remove("run")


def lasting(nnctl, library, step):
    """A disk that is gone for a while, or for good, in the middle of a training."""
    report = Report("a disk that does not come back")
    epochs, errors = 5, ("EROFS", "EDQUOT", "EIO")
    world = World(nnctl, library, epochs=epochs, batch=8)
    assert world.run("train", "config.json", "-q", "-o", "whole")[0] == 0
    whole = world.result("whole")
    turn = 0
    for (kind, _, _), numbers in zip(LASTING, middle(world)):
        at_checkpoint = len(numbers) // ((epochs - 1) * 4)  # of which there is one for each batch
        assert at_checkpoint > 1, numbers
        numbers = numbers[:-5 * at_checkpoint]  # three more, and what comes before and after
        stride = max(1, len(numbers) * step // 150)
        for first in numbers[stride // 2::stride]:
            error = errors[turn % 3]
            turn += 1
            for length in (1, 2):
                bear(world, report, whole, "%s:%d-%d:%s" % (kind, first, first + length - 1, error))
            give_up(world, report, whole, "%s:%d-:%s" % (kind, first, error), epochs)
    world.close()
    return report.end()


def borne(world):
    """Two checkpoints in a row may fail, as often as it happens; a third is the end. Lines wait, which is told once."""
    report = Report("what is borne")
    world.write("often.json", CONFIGS["mlp"] % (1, 4, "0.000001s"))  # eight steps, a checkpoint after each
    world.write("rarely.json", CONFIGS["mlp"] % (12, 16, "1h"))
    for config, fault, expected, told in (
            ("often.json", "checkpoint:2-3:ENOSPC", 0, ["(1 of 3)", "(2 of 3)"]),
            ("often.json", "checkpoint:2-6/2:EIO", 0, ["(1 of 3)", "(1 of 3)", "(1 of 3)"]),
            ("often.json", "checkpoint:2-4:EROFS", 6, ["(1 of 3)", "(2 of 3)"]),
            ("rarely.json", "log:5-12:ENOSPC", 0, ["waits for the next"]),
            ("rarely.json", "log:9/1:EIO", 0, ["waits for the next"])):
        for run in ("whole", "run"):
            status, _, text = world.run("train", config, "-o", run, fault=fault if run == "run" else None)
            report.check(run == "run" or status == 0, text)
        report.tried += 1
        report.check(status == expected, "%s: %s: %s" % (fault, name_of(status), text))
        said = re.findall(r"\(\d of \d\)|waits for the next", text)
        report.check(said == told, "%s: told %s" % (fault, said))
        report.check(status != 0 or world.result("run") == world.result("whole"), fault + ": other bytes")
        world.remove("run", "whole")
    return report.end()


def protocol(world):
    """No file gets its name before all of it is on disk, and its directory is brought there after it."""
    report = Report("the order of writing")
    trace = world.path("trace")
    status, _, text = world.run("train", "config.json", "-q", "-o", "run",
                                env={"NN_FAULT_TRACE": trace, **world.preload()})
    assert status == 0, text
    written, waiting = set(), {}
    for line in world.read("trace").decode().splitlines():
        call, a, b, _ = line.split("\t")
        if call == "write":
            written.add(a)
        elif call == "fsync":
            written.discard(a)
            waiting.pop(a, None)
        elif call == "rename" and a.endswith(".tmp"):
            report.tried += 1
            report.check(a not in written, a + ": renamed before it was on disk")
            logs = [name for name in written if name.endswith(".jsonl")]
            report.check(not logs or os.path.basename(b) != "state.safetensors",
                         "%s: not on disk before the state that counts on them" % logs)
            waiting[os.path.dirname(b)] = b
        if call == "write":
            report.check(os.path.dirname(a) not in waiting, "%s: not brought to disk before %s" %
                         (waiting.get(os.path.dirname(a)), a))
    report.check(report.tried > 10 and not waiting, "%s: renamed, and not brought to disk" % waiting)
    world.remove("run", "trace")
    return report.end()


def main():
    nnctl, library = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    world = World(nnctl, library, epochs=1)
    faults = protocol(world)
    faults += inject_training(world, ("train", "config.json", "-q", "-o", "run"), lambda: None,
                             "nnctl train", step)

    def stopped():
        world.run("train", "config.json", "-q", "-o", "run", fault="durable:90:kill")
        assert os.path.exists(world.path("run"))

    faults += inject_training(world, ("train", "--resume", "run", "-q"), stopped, "nnctl train --resume",
                              step)
    faults += borne(world)
    world.close()
    faults += lasting(nnctl, library, step)
    world = World(nnctl, library, epochs=1, every="1h", count=20)
    assert world.run("train", "config.json", "-q", "-o", "model")[0] == 0
    world.write("numbers.csv", "a,b\n1,2\n3,4\n")
    faults += unreadable(world)
    for args, outputs in COMMANDS:
        faults += inject(world, args, outputs, step)
    world.close()
    sys.exit(faults != 0)


main()
