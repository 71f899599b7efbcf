"""Saved comparisons: one file with the runs and what was asked of them, and nothing but data.

A zip archive, stored without compression of its own: ``comparison.json`` and one saved breakdown for each run
(`xpubreak.breakdown.store`). Differences are computed again when it is opened: the draws are seeded.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from xpubreak.breakdown import store
from xpubreak.breakdown.archive import Members, mapped
from xpubreak.breakdown.compare.compare import compare
from xpubreak.breakdown.compare.comparison import Comparison
from xpubreak.breakdown.outfile import whole_file
from xpubreak.errors import NotATraceError, XpubreakError

FORMAT = "xpubreak-comparison"
VERSION = 1
_MOST_RUNS = 1_000


def save(cmp: Comparison, path: str | os.PathLike[str], *, compress: bool = True) -> Path:
    """Write a comparison to one file, whole or not at all.

    Parameters
    ----------
    cmp
        What to save, with all its runs.
    path
        Where to; ``.xpb`` is the custom.
    compress
        As of breakdowns.

    Returns
    -------
    pathlib.Path
        The path.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "titles": list(cmp.titles),
        "numbers": list(cmp.numbers),
        "options": cmp.options,
    }
    with whole_file(path) as (file, target), zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(store.COMPARISON), json.dumps(header).encode("utf-8", "replace"))
        for number, run in enumerate(cmp.runs):
            content = io.BytesIO()
            store.write(run, content, compress=compress)
            archive.writestr(zipfile.ZipInfo(_name(number)), content.getbuffer())
    return target


def open_any(path: str | os.PathLike[str]) -> Any:
    """Open what ``save`` of a breakdown or of a comparison wrote.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Breakdown or Comparison
        What it holds.

    Raises
    ------
    NotATraceError
        The file cannot be read, is none of ours, is damaged, or was written by a newer version.
    """
    source = Path(path).expanduser()
    view = mapped(source)
    try:
        parts = Members(view)
    except store.NO_ARCHIVE:
        return store.read(view, source)  # says what is wrong
    if store.COMPARISON not in parts:
        return store.read_members(parts, source)
    try:
        header = json.loads(bytes(parts[store.COMPARISON][: 1 << 22]))
        if header["format"] != FORMAT or not isinstance(header["version"], int):
            raise ValueError("its header is not one of a comparison")
        if header["version"] > VERSION:
            raise NotATraceError(
                f"{source} was written by a newer xpubreak (format {header['version']}, this one reads {VERSION}). "
                "Update it: pip install -U xpubreak."
            )
        titles, options = [str(title) for title in header["titles"]], header["options"]
        if len(titles) > _MOST_RUNS:
            raise ValueError(f"it lists {len(titles):,} runs")
        runs = [store.read(parts[_name(number)], source) for number in range(len(titles))]
        found = compare(
            *runs,
            titles=titles,
            alpha=float(options["alpha"]),
            draws=int(options["draws"]),
            seed=int(options["seed"]),
        )
        baseline, candidate = (int(number) for number in header["numbers"])
        return found if (baseline, candidate) == found.numbers else found.pair(candidate, baseline)
    except NotATraceError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError, XpubreakError) as error:
        raise NotATraceError(
            f"{source} is no saved comparison, or is damaged: {type(error).__name__}: {error}. Save it again."
        ) from error


def _name(number: int) -> str:
    return f"run{number}.xpb"
