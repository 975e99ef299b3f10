# Report pages parsed strictly: every section is there, nothing comes from outside, and names made to
# break out of a page bring no element, no attribute and no link of their own.
# Argument: nnctl.
import collections
import html.parser
import json
import os
import shutil
import subprocess
import sys
import tempfile

nnctl = sys.argv[1]
PAYLOADS = [
    "<script>alert(1)</script>", "</title><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>", "'><img src=x onerror=alert(1)>", "<svg><script>alert(1)</script>",
    "javascript:alert(1)", "<a href=javascript:alert(1)>x</a>", "<iframe src=//evil.example></iframe>",
    "</style><script>alert(1)</script>", "</svg><script>alert(1)</script>", "</text><a>", "]]><x>",
    "<!-- -->", "--><script>alert(1)</script>", "<![CDATA[x]]>", "<?xml version='1.0'?>",
    "&lt;script&gt;", "&#60;script&#62;", "&#x3c;img&#x3e;", "<meta http-equiv=refresh content=0>",
    "<base href=//evil.example>", "<link rel=stylesheet href=//evil.example>", "<form action=x><input>",
    "<object data=x>", "<embed src=x>", "<math><mi xlink:href=javascript:x>", "<details open ontoggle=x>",
    "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus='", "`onclick=x`", "<body onload=x>",
    "<b\x00old>", "\u202e<txt>", "<\u2028script>", "\uff1cscript\uff1e", "<style>*{background:url(//x)}</style>",
    "{{7*7}}${7*7}<%= 7 %>", "%3Cscript%3E", "<svg/onload=alert(1)//", "<table><tr><td></table>",
]
assert len(PAYLOADS) >= 40
KNOWN = set("html head meta title style body main header p h1 h2 h3 br nav a section div dl dt dd small span b "
            "figure figcaption table thead tbody tr th td details summary pre img footer i svg g path rect circle "
            "text".split())
VOID = {"meta", "br", "img"}
SELF_CLOSING = {"path", "rect", "circle"}
failures = []


def check(what, truth):
    if not truth:
        failures.append(what)
        print("FAILED:", what)


class Page(html.parser.HTMLParser):
    """Elements in a strict order of opening and closing, with all that could load or run something."""

    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.stack, self.tags, self.ids, self.words = name, [], collections.Counter(), [], []
        self.csp = None
        self.feed(text)
        self.close()
        check(name + ": elements left open " + str(self.stack), self.stack == [])

    def look(self, tag, attrs):
        self.tags[tag] += 1
        check(f"{self.name}: element <{tag}>", tag in KNOWN)
        check(f"{self.name}: repeated attribute in <{tag}>", len(attrs) == len(dict(attrs)))
        for key, value in attrs:
            value = value or ""
            check(f"{self.name}: attribute {key}", not key.startswith("on"))
            check(f"{self.name}: {value[:40]}", "javascript:" not in value.lower())
            if key == "src":
                check(f"{self.name}: src {value[:40]}", value.startswith("data:image/png;base64,"))
            elif key == "href":
                check(f"{self.name}: href {value[:40]}", value.startswith("#"))
            elif key == "style":
                check(f"{self.name}: style {value[:40]}", value.startswith("width:") and "(" not in value)
            elif key == "id":
                self.ids.append(value)
        attrs = dict(attrs)
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy":
            self.csp = attrs["content"]

    def handle_starttag(self, tag, attrs):
        self.look(tag, attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.look(tag, attrs)
        check(f"{self.name}: <{tag}/>", tag in SELF_CLOSING)

    def handle_endtag(self, tag):
        check(f"{self.name}: </{tag}> closes {self.stack[-1:]}", self.stack and self.stack.pop() == tag)

    def handle_comment(self, data):
        check(f"{self.name}: comment", False)

    def handle_pi(self, data):
        check(f"{self.name}: processing instruction", False)

    def unknown_decl(self, data):
        check(f"{self.name}: declaration", False)

    def handle_data(self, data):
        self.words.append(data)


def read(path):
    with open(path, encoding="utf-8", errors="strict") as f:
        text = f.read()
    page = Page(os.path.basename(os.path.dirname(path)), text)
    check(page.name + ": policy", page.csp == "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    check(page.name + ": ids once", len(page.ids) == len(set(page.ids)))
    check(page.name + ": no control bytes", not any(ord(c) < 32 and c not in "\n\t" for c in text))
    check(page.name + ": size", len(text) < 1 << 20)
    return page


def run(*args, status=0):
    done = subprocess.run([nnctl, *args], capture_output=True)
    check(f"nnctl {' '.join(args)[:80]}: status {done.returncode}: {done.stderr[-300:]}", done.returncode == status)
    return done.stdout


def csv_field(text):
    return '"' + text.replace('"', '""') + '"'


def write_table(path, columns, classes, numbers):
    """Every class five times, its number in every column, so that something can be learned."""
    with open(path, "w", newline="\n") as f:
        f.write(",".join(map(csv_field, columns + ["target"])) + "\n")
        for i in range(5 * len(classes)):
            k = i % len(classes)
            f.write(",".join(str((k * (c + 1) + i) % 7) for c in range(len(columns))))
            f.write("," + (str(k * 1.5 + i / 100) if numbers else csv_field(classes[k])) + "\n")


def train(directory, out, table, task):
    config = os.path.join(directory, "config.json")
    with open(config, "w") as f:
        json.dump({"name": "page", "data": {"train": {"path": table}, "task": task, "csv": {"delimiter": ","}},
                   "model": {"layers": [{"type": "Dense", "units": 8, "activation": "relu"}] +
                             [{"type": "Dense", "units": 1} if task == "regression" else
                              {"type": "Dense", "units": 40, "activation": "softmax"}]},
                   "training": {"epochs": 2}}, f)
    run("train", config, "-q", "-o", out)
    return read(os.path.join(out, "report.html"))


def plain(text):
    return "".join(c for c in text if c not in "\x00\u202e\u2028")


def is_file_name(text):
    return "/" not in text and "\x00" not in text and len(text) < 60


def main():
    directory = tempfile.mkdtemp()
    names = [plain(p) for p in PAYLOADS[:40]]
    # In the same order, so that the classes have the same numbers, the model is the same and the pages are.
    order = sorted(n.encode() for n in names)
    tame = [f"name {order.index(n.encode()):02}" for n in names]
    hostile_dir = os.path.join(directory, [p for p in PAYLOADS if is_file_name(p)][3])
    os.mkdir(hostile_dir)
    pages = {}
    for kind, words, place in (("tame", tame, directory), ("hostile", names, hostile_dir)):
        for task in ("multiclass", "regression"):
            table = os.path.join(place, f"{task} {words[2]}.csv".replace("/", "_"))
            write_table(table, words[:12], words, task == "regression")
            pages[kind, task] = train(place, os.path.join(place, f"{kind}-{task}"), table, task)
    everywhere = {"summary", "curves", "pace", "mistakes", "filters", "inside", "layers", "config", "data", "machine"}
    for (kind, task), page in pages.items():
        wanted = everywhere | ({"numbers"} if task == "regression" else {"confusion", "classes", "calibration"})
        check(f"{kind} {task}: sections {sorted(wanted ^ set(page.ids))}", set(page.ids) == wanted)
    for task in ("multiclass", "regression"):
        # The labels of the axis of speed differ from run to run.
        hostile, quiet = (collections.Counter(pages[k, task].tags) for k in ("hostile", "tame"))
        del hostile["text"], quiet["text"]
        check(f"{task}: hostile names bring elements: {hostile - quiet} {quiet - hostile}", hostile == quiet)
    shown = "".join(pages["hostile", "multiclass"].words)
    for name in names:
        check("not shown as it is: " + name, name[:20] in shown)

    # Files of a run that somebody else wrote.
    forged = os.path.join(directory, "forged")
    shutil.copytree(os.path.join(directory, "tame-multiclass"), forged)
    record = json.load(open(os.path.join(forged, "run.json")))
    at = 0
    for key, value in list(record.items()):
        if isinstance(value, str) and key not in ("config_dir", "seed", "config"):
            record[key] = names[at % len(names)]
            at += 1
    record["argv"] = names
    record["message"] = names[0]
    record["data"] = [{"split": n, "path": n, "bytes": 1, "sha256": n} for n in names]
    json.dump(record, open(os.path.join(forged, "run.json"), "w"))
    with open(os.path.join(forged, "metrics.jsonl"), "w") as f:
        for epoch in range(1, 4):
            f.write(json.dumps({"epoch": epoch, **{n: epoch * i for i, n in enumerate(names)}}) + "\n")
        f.write('{"epoch":4,"los')  # a line that is not complete
    with open(os.path.join(forged, "config.json"), "w") as f:
        f.write("\n".join(PAYLOADS))
    run("report", forged, "--svg", os.path.join(directory, "plots"))
    read(os.path.join(forged, "report.html"))
    for plot in os.listdir(os.path.join(directory, "plots")):
        check("name of a plot: " + plot, set(plot) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                          "0123456789_-."))
        text = open(os.path.join(directory, "plots", plot), encoding="utf-8").read()
        check(plot + ": script", "<script" not in text)
        import xml.etree.ElementTree
        xml.etree.ElementTree.fromstring(text)  # raises when it is not well formed
    comparison = os.path.join(directory, "comparison.html")
    run("report", forged, os.path.join(hostile_dir, "hostile-multiclass"), "-o", comparison)
    read(comparison)
    shutil.rmtree(directory)
    sys.exit(1 if failures else 0)


main()
