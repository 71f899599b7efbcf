"""The findings in a browser: worst first, a click selects their evidence in every view and in Python."""

from __future__ import annotations

from typing import Any

import pytest

from tests.breakdown.planted import Model
from tests.breakdown.test_findings import Fallback, OddLayer
from tests.browser.shim import Shim
from xpubreak.breakdown.breakdown import Breakdown


@pytest.fixture(scope="module")
def bd() -> Breakdown:
    class Both(Fallback, OddLayer):
        pass

    return Both(host_us=180).run().machine.breakdown()


def test_they_are_the_ones_of_python_worst_first(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    assert shim.text(".findings-badge").strip("● ") == bd.findings.summary
    titles = shim.page.locator(".finding-title").all_inner_texts()
    assert titles == [finding.title for finding in bd.findings[:5]]
    assert shim.page.locator(".stake").all_inner_texts()[0] == bd.findings[0].stake_text


def test_a_click_selects_the_evidence_and_tells_the_arithmetic(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    finding = next(item for item in bd.findings if item.kind == "odd-layers")
    button = shim.page.locator(".finding", has_text=finding.title)
    button.click()
    assert shim.selection == finding.evidence.to_json()
    assert bd.select(shim.selection) == bd.select(finding.evidence)
    assert button.get_attribute("aria-expanded") == "true"
    body = shim.page.locator(".finding-body:visible")
    for text in (finding.arithmetic, finding.advice, finding.source):
        assert text in body.inner_text()
    names = shim.page.locator(".kernels td.name").all_inner_texts()
    assert len(names) == len(set(bd.select(finding.evidence).kernels["display_name"]))
    button.click()
    assert shim.selection == {}
    assert shim.page.locator(".finding-body:visible").count() == 0


def test_launches_step_by_step_are_drawn_and_listed(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    finding = next(item for item in bd.findings if item.kind == "launch-bound")
    shim.page.locator(".finding", has_text=finding.title).click()
    body = shim.page.locator(".finding-body:visible")
    steps = len(finding.columns["step"])
    assert body.locator(".pieces svg").count() == len(finding.columns) - 1
    assert body.locator(".pieces svg").first.locator("rect").count() == steps
    body.locator(".pieces summary").click()
    heads = body.locator(".pieces th").all_inner_texts()
    assert heads == ["step", "launches", "delay", "depth"]
    assert body.locator(".pieces tbody tr").count() == steps


def test_the_evidence_of_a_fallback_is_its_operators_with_their_copies(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    shim.page.locator(".finding", has_text="aten::linalg_eig").click()
    chosen = bd.select(shim.selection)
    assert set(chosen.kernels["name"]) == {"Memcpy D2H (DEVICE -> HOST)", "Memcpy H2D (HOST -> DEVICE)"}


def test_it_is_chosen_only_for_as_long_as_its_evidence_is(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    finding = next(item for item in bd.findings if item.kind == "odd-layers")
    shim.page.locator(".finding", has_text=finding.title).click()
    assert shim.page.locator(".finding-list li.chosen").count() == 1
    shim.page.evaluate("model.set('selection', { layer: [1] })")
    assert shim.page.locator(".finding-list li.chosen").count() == 0


def test_keys(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd)
    shim.page.locator(".findings-badge").click()
    focused = "document.querySelector('.xpubreak').shadowRoot.activeElement.querySelector('.finding-title').textContent"
    assert shim.page.evaluate(focused) == bd.findings[0].title
    shim.page.keyboard.press("ArrowDown")
    assert shim.page.evaluate(focused) == bd.findings[1].title
    shim.page.keyboard.press("Enter")
    assert shim.selection == bd.findings[1].evidence.to_json()


def test_severity_is_said_not_only_coloured(shim: Shim, bd: Breakdown) -> None:
    shim.show(bd, parts=("findings",))
    named = shim.page.get_by_role("button", name=f"{bd.findings[0].severity}: {bd.findings[0].title}")
    assert named.count() == 1


def test_no_findings_no_panel_among_others_and_a_sentence_alone(shim: Shim) -> None:
    clean = Model().run().machine.breakdown()
    shim.show(clean)
    assert shim.page.locator(".panel.findings").count() == 0
    assert shim.page.locator(".findings-badge").count() == 0
    shim.show(clean, parts=("findings",))
    assert "Nothing was found" in shim.text(".panel.findings")


def test_hostile_names_are_text(shim: Shim) -> None:
    class Hostile(Model):
        def attention(self, layer: int) -> None:
            with self.machine.span("<img src=x onerror='window.__pwned=1'>"), self.machine.span("aten::_to_cpu"):
                self.machine.copy_and_wait("Memcpy D2H (DEVICE -> HOST)", 50)
            super().attention(layer)

    shim.show(Hostile().run().machine.breakdown())
    assert "<img src=x" in shim.text(".finding-title")
    shim.page.locator(".finding").first.click()
    assert shim.page.locator(".explorer img").count() == 0


def test_evidence_in_a_reduced_copy_lies_where_it_was_folded(bd: Breakdown) -> None:
    from xpubreak.view.reduce import reduced
    from xpubreak.view.wire import encode

    less = reduced(bd, 0.01)
    items = encode(bd, "", less).meta["findings"]["items"]
    nodes = next(item["evidence"]["node"] for item in items if item["key"].startswith("cpu-fallback"))
    assert nodes
    assert max(nodes) < len(less.nodes)


def test_in_jupyterlab_the_kernel_knows(notebook: Any, page: Any) -> None:
    opened = notebook(
        "import xpubreak as xb\nbd = xb.load(xb.samples.path('h200-vllm-eager'))\nview = xb.FindingList(bd)", "view"
    ).run_all()
    page.wait_for_selector(".finding", timeout=60_000)
    page.locator(".finding").first.click()
    page.wait_for_selector(".finding-list li.chosen")
    is_same = "print(view.selected == bd.select(bd.findings[0].evidence), len(view.selected) < len(bd))"
    assert opened.python(is_same).strip() == "True True"
