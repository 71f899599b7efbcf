"""Draw a trace as an indented picture and look at its backends.

Each line is ``category name``; indentation is nesting. A ``kernel``, ``gpu_memcpy`` or ``gpu_memset`` line is launched
by the call it is indented under, and has no host side at the left margin. ``cpu_op!triton name`` is an operator that
says ``kernel_backend="triton"``.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from xpubreak.classify.backend import Backends, Confidence, Role
from xpubreak.classify.category import CATEGORIES
from xpubreak.classify.context import Context
from xpubreak.classify.engine import classify
from xpubreak.classify.rule import Rule
from xpubreak.trace import kineto
from xpubreak.trace.trace import Trace
from xpubreak.tree.launches import link
from xpubreak.tree.nest import nest

DEVICE_CATEGORIES = ("kernel", "gpu_memcpy", "gpu_memset")


@dataclass(frozen=True)
class Line:
    """What became of one line of a picture."""

    name: str
    role: str
    category: str
    confidence: str
    rule: str
    source: str
    key: str
    note: str

    def __str__(self) -> str:
        return f"{self.role} {self.confidence}"


def events_of(picture: str) -> list[dict[str, Any]]:
    """Turn a picture into Kineto events, in the order of its lines."""
    lines = [line for line in textwrap.dedent(picture).splitlines() if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    events: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        category, _, name = line.strip().partition(" ")
        category, _, hint = category.partition("!")
        end = next((later for later in range(number + 1, len(lines)) if indents[later] <= indents[number]), len(lines))
        event = {"ph": "X", "cat": category, "name": name.strip(), "pid": 1, "tid": 1, "args": {}}
        event |= {"ts": 10.0 * number, "dur": 10.0 * (end - number) - (0.001 * indents[number])}
        if hint:
            event["args"] = {"kernel_backend": hint}
        if category in DEVICE_CATEGORIES:
            event |= {"pid": 0, "tid": 7, "ts": 10_000.0 + 10 * number, "dur": 5.0}
            launcher = next((above for above in range(number - 1, -1, -1) if indents[above] < indents[number]), None)
            if launcher is not None:
                event["args"] = {"correlation": launcher + 1}
        elif category.endswith(("_runtime", "_driver")):
            event["args"] = {"correlation": number + 1}
        events.append(event)
    return events


def traced(events: list[dict[str, Any]], **top_level: Any) -> tuple[Trace, Context]:
    """Read events and prepare what classification needs of the tree floor."""
    trace = kineto.from_dicts(events, **top_level)
    spans = nest(trace.events, trace.spans)
    launches = link(trace, spans)
    context = Context(
        activity=launches.activity,
        launch=launches.launch,
        op=launches.op,
        span=launches.span,
        link=launches.link,
        is_graph=launches.is_graph,
        host_rows=spans.rows,
        host_parent=spans.parent,
    )
    return trace, context


def look(trace: Trace, backends: Backends, row: int) -> Line:
    """Read one row of the result."""
    why = backends.why(row)
    assert why is not None
    return Line(
        name=trace.name(row),
        role=Role(backends.role[row]).key,
        category=CATEGORIES[backends.category[row]],
        confidence=Confidence(backends.confidence[row]).key,
        rule=why.rule,
        source=why.source,
        key=why.key,
        note=why.note,
    )


def backends_of(picture: str, rules: tuple[Rule, ...] = (), **top_level: Any) -> dict[str, Line]:
    """Classify a picture; its lines by name (names in a picture are distinct, or the last one counts)."""
    trace, context = traced(events_of(picture), **top_level)
    backends = classify(trace, context, rules)
    rows = [*context.host_rows.tolist(), *context.activity.tolist()]
    return {trace.name(row): look(trace, backends, row) for row in rows}
