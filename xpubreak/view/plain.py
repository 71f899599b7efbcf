"""The static stand-in: a table that needs no script, no kernel and no trust.

JupyterLab cleans HTML of notebooks that are not trusted: style elements and classes go, inline styles and tables stay.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from xpubreak.units import format_ns, format_share
from xpubreak.view.palette import FILLS

if TYPE_CHECKING:
    from xpubreak.breakdown.breakdown import Breakdown

REDACTED = ' data-redacted="1"'
"""On what is saved of a view that left names of people, hosts and places out: `xpubreak.view.handout` asks for it."""
_TOP = 15
_WORST = 5
_LONGEST = 160
_CELL = "padding:3px 12px 3px 0;text-align:left"
_NUMBER = "padding:3px 0 3px 12px;text-align:right;white-space:nowrap"


def static_html(
    bd: Breakdown, *, uid: str = "", title: str = "", with_kernels: bool = True, redacted: bool = False
) -> str:
    """Write ``bd`` as a fragment of plain HTML.

    Parameters
    ----------
    bd
        What to show.
    uid
        Of the explorer that hides this fragment while it lives.
    title
        Shown instead of the breakdown's own.
    with_kernels
        Whether the kernels that took most are listed, besides the backends.
    """
    metadata, totals = bd.metadata, bd.totals
    onto_device = bd.weight == "device"
    marks = [metadata.device_name or metadata.device.upper(), *(["synthetic"] if metadata.synthetic else [])]
    times = [("device", totals.device_ns), ("busy", totals.busy_ns)] if onto_device else [("host", totals.host_ns)]
    times = [(name, ns) for name, ns in (*times, ("wall", totals.wall_ns)) if ns >= 0]
    loud = [issue for issue in bd.issues if issue.severity != "info"]
    lines = [
        f"<div><strong>{_text(title or bd.title or 'Breakdown')}</strong> · {_text(' · '.join(marks))}</div>",
        f"<div>{_text(' · '.join(f'{name} {format_ns(ns)}' for name, ns in times))}</div>",
        *(f"<div>{_text(f'{issue.severity}: {issue.message}')}</div>" for issue in loud),
        *_findings(bd),
        *_tables(bd, with_kernels),
    ]
    mark = f' data-xpubreak-static="{html.escape(uid)}"{REDACTED if redacted else ""}' if uid else ""
    return f'<div{mark} style="line-height:1.5">{"".join(lines)}</div>'


def _findings(bd: Breakdown) -> list[str]:
    """The worst ones, a line each; what is wrong with the profile is said already."""
    worst = [finding for finding in bd.findings if finding.kind != "profile"][:_WORST]
    if not worst:
        return []
    lines = [f"<div>{_text(f'{one.title}: {one.stake_text}' if one.stake_text else one.title)}</div>" for one in worst]
    return [f"<div><strong>{_text(bd.findings.summary)}</strong></div>", *lines]


def _tables(bd: Breakdown, with_kernels: bool) -> list[str]:
    facts = bd.facts
    weights_ns = np.asarray(facts.device_ns if bd.weight == "device" else facts.host_ns)
    total_ns = int(weights_ns.sum())
    if total_ns == 0:
        return []
    what = "device time" if bd.weight == "device" else "host time"
    by_role = np.bincount(facts.role, weights=weights_ns, minlength=len(FILLS))
    roles = [role for role in np.argsort(-by_role, kind="stable").tolist() if by_role[role] > 0]
    backends = [[_named(bd, role), *_numbers(by_role[role], total_ns)] for role in roles]
    of_backends = _table(["backend", what, "share"], backends)
    if not with_kernels:
        return [of_backends]
    used = np.flatnonzero(weights_ns > 0)
    pairs, group = np.unique(np.stack([facts.name[used], facts.role[used]]), axis=1, return_inverse=True)
    by_pair = np.bincount(group.reshape(-1), weights=weights_ns[used])
    top = np.argsort(-by_pair, kind="stable")[:_TOP].tolist()
    kernels = [
        [
            _text(bd.strings[int(pairs[0, pair])]),
            _named(bd, int(pairs[1, pair])),
            *_numbers(by_pair[pair], total_ns),
        ]
        for pair in top
    ]
    noun = "kernel" if bd.weight == "device" else "operator"
    left = len(by_pair) - len(top)
    more = [f"<div>and {left:,} more</div>"] if left else []
    return [of_backends, _table([noun, "backend", what, "share"], kernels), *more]


def _numbers(ns: float, total_ns: int) -> list[str]:
    return [_text(format_ns(ns)), _text(format_share(ns, total_ns))]


def _table(head: list[str], rows: list[list[str]]) -> str:
    last = len(head) - 2
    is_wide = last > 1
    # Names may be long words: in columns of fixed width they are broken, and never push the numbers out of sight.
    widths = ("", "width:9.5em;", "width:6em;", "width:4em;") if is_wide else ("", "", "")
    styles = [f"{width}{_NUMBER if column >= last else _CELL}" for column, width in enumerate(widths)]
    styles[0] += ";word-wrap:break-word" if is_wide else ""

    def row(cells: list[str], tag: str) -> str:
        parts = (f'<{tag} style="{style}">{cell}</{tag}>' for style, cell in zip(styles, cells, strict=True))
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    fixed = ";table-layout:fixed;width:100%;max-width:1000px" if is_wide else ""
    return f'<table style="margin:8px 0;border-collapse:collapse{fixed}">{row(head, "th")}{body}</table>'


def _named(bd: Breakdown, role: int) -> str:
    fill = list(FILLS.values())[role] if role < len(FILLS) else "#888888"
    label = _text(bd.backend_label(role))
    return f'<span style="white-space:nowrap"><span style="color:{fill}">&#9632;</span> {label}</span>'


def _text(text: str) -> str:
    """Escape a stranger's text; control and direction characters would move what stands around it."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return html.escape("".join(letter if letter.isprintable() else "·" for letter in cut))
