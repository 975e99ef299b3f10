# A report in a real Chromium, at the width of a phone and of a desk, light and dark: nothing is loaded, nothing
# hangs out of the page, no text overlaps another in a plot, and every text can be read (contrast of 4.5 to 1).
# Arguments: nnctl, the source tree. Ends with 77, skipped, where there is no Chromium. --keep DIR keeps screenshots.
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

nnctl, source = sys.argv[1:3]
keep = sys.argv[4] if len(sys.argv) > 4 and sys.argv[3] == "--keep" else None
browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if browser is None:
    print("there is no Chromium: skipped")
    sys.exit(77)

LOOK = r"""
(() => {
  const faults = [];
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  if (wide > room) faults.push(`the page is ${wide} wide, the window ${room}`);
  for (const e of document.querySelectorAll('figure, section > *, .stats > div, h1')) {
    const r = e.getBoundingClientRect();
    if (r.right > room + 1 || r.left < -1) faults.push(`${e.tagName} ${e.className} hangs out: ${r.left} to ${r.right}`);
    if (e.tagName === 'FIGURE' && e.scrollWidth > e.clientWidth + 1)
      faults.push(`figure "${e.innerText.slice(0, 30)}" overflows`);
  }
  for (const s of document.querySelectorAll('figure svg'))
    if (!s.querySelector('path.line, path.points, rect.right, rect.wrong, path[class^=f][d^=M], rect[class^=f]'))
      faults.push('an empty plot: ' + s.querySelector('title').textContent);
  for (const f of document.querySelectorAll('figure'))
    if (!f.querySelector('svg, img, table')) faults.push('an empty figure: ' + f.innerText);
  const number = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m.slice(0, 3), 1] : m; };
  const over = (top, a, under) => [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a));
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
                       return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => {                      // what is painted below, from the element's own surroundings
    const chain = [];
    for (let n = e; n; n = n.parentElement) chain.push(number(getComputedStyle(n).backgroundColor));
    let c = [255, 255, 255];
    for (const b of chain.reverse()) c = over(b, b[3], c);
    return c;
  };
  let least = 99;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let t; (t = walker.nextNode());) {
    const e = t.parentElement;
    if (!t.nodeValue.trim() || e.closest('title, style') || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), svg = e.closest('svg');
    let under = ground(svg || e);
    if (svg && e.classList.contains('count')) {
      const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
      for (const q of svg.querySelectorAll('rect')) {
        const s = q.getBoundingClientRect();
        if (x < s.left || x > s.right || y < s.top || y > s.bottom) continue;
        const g = getComputedStyle(q);
        under = over(number(g.fill), Number(g.fillOpacity), under);
      }
    }
    const ink = number(svg ? style.fill : style.color), a = light(over(ink, ink[3], under)), b = light(under);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    least = Math.min(least, ratio);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: "${t.nodeValue.trim().slice(0, 30)}"`);
  }
  for (const s of document.querySelectorAll('figure svg')) {
    const box = [...s.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
    for (let i = 0; i < box.length; i++)
      for (let k = 0; k < i; k++) {
        const [p, a] = box[i], [q, b] = box[k];
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 1.5 && y > 3.5) faults.push(`"${p.textContent}" lies on "${q.textContent}"`);
      }
  }
  return JSON.stringify({faults: [...new Set(faults)], least, height: document.documentElement.scrollHeight,
                         sections: [...document.querySelectorAll('[id]')].map(e => e.id), scripts: document.scripts.length});
})()
"""


class Browser:
    """The DevTools protocol over two pipes."""

    def __init__(self, profile):
        self.read_end, child_write = os.pipe()
        child_read, self.write_end = os.pipe()

        def wire():
            a, b = os.dup(child_read), os.dup(child_write)
            os.dup2(a, 3), os.dup2(b, 4)

        self.process = subprocess.Popen(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
             "--remote-debugging-pipe", "--user-data-dir=" + profile, "about:blank"],
            close_fds=False, preexec_fn=wire, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(child_write), os.close(child_read)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(domain + ".enable")

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.read_end, 1 << 16)
            if not more:
                raise SystemExit("Chromium went away")
            self.rest += more
        head, self.rest = self.rest.split(b"\0", 1)
        return json.loads(head)

    def ask(self, method, **parameters):
        self.number += 1
        note = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            note["sessionId"] = self.session
        os.write(self.write_end, json.dumps(note).encode() + b"\0")
        while True:
            reply = self.message()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise SystemExit(method + ": " + str(reply["error"]))
                return reply["result"]
            self.events.append(reply)

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.message())

    def show(self, path, width, dark):
        self.events.clear()
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme",
                                                          "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url="file://" + path)
        self.wait("Page.loadEventFired")
        return json.loads(self.ask("Runtime.evaluate", expression=LOOK)["result"]["value"])

    def requests(self):
        urls = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [u for u in urls if not u.startswith("data:image/png;base64,")]

    def errors(self):
        return [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]

    def shoot(self, path, width, height):
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True,
                        clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def end(self):
        self.process.terminate()
        self.process.wait()


def run(*args):
    subprocess.run([nnctl, *args], check=True, stdout=subprocess.DEVNULL)


def train(directory, name, config, *more):
    run("train", os.path.join(source, "configs", config), "-q", "-o", os.path.join(directory, name), *more)
    return os.path.join(directory, name)


def main():
    directory = tempfile.mkdtemp()
    mlp = train(directory, "mlp", "digits-mlp.json", "--epochs", "3", "--limit", "2000")
    slow = train(directory, "slow", "digits-mlp.json", "--epochs", "4", "--limit", "1000", "--name", "slow", "--set",
                 "optimizer.learning_rate=0.0003")
    cnn = train(directory, "cnn", "digits-cnn.json", "--epochs", "1", "--limit", "500")
    numbers = train(directory, "numbers", "houses.json", "--epochs", "8")
    comparison = os.path.join(directory, "comparison.html")
    run("report", mlp, slow, "-o", comparison)
    classes = {"summary", "curves", "pace", "confusion", "classes", "mistakes", "calibration", "filters", "inside",
               "layers", "config", "data", "machine"}
    pages = {"mlp": (os.path.join(mlp, "report.html"), classes), "cnn": (os.path.join(cnn, "report.html"), classes),
             "regression": (os.path.join(numbers, "report.html"),
                            classes - {"confusion", "classes", "calibration"} | {"numbers"}),
             "comparison": (comparison, {"runs", "curves", "differences"})}
    b = Browser(os.path.join(directory, "profile"))
    failed = False
    for name, (path, sections) in pages.items():
        for width in (390, 1280):
            for dark in (False, True):
                seen = b.show(path, width, dark)
                faults = seen["faults"] + b.errors()
                if set(seen["sections"]) != sections:
                    faults.append(f"sections {sorted(set(seen['sections']) ^ sections)}")
                if seen["scripts"]:
                    faults.append("scripts")
                faults += ["loads " + u for u in b.requests() if u != "file://" + path]
                print(f"{name} {width} {'dark' if dark else 'light'}: {seen['height']} high, contrast from "
                      f"{seen['least']:.2f}, {len(faults)} faults", *faults[:12], sep="\n  ")
                failed |= bool(faults)
                if keep:
                    b.shoot(os.path.join(keep, f"{name}-{width}-{'dark' if dark else 'light'}.png"), width,
                            min(seen["height"], 16000))
    b.end()
    shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
