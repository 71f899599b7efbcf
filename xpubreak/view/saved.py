"""What of a breakdown is saved: everything where that is small, else all sums and as much detail as there is room."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from xpubreak.errors import Issue
from xpubreak.units import format_share
from xpubreak.view.eventwire import encode_events
from xpubreak.view.layers import bars_item
from xpubreak.view.reduce import Reduced, reduced
from xpubreak.view.wire import Packet, attempt, encode, header

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

_LEAST_FRACS = (1e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
"""What a name has to take of the time to be saved: tried one after another by halving."""
_EVERY_NAME = 2.0
"""Folds them all."""
_BYTES_OF_A_FACT, _BYTES_OF_AN_EVENT = 2, 5
"""Fewer than either ever takes when compressed: what cannot fit is not compressed to find that out."""
_BASE64 = 4 / 3
_SUMS_ONLY = "This saved copy holds sums, no single events: the timeline and percentiles need the kernel or the trace."


@dataclass(frozen=True)
class Saved:
    """Gzipped parts of a packet.

    Parameters
    ----------
    parts
        ``meta``, ``columns``, and ``events-meta`` with ``events`` where there was room.
    notes
        What is not in it, for the reader.
    """

    parts: dict[str, bytes]
    notes: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """As text, in base64."""
        return sum(_as_text(part) for part in self.parts.values())


def save(bd: Breakdown, title: str = "", budget_bytes: int | None = None) -> Saved:
    """Pack ``bd`` for a file.

    Parameters
    ----------
    bd
        What to save.
    title
        Instead of the breakdown's own.
    budget_bytes
        Room for all parts as text. Events are left out first, then the smallest leaves are folded, then modules and at
        last ranks are added up. Sums by backend, layer, phase and step are never changed: a breakdown of very many
        layers and steps may take more. None: no limit.
    """
    budget = budget_bytes if budget_bytes is not None else float("inf")
    head = header(bd, title)  # costs more than most of the trials that follow
    facts: dict[str, bytes] | None = None
    if len(bd.facts.node) * _BYTES_OF_A_FACT < budget:
        facts = _facts(bd, encode(bd, head=head))
    if facts is None or _size(facts) > budget:
        return _folded(bd, head, budget)
    room = budget - _size(facts)
    events, problem = _events(bd, room)
    return Saved({**facts, **events}, () if events or not len(bd) else (problem or _SUMS_ONLY,))


def _folded(bd: Breakdown, head: dict[str, Any], budget: float) -> Saved:
    """Fold as little as fits: names, then modules with them, then ranks."""
    last: Saved | None = None
    every = (*_LEAST_FRACS, _EVERY_NAME)
    ways = [(True, True, _LEAST_FRACS), (False, True, every)]
    if len(bd.ranks) > 1:
        ways.append((False, False, every))
    for with_modules, with_ranks, fracs in ways:
        best = None
        low, high = 0, len(fracs) - 1
        while low <= high:
            middle = (low + high) // 2
            less = reduced(bd, fracs[middle], with_modules=with_modules, with_ranks=with_ranks)
            is_last = not with_modules and middle == len(fracs) - 1
            parts = None
            if is_last or len(less.facts) * _BYTES_OF_A_FACT < budget:
                parts = _facts(bd, encode(bd, less=less, head=head), less)
                last = Saved(parts, (*_notes(bd, less), _SUMS_ONLY))
            if parts is not None and _size(parts) <= budget:
                best, high = last, middle - 1
            else:
                low = middle + 1
        if best is not None:
            return best
    assert last is not None
    return last


def _facts(bd: Breakdown, packet: Packet, less: Reduced | None = None) -> dict[str, bytes]:
    meta = {**packet.meta}
    if less is not None:
        notes = [Issue("saved-copy-folded", "info", note) for note in _notes(bd, less)]
        meta["issues"] = [*meta["issues"], *(asdict(note) for note in notes)]
    bars = bars_item(bd.layer_count)
    return {"meta": _packed_json({"meta": meta, "bars": bars}), "columns": gzip.compress(packet.blob, 9, mtime=0)}


def _notes(bd: Breakdown, less: Reduced) -> list[str]:
    totals = bd.totals
    whole_ns = totals.device_ns if bd.weight == "device" else totals.host_ns
    found = []
    if less.folded_names:
        found.append(
            f"This saved copy shows the {less.folded_names:,} smallest of its names as “(smaller)”, together "
            f"{format_share(less.folded_ns, whole_ns)} of the {bd.weight} time. Sums by backend, category, layer, "
            f"phase, step, {'module, ' if less.has_modules else ''}"
            f"{'stream and rank' if less.has_ranks else 'and stream'} are exact."
        )
    if not less.has_ranks:
        found.append("This saved copy holds the sums of all ranks together: apart, they would not fit its size.")
    if not less.has_modules:
        found.append("This saved copy holds no modules: there are too many of them for its size.")
    return found


def _events(bd: Breakdown, room: float) -> tuple[dict[str, bytes], str]:
    """Single events where there is room for them; and why there are none, where that is not for want of room."""
    if len(bd) * _BYTES_OF_AN_EVENT > room or not len(bd):
        return {}, ""
    packet, failures = attempt(lambda: encode_events(bd), None, "Single events")
    if packet is None:
        return {}, str(failures[0]["message"]) if not bd.tables.folded else ""
    parts = {"events-meta": _packed_json(packet.meta), "events": gzip.compress(packet.blob, 9, mtime=0)}
    return (parts, "") if _size(parts) <= room else ({}, "")


def _packed_json(value: Any) -> bytes:
    return gzip.compress(json.dumps(value, separators=(",", ":")).encode(), 9, mtime=0)


def _size(parts: dict[str, bytes]) -> int:
    return sum(_as_text(part) for part in parts.values())


def _as_text(part: bytes) -> int:
    return int(len(part) * _BASE64) + 4
