"""
Thirty texts that would drive a terminal, as classes, columns, keys, names of files, options and more: hostile.py NNCTL
looks in every output for bytes that do. What predictions and matrices hold as CSV is data, and exact, unless a terminal
is what they are written to.
"""
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile

SEQUENCES = [
    "\x1b[2J", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b[6n", "\x1bc", "\x1b[?1049h", "\x1b[10A",
    "\x1b[1000D", "\x1bP$q\"p\x1b\\", "\x1b_x\x1b\\", "\x1b^x\x1b\\", "\x1b]8;;http://x\x07l\x1b]8;;\x07", "\x1b(0", "\x1b#8",
    "\x1b[4h", "\x1b[20h", "\x1b]4;1;?\x07", "\x1b[c", "\x1b[>c", "\x9b2J", "\x90x\x9c", "\x9d0;x\x9c", "\x85", "a\rb", "a\x08b",
    "\x07", "\x7f", "\u202etxt.exe", "\u2066a\u2069", "\u200e\u200f", "\x0b\x0c"]
DRIVES = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
CONFIG = {"data": {"train": {"path": "h.csv"}, "target": "y"}, "training": {"epochs": 2}, "metrics": ["accuracy", "f1"],
          "model": {"layers": [{"type": "Dense", "units": len(SEQUENCES), "activation": "softmax"}]},
          "logging": {"tensorboard": True}}
nnctl = os.path.abspath(sys.argv[1])
seen = {"outputs": 0, "faults": 0}


def fault(*what):
    seen["faults"] += 1
    print(*what)


def look(what, data):
    seen["outputs"] += 1
    found = DRIVES.search(data)
    if found:
        fault(what, "holds", data[max(0, found.start() - 30):found.end() + 20])


def run(*args, rows=None, status=None, exact=False):
    r = subprocess.run([nnctl, *args], capture_output=True, input=rows)
    if not exact:
        look(args, r.stdout)
    look(args, r.stderr)
    if r.returncode < 0 or r.returncode == 9 or status not in (None, r.returncode):
        fault(args, r.returncode, r.stderr[-300:])
    return r.stdout


def on_terminal(*args):
    """What a terminal gets, without the carriage returns that it adds itself."""
    parts = []
    sys.stdout.flush()

    def read(fd):
        data = os.read(fd, 4096)
        parts.append(data)
        return b"" if not data else b"."  # nothing of it reaches the terminal of this test

    saved = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    pty.spawn([nnctl, *args], read)
    os.dup2(saved, 1)
    return b"".join(parts).replace(b"\r\n", b"\n")


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def write(name, text):
    with open(name, "w", newline="", encoding="utf-8") as f:
        f.write(text)


def whole_run():
    rows = "".join("%d,%d,%s\n" % (i % 7, i * i % 5, quoted("c" + SEQUENCES[i % len(SEQUENCES)])) for i in range(96))
    write("h.csv", quoted("a" + SEQUENCES[0]) + "," + quoted("b" + SEQUENCES[2]) + ",y\n" + rows)
    write("h.json", json.dumps(CONFIG))
    run("train", "h.json", "-o", "run", status=0)
    run("train", "h.json", "--json", "-o", "run2", status=0)
    for name in os.listdir("run"):
        if name.endswith((".html", ".json", ".jsonl")):
            look(name, open("run/" + name, "rb").read())


def commands():
    for line in ("check h.json", "show h.json", "show run", "show run --dot", "show run --json", "data info h.csv",
                 "data info h.csv --json", "eval run --split train --errors 5", "eval run --split train --json",
                 "predict run h.csv --format jsonl --proba", "explain run h.csv", "explain run --method permutation",
                 "init --from h.csv --target y", "report run run2 -o both.html"):
        run(*line.split())
    look("both.html", open("both.html", "rb").read())
    if b"c\x1b" not in run("predict", "run", "h.csv", exact=True) + run("predict", "run", "h.csv", "--proba", exact=True):
        fault("predictions in a pipe are not the classes' own bytes")
    for more in ([], ["--proba"], ["--format", "jsonl"]):
        look("predictions on a terminal", on_terminal("predict", "run", "h.csv", *more))


def words():
    for s in SEQUENCES[::int(sys.argv[2]) if len(sys.argv) > 2 else 1]:
        for args in (["check", "h.json", "--set", "data.target=" + json.dumps("y" + s)],
                     ["check", "h.json", "--set", "training." + s + "=1"], ["show", "x" + s], [s],
                     ["train", "h.json", "--" + s], ["train", "h.json", "--name", s], ["help", s], ["completion", s],
                     ["eval", "run", "--fail-if", s + "<1"]):
            run(*args)
        run("predict", "run", "-", rows=("a,b\n1," + s + "\n").encode())
        write("k.json", json.dumps({**CONFIG, "k" + s: 1}))
        run("check", "k.json", status=3)
        write("k.json", '{"data": "' + s + '"}')
        run("check", "k.json", status=3)


def main():
    place = tempfile.mkdtemp()
    os.chdir(place)
    try:
        whole_run()
        commands()
        words()
    finally:
        os.chdir("/")
        shutil.rmtree(place)
    print("%(outputs)d outputs, %(faults)d faults" % seen)
    return seen["faults"] > 0


sys.exit(main())
