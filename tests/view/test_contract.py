"""The two halves of the wire contract, and of the palette, say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

from xpubreak.trace.events import Kind
from xpubreak.view import contract, palette

JS = Path(__file__).parents[2] / "js" / "src"


def _typescript(path: str) -> str:
    return (JS / path).read_text(encoding="utf-8")


def test_columns_and_version_are_mirrored() -> None:
    text = _typescript("data/contract.ts")
    listed = re.search(r"COLUMNS = \[(.*?)\] as const", text, re.DOTALL)
    assert listed is not None
    columns = json.loads(f"[{listed.group(1).strip().rstrip(',')}]")
    assert [tuple(column) for column in columns] == list(contract.COLUMNS)
    assert f'FORMAT = "{contract.FORMAT}"' in text
    assert f"VERSION = {contract.VERSION};" in text


def test_node_kinds_are_the_codes_of_the_trace_floor() -> None:
    names = [Kind(code).name.lower() for code, _ in enumerate(contract.NODE_KINDS)]
    assert names == list(contract.NODE_KINDS)
    text = _typescript("data/contract.ts")
    listed = re.search(r"NODE_KINDS = \[(.*?)\]", text, re.DOTALL)
    assert listed is not None
    assert tuple(json.loads(f"[{listed.group(1).strip().rstrip(',')}]")) == contract.NODE_KINDS


def test_every_dtype_is_known() -> None:
    assert {dtype for _, _, dtype in contract.COLUMNS} <= set(contract.NUMPY_OF_DTYPE)


def test_columns_travel_in_the_dtypes_that_the_browser_widens() -> None:
    listed = re.search(r"NARROWER.*? = \{(.*?)\n\}", _typescript("data/contract.ts"), re.DOTALL)
    assert listed is not None
    text = re.sub(r"(\w+): \[", r'"\1": [', listed.group(1)).strip().rstrip(",")
    assert json.loads(f"{{{text}}}") == {wide: list(narrow) for wide, narrow in contract.NARROWER.items()}


def test_palettes_agree() -> None:
    text = _typescript("draw/palette.ts")
    fills = dict(re.findall(r'^\s+(\w+): "(#[0-9a-f]{6})"', text, re.MULTILINE))
    assert fills == palette.FILLS
    listed = re.search(r"HATCHES.*? = \{(.*?)\n\}", text, re.DOTALL)
    assert listed is not None
    hatches = {name: json.loads(hatch) for name, hatch in re.findall(r"(\w+): (\".+?\")", listed.group(1))}
    assert hatches == palette.HATCHES
    assert len({palette.HATCHES.get(name, "") for name in palette.FILLS}) == len(palette.FILLS), "one each"
