#!/usr/bin/env python3
"""Kills trainings, goes on with what they left, and compares the end with that of one never stopped.

    kills.py NNCTL LIBRARY calls [STEP [KIND...]]
        at every STEP-th durable system call, in three ways
    kills.py NNCTL LIBRARY random [KILLS [AGAIN [KIND...]]]
        at random moments, AGAIN of them also while resuming

A KIND of training is mlp, cnn, lstm or attention (work.py has their configs); without one, all of them in turn.
"""
import os
import random
import re
import signal
import subprocess
import sys
import time

from work import CONFIGS, Report, World, name_of

WAYS = ("kill", "half", "killed")


def leftovers(world, out):
    return [name for name in os.listdir(world.path(out)) if name.endswith((".tmp", ".new"))]


def finish(world, report, what, whole, out="run"):
    """Goes on, or begins again where nothing came to stand yet; the end must be that of `whole`."""
    if os.path.exists(world.path(out)):
        status, _, text = world.run("train", "--resume", out, "-q")
    else:
        status, _, text = world.run("train", "config.json", "-q", "-o", out)
    if not report.check(status == 0, "%s: then %s: %s" % (what, name_of(status), text)):
        return
    report.check(world.result(out) == whole, what + ": other bytes in the end")
    left = leftovers(world, out)
    if left and all(name.startswith("report.html.") for name in left):  # for a minute it may be another's
        for name in left:
            os.utime(world.path(os.path.join(out, name)), (time.time() - 120,) * 2)
        world.run("train", "--resume", out, "-q")
        left = leftovers(world, out)
    report.check(not left, "%s: %s left behind" % (what, left))


def check_killed(report, what, status):
    """Or ended before: how many checkpoints there are is a matter of microseconds."""
    report.check(status in (0, -signal.SIGKILL), "%s: %s" % (what, name_of(status)))


def reference(world):
    status, _, text = world.run("train", "config.json", "-q", "-o", "whole")
    assert status == 0, text
    return world.result("whole")


def kill_new(world, whole, step):
    report = Report("kill a new run at its durable calls")
    calls = world.counts("train", "config.json", "-q", "-o", "run")["durable"]
    for n in range(1, calls + 1, step):
        for way in WAYS:
            world.remove("run")
            status, _, _ = world.run("train", "config.json", "-q", "-o", "run",
                                     fault="durable:%d:%s" % (n, way))
            report.tried += 1
            what = "call %d, %s" % (n, way)
            check_killed(report, what, status)
            finish(world, report, what, whole)
    world.forget_hidden()
    return report.end()


def kill_resumed(world, whole, step):
    """A run that was killed once is killed again while it goes on."""
    report = Report("kill a resumed run at its durable calls")
    calls = world.counts("train", "config.json", "-q", "-o", "first")["durable"]
    for n in range(1, calls, step):
        world.remove("run")
        world.run("train", "config.json", "-q", "-o", "run", fault="durable:%d:kill" % (calls // 2))
        status, _, _ = world.run("train", "--resume", "run", "-q",
                                 fault="durable:%d:%s" % (n, WAYS[n % 3]))
        report.tried += 1
        check_killed(report, "call %d" % n, status)
        finish(world, report, "call %d" % n, whole)
        if status == 0:
            break
    world.remove("first")
    return report.end()


def kill_replacing(world, whole, step):
    """--force over an older run: at every moment there is one of the two, and it is whole."""
    report = Report("kill a run that replaces another at its durable calls")
    world.remove("run")
    old = ("train", "config.json", "-q", "-o", "run", "--seed", "9")
    assert world.run(*old)[0] == 0
    theirs = world.result("run")
    calls = world.counts("train", "config.json", "-q", "-o", "run", "--force")["durable"]
    for n in range(1, calls + 1, step):
        world.remove("run")
        assert world.run(*old)[0] == 0
        status, _, _ = world.run("train", "config.json", "-q", "-o", "run", "--force",
                                 fault="durable:%d:%s" % (n, WAYS[n % 3]))
        report.tried += 1
        what = "call %d" % n
        check_killed(report, what, status)
        if os.path.exists(world.path("run/model.safetensors")) and world.result("run") == theirs:
            continue
        finish(world, report, what, whole)
    world.forget_hidden()
    return report.end()


# Commands that replace a file, and which.
OUTPUTS = (
    (("report", "whole"), ("whole/report.html",)),
    (("report", "whole", "-o", "page.html", "--force"), ("page.html",)),
    (("predict", "whole", "rows.csv", "-o", "out.csv", "--force"), ("out.csv",)),
    (("data", "convert", "rows.csv", "--target", "label", "-o", "x.npy", "--y", "y.npy", "--force"),
     ("x.npy", "y.npy")),
    (("data", "split", "rows.csv", "--fractions", "0.5,0.5", "-o", "part", "--force"),
     ("part-train.csv", "part-test.csv")),
    (("eval", "whole", "--csv", "rows.csv", "--confusion", "table.csv", "--force"), ("table.csv",)),
    (("explain", "whole", "rows.csv", "-o", "why.csv", "--force"), ("why.csv",)),
    (("init", "csv", "-o", "mine.json", "--force"), ("mine.json",)),
)


def dateless(page):
    return page and re.sub(rb"page made [0-9TZ:-]+", b"", page)


def kill_outputs(world, step):
    """Whatever is killed while it writes: what stood there stands there still, or all of the new one."""
    report = Report("kill a command that replaces its outputs")
    for args, outputs in OUTPUTS:
        calls = world.counts(*args)["durable"]
        new = {name: dateless(world.read(name)) for name in outputs}
        others = {name: data for name, data in world.files().items() if name not in outputs}
        for n in range(1 + len(args) % min(step, calls), calls + 1, step):
            for way in WAYS:
                for name in outputs:
                    world.write(name, "old")
                status, _, text = world.run(*args, fault="durable:%d:%s" % (n, way))
                report.tried += 1
                what = "%s: call %d, %s" % (" ".join(args), n, way)
                check_killed(report, what, status)
                now = world.files()
                for name in outputs:
                    report.check(dateless(now.pop(name, None)) in (b"old", new[name]),
                                 "%s: %s is half" % (what, name))
                for name in [name for name in now if name.endswith(".tmp")]:
                    world.remove(name)  # which nobody takes for an output
                    del now[name]
                report.check(now == others, "%s: other files: %s" % (what, set(now) ^ set(others)))
    return report.end()


def kill_after(world, seconds, *args):
    """Starts a training and kills it after a time; false: it had ended by then."""
    environment = dict(os.environ, NNCTL_THREADS=str(random.choice((1, 2, 3))))
    child = subprocess.Popen([world.nnctl, *args], cwd=world.dir, env=environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    was_running = child.poll() is None
    child.kill()
    child.wait()
    return was_running


def length_of(world):
    """How long a training takes when nothing happens to it."""
    began = time.monotonic()
    assert world.run("train", "config.json", "-q", "-o", "timed")[0] == 0
    return time.monotonic() - began


def kill_once(world, whole, length, report, again):
    """One training that is killed, and once more while it goes on where `again`: whether each came in time."""
    world.remove("run")
    world.forget_hidden()
    if not kill_after(world, random.uniform(0, 1.1 * length), "train", "config.json", "-q", "-o", "run"):
        return False, False
    report.tried += 1
    was_again = (again and os.path.exists(world.path("run")) and
                 kill_after(world, random.uniform(0, length / 2), "train", "--resume", "run", "-q"))
    finish(world, report, "%s, kill %d" % (world.kind, report.tried), whole)
    return True, was_again


def kill_at_random(worlds, kills, again):
    """The trainings take turns."""
    report = Report("kill at random moments")
    each = [(world, reference(world), length_of(world)) for world in worlds]
    killed = {world.kind: [0, 0] for world in worlds}
    turn = killed_again = 0
    while report.tried < kills or killed_again < again:
        world, whole, length = each[turn % len(each)]
        was_killed, was_again = kill_once(world, whole, length, report, killed_again < again)
        turn += was_killed
        killed_again += was_again
        killed[world.kind][0] += was_killed
        killed[world.kind][1] += was_again
    for kind, (once, twice) in killed.items():
        print("%s: killed %d runs, %d of them again while resuming" % (kind, once, twice))
    return report.end()


def kill_at_calls(world, step):
    print("%s:" % world.kind, flush=True)
    whole = reference(world)
    return (kill_new(world, whole, step) + kill_resumed(world, whole, step) +
            kill_replacing(world, whole, step) +
            (kill_outputs(world, min(step, 20)) if world.kind == "mlp" else 0))


def main():
    nnctl, library, what = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    numbers = [int(text) for text in sys.argv[4:] if text not in CONFIGS]
    kinds = [text for text in sys.argv[4:] if text in CONFIGS] or list(CONFIGS)
    if what == "calls":
        worlds = [World(nnctl, library, kind=kind) for kind in kinds]
        faults = sum(kill_at_calls(world, numbers[0] if numbers else 1) for world in worlds)
    else:
        worlds = [World(nnctl, library, epochs=200, batch=4, every="0.01s", kind=kind) for kind in kinds]
        random.seed(1)
        faults = kill_at_random(worlds, numbers[0] if numbers else 500,
                                numbers[1] if len(numbers) > 1 else 100)
    for world in worlds:
        world.close()
    sys.exit(faults != 0)


main()
