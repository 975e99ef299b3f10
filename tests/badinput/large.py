#!/usr/bin/env python3
"""
A table of more than 4 GiB, packed and (with --plain, in the current directory) not: large.py NNCTL [--plain].

A row of the end that is wrong is named by its line, all rows are counted, and memory stays what it is for small tables.
"""
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile

ROW = ("%s,1.25,7\n" % ("w" * 1000)).encode()
BLOCK = ROW * 65536
BLOCKS = (1 << 32) // len(BLOCK) + 2
MOST_MIB = 128  # 16 bytes for the hash of each row are most of it
faults = 0


def fault(*what):
    global faults
    faults += 1
    print("FAULT", *what)


def write(name, end, packed):
    """The header, more than 4 GiB of the same row, and the end; the same member of gzip again and again."""
    pack = (lambda data: gzip.compress(data, 6, mtime=0)) if packed else bytes
    block = pack(BLOCK)
    with open(name, "wb") as f:
        f.write(pack(b"word,a,b\n"))
        for _ in range(BLOCKS):
            f.write(block)
        f.write(pack(end))


def look(nnctl, name):
    done = subprocess.run([nnctl, "data", "info", name, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode()


def main():
    nnctl = os.path.abspath(sys.argv[1])
    packed = "--plain" not in sys.argv
    rows = BLOCKS * 65536
    with tempfile.TemporaryDirectory(dir=None if packed else ".") as place:
        name = os.path.join(place, "large.csv")
        for end, expected in (
                (b"x,1,2,3\n", ":%d: expected 3 fields, got 4" % (rows + 2)),
                (ROW + b'x,"1,2\n', ":%d:3: this quote is never closed" % (rows + 3)),
                (b"x,1,2\n", None)):
            write(name, end, packed)
            status, out, text = look(nnctl, name)
            if expected is None:
                counted = json.loads(out)["files"][0]["rows"] if status == 0 else text
                if counted != rows + 1:
                    fault("rows", counted, "instead of", rows + 1)
            elif status != 4 or expected not in text:
                fault(status, text, "instead of", expected)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    if most > MOST_MIB:
        fault(most, "MiB of memory")
    print("%d MiB, %d rows, %d MiB of memory, %d faults" % (BLOCKS * len(BLOCK) >> 20, rows, most, faults))
    return faults > 0


sys.exit(main())
