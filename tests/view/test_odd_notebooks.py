"""Notebooks as no Jupyter writes them are made ready to send, too, or refused: never a crash."""

from __future__ import annotations

from typing import Any

import pytest

from xpubreak.view.handout import STATE, prepare

ERROR = {"output_type": "error", "ename": "E", "evalue": "e"}


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": None},
        {"metadata": 5},
        {"metadata": {"widgets": 5}},
        {"metadata": {"widgets": {STATE: 5}}},
        {"metadata": {"widgets": {STATE: {"state": 5}}}},
        *({"cells": [{"cell_type": "code", "outputs": [{**ERROR, "traceback": odd}]}]} for odd in (5, {}, "t", [5])),
        {"cells": [{"cell_type": "code", "outputs": [{**ERROR, "evalue": 5}]}]},
        {"cells": [{"cell_type": "code", "outputs": 5}, {"cell_type": "code", "outputs": {"a": 1}}, 5]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": 5, "metadata": 5}, 5]}]},
        {"cells": [{"cell_type": 5, "source": 5, "outputs": [{"output_type": "stream", "text": 5}]}]},
    ],
)
@pytest.mark.parametrize("redact", [True, False])
def test_odd_notebooks_are_prepared_all_the_same(change: dict[str, Any], redact: bool) -> None:
    found = prepare({"nbformat": 4, "cells": [], "metadata": {}, **change}, redact=redact)
    assert found.models == 0
    assert isinstance(found.notebook["metadata"], dict)
    assert found.problems[0].startswith("no breakdown is shown in it")
