"""The pages for people, in a real browser."""

from __future__ import annotations

import contextlib

import pytest
from dmetad_server import eventually

pytestmark = pytest.mark.needs("chromium", "chromedriver")


@pytest.fixture(scope="module")
def driver():
    from browser import chromedriver

    with chromedriver() as address:
        yield address


@pytest.fixture(scope="module")
def browser(driver):
    from browser import Browser

    with contextlib.closing(Browser(driver)) as session:
        yield session


def names(browser) -> list[str]:
    return browser.run("return [...document.querySelectorAll('tbody th')].map((cell) => cell.innerText)")


def test_the_matrix_is_shown_as_a_matrix(example, browser):
    browser.open(example.url)
    assert browser.run("return document.contentType") == "text/html"
    assert names(browser) == [
        "lv1", "lv2", "w101", "w102", "w103", "w104", "w105", "db1", "db2", "mail1", "vpn.example.net", "xen1", "adm1",
    ]  # fmt: skip
    assert browser.texts("thead th")[:5] == ["host", "state", "address", "lv", "ps"]
    row = browser.run("return [...document.querySelectorAll('tbody tr.out td')].map((cell) => cell.innerText)")
    assert row[:2] == ["STOP disk, back 4/20", "10.6.1.105"]
    assert browser.texts("#generation")[0].startswith("0-")
    assert browser.texts("#age")[0].endswith("ago")


def test_states_are_coloured_and_readable_in_light_and_dark(example, driver):
    from browser import Browser

    papers = set()
    for dark in (False, True):
        with contextlib.closing(Browser(driver, dark=dark)) as session:
            session.open(example.url)
            colour = "return getComputedStyle(document.querySelector({!r})).{}"
            paper, out, warn = (
                session.run(colour.format(selector, "backgroundColor"))
                for selector in ("tr.up > th", "tr.out > th", "tr.warn > th")
            )
            assert len({paper, out, warn}) == 3
            for selector, band in (("tr.out b", out), ("tr.warn b", warn), ("tr.up > th", paper)):
                assert contrast(session.run(colour.format(selector, "color")), band) >= 4.5, (selector, dark)
            papers.add(session.run(colour.format("body", "backgroundColor")))
    assert len(papers) == 2


def contrast(first: str, second: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_typing_a_selector_filters(example, browser):
    browser.open(example.url)
    browser.type_into("#q", "ps & WARN")
    eventually(lambda: names(browser) == ["w104"])
    assert browser.run("return location.search") == "?q=ps+%26+WARN"
    browser.type_into("#q", "nosuch")
    eventually(lambda: browser.texts("[role=alert]") and "unknown name nosuch" in browser.texts("[role=alert]")[0])
    browser.type_into("#q", "db")
    eventually(lambda: names(browser) == ["db1", "db2"])
    assert not [line for line in browser.complaints if "404" not in line]


def test_an_edit_is_shown_without_touching_the_page(dmetad, browser, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w1 10.0.0.1\n", encoding="utf-8")
    server = dmetad("-f", str(matrix))
    browser.open(server.url)
    assert names(browser) == ["w1"]
    eventually(lambda: server.metric("waiting") >= 1)
    matrix.write_text("[ps]\n  w1 10.0.0.1 [STOP: <b>disk</b> & 'fan']\n  w2 10.0.0.2\n", encoding="utf-8")
    eventually(lambda: names(browser) == ["w1", "w2"])
    assert browser.texts("tr.out td.state") == ["STOP <b>disk</b> & 'fan'"]


def test_without_scripts_all_is_there(example, driver):
    from browser import Browser

    with contextlib.closing(Browser(driver, scripts=False)) as session:
        session.open(example.url + "/?q=ps%26WARN")
        assert session.texts("tbody th") == ["w104"]
        assert session.texts("#age")[0].endswith("ago")
        session.open(example.url + "/?q=nosuch")
        assert "unknown name nosuch" in session.texts("[role=alert]")[0]


def test_roles_groups_hosts_states_and_values_have_pages(example, browser):
    browser.open(example.url + "/ps")
    assert browser.texts("dl dt") == ["check", "fwd", "sched", "vip"]
    assert names(browser) == ["w101", "w102", "w103", "w104", "w105"]
    browser.open(example.url + "/calm")
    assert names(browser) == ["w101", "w102", "w103"]
    browser.open(example.url + "/@host/w105")
    assert browser.texts("main h2") == ["ps", "cache"]
    assert "disk, back 4/20" in browser.texts("p.state")[0]
    browser.open(example.url + "/@state/STOP")
    assert names(browser) == ["w105"]
    browser.open(example.url + "/@matrix")
    assert "@domain example.jp" in browser.texts("pre")[0]
    browser.open(example.url + "/ps/weight")
    assert browser.texts("pre") == ["w101 10\nw102 10\nw103 10"]
    browser.open(example.url + "/@self")
    assert browser.texts("h1") == ["w104"]


def test_it_is_readable_on_a_telephone(example, browser):
    browser.resize(500, 800)
    for path in ("/", "/ps", "/@host/w104", "/@matrix"):
        browser.open(example.url + path)
        wanted, given, styles = browser.run(
            "return [document.documentElement.scrollWidth, innerWidth, document.styleSheets.length]"
        )
        assert wanted <= given, (path, wanted, given, styles)
        assert browser.run("return parseFloat(getComputedStyle(document.body).fontSize)") >= 16
        assert browser.run("return document.getElementById('q').getBoundingClientRect().width") > 100
    browser.resize(1200, 900)


def test_nothing_comes_from_outside_and_nothing_inline_runs(example, browser):
    browser.open(example.url)
    loaded = browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert {url.partition("?")[0] for url in loaded} <= {
        example.url + path for path in ("/@dmetad.css", "/@dmetad.js", "/@generation")
    }
    browser.run("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)")
    assert browser.run("return window.ran === undefined")
    policy = example.get("/", Accept="text/html").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_a_big_matrix_comes_in_pages(dmetad, browser, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w[001-700] 10.0.[1-7].[1-100]\n", encoding="utf-8")
    server = dmetad("-f", str(matrix))
    browser.open(server.url)
    assert names(browser)[::299] == ["w001", "w300"]
    assert browser.texts("#count") == ["700 hosts, 1 to 300 shown"]
    browser.open(browser.run("return document.querySelector('a[rel=next]').href"))
    assert names(browser)[0] == "w301"
    assert browser.texts("a[rel=prev]") == ["← hosts before"]
