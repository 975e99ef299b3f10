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
    new = {name: world.read(name) for name in outputs}
    others = {name: data for name, data in world.files().items() if name not in outputs}
    for kind, error, fault in cases(calls, step):
        for name in outputs:
            world.write(name, "old")
        status, _, text = world.run(*args, fault=fault)
        report.tried += 1
        check_end(report, fault, error, status, text)
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


def lasting(world, step):
    """A disk that is gone for a while, or for good, from the middle of a training on."""
    report = Report("a disk that does not come back")
    world.remove("run")
    assert world.run("train", "config.json", "-q", "-o", "whole")[0] == 0
    whole = world.result("whole")
    creates = world.counts("train", "config.json", "-q", "-o", "run")["create"]
    world.remove("run")
    errors = ("EROFS", "EDQUOT", "EIO")
    for turn, error in enumerate(errors):  # with a step, each at other calls
        for first in range(9 + 7 * turn, creates, 7 if step == 1 else 7 * len(errors)):
            for length in (1, 2):  # failures that are borne
                status, _, text = world.run("train", "config.json", "-o", "run",
                                            fault="create:%d-%d:%s" % (first, first + length - 1, error))
                report.tried += 1
                report.check(status in (0, 6), "%d+%d: %s" % (first, length, name_of(status)))
                report.check(status == 6 or world.result("run") == whole, "%d: other bytes" % first)
                report.check(status == 6 or "tries again" in text, "%d: no warning" % first)
                world.remove("run")
            status, _, text = world.run("train", "config.json", "-q", "-o", "run",
                                        fault="create:%d-:%s" % (first, error))
            report.tried += 1
            report.check(status == 6, "%d-: %s" % (first, name_of(status)))
            status, _, text = world.run("train", "--resume", "run", "-q")
            report.check(status == 0 and world.result("run") == whole, "%d-: after it: %s" % (first, text))
            world.remove("run")
    world.remove("whole")
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
        call, a, b = line.split("\t")
        if call == "write":
            written.add(a)
        elif call == "fsync":
            written.discard(a)
            waiting.pop(a, None)
        elif a.endswith(".tmp"):
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
    faults += lasting(world, step) + borne(world)
    world.close()
    world = World(nnctl, library, epochs=1, every="1h", count=20)
    assert world.run("train", "config.json", "-q", "-o", "model")[0] == 0
    world.write("numbers.csv", "a,b\n1,2\n3,4\n")
    for args, outputs in COMMANDS:
        faults += inject(world, args, outputs, step)
    world.close()
    sys.exit(faults != 0)


main()
