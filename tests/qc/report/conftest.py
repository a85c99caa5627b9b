"""Reports to look at, made of plain values, and a real browser to look at them with."""

from __future__ import annotations

import base64
import json
import math
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from chroma_recovery.qc.checklists import checklists
from chroma_recovery.qc.pictures import jpeg
from chroma_recovery.qc.report import Contact, Report, Still, Training
from chroma_recovery.qc.results import Column, FrameRow, Measure, Outlier, ShotMeasures
from chroma_recovery.qc.scopes import vectorscope, vectorscope_plot, waveform, waveform_plot
from chroma_recovery.qc.verdict import verdict_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NASTY = "<script>alert(1)</script>"


def picture(tint: tuple[float, float, float], width: int = 320, height: int = 180) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shape = 0.5 + 0.3 * np.sin(x / 17) * np.cos(y / 23)
    return (shape[..., None] * np.array(tint, np.float32)).astype(np.float32)


PICTURES = {
    "Source": picture((1.0, 0.7, 0.8)),
    "Reference": picture((0.8, 0.9, 0.6)),
    "Baseline": picture((0.9, 0.85, 0.7)),
    "Recovered": picture((0.8, 0.88, 0.62)),
}


def measures(*, frames: int = 48, broken: bool = False) -> ShotMeasures:
    """Numbers as a measured shot has them. frames: how many were measured; broken: whether a rule is."""
    columns = (
        Column("dE_next", "dE", "Colour difference to the next frame", "Q401", (None, 0.6)),
        Column("SATAVG", "8-bit codes", "Mean saturation", "", (None, None)),
    )
    rows = [
        FrameRow(1001 + n, {"dE_next": 0.2 + 0.1 * math.sin(n / 5), "SATAVG": 60 + 5 * math.cos(n / 9)})
        for n in range(frames)
    ]
    rows[7] = FrameRow(1008, {"dE_next": 1.4, "SATAVG": 61.0})
    outliers = (Outlier(1008, "Q401", "dE_next", 1.4, 0.6, "Colour flickers. Add the frame as a pair."),)
    found = (
        Measure("Luma of the Ground Truth", 3.1e-7, "max |dY|", "at most 1e-05", True, "Y against Y", "Q101"),
        Measure("Colour error, Recovered", 2.1, "dE", "at most 4", True, "on hold-outs", "Q301"),
        Measure("Chroma flicker", 0.9 if broken else 0.3, "dE", "at most 0.6", not broken, "p95", "Q401"),
        Measure("Largest luma difference", math.inf, "max |dY|", "", None, "of any pixel", "Q105"),
    )
    return ShotMeasures(found, columns, tuple(rows), outliers, "default")


def report(*, frames: int = 48, pairs: int = 6, stills: int = 2, broken: bool = False, **more: Any) -> Report:
    """A whole report. more: fields to replace."""
    found = measures(frames=frames, broken=broken)
    shown = {label: jpeg(p, quality=80) for label, p in PICTURES.items()}
    rng = np.random.default_rng(3)
    losses = tuple(
        (
            s,
            float(np.exp(-s / 300) + 0.01 + 0.002 * rng.random()),
            float(0.02 + np.exp(-s / 280)) if s % 100 == 0 else None,
        )
        for s in range(10, 1001, 10)
    )
    values: dict[str, Any] = {
        "shot": "sh010",
        "verdict": verdict_of("sh010", found),
        "measured": found,
        "about": "The colour of these frames was rebuilt.",
        "figures": (("2.1 dE", "Colour error on hold-outs", "Source 11; Baseline 4"),),
        "stills": tuple(
            Still(1001 + 10 * n, "never seen in training", shown, held=n == 1) for n in range(stills)
        ),
        "contacts": (
            Contact("The shot", ("Source", "Recovered"), (("1001", (shown["Source"], shown["Recovered"])),)),
        ),
        "training": Training(losses, (300, 600, 900), 900, jpeg(PICTURES["Source"])),
        "scopes": {
            "Vectorscope": (("Source", vectorscope_plot(vectorscope([PICTURES["Source"]]), name="v0")),),
            "Waveform": (("Source", waveform_plot(waveform(PICTURES["Source"]), name="w0")),),
        },
        "checklists": checklists(found, {"steps": "1000 steps"}),
        "pairs": tuple(
            {
                "pair": str(n + 1),
                "set": "training",
                "Source": str(1001 + n),
                "residual p95": f"{n % 97 / 50:.2f}",
                "note": "skin",
            }
            for n in range(pairs)
        ),
        "citation": "dvd. Region 2 disc",
        "settings": {"training.steps": "1000"},
        "documentation": {"stock": "Eastman 5254"},
        "files": {"graph SHA-256": "ab" * 32},
        "versions": {"Python": "3.11"},
    }
    return Report(**(values | more))


@pytest.fixture(scope="session")
def make_report() -> Any:
    return report


@pytest.fixture(scope="session")
def nasty() -> str:
    return NASTY


# -- a browser


class Browser:
    """Chromium without a screen, driven through its own pipe (DevTools protocol), so no port is opened."""

    def __init__(self, program: str, profile: Path) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        flags = [
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-dev-shm-usage",
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        start = (
            "import os, sys; r, w = int(sys.argv[1]), int(sys.argv[2]); "
            "r, w = os.dup(os.dup(r)), os.dup(os.dup(w)); os.dup2(r, 3); os.dup2(w, 4); "
            "os.execv(sys.argv[3], sys.argv[3:])"
        )
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", start, str(theirs_in), str(theirs_out), program, *flags),
                *(f"--user-data-dir={profile}", "--remote-debugging-pipe"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.out = os.fdopen(ours_out, "wb", buffering=0)
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.events: list[dict[str, Any]] = []
        self.count = 0
        self.session: str | None = None
        self.reader = threading.Thread(target=self._read, args=(ours_in,), daemon=True)
        self.reader.start()

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            rest = b""
            while data := stream.read(1 << 16):
                *whole, rest = (rest + data).split(b"\0")
                for text in whole:
                    self.answers.put(json.loads(text))

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Ask, and wait for the answer; what happens meanwhile is kept in ``events``."""
        self.count += 1
        message: dict[str, Any] = {"id": self.count, "method": method, "params": values}
        if self.session is not None and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while True:
            found = self.answers.get(timeout=120)
            if found.get("id") == self.count:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result
            self.events.append(found)

    def wait(self, event: str) -> None:
        """Until an event has come."""
        while not any(e.get("method") == event for e in self.events):
            self.events.append(self.answers.get(timeout=120))

    def open(
        self, page: Path, *, width: int = 1400, height: int = 900, dark: bool = False, script: bool = True
    ) -> None:
        """Open a page in a fresh tab."""
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Page.navigate", url=page.as_uri())
        self.wait("Page.loadEventFired")

    def say(self, expression: str) -> Any:
        """Value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        """A key, down and up, where the focus is."""
        codes = {
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
            "Home": 36,
            "End": 35,
            "Tab": 9,
        }
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key]
            )

    def mouse(self, kind: str, x: float, y: float) -> None:
        """mousePressed, mouseMoved or mouseReleased at a place of the window."""
        held = 0 if kind == "mouseReleased" else 1
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=held, clickCount=1)

    def touch(self, kind: str, x: float = 0, y: float = 0) -> None:
        """touchStart, touchMove or touchEnd."""
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def screenshot(self) -> np.ndarray:
        """The window, (height, width, 3) R'G'B' codes."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1])

    def complaints(self) -> list[str]:
        """Errors and warnings of the console, refused resources, exceptions, and anything asked of a network."""
        found = []
        for event in self.events:
            values = event.get("params", {})
            name = event.get("method", "")
            if name == "Runtime.exceptionThrown":
                found.append(str(values["exceptionDetails"]))
            elif name == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
                found.append(values["entry"]["text"])
            elif name == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
                found.append(str(values["args"]))
            elif name == "Network.requestWillBeSent":
                url = values["request"]["url"]
                if not url.startswith(("file:", "data:", "about:")):
                    found.append(f"asks for {url}")
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.out.close()
        self.reader.join(10)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None or os.name == "nt":
        pytest.skip("needs Chromium on the PATH to open the report (Debian: apt-get install chromium)")
    made = Browser(program, tmp_path_factory.mktemp("profile"))
    try:
        yield made
    finally:
        made.close()
