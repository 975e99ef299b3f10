#!/usr/bin/env python3
"""Limits of the process and of the machine, ends of terminals and pipes, and two who want the same run.

    limits.py NNCTL LIBRARY [STEP]
"""
import fcntl
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import termios
import time

from shortage import endless, group_limit, limited
from work import Report, World, elsewhere, name_of

TRAIN = ("train", "config.json", "-q", "-o", "run")


def ends_well(report, world, whole, what, statuses, **how):
    """One of these statuses; a training that failed leaves what can be gone on with, or nothing."""
    status, _, text = world.run(*TRAIN, **how)
    report.tried += 1
    report.check(status in statuses, "%s: %s: %s" % (what, name_of(status), text.strip()))
    report.check(status == 0 or "nnctl: error: " in text or status == 127, what + ": no message")
    if os.path.exists(world.path("run")):
        status, _, text = world.run("train", "--resume", "run", "-q")
        report.check(status == 0, "%s: going on: %s" % (what, text))
        report.check(status != 0 or world.result("run") == whole, what + ": other bytes")
    hidden = [name for name in os.listdir(world.dir) if name.startswith(".run-")]
    report.check(not hidden, "%s: %s left behind" % (what, hidden))
    world.remove("run")


def file_size(world, whole, step):
    report = Report("RLIMIT_FSIZE")
    largest = max(len(data) for name, data in world.files().items() if name.startswith("whole"))
    for size in range(0, largest + 1, 97 if step == 1 else largest // 12):
        ends_well(report, world, whole, "%d bytes" % size, (0, 6),
                  before=limited(resource.RLIMIT_FSIZE, size))
    return report.end()


def descriptors(world, whole, step):
    """The program itself needs four, and a training three more at a time."""
    report = Report("RLIMIT_NOFILE")
    for count in sorted({*range(3, 20, (step + 1) // 2), 4, 6, 8}):
        statuses = (127,) if count < 4 else (6,) if count < 7 else (0,)
        ends_well(report, world, whole, "%d descriptors" % count, statuses,
                  before=limited(resource.RLIMIT_NOFILE, count))
    return report.end()


def in_time(report, world, whole, what, statuses, before):
    """Within 5 seconds. What takes longer may have been held up by others twice, but not three times."""
    for attempt in range(3):
        try:
            return ends_well(report, world, whole, what, statuses, before=before, timeout=5)
        except subprocess.TimeoutExpired:
            world.remove("run")
            world.forget_hidden()
    return report.check(False, what + ": not done within 5 s")


def memory(world, whole, step):
    """Little of it ends in 7 (or in the loader's 127), and enough of it well; it never hangs."""
    report = Report("RLIMIT_AS")
    for mib in range(4, 160, 4 * step):
        in_time(report, world, whole, "%d MiB" % mib, (0,) if mib > 100 else (0, 7, 127),
                limited(resource.RLIMIT_AS, mib << 20))
    for mib in (16, 32):
        little = limited(resource.RLIMIT_AS, mib << 20)
        in_time(report, world, whole, "%d MiB" % mib, (7,), little)
        text = world.run(*TRAIN, before=little)[2]
        report.check("not enough memory" in text and "install" not in text, text)
    return report.end()


def small_stack(world, whole):
    report = Report("a stack of 64 KiB")
    ends_well(report, world, whole, "64 KiB", (0,),
              before=limited(resource.RLIMIT_STACK, 65536))
    return report.end()


def odd_clocks(world, whole):
    """1970, before and after 2038, in many years: all going back; what took time is no less than nothing."""
    report = Report("a clock that is wrong and runs back")
    for moment in (0, 2**31 - 1, 2**31 + 5 * 3600, 2**32, 10**11, 10**17):
        report.tried += 1
        status, _, text = world.run(*TRAIN, env={"NN_FAULT_CLOCK": str(moment)})
        if report.check(status == 0, "%d: %s: %s" % (moment, name_of(status), text)):
            report.check(world.result("run") == whole, "%d: other bytes" % moment)
            record = json.loads(world.read("run/run.json"))
            lasted = [record["seconds"]] + [json.loads(line)["seconds"] for line in
                                            world.read("run/timing.jsonl").splitlines()]
            report.check(all(0 <= seconds < 60 for seconds in lasted), "%d: lasted %s" % (moment, lasted))
            report.check(moment != 2**32 or record["started"].startswith("2106-02-0"),
                         "the clock was not asked: " + record["started"])
        world.remove("run")
    return report.end()


def full_disk(world, whole, step):
    """A file system of so many KiB; needs to be root."""
    report = Report("a small file system")
    os.mkdir(world.path("small"))
    for kib in range(4, 96, 4 * step):
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dk" % kib, "none",
                                  world.path("small")], stderr=subprocess.DEVNULL).returncode == 0
        if not mounted:
            print("a small file system: skipped, it cannot be mounted here")
            break
        status, _, text = world.run("train", "config.json", "-q", "-o", "small/run")
        report.tried += 1
        report.check(status in (0, 6), "%d KiB: %s: %s" % (kib, name_of(status), text))
        if os.path.exists(world.path("small/run")):
            world.run("train", "config.json", "-q", "--dry-run")
            subprocess.run(["mount", "-o", "remount,size=4m", world.path("small")], check=True)
            status, _, text = world.run("train", "--resume", "small/run", "-q")
            report.check(status == 0 and world.result("small/run") == whole,
                         "%d KiB: with more room: %s %s" % (kib, name_of(status), text))
        subprocess.run(["umount", world.path("small")], check=True)
    else:
        too_small(world, report)
    os.rmdir(world.path("small"))
    return report.end()


def too_small(world, report):
    """A disk that cannot take two models and two checkpoints: known before there is a run."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", world.path("small")], check=True)
    status, _, text = world.run("train", "config.json", "-q", "-o", "small/run", "--set",
                                "model.layers[0].units=100000")
    report.tried += 1
    report.check(status == 6, "a wide network: %s: %s" % (name_of(status), text))
    report.check("MiB of disk space" in text and "but only 4.0 MiB are free" in text, text)
    report.check(os.listdir(world.path("small")) == [], "a wide network: left something")
    subprocess.run(["umount", world.path("small")], check=True)


def no_proc(world, whole):
    """Needs to be root. What the machine would tell is left out, with a warning."""
    report = Report("no /proc and no /sys")
    inside = elsewhere("mount -t tmpfs none /proc && mount -t tmpfs none /sys", report.title)
    if inside is None:
        return report.end()
    world.remove("run")
    status, _, text = world.run("train", "config.json", "-o", "run", inside=inside)
    report.tried += 1
    report.check(status == 0, "%s: %s" % (name_of(status), text))
    report.check("warning: /proc/meminfo cannot be read" in text, "no warning")
    report.check(status != 0 or world.result("run") == whole, "other bytes")
    world.remove("run")
    return report.end()


def start(world, *args, **how):
    how.setdefault("env", dict(os.environ, NNCTL_THREADS="2"))
    return subprocess.Popen([world.nnctl, *args], cwd=world.dir, **how)


def wait_for_epoch(world, run):
    path = world.path(os.path.join(run, "metrics.jsonl"))
    end = time.monotonic() + 60
    while time.monotonic() < end and not (os.path.exists(path) and os.path.getsize(path) > 0):
        time.sleep(0.01)


def outputs_gone(world):
    """stdout and stderr close while it trains: it goes on, and says so in the end, if it can."""
    report = Report("outputs that go away")
    long = ("train", "config.json", "--json", "-o", "run", "--epochs", "300")
    for which in ("stdout", "stderr", "terminal"):
        world.remove("run")
        if which == "terminal":
            ours, theirs = pty.openpty()
            child = start(world, *long, stdin=theirs, stdout=theirs, stderr=theirs,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            os.close(theirs)
            wait_for_epoch(world, "run")
            os.close(ours)
        else:
            child = start(world, *long, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
            wait_for_epoch(world, "run")
            (child.stdout if which == "stdout" else child.stderr).close()
            (child.stderr if which == "stdout" else child.stdout).read()
        status = child.wait(timeout=120)
        report.tried += 1
        report.check(status == (0 if which == "stderr" else 6), "%s: %s" % (which, name_of(status)))
        lines = world.read("run/metrics.jsonl").count(b"\n")
        report.check(lines == 300, "%s: %d epochs" % (which, lines))
    for path, expected in (("/dev/full", 6),):
        world.remove("run")
        with open(path, "w") as full:
            status = start(world, *TRAIN, stdin=subprocess.DEVNULL, stdout=full,
                           stderr=subprocess.DEVNULL).wait(timeout=120)
        report.tried += 1
        report.check(status == expected, "%s: %s" % (path, name_of(status)))
    world.remove("run")
    return report.end()


LONG = ("train", "config.json", "-q", "--epochs", "400", "-o", "run")


def goes_on(world, report, what, whole):
    status, _, text = world.run("train", "--resume", "run", "-q")
    report.check(status == 0 and world.result("run") == whole, "%s: after it: %s" % (what, text))


def interrupt(world, report, whole, numbers, expected, pause=0, **how):
    """Signals to a training that has made an epoch, its status, and going on to the same bytes."""
    world.remove("run")
    child = start(world, *LONG, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                  stderr=subprocess.DEVNULL, **how)
    wait_for_epoch(world, "run")
    for number in numbers:
        child.send_signal(number)
        time.sleep(pause)
    status = child.wait(timeout=60)
    report.tried += 1
    report.check(status == expected or (isinstance(expected, tuple) and status in expected),
                 "%s: %s" % (numbers, name_of(status)))
    goes_on(world, report, numbers, whole)


def slow_disk(world, report, whole):
    """A stop waits for its checkpoint, however long; a second one does not."""
    env = dict(os.environ, NNCTL_THREADS="2", NN_FAULT="fsync:20-:slow", **world.preload())
    interrupt(world, report, whole, (signal.SIGTERM,), 143, env=env)
    interrupt(world, report, whole, (signal.SIGINT, signal.SIGINT), -signal.SIGINT, 0.1, env=env)


def closed_terminal(world, report, whole):
    """The terminal that the training was started from is closed: the kernel hangs up."""
    world.remove("run")
    ours, theirs = pty.openpty()
    child = start(world, *LONG, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(theirs)
    wait_for_epoch(world, "run")
    os.close(ours)
    status = child.wait(timeout=60)
    report.tried += 1
    report.check(status == 129, "a closed terminal: " + name_of(status))
    goes_on(world, report, "a closed terminal", whole)


def time_is_up(world, report, whole):
    """Again and again, each time after twice as long."""
    world.remove("run")
    seconds = 0.01
    status, _, _ = world.run(*LONG, "--max-time", "%gs" % seconds)
    while status == 75 and seconds < 60:
        report.tried += 1
        seconds *= 2
        status, _, _ = world.run("train", "--resume", "run", "-q", "--max-time", "%gs" % seconds)
    report.check(status == 0 and seconds > 0.03 and world.result("run") == whole,
                 "--max-time: %s after %g s" % (name_of(status), seconds))


def signals(world):
    """Each ends it with its status, and it can be gone on with to the same bytes."""
    report = Report("signals")
    assert world.run(*LONG[:-1], "long")[0] == 0
    whole = world.result("long")
    for numbers, expected in (((signal.SIGINT,), 130), ((signal.SIGTERM,), 143),
                              ((signal.SIGHUP,), 129), ((signal.SIGUSR1,), 75),
                              ((signal.SIGUSR1, signal.SIGUSR1), 75),
                              ((signal.SIGINT, signal.SIGINT), (130, -signal.SIGINT)),
                              ((signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM), 143)):
        interrupt(world, report, whole, numbers, expected)
    slow_disk(world, report, whole)
    closed_terminal(world, report, whole)
    time_is_up(world, report, whole)
    world.remove("run", "long")
    return report.end()


def two_at_once(world):
    """One run directory, two who want it: the second is refused, whatever it tries; also without locks."""
    report = Report("two processes on one run directory")
    for env in ({}, {"NN_NO_LOCKS": "1"}):
        world.remove("run")
        environment = dict(os.environ, NNCTL_THREADS="1", **env)
        if env:
            environment.update(world.preload())
        with open(world.path("told"), "w") as told:  # should we end before it, it ends as well
            first = start(world, "train", "config.json", "-o", "run", "--epochs", "100000000",
                          "--max-time", "2m", env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=told)
        wait_for_epoch(world, "run")
        for args, words in ((("--resume", "run"), "under way, in process %d\n" % first.pid),
                            (("config.json", "-o", "run", "--force"), "process %d" % first.pid),
                            (("config.json", "-o", "run"), "--force")):
            status, _, text = world.run("train", *args, env=env)
            report.tried += 1
            report.check(status == 6, "%s: %s: %s" % (args, name_of(status), text))
            report.check(words in text, "%s: %s" % (args, text))
        report.check(first.poll() is None, "the first one has ended")
        first.kill()
        first.wait()
        report.check(("warning: this file system knows no locks" in world.read("told").decode()) == bool(env),
                     "without locks: %s" % world.read("told"))
        status, _, text = world.run("train", "--resume", "run", "-q", "--max-time", "0.1s", env=env)
        report.tried += 1
        report.check(status == 75, "after a kill: %s: %s" % (name_of(status), text))
    world.remove("run", "told")
    return report.end()


def no_blas(world):
    """Nothing is trained that could not be trained again elsewhere; what else is computed, says so."""
    report = Report("no OpenBLAS")
    env = {"NN_NO_LIBRARY": "openblas"}
    for args, expected, words in ((TRAIN, 7, "apt-get install libopenblas0"),
                                  (("bench", "config.json", "--seconds", "0.001s"), 0,
                                   "warning: there is no OpenBLAS")):
        status, _, text = world.run(*args, env=env)
        report.tried += 1
        report.check(status == expected and words in text,
                     "%s: %s: %s" % (args[0], name_of(status), text))
    report.check(not os.path.exists(world.path("run")), "a run was made")
    return report.end()


def main():
    nnctl, library = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for number in (signal.SIGINT, signal.SIGHUP):  # nohup and a shell's background ignore them
        signal.signal(number, signal.SIG_DFL)
    sanitized = b"__asan_init" in open(nnctl, "rb").read()
    world = World(nnctl, library, epochs=1, every="0.001s")
    assert world.run("train", "config.json", "-q", "-o", "whole")[0] == 0
    whole = world.result("whole")
    faults = file_size(world, whole, step)
    if not sanitized:  # sanitizers need descriptors and a great deal of address space themselves
        faults += descriptors(world, whole, step) + memory(world, whole, step)
        faults += small_stack(world, whole) + no_proc(world, whole)
        faults += endless(world, step) + group_limit(world)
    faults += odd_clocks(world, whole) + full_disk(world, whole, step)
    faults += outputs_gone(world) + signals(world) + two_at_once(world) + no_blas(world)
    world.close()
    sys.exit(faults != 0)


main()
