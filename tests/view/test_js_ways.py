"""Every way to stack frames, one selection after another: what the browser adds up is what pandas adds up.

The fixture is read by ``js/test/ways.test.ts``. Write it anew with ``XPUBREAK_WRITE_FIXTURES=1``. It has sums by shape:
rows that no stack tells apart. Frames are beginnings of paths through shapes, which the test in the browser adds up.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from tests.view.test_js_fixture import FIXTURES, middle_of, packed
from xpubreak.attribute.label import PHASES, POSITIONS
from xpubreak.samples.synthetic import synthesize
from xpubreak.trace.kinds import Kind
from xpubreak.view.eventwire import encode_events
from xpubreak.view.wire import encode

PATH = FIXTURES / "ways.json"
KNOWN = ("h200-torch-graph", "cpu-vllm-compiled")
"""Their columns are in fixtures of their own."""
SYNTHETIC = "xpu-tp2"
SUMS = ("device_ns", "host_ns", "calls")


def two_ranks(folder: Path) -> xb.Breakdown:
    """A device profile of two ranks, with modules, host spans and several streams."""
    for rank in (0, 1):
        made = synthesize(layers=2, prefill_steps=1, decode_steps=1, tp=2, rank=rank, module_spans=True, seed=3)
        made.save(folder / f"rank{rank}.json")
    return xb.load(folder)


def table_of(bd: xb.Breakdown) -> pd.DataFrame:
    """Rows as a table: what stacks are made of as text, and what is added up."""
    rows, text = bd.rows, bd.tables.strings.text
    frame = pd.DataFrame(
        {
            "phase": [PHASES[code] if 0 <= code < len(PHASES) else "" for code in rows.phase.tolist()],
            "step": rows.step,
            "layer": rows.layer,
            "position": [POSITIONS[code] for code in rows.position.tolist()],
            "module": [text(name) if name >= 0 else "" for name in rows.module.tolist()],
            "backend": rows.role,
            "category": rows.category,
            "op": [text(name) if name >= 0 else "" for name in rows.op.tolist()],
            "name": [text(name) for name in rows.display.tolist()],
            "device_ns": rows.device_ns,
            "host_ns": rows.host_ns,
            "calls": rows.is_activity if bd.weight == "device" else ~rows.is_activity,
        }
    )
    tree = bd.tables.tree
    above = cache(lambda node: (*above(tree.parent[node]), text(tree.name[node])) if node >= 0 else ())
    frame["callers"] = [
        (*above(tree.parent[node] if node >= 0 else -1), name) if is_activity or node < 0 else above(node)
        for node, name, is_activity in zip(rows.node.tolist(), frame["name"], rows.is_activity.tolist(), strict=True)
    ]
    # The span of an operator is the operator: there is nothing below it.
    node_kind = tree.kind[rows.node.clip(0)]
    is_operator = ~rows.is_activity & (rows.node >= 0) & (node_kind == Kind.OPERATOR)
    frame["leaf"] = frame["name"].mask(is_operator, "")
    return frame.drop(columns="name")


def chosen(bd: xb.Breakdown) -> list[dict[str, Any]]:
    """One selection after another, each of dimensions that the one before did not have, and had."""
    rows, tables = bd.rows, bd.tables
    own = "kernel" if bd.weight == "device" else "span"
    names = bd.by(own).query(f"{own} != ''").sort_values(f"{bd.weight}_ns")[own].tolist()
    modules = sorted({tables.strings.text(name) for name in rows.module.tolist() if name >= 0})
    node = pd.Series(tables.tree.parent[rows.node[rows.node >= 0]]).value_counts().index[0]
    streams = sorted(set(rows.stream[rows.stream >= 0].tolist()) or {-1})
    durations = {"duration_ns": [[1_000, 30_000]]}
    return [
        {},
        {own: names[-2:]},
        {own: names[-5:], "phase": ["decode"]},
        {"module": modules[::3]},
        {"module": modules[::3], "text": ["norm"]},
        {"under": [int(node)]},
        {"under": [int(node)], "step": [1]},
        {"stream": streams[:1], **durations},
        {"rank": [max(rows.rank.tolist())], **durations},
        {"rank": [max(rows.rank.tolist())], "stream": [-1, *streams[-1:]], **middle_of(bd)},
        {"layer": [1], "op": ["", "aten::mm"], **middle_of(bd)},
        {own: names[:3], "layer": [-1, 0]},
        {},
    ]


def made(bd: xb.Breakdown, *, has_steps: bool) -> dict[str, Any]:
    keys = ["phase", *(["step"] if has_steps else []), "layer", "position", "module", "backend", "category", "op"]
    keys += ["leaf", "callers"]
    shapes: dict[tuple[Any, ...], int] = {}
    selections = []
    for clauses in chosen(bd):
        part = bd.select(clauses)
        sums = table_of(part).groupby(keys, sort=True)[list(SUMS)].sum()
        sums = sums[(sums != 0).any(axis=1)]
        flat = [
            int(number)
            for key, row in zip(sums.index.tolist(), sums.to_numpy().tolist(), strict=True)
            for number in (shapes.setdefault(key, len(shapes)), *row)
        ]
        selections.append({"clauses": part.selection.to_json(), "sums": flat})
    names: dict[str, int] = {"": 0}

    def number(value: Any) -> Any:
        if isinstance(value, tuple):
            return [number(name) for name in value]
        return names.setdefault(value, len(names)) if isinstance(value, str) else int(value)

    written = [[number(value) for value in shape] for shape in shapes]
    return {"keys": keys, "names": list(names), "shapes": written, "selections": selections}


@pytest.fixture(scope="module")
def fixture(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("xpu") / "tp2"  # numbered by pytest, and the title of the profile is its name
    folder.mkdir()
    bd = two_ranks(folder)
    facts = packed(encode(bd))
    facts["meta"] = {name: value for name, value in facts["meta"].items() if name != "findings"}
    known = {name: made(xb.load(xb.samples.path(name)), has_steps="cpu" not in name) for name in KNOWN}
    return {**known, SYNTHETIC: {"facts": facts, "events": packed(encode_events(bd)), **made(bd, has_steps=True)}}


def test_fixture_is_fresh(fixture: dict[str, Any]) -> None:
    fresh = json.loads(json.dumps(fixture))
    if os.environ.get("XPUBREAK_WRITE_FIXTURES"):
        PATH.write_text(json.dumps(fresh, separators=(",", ":")) + "\n", encoding="utf-8")
    assert fresh == json.loads(PATH.read_text(encoding="utf-8"))


def test_selections_tell_something(fixture: dict[str, Any]) -> None:
    """Each keeps something, but not all, of a sample."""
    wholes = {name: len(one["selections"][0]["sums"]) for name, one in fixture.items()}
    for number, selection in enumerate(fixture[SYNTHETIC]["selections"]):
        kept = [0 < len(one["selections"][number]["sums"]) < wholes[name] for name, one in fixture.items()]
        assert any(kept) or not selection["clauses"], selection["clauses"]
