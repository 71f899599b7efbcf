"""BokehJS in a notebook made ready to send: once, in the first copy that draws with it."""

from __future__ import annotations

import json

import pytest

from tests.view.test_handout import BOKEHJS, copy_of, notebook
from xpubreak.view.handout import Handout, prepare


def holders(made: Handout) -> list[int]:
    return [
        number for number, cell in enumerate(made.notebook["cells"]) if BOKEHJS in json.dumps(cell).replace("\\", "")
    ]


@pytest.mark.parametrize(
    ("held", "parts", "expected"),
    [
        ([True, False, False], ["", "", ""], [0]),
        ([False, False, False], ["", "", ""], [0]),  # the cell that held it was deleted or ran again
        ([True, True, True], ["", "", ""], [0]),  # of several kernels
        ([False, False, True], ["flame", "layers", ""], [1]),  # bars further up need it as well
        ([True, False], ["flame", "kernels"], []),  # nobody needs it
    ],
)
def test_bokehjs_is_there_once_and_first(held: list[bool], parts: list[str], expected: list[int]) -> None:
    cells = [[copy_of(bokehjs=one, parts=part)] for one, part in zip(held, parts, strict=True)]
    made = prepare(notebook(*cells))
    assert holders(made) == expected
    assert [json.dumps(cell).count("data-xpubreak-place") for cell in made.notebook["cells"]] == [1] * len(cells)


def test_a_comparison_needs_no_bokehjs() -> None:
    compares = copy_of(bokehjs=False)
    compares["text/html"] += '<script type="text/plain" data-xpubreak="comparison">QUJD</script>'
    assert holders(prepare(notebook([compares], [copy_of(bokehjs=False)]))) == [1]
    assert holders(prepare(notebook([compares]))) == []


def test_bokehjs_that_is_put_back_is_the_real_one() -> None:
    from xpubreak.view.copy import bokehjs_script

    [output] = prepare(notebook([copy_of(bokehjs=False)])).notebook["cells"][0]["outputs"]
    assert bokehjs_script() in output["data"]["text/html"]
