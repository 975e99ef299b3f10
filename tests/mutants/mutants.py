"""Breaks the code on purpose, one place at a time, and looks whether a test fails.

    mutants.py [WORDS...]   all rows of the *.txt beside this file, or those whose name or files have one of the words

The last commit is copied to build/mutants, built there, and must pass the tests that the rows name. A row:

    [what is broken]
    path/of/the/source.c
    - text that stands there once, over as many lines as it takes
    + what is put in its place (nothing: it is taken away)
    tests of ctest, tried in this order until one fails

A row named "every refusal" has no text: each `if` of the file that leads to an error is never true, one at a time;
but for those that hold a text that follows as "= text": lines that nothing can tell from the code as it is.

Ends with 1 when a mutant survives, does not compile, or its text is no longer to be found.
"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COPY = os.path.join(ROOT, "build", "mutants")
SECONDS = 600  # a mutant may wait for ever,
CPU_SECONDS = 120  # or never end; this holds for whatever it starts, even when nobody watches any more
CAUGHT, SURVIVES, STALE, NO_BUILD = "caught", "SURVIVES", "STALE", "NO BUILD"


def rows_of(path):
    rows = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("["):
            rows.append({"name": line.strip("[]"), "of": os.path.basename(path), "old": [], "new": [], "same": []})
        elif line == "" or line.startswith("#"):
            continue
        elif line.startswith(("-", "+", "=")):
            rows[-1][{"-": "old", "+": "new", "=": "same"}[line[0]]].append(line[2:])
        elif "file" not in rows[-1]:
            rows[-1]["file"] = line
        else:
            rows[-1]["tests"] = line.split()
    return rows


ERROR = re.compile(r"(return|\w+ =)\s+(nn_err_(?!memory)\w+|nn_refuse\w*|refuse\w*|fault|bad|unexpected|no_value|after_quote)\(")


def condition_end(text, at):
    """Where the parenthesis that opens at `at` closes."""
    depth, quote = 0, ""
    while True:
        c = text[at]
        if quote:
            at += c == "\\"
            quote = "" if text[at] == quote and c != "\\" else quote
        elif c in "\"'":
            quote = c
        else:
            depth += (c == "(") - (c == ")")
            if depth == 0:
                return at
        at += 1


def spread(row):
    """A mutant for each refusal of the file, or the row itself."""
    if row["name"] != "every refusal":
        return [row]
    text = read(os.path.join(COPY, row["file"]))
    mutants = []
    for found in re.finditer(r"\bif \(", text):
        end = condition_end(text, found.end() - 1)
        if not ERROR.match(text[end + 1:].lstrip(" \n{")):
            continue
        condition = text[found.end():end]
        if any(same in text[found.start():end + 80] for same in row["same"]):
            continue
        line = text.count("\n", 0, found.start()) + 1
        name = "%s:%d: never %s" % (os.path.basename(row["file"]), line, " ".join(condition.split()))
        mutants.append(dict(row, name=name, at=(found.end(), end, "0 && (%s)" % condition)))
    return mutants


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def broken(text, row):
    """The text of the mutant, or None when it cannot be made."""
    if "at" in row:
        begin, end, new = row["at"]
        return text[:begin] + new + text[end:]
    old = "\n".join(row["old"])
    return text.replace(old, "\n".join(row["new"])) if text.count(old) == 1 else None


def limit_time():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(*args):
    """The status and what was said. A group of its own, so that nothing of it is left running."""
    child = subprocess.Popen(args, cwd=COPY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace",
                             start_new_session=True, preexec_fn=limit_time)
    try:
        said, _ = child.communicate(timeout=SECONDS)
        return child.returncode, said
    except subprocess.TimeoutExpired:
        return -1, "no end after %d s" % SECONDS
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def targets_of_tests():
    """What each test of ctest runs or loads, of what is built."""
    listed = subprocess.run(["ctest", "--test-dir", "build/release", "--show-only=json-v1"], cwd=COPY, check=True,
                            stdout=subprocess.PIPE)
    built = os.path.join(COPY, "build", "release") + os.sep
    return {test["name"]: {re.sub(r"^lib|\.so$", "", os.path.basename(word)) for word in test.get("command", ())
                           if word.startswith(built)} for test in json.loads(listed.stdout)["tests"]}


def build(targets):
    return run("cmake", "--build", "build/release", "--target", *sorted(targets))


def is_passing(*tests):
    wanted = "^(" + "|".join(re.escape(name) for name in tests) + ")$"
    status, said = run("ctest", "--test-dir", "build/release", "--no-tests=error", "--timeout", str(CPU_SECONDS),
                       "-R", wanted)
    return status == 0, said


def copy():
    if not os.path.isdir(os.path.join(COPY, ".git")):
        subprocess.run(["git", "clone", "-q", ROOT, COPY], check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()
    for args in (["fetch", "-q", ROOT, head], ["checkout", "-q", "-f", head]):
        subprocess.run(["git", *args], cwd=COPY, check=True)


def prepare(tests):
    """Builds everything, and sees the tests pass; the targets of each."""
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    subprocess.run(["cmake", "--preset", "release", "-DNN_WERROR=OFF", *generator], cwd=COPY, check=True,
                   stdout=subprocess.DEVNULL)  # what a mutant no longer uses is no mistake
    status, said = run("cmake", "--build", "build/release")
    if status != 0:
        sys.exit("the code as it is does not build: " + said[-600:])
    passes, said = is_passing(*tests)
    if not passes:
        sys.exit("fails without any mutant: " + said[-600:])
    return targets_of_tests()  # of one that is not built, ctest tells no command


def judge(row, targets):
    """What became of the mutant, and more about it."""
    path = os.path.join(COPY, row["file"])
    text = read(path)
    mutant = broken(text, row)
    if mutant is None:
        return STALE, "its text does not stand once in " + row["file"]
    with open(path, "w", encoding="utf-8") as f:
        f.write(mutant)
    try:
        for test in row["tests"]:
            status, said = build(targets[test])
            if status != 0:
                return NO_BUILD, said[-600:]
            if not is_passing(test)[0]:
                return CAUGHT, test
        return SURVIVES, " ".join(row["tests"])
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what runs, and mends the copy
    words = sys.argv[1:]
    copy()
    rows = [mutant for path in sorted(glob.glob(os.path.join(HERE, "*.txt"))) for row in rows_of(path)
            for mutant in spread(row)
            if not words or any(word in " ".join((mutant["of"], mutant["file"], mutant["name"])) for word in words)]
    targets = prepare(sorted({test for row in rows for test in row["tests"]}))
    ends = []
    for row in rows:
        end, more = judge(row, targets)
        ends.append(end)
        print("%-8s %s: %s: %s" % (end, row["of"], row["name"], more), flush=True)
    print("%d mutants: %s" % (len(ends), ", ".join("%d %s" % (ends.count(end), end) for end in sorted(set(ends)))))
    sys.exit(any(end != CAUGHT for end in ends))


main()
