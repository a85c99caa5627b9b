"""The report in a real browser: it shows, it is quiet, the wipe works by key, mouse and touch, dark and light, on
paper, without scripts, and with very much in it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chroma_recovery.qc.report import write_report

WIPE = "getComputedStyle(document.querySelector('.wipe')).getPropertyValue('--x').trim()"


@pytest.fixture(scope="module")
def page(make_report: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(make_report(), tmp_path_factory.mktemp("shown"))


def shares(browser: Any) -> float:
    return float(browser.say(WIPE).removesuffix("%"))


@pytest.mark.parametrize("width", [1400, 420])
@pytest.mark.parametrize("dark", [False, True])
def test_it_shows_and_says_nothing_on_the_console(browser: Any, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    shown = browser.screenshot()
    assert shown.shape[1] == width and shown.std() > 20
    corner = shown[-20:, :8].mean()
    assert corner < 60 if dark else corner > 220
    assert browser.say("document.documentElement.scrollWidth <= innerWidth")
    assert browser.say("[...document.images].every((i) => i.complete && i.naturalWidth > 0)")
    assert browser.complaints() == []


@pytest.mark.parametrize("dark", [False, True])
def test_words_and_lines_stand_out_from_the_ground(browser: Any, page: Path, dark: bool) -> None:
    browser.open(page, dark=dark)
    style = "getComputedStyle(document.documentElement).getPropertyValue('--{}').trim()"

    def luminance(name: str) -> float:
        text = browser.say(style.format(name)).removeprefix("#")
        text = "".join(c * 2 for c in text) if len(text) == 3 else text
        linear = [
            (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)
            for v in (int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ground = luminance("paper")
    for name, least in (("ink", 7), ("soft", 4.5), ("one", 4.5), ("two", 4.5), ("good", 4.5), ("bad", 4.5)):
        low, high = sorted((ground, luminance(name)))
        assert (high + 0.05) / (low + 0.05) >= least, name  # WCAG 2.2: 4.5 for text


def test_the_keyboard_moves_the_wipe(browser: Any, page: Path) -> None:
    browser.open(page)
    assert shares(browser) == 50
    browser.say("document.querySelector('.wipe input').focus()")
    browser.press("ArrowLeft")
    assert shares(browser) == 49
    browser.press("End")
    assert shares(browser) == 100
    browser.press("Home")
    assert shares(browser) == 0
    before = browser.say("document.querySelector('.wipe .over').alt")
    assert before == "Source, frame 1011"  # the hold-out comes first
    browser.press("ArrowDown")
    assert browser.say("document.querySelector('.wipe .over').alt") == "Source, frame 1001"
    assert browser.complaints() == []


def test_tab_reaches_everything_and_focus_is_seen(browser: Any, page: Path) -> None:
    browser.open(page)
    reached = []
    for _ in range(40):
        browser.press("Tab")
        reached.append(browser.say("document.activeElement.tagName + '.' + document.activeElement.type"))
    assert {"SELECT.select-one", "BUTTON.button", "INPUT.range"} <= set(reached)


def test_mouse_and_touch_drag_the_wipe(browser: Any, page: Path) -> None:
    browser.open(page)
    browser.say("document.querySelector('.wipe').scrollIntoView({block: 'center'})")
    box = browser.say(
        "(({left, top, width, height}) => [left, top, width, height])"
        "(document.querySelector('.wipe').getBoundingClientRect())"
    )
    left, top, width, height = box
    browser.mouse("mousePressed", left + width * 0.5, top + height / 2)
    browser.mouse("mouseMoved", left + width * 0.2, top + height / 2)
    browser.mouse("mouseReleased", left + width * 0.2, top + height / 2)
    assert shares(browser) == pytest.approx(20, abs=1)
    browser.touch("touchStart", left + width * 0.3, top + height / 2)
    browser.touch("touchMove", left + width * 0.8, top + height / 2)
    browser.touch("touchEnd")
    assert shares(browser) == pytest.approx(80, abs=1)


def test_the_wipe_shows_both_pictures(browser: Any, page: Path) -> None:
    browser.open(page)
    browser.say("document.querySelector('.wipe').scrollIntoView({block: 'center'})")
    looks = []
    for key in ("Home", "End"):
        browser.say("document.querySelector('.wipe input').focus()")
        browser.press(key)
        looks.append(browser.screenshot().astype(int))
    assert np.abs(looks[0] - looks[1]).mean() > 5
    browser.say(
        "((s) => { s.value = 'Baseline'; s.dispatchEvent(new Event('change')) })(document.querySelector('.right'))"
    )
    assert browser.say("document.querySelector('.wipe .under').alt") == "Baseline, frame 1011"


def test_it_reads_without_scripts(browser: Any, page: Path) -> None:
    browser.open(page, script=False)
    assert browser.screenshot().std() > 20
    document = browser.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
    assert browser.call("DOM.querySelector", nodeId=document, selector=".wipe")["nodeId"] == 0
    strips = browser.call("DOM.querySelectorAll", nodeId=document, selector=".strip img")["nodeIds"]
    assert len(strips) == 8


def test_a_strange_script_is_refused_by_the_policy(browser: Any, page: Path, tmp_path: Path) -> None:
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(page.read_text().replace("</body>", "<script>document.title='taken'</script></body>"))
    browser.open(spoiled)
    assert browser.say("document.title") != "taken"
    assert any("Content Security Policy" in text for text in browser.complaints())


def test_it_prints(browser: Any, page: Path) -> None:
    browser.open(page, dark=True)
    data = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") >= 2
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    assert browser.say("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.say("getComputedStyle(document.querySelector('h2')).color") == "rgb(28, 27, 31)"
    assert browser.say("getComputedStyle(document.querySelector('.viewer')).display") == "none"


def test_fifteen_hundred_pairs_and_ten_thousand_frames(
    browser: Any, make_report: Any, tmp_path: Path
) -> None:
    page = write_report(make_report(frames=10_000, pairs=1_500, stills=8), tmp_path)
    text = page.read_text()
    assert len(text) < 3_000_000
    assert text.count("<tr><td>") == 1_508  # the worst eight, and all of them folded away
    browser.open(page)
    assert not browser.say("document.querySelector('details.long').open")
    assert browser.say("document.querySelector('details.long').offsetHeight") < 100
    assert browser.say("document.documentElement.scrollHeight") < 15_000
    assert browser.complaints() == []
