#!/usr/bin/env python3
"""Every command behind a wall (wall.c): no program, no process, no socket, no file but those that were named.

    wall.py NNCTL LIBRARY

stdin is a pipe or a terminal on which an answer waits: it stays unread.
"""
import array
import fcntl
import json
import os
import pty
import re
import subprocess
import sys
import termios

from work import CONFIGS, World, Report, name_of

# What is read of the machine: memory and processors, the zone of the clock, libraries that are loaded late.
SYSTEM = re.compile(
    r"/proc/(meminfo|cpuinfo|self/(cgroup|statm|status|maps))|/sys/fs/cgroup/(.*/)?(cpu|memory)\.\w+|"
    r"/sys/devices/system/cpu/(online|possible|present)|/etc/localtime|/usr/share/zoneinfo/.*|"
    r"/etc/ld\.so\.cache|/.*/lib(openblas|blas|gfortran|quadmath|gcc_s|gomp|m)[-\w]*\.so[.\d]*")
ANSWER = b"y\n"
NOT_HERE = 77  # also what the library ends with where the kernel builds no walls

NEXT = """{"data": {"train": {"path": "tales.txt"}, "format": "text", "text": {"length": 8}},
 "model": {"layers": [{"type": "Embedding", "input_dim": 10, "output_dim": 2},
  {"type": "GRU", "units": 3, "return_sequences": true}, {"type": "Dense", "units": 10, "activation": "softmax"}]},
 "training": {"epochs": 1}}
"""

# Arguments, and the files that they and the config they name speak of; "run/" is all in there.
CASES = (
    ("train mlp.json -q -o run", "mlp.json rows.csv run/"),
    ("train mlp.json -o run --force --json", "mlp.json rows.csv run/"),
    ("train mlp.json -o stopped --max-time 0.000001s", "mlp.json rows.csv stopped/"),
    ("train --resume stopped --exact", "rows.csv stopped/"),
    ("train mlp.json --dry-run", "mlp.json rows.csv"),
    ("train mlp.json -o warm --init-weights run/model.safetensors", "mlp.json rows.csv warm/ run/model.safetensors"),
    ("train cnn.json -o seen", "cnn.json images.idx kinds.idx seen/"),
    ("train lstm.json -o words", "lstm.json opinions.csv words/"),
    ("train next.json -o tales", "next.json tales.txt tales/"),
    ("train mlp.json", "mlp.json rows.csv runs/"),
    ("eval run", "rows.csv run/"),
    ("eval run/model.safetensors --csv new.csv --confusion table.csv", "run/model.safetensors new.csv table.csv"),
    ("eval seen --x images.idx --y kinds.idx", "seen/ images.idx kinds.idx"),
    ("predict run new.csv", "run/model.safetensors new.csv"),
    ("predict run new.csv --proba -o out.csv", "run/model.safetensors new.csv out.csv"),
    ("predict @latest new.csv -o out.npy", "runs/ new.csv out.npy"),
    ("predict seen images.idx --top 2", "seen/model.safetensors images.idx"),
    ("predict words opinions.csv", "words/model.safetensors opinions.csv"),
    ("generate tales -n 20", "tales/model.safetensors"),
    ("explain run new.csv", "run/model.safetensors new.csv"),
    ("explain run --method permutation", "run/ rows.csv"),
    ("explain seen images.idx -o why.png", "seen/model.safetensors images.idx why.png"),
    ("report run", "run/ rows.csv"),
    ("report run warm -o both.html --svg plots", "run/ warm/ rows.csv both.html plots/"),
    ("show mlp.json", "mlp.json rows.csv"),
    ("show run", "run/model.safetensors"),
    ("show seen/model.safetensors --dot", "seen/model.safetensors"),
    ("check mlp.json", "mlp.json rows.csv"),
    ("check lstm.json --json", "lstm.json opinions.csv"),
    ("data info rows.csv", "rows.csv"),
    ("data info images.idx kinds.idx", "images.idx kinds.idx"),
    ("data convert numbers.csv -o new.npy", "numbers.csv new.npy"),
    ("data convert images.idx -o images.npy", "images.idx images.npy"),
    ("data split rows.csv --fractions 0.5,0.5 -o part", "rows.csv part-train.csv part-test.csv"),
    ("init", ""),
    ("init csv -o mine.json", "mine.json"),
    ("init --from rows.csv -o ours.json", "rows.csv ours.json"),
    ("bench run --seconds 0.001s", "run/ rows.csv"),
    ("bench mlp.json --seconds 0.001s", "mlp.json rows.csv"),
    ("help config", ""),
    ("completion bash", ""),
)

# A model alone: the files that its config names stand beside it, and are not looked at.
ALONE = ("eval copy.safetensors", "explain copy.safetensors --method permutation", "predict copy.safetensors")

# On a terminal: what stands there already is refused, and not asked about.
REFUSED = (
    "train mlp.json -o run",
    "predict run new.csv -o out.csv",
    "data convert numbers.csv -o new.npy",
    "init csv -o mine.json",
    "report run warm -o both.html",
)

# Names that other programs would take for a command or for a place elsewhere: files that are not there.
HOSTILE = ("http://127.0.0.1:9/x.csv", "file:///etc/passwd", "|touch owned", "touch owned|", "$(touch owned)",
           "`touch owned`", "; touch owned", "~root/x.csv", "%2fetc%2fpasswd", "$HOME/x.csv", "\\\\host\\x.csv")


def unread(fd):
    count = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, count)
    return count[0]


class Wall:
    def __init__(self, world, report):
        self.world, self.report, self.trace = world, report, world.path("trace")
        self.env = dict(os.environ, NNCTL_THREADS="2", LC_ALL="C", NN_WALL=self.trace)
        self.env.pop("NNCTL_RUNS", None)
        self.env.update(world.preload())
        self.env["ASAN_OPTIONS"] += ":detect_leaks=0"  # which starts a process

    def opened(self):
        """Paths below the world from there, others as they are; not those of the machine."""
        paths = set()
        for line in self.world.read("trace").decode("utf-8", "replace").splitlines():
            path = line.partition("\t")[2]
            if path == self.world.dir or path.startswith(self.world.dir + "/"):
                path = os.path.normpath(os.path.relpath(path, self.world.dir))
            if not SYSTEM.fullmatch(path):
                paths.add(path)
        return paths

    def start(self, args, **streams):
        return subprocess.Popen([self.world.nnctl, *args], cwd=self.world.dir, env=self.env,
                                start_new_session=True, **streams)

    def run(self, args, named, status, terminal=False):
        """The end is as told, no file was opened that is not among the named, and nobody was asked."""
        what = " ".join(args)
        answers, stdin = pty.openpty() if terminal else os.pipe()[::-1]
        os.write(answers, ANSWER)
        child = self.start(args, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, text = child.communicate(timeout=120)
        text = text.decode("utf-8", "replace")
        self.report.tried += 1
        self.report.check(child.returncode == status, "%s: %s: %s" % (what, name_of(child.returncode), text[-300:]))
        self.report.check(unread(stdin) == len(ANSWER), what + ": the answer was read")
        os.close(answers)
        os.close(stdin)
        for path in self.opened():
            self.report.check(is_named(path, named), "%s: opens %s" % (what, path))


def is_named(path, named):
    """A file of this name, one that will get it, the directory that holds it, or one in a directory."""
    path = re.sub(r"\.[0-9a-f]{8}\.tmp$", "", path)
    path = re.sub(r"^(.*/)?\.run-\d+-\d+\.new(?=/|$)", ".run", path)
    for name in named:
        if path in (name.rstrip("/"), os.path.dirname(name) or "."):
            return True
        if name.endswith("/") and (path == ".run" or (path + "/").startswith((name, ".run/"))):
            return True
    return False


def behind(wall):
    for args, named in CASES:
        status = 75 if "--max-time" in args else 0
        wall.run(args.split(), named.split(), status)
    with open(wall.world.path("copy.safetensors"), "wb") as f:
        f.write(wall.world.read("run/model.safetensors"))
    for args in ALONE:
        wall.run(args.split(), ["copy.safetensors"], 2)
    wall.run(["bench", "copy.safetensors", "--seconds", "0.001s"], ["copy.safetensors"], 0)


def nobody_is_asked(wall):
    before = wall.world.files()
    for args in REFUSED:
        wall.run(args.split(), ["mlp.json", "rows.csv", "new.csv", "numbers.csv", "run/", "warm/"],
                 6, terminal=True)
    now = wall.world.files()
    now["trace"] = before["trace"]
    wall.report.check(now == before, "what was refused changed files")


def hostile(wall):
    """Each name in two of the places where one can stand: it is a name, and nothing else."""
    for i, name in enumerate(HOSTILE):
        config = (CONFIGS["mlp"] % (1, 16, "1h")).replace('"rows.csv"', json.dumps(name))
        wall.world.write("hostile.json", config)
        ways = ((["train", "hostile.json", "-o", "x"], 6), (["predict", "run", name], 6), (["show", name], 6),
                (["data", "info", name], 6), (["train", "--resume", name], 6),
                (["train", "mlp.json", "--name", name], 2))
        for args, status in (ways[i % 6], ways[(i + 1) % 6]):
            wall.run(args, ["hostile.json", "mlp.json", "run/model.safetensors", os.path.normpath(name)], status)
    wall.report.check(not os.path.exists(wall.world.path("owned")), "a command was carried out")


def is_standing(wall):
    """False where the kernel builds none."""
    child = wall.start(["--version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return child.wait() != NOT_HERE


def main():
    world = World(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    report = Report("behind a wall")
    for kind in CONFIGS:
        world.kind = kind
        world.write_data(40)
        world.write(kind + ".json", CONFIGS[kind] % (1, 16, "1h"))
    world.write("next.json", NEXT)
    world.write("tales.txt", "a bad cab had a bad head\n" * 20)
    world.write("numbers.csv", "a,b\n1,2\n3,4\n")
    world.write("new.csv", world.read("rows.csv").decode())
    wall = Wall(world, report)
    if not is_standing(wall):
        print("no wall: skipped, this kernel has no seccomp filters")
        sys.exit(NOT_HERE)
    behind(wall)
    nobody_is_asked(wall)
    hostile(wall)
    world.close()
    sys.exit(report.end() != 0)


main()
