"""The static table and the stand-alone page hold strangers' names as text, and nothing that would be fetched."""

from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.view import fake
from xpubreak.view.copy import copy_html
from xpubreak.view.explorer import Explorer
from xpubreak.view.export import page, write
from xpubreak.view.plain import static_html
from xpubreak.view.runtime import LATER, STATIC, compressed

HARMLESS = {"div", "strong", "table", "tr", "th", "td", "span"}


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


@pytest.fixture(scope="module")
def hostile() -> fake.Fake:
    bd = fake.decoder(2, hostile=True)
    bd.title = "</title><script>window.__pwned=1</script>"
    bd.metadata.device_name = '"><img src=x onerror="window.__pwned=1">'
    return bd


def test_table_is_only_a_table(hostile: fake.Fake) -> None:
    parsed = Parsed(static_html(hostile, uid='"><script>'))
    assert parsed.tags <= HARMLESS
    assert parsed.attributes <= {"style", "data-xpubreak-static"}
    assert '<img src=x onerror="window.__pwned=1">' in parsed.text
    assert "\u202e" not in parsed.text
    assert "\x00" not in parsed.text


def test_table_says_what_it_weighs_and_adds_up() -> None:
    device = Parsed(static_html(fake.decoder(2))).text
    assert "device time" in device
    assert "gemm_kernel" in device
    host = Parsed(static_html(fake.decoder(2, device="cpu"))).text
    assert "host time" in host
    assert "operator" in host


def test_empty_breakdown_says_why() -> None:
    assert "the engine ran in another process" in Parsed(static_html(fake.empty())).text


def test_page_allows_no_network_and_names_no_address(hostile: fake.Fake) -> None:
    html = page(hostile)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert policy.group(1).startswith("default-src 'none'")
    assert "http" not in policy.group(1)
    outside = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"(src|href|url)\s*[=(]", Parsed(outside).get_starttag_text() or "")
    assert "window.__pwned=1</script><" not in outside
    assert len(re.findall("<script", html)) == 7


def test_what_a_notebook_saves_is_the_loader_alone() -> None:
    assert len((STATIC / "loader.js").read_bytes()) < 4_000
    assert Explorer(fake.decoder(2)).runtime.get_state()["_esm"] == (STATIC / "loader.js").read_text(encoding="utf-8")


def test_bundle_cannot_close_its_own_script() -> None:
    text = (STATIC / "runtime.js").read_text(encoding="utf-8")
    assert "</script" not in text.lower()
    assert "<!--" not in text


def test_an_explorer_begins_with_the_core_and_every_later_part_has_a_file() -> None:
    assert len((STATIC / "runtime.js").read_bytes()) <= 150_000
    assert len(compressed("runtime.js")) < 54_000, "as it travels"
    assert sum(len(compressed(f"part-{name}.js")) for name in LATER) < 48_000
    assert sorted(path.name for path in STATIC.glob("part-*.js")) == sorted(f"part-{name}.js" for name in LATER)


@pytest.mark.parametrize(
    ("parts", "held"),
    [
        (("flame",), ()),
        (("filters",), ("editors",)),
        (("timeline",), ("timeline",)),
        (("header", "kernels", "layers"), ("layers", "kernels")),
        ((), LATER),
    ],
)
def test_a_copy_holds_the_code_of_what_it_shows(parts: tuple[str, ...], held: tuple[str, ...]) -> None:
    html = copy_html(fake.decoder(2), parts=parts)
    found = re.search('data-xpubreak="later">([^<]*)<', html)
    assert found is not None
    code = json.loads(gzip.decompress(base64.b64decode(found.group(1))))
    assert code == {name: (STATIC / f"part-{name}.js").read_text(encoding="utf-8") for name in held}


def test_write_returns_the_path(tmp_path: Path) -> None:
    path = write(fake.decoder(2), tmp_path / "a b.html", title="t")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "<title>t</title>" in path.read_text(encoding="utf-8")
