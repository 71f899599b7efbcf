"""A click or brush in any view filters all of them, and Python is told."""

from __future__ import annotations

import pytest

from tests.browser.shim import Shim
from tests.view import fake

LAYERS = 28
DECODER = fake.decoder(LAYERS)


def rows(shim: Shim) -> list[str]:
    return [name.strip() for name in shim.page.locator(".kernels td.name").all_inner_texts()]


def test_shows_totals_before_anything_is_selected(shim: Shim) -> None:
    shim.show(DECODER)
    assert "of 2,009 activities · 100 % of device time" in shim.text(".left")
    assert shim.text(".metrics").startswith("device\n89.6 ms\nbusy\n86.9 ms\nwall\n117 ms\nidle\n25.4 %")
    assert "synthetic" in shim.text(".title")
    assert rows(shim)[0] == "gemm_kernel"


def test_bar_click_selects_its_layer_everywhere(shim: Shim) -> None:
    shim.show(DECODER)
    shim.page.mouse.click(*shim.bar_point(11, LAYERS))
    assert shim.selection == {"layer": [11]}
    assert "70 of 2,009 activities" in shim.text(".left")
    assert "sort_cpu" not in " ".join(rows(shim))
    assert shim.text(".chip") == "layer 11 ×".replace(" ×", "\n×").replace("layer ", "layer\n")
    shim.page.mouse.click(*shim.bar_point(11, LAYERS))
    assert shim.selection == {}


def test_brush_selects_a_range_and_shift_adds(shim: Shim) -> None:
    shim.show(DECODER)
    mouse = shim.page.mouse
    mouse.move(*shim.bar_point(3, LAYERS))
    mouse.down()
    mouse.move(*shim.bar_point(6, LAYERS), steps=4)
    mouse.up()
    assert shim.selection == {"layer": [3, 4, 5, 6]}
    shim.page.keyboard.down("Shift")
    mouse.click(*shim.bar_point(20, LAYERS))
    shim.page.keyboard.up("Shift")
    assert shim.selection == {"layer": [3, 4, 5, 6, 20]}


def test_bar_outside_of_layers_is_a_position(shim: Shim) -> None:
    shim.show(DECODER)
    shim.page.mouse.click(*shim.bar_point(LAYERS + 0.75, LAYERS))
    assert shim.selection == {"position": ["after"]}
    assert set(rows(shim)) == {"gemm_kernel", "vllm::rms_norm_kernel<sycl::half, 8>"}


def test_flame_click_filters_and_double_click_zooms(shim: Shim) -> None:
    shim.show(DECODER)
    shim.click_frame(lane=2, x_frac=0.1)
    assert shim.text(".chip-text").endswith("mlp")
    assert set(shim.selection) == {"layer", "module"}
    assert set(rows(shim)) == {"gemm_kernel", "triton_poi_fused_mul_silu_0"}
    shim.click_frame(lane=2, x_frac=0.6, click_count=2)
    assert shim.text(".breadcrumb .here") == "self_attn"
    assert shim.text(".chip-text").endswith("self_attn")
    shim.page.locator(".flame .segments.zoom button", has_text="fit").click()
    shim.page.wait_for_selector(".breadcrumb", state="hidden")


def test_kernel_click_selects_by_name_and_ctrl_adds(shim: Shim) -> None:
    shim.show(DECODER)
    first, second = rows(shim)[:2]
    shim.page.locator(".kernels tbody tr").nth(0).click()
    assert shim.selection == {"kernel": [first]}
    assert len(rows(shim)) == 12  # its own view is not filtered by it
    assert shim.text(".details .subject") == first
    shim.page.locator(".kernels tbody tr").nth(1).click(modifiers=["Control"])
    assert shim.selection == {"kernel": [first, second]}


def test_backend_phase_and_search_together(shim: Shim) -> None:
    shim.show(DECODER)
    shim.page.locator(".pill", has_text="vllm-xpu-kernels").click()
    shim.page.locator(".pill", has_text="decode").click()
    shim.page.locator("input[type=search]").fill("/rms_?norm/")
    shim.page.wait_for_function("() => 'text' in model.get('selection')")
    assert shim.selection == {"backend": ["vllm"], "phase": ["decode"], "text": ["/rms_?norm/"]}
    assert all("rms_norm" in name for name in rows(shim))
    assert shim.text(".search-share").endswith("match")
    shim.page.locator(".reset").click()
    assert shim.selection == {}
    assert shim.page.locator("input[type=search]").input_value() == ""


def test_details_say_why(shim: Shim) -> None:
    shim.show(DECODER)
    shim.page.locator(".kernels tbody tr", has_text="sort_cpu").click()
    said = shim.text(".details-body")
    for expected in ("cpu-fallback", "strong", "aten::_to_cpu › aten::sort", "operator chain"):
        assert expected in said


def test_python_sets_the_selection(shim: Shim) -> None:
    shim.show(DECODER, selection={"backend": ["triton"]})
    assert rows(shim) == ["triton_poi_fused_mul_silu_0"]
    shim.page.evaluate("model.set('selection', { layer: [4], backend: ['torch'] })")
    assert rows(shim) == ["gemm_kernel"]
    assert shim.text(".chips").replace("\n", " ").startswith("backend torch × layer 4 ×")


def test_numbers_agree_with_the_columns(shim: Shim) -> None:
    facts = DECODER.facts
    shim.show(DECODER, selection={"backend": ["vllm"], "layer": list(range(5, 9)), "phase": ["decode"]})
    chosen = (facts.role == 0) & (facts.layer >= 5) & (facts.layer < 9) & (facts.phase == 1)
    share = 100 * facts.device_ns[chosen].sum() / facts.device_ns.sum()
    calls = int(facts.count[chosen & (facts.device_ns > 0)].sum())
    assert f"{calls} of 2,009 activities · {share:.1f} % of device time" in shim.text(".left")


PATHS = {
    "model": ({"layer"}, {"layer", "module"}, {"layer", "module"}),
    "backend": ({"backend"}, {"backend", "category"}, {"backend", "category", "op"}),
    "call": ({"under"}, {"under"}, {"under"}),
}


@pytest.mark.parametrize("stack", PATHS)
def test_every_frame_of_a_path_narrows_the_selection(shim: Shim, stack: str) -> None:
    shim.show(DECODER)
    shim.page.locator(f"[data-stack={stack}]").click()
    seen, before = [100.0], {}
    for lane, dimensions in enumerate(PATHS[stack], start=1):
        shim.click_frame(lane=lane, x_frac=0.3)
        seen.append(float(shim.text(".left").split("·")[1].split("%")[0]))
        assert set(shim.selection) == dimensions
        assert shim.selection != before
        before = shim.selection
    assert seen == sorted(set(seen), reverse=True), "less with each"
    assert seen[-1] > 0


def test_cpu_target_shows_host_time(shim: Shim) -> None:
    shim.show(fake.decoder(4, device="cpu"))
    assert "weight: host time" in shim.text(".title")
    assert shim.text(".kernels h3") == "Operators"
    assert "of host time" in shim.text(".left")


def test_empty_breakdown_says_why(shim: Shim) -> None:
    shim.show(fake.empty())
    assert "the engine ran in another process" in shim.text(".banners")
    assert "nothing to show" in shim.text(".empty.whole")


def test_no_layers_is_said(shim: Shim) -> None:
    shim.show(fake.decoder(0))
    assert shim.text(".layers .empty").startswith("No layers were found")
    assert shim.page.locator("[data-stack=backend]").get_attribute("aria-pressed") == "true"
