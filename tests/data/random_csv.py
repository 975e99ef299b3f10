# Random CSV files, good and bad, read by nnctl and by Python's csv module with nnctl's rules: both must see the same
# rows, or both refuse. Arguments: dump_csv, how many files.
import csv
import io
import json
import random
import subprocess
import sys

LETTERS = ["a", "b", " ", "1", "0", ".", ";", "\t", "'", "\\", "\xe4", "\u4e2d"]


def good_field(r):
    text = "".join(r.choice(LETTERS + [",", '"', "\n", "\r\n"]) for _ in range(r.choice([0, 1, 1, 2, 5, 12])))
    must = any(c in text for c in ',"\n\r')
    return '"' + text.replace('"', '""') + '"' if must or r.random() < 0.2 else text


def make(r):
    columns = r.choice([1, 1, 2, 2, 3, 5])
    ends = r.choice([["\n"], ["\r\n"], ["\n", "\r\n"]])
    rows = [",".join(good_field(r) for _ in range(columns)) for _ in range(r.choice([1, 1, 2, 3, 8]))]
    text = "".join(row + r.choice(ends) for row in rows)
    if r.random() < 0.3:
        text = text.rstrip("\r\n")
    if r.random() < 0.1:
        text = "\ufeff" + text
    if r.random() < 0.1:
        text += r.choice(["\n", "\n\n", "\r\n"])
    for _ in range(r.choice([0, 0, 1, 2])):
        at = r.randrange(len(text) + 1)
        text = text[:at] + r.choice(['"', ",", "\n", "\r", "\0", '""', '"\n', "x"]) + text[at + r.randrange(2):]
    return text.encode()


# The rules that Python's reader does not have: quotes only around whole fields, no lone carriage return, no NUL.
def breaks_rules(text):
    state = "start"
    for i, c in enumerate(text):
        if c == "\0":
            return True
        if state == "return" and c != "\n":
            return True
        if state == "quoted":
            state = "quote" if c == '"' else "quoted"
        elif c == '"':
            if state == "plain":
                return True
            state = "quoted"
        elif c in ",\n":
            state = "start"
        elif c == "\r":
            state = "return"
        elif state == "quote":
            return True
        else:
            state = "plain"
    return state in ("quoted", "return")


def expected(data):
    text = data.decode()
    if text.startswith("\ufeff"):
        text = text[1:]
    if not data or breaks_rules(text):
        return None
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    # A blank line is no record, but one of two quotes is; Python shows both as it shows them.
    rows, blank = [], False
    for row in lines:
        if not row:
            blank = True
            continue
        if blank:
            return None
        rows.append(row)
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return None
    return rows


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    r = random.Random(7)
    files = [make(r) for _ in range(count)]
    text = b"".join(b"%d\n%s" % (len(f), f) for f in files)
    answer = subprocess.run([program], input=text, stdout=subprocess.PIPE)
    lines = answer.stdout.decode().split("\n")
    good = 0
    for i, data in enumerate(files):
        said = json.loads(lines[i]) if i < len(lines) and lines[i] else {"error": "nothing was said"}
        want = expected(data)
        good += want is not None
        if said.get("rows") != want:
            print("file %d: %r\n  expected %r\n  got %r" % (i, data, want, said))
            return 1
    print("%d files, %d of them good" % (count, good))
    return 0 if answer.returncode == 0 and count // 4 < good < count else 1


sys.exit(main())
