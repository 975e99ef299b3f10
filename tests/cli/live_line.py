#!/usr/bin/env python3
"""The live line as a terminal shows it: training in a pseudo-terminal of several widths, and into a pipe.

    live_line.py NNCTL SOURCE
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

nnctl, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
os.chdir(tempfile.mkdtemp())
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it, and its children
CONFIG = os.path.join(source, "configs", "digits-mlp.json")


def expect(condition, what, shown=""):
    if not condition:
        sys.exit("live_line: %s\n%s" % (what, shown))


def resize(fd, width):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))


def in_terminal(width, arguments, term="xterm", lang="C.UTF-8", meanwhile=None):
    """Everything that comes out of the terminal, the exit status and the seconds it took."""
    master, slave = pty.openpty()
    resize(slave, width)
    env = dict(os.environ, TERM=term, LANG=lang)
    for name in ("LC_ALL", "LC_CTYPE", "NO_COLOR"):
        env.pop(name, None)
    begin = time.monotonic()
    child = subprocess.Popen([nnctl] + arguments, stdin=slave, stdout=slave, stderr=slave, env=env)
    os.close(slave)
    out = b""
    while True:
        if select.select([master], [], [], 0.05)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        if meanwhile is not None:
            meanwhile = meanwhile(master, child, out.decode("utf-8", "replace"))
    status = child.wait()
    os.close(master)
    return out.decode("utf-8"), status, time.monotonic() - begin


def screen(text, width):
    """The lines that stay, and every state of a line that was drawn over, as a terminal shows them."""
    lines, drawn, now, at = [], [], "", 0
    for token in re.findall(r"\033\[K|\033\[[0-9;]*m|[^\033]", text, re.S):
        if token == "\r":
            if now.strip():
                drawn.append(now)
            at = 0
        elif token == "\n":
            lines.append(now.rstrip())
            now, at = "", 0
        elif token == "\033[K":
            now = now[:at]
        elif not token.startswith("\033"):
            now = now[:at].ljust(at) + token + now[at + 1:]
            at += 1
            expect(at <= width, "a line is drawn beyond the %d columns of the terminal" % width, now)
    return lines + ([now.rstrip()] if now.strip() else []), drawn


EPOCHS, EPOCH_SECONDS = 3, 0.4


def train(name, *more, rows=None):
    return ["train", CONFIG, "-o", name, "--epochs", str(EPOCHS), "--threads", "1", "--set", "training.batch_size=1",
            "--limit", str(rows or ROWS)] + list(more)


def rows_to_be_seen():
    """As many as take long enough on this machine for the line to be drawn a few times in each epoch."""
    some = 250
    subprocess.run([nnctl] + train("probe", "-q", rows=some), check=True, stdout=subprocess.DEVNULL)
    with open("probe/timing.jsonl") as f:
        seconds = [json.loads(line)["seconds"] for line in f]
    return max(some, int(some * EPOCH_SECONDS / seconds[-1]))


def model(name):
    with open(os.path.join(name, "model.safetensors"), "rb") as f:
        return f.read()


def test_pipe():
    done = subprocess.run([nnctl] + train("pipe"), capture_output=True, text=True)
    expect(done.returncode == 0, "training into a pipe failed", done.stderr)
    expect("\r" not in done.stderr and "\033" not in done.stderr, "more than plain lines in a pipe", done.stderr)
    expect(len(re.findall(EPOCH_LINE, done.stderr, re.M)) == EPOCHS, "not a line per epoch", done.stderr)


def test_width(width):
    name = "wide%d" % width
    text, status, seconds = in_terminal(width, train(name))
    lines, drawn = screen(text, max(width, 200))  # the lines before the epochs may wrap
    live = [d for d in drawn if re.match(r"epoch \d+/%d [^ \d]" % EPOCHS, d)]

    expect(status == 0, "training in a terminal failed", text)
    epochs = [l for l in lines if re.match(EPOCH_LINE, l)]
    expect(len(epochs) == EPOCHS, "not one line per epoch stays", "\n".join(lines))
    expect(any(l.endswith("best") for l in epochs), "the best epoch is not marked", "\n".join(epochs))
    expect(all(len(l) < width for l in epochs), "an epoch's line is too long", "\n".join(epochs))
    expect(len(live) >= 2, "no live line was seen", repr(text))
    expect(all(len(d) < width for d in drawn if d.startswith("epoch")), "the live line is too long", "\n".join(drawn))
    expect(any("\u2588" in d and "loss " in d and (width < 60 or " left" in d) for d in live), "bar, loss or time left is missing",
           "\n".join(live))
    if width >= 200:
        expect(any(re.search(r"accuracy 0\.\d{4}  [\d,]+ rows/s  .* left", d) for d in live), "figures missing",
               "\n".join(live))
        expect(any(re.search(r"left  [\u2581-\u2588]{2,16}$", d.rstrip()) for d in live), "no sparkline",
               "\n".join(live))
    drawings = len(re.findall(r"\r[^\r\n]*[^\r\n\s][^\r\n]*\033\[K(?=\r)", text))
    expect(drawings >= len(set(live)), "the drawings are not counted", repr(text))
    expect(drawings <= 10 * seconds + 1, "the line is drawn %d times in %.2f s" % (drawings, seconds), repr(text))
    expect(not any("\u2595" in l for l in lines), "the live line stays on the screen", "\n".join(lines))
    expect(model(name) == model("pipe"), "the model's bytes depend on the terminal")


def test_plain_terminals():
    text, _, _ = in_terminal(80, train("dumb"), term="dumb")
    expect("\033" not in text, "a dumb terminal gets escapes", repr(text))
    expect(text.isascii() and re.search(r"epoch \d+/%d \[[#.]+\]  loss" % EPOCHS, text), "no bar in ASCII", repr(text))
    text, _, _ = in_terminal(80, train("c", rows=ROWS // 2), lang="C")
    expect(text.isascii(), "LANG=C gets more than ASCII", repr(text))
    text, _, _ = in_terminal(80, train("quiet", "-q", rows=ROWS // 2))
    expect("epoch" not in text.split("model")[0], "--quiet shows progress", repr(text))


def test_resize_and_interrupt():
    def narrow(master, child, text):
        if not re.search(r"\repoch \d+/500 ", text):
            return narrow
        resize(master, 30)
        return lambda *rest: interrupt(len(text), *rest)

    def interrupt(seen, master, child, text):
        if text[seen:].count("\repoch") < 3:
            return lambda *rest: interrupt(seen, *rest)
        child.send_signal(signal.SIGINT)
        return None

    text, status, _ = in_terminal(100, ["train", CONFIG, "-o", "stopped", "--epochs", "500"], meanwhile=narrow)
    expect(status == 130, "status %d after SIGINT" % status, text)
    lines, drawn = screen(text, 200)
    live = [d for d in drawn if re.match(r"epoch \d+/500 ", d)]
    expect(len(live[-1]) < 30, "a resize is not noticed", "\n".join(live))
    expect("stopped by SIGINT" in text.splitlines()[-1] or "stopped by SIGINT" in "\n".join(lines[-1:]),
           "the line does not make room at the end", "\n".join(lines))


ROWS = rows_to_be_seen()
EPOCH_LINE = r"^epoch +\d+/%d  " % EPOCHS
test_pipe()
for columns in (40, 200):
    test_width(columns)
test_plain_terminals()
test_resize_and_interrupt()
print("live_line: ok")
