"""A click is shown at once where the reader looks; what is scrolled out of sight follows, and says the same then."""

from __future__ import annotations

from tests.browser.shim import Shim
from tests.view import fake
from tests.view.fake import Role

DECODER = fake.decoder(28)
LARGE = fake.decoder(64, 90)

_CLICK = """(selector) => {
  const root = document.querySelector('.xpubreak').shadowRoot;
  const read = () => [".left", ".kernels [role=status]"].map((one) => root.querySelector(one).textContent);
  const before = read();
  window.clicked = root.querySelector(selector);
  window.clicked.focus();
  window.clicked.click();
  return [before, read()];
}"""


def lines(shim: Shim) -> str:
    return shim.text(".kernels [role=status]")


def test_what_is_in_sight_comes_first_and_the_rest_follows(shim: Shim) -> None:
    assert len(LARGE.facts.name) > 100_000
    shim.show(LARGE)
    shim.page.set_viewport_size({"width": 1000, "height": 500})
    (left, count), (left_now, count_now) = shim.page.evaluate(_CLICK, ".filters [data-key=torch]")
    assert left_now != left
    assert count_now == count, "the table is far below"
    assert shim.selection == {"backend": ["torch"]}, "Python need not wait"
    facts = LARGE.facts
    distinct = len(set(facts.name[(facts.role == Role.TORCH) & (facts.device_ns > 0)].tolist()))
    shim.page.wait_for_function(
        "(text) => document.querySelector('.xpubreak').shadowRoot.querySelector('.kernels [role=status]')"
        ".textContent === text",
        arg=f"{distinct} distinct",
    )
    assert lines(shim) == f"{distinct} distinct"


def test_a_table_in_sight_need_not_wait(shim: Shim) -> None:
    shim.show(LARGE, parts=("filters", "kernels"))
    (_, count), (_, count_now) = shim.page.evaluate(_CLICK, ".filters [data-key=torch]")
    assert count_now != count


def test_what_was_clicked_stays_the_same_element(shim: Shim) -> None:
    shim.show(DECODER)
    for selector in (".filters [data-key=torch]", ".backend-bar [data-key=vllm]", ".kernels [data-key^=name-]"):
        shim.page.evaluate(_CLICK, selector)
        shim.page.wait_for_timeout(100)
        same = "document.querySelector('.xpubreak').shadowRoot.activeElement === window.clicked"
        assert shim.page.evaluate(same), selector
        assert shim.page.evaluate("window.clicked.getAttribute('aria-pressed')") == "true", selector
        shim.page.evaluate(_CLICK, ".filters .reset")
