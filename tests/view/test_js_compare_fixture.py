"""What the browser adds up of a comparison is what the comparison says of it.

The fixture is read by ``js/test/compare.test.ts``. Write it anew with ``XPUBREAK_WRITE_FIXTURES=1``.
"""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xpubreak as xb
from xpubreak.breakdown.compare.comparereport import signed_ns, signed_share
from xpubreak.view.comparison.payload import packed

FIXTURE = Path(__file__).parents[2] / "js" / "test" / "fixtures" / "comparison.json"
DIMENSIONS = ("phase", "backend", "category", "layer", "op", "kernel")


@cache
def made() -> dict[str, Any]:
    a, b = (xb.load(xb.samples.path(name)) for name in ("h200-vllm-eager", "h200-vllm-compiled"))
    cmp = xb.compare(a, b, titles=["eager", "compiled"], draws=500)
    pair = pair_of(cmp)
    two = two_phases()
    found = {"pair": pair, "sums": sums(cmp, pair, ("backend", "category", "op")), "signs": signs(pair)}
    pair = pair_of(two)
    phases = {"pair": pair, "sums": sums(two, pair, ("phase", "category", "op"))}
    return json.loads(json.dumps({**found, "phases": phases}))


def two_phases() -> xb.Comparison:
    """Six steps of each phase, eager and compiled."""
    runs = []
    with TemporaryDirectory() as folder:
        for seed, mode in enumerate(("eager", "compiled")):
            trace = xb.samples.synthesize(prefill_steps=6, decode_steps=6, layers=2, mode=mode, seed=seed)
            runs.append(xb.load(trace.save(Path(folder) / f"{mode}.json"), title=mode))
    return xb.compare(*runs, titles=["eager", "compiled"], draws=500)


def pair_of(cmp: xb.Comparison) -> dict[str, Any]:
    pair: dict[str, Any] = json.loads(gzip.decompress(packed(cmp)))["pairs"][0]
    # What comes of draws may differ in its last digits from machine to machine.
    pair["compared"] = ""
    for name in ("totals", *DIMENSIONS):
        for row in pair[name]:
            row.update(dict.fromkeys(("low", "high", "q", "detectable")))
    for phase in pair["within"]:
        for columns in phase.values():
            columns.update({name: [None] * len(columns["key"]) for name in ("low", "high", "q")})
    return pair


def sums(cmp: xb.Comparison, pair: dict[str, Any], dimensions: tuple[str, ...]) -> list[dict[str, Any]]:
    """Time of both sides by one dimension, of what another one selects: by the tables of Python."""
    found = []
    for of, by in product(dimensions, repeat=2):
        if of == by:
            continue
        table = cmp.by(of, by)
        names = {name: [value_of(cmp, name, row["label"]) for row in pair[name]] for name in (of, by)}
        for key, value in enumerate(names[by]):
            mine = table[table[by] == value].set_index(of)
            found.append({
                "of": of, "selection": {by: key},
                **{side: [float(mine[f"{side}_ns"].get(name, 0.0)) for name in names[of]] for side in ("a", "b")},
            })  # fmt: skip
    return found


def value_of(cmp: xb.Comparison, dimension: str, label: str) -> str:
    if dimension != "backend":
        return label
    return next(key for key in cmp.by("backend")["backend"] if cmp.b.backend_label(key) == label)


def signs(pair: dict[str, Any]) -> list[list[Any]]:
    """Differences in words."""
    rows = [row for name in ("totals", "backend", "category") for row in pair[name]]
    return [
        [row["a"], row["b"], signed_ns(row["b"] - row["a"]), signed_share((row["b"] - row["a"]) / row["a"])]
        for row in rows
        if row["a"]
    ]


def test_fixture_is_fresh() -> None:
    fixture = made()
    if os.environ.get("XPUBREAK_WRITE_FIXTURES"):
        FIXTURE.write_text(json.dumps(fixture, separators=(",", ":")) + "\n", encoding="utf-8")
    assert fixture == json.loads(FIXTURE.read_text(encoding="utf-8"))


def test_selections_tell_something() -> None:
    """Some that keep a part of what there is, and some that keep parts of both sides."""
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    whole = fixture["pair"]["totals"][0]["a"]
    parts = [sum(item["a"]) for item in fixture["sums"]]
    assert sum(0 < part < whole for part in parts) > 5
    assert any(sum(x > 0 for x in item["a"]) > 1 for item in fixture["sums"])
    by_phase = [item for item in fixture["phases"]["sums"] if "phase" in item["selection"] and item["of"] == "op"]
    assert len(by_phase) == 2
    assert all(sum(x > 0 for x in item[side]) > 5 for item in by_phase for side in ("a", "b"))
