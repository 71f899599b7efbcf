"""Tables for spreadsheets: CSV and Excel. A stranger's names stay texts there, and numbers numbers."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown.outfile import packed_file, whole_file
from xpubreak.breakdown.visible import cell
from xpubreak.errors import SelectionError, XpubreakError

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown
    from xpubreak.errors import Issue

TABLES = ("kernels", "ops", "steps", "issues", "summary")
_EXCEL_ROWS = 1_048_575
"""Of a sheet, below its head: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3."""
_EXCEL_CHARACTERS = 32_767
_MAX_WIDTH, _SAMPLED_ROWS = 60, 200
_ENGINES = ("xlsxwriter", "openpyxl")


def write_csv(bd: Breakdown, path: str | os.PathLike[str], table: str | Sequence[str] | None = None) -> Path:
    """Write a table; see `Breakdown.to_csv`."""
    frame = safe(table_of(bd, table))
    with packed_file(path) as (file, target):
        frame.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    return target


def csv_text(frame: pd.DataFrame) -> str:
    """Write a table as the text of a CSV file."""
    buffer = io.StringIO()
    safe(frame).to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def write_excel(bd: Breakdown, path: str | os.PathLike[str]) -> Path:
    """Write a workbook; see `Breakdown.to_excel`."""
    return write_workbook(path, _tables(bd))


def write_workbook(path: str | os.PathLike[str], tables: Iterable[tuple[str, pd.DataFrame]]) -> Path:
    """Write tables as the sheets of an Excel file, which is whole or not there.

    Parameters
    ----------
    path
        Where to; ``.xlsx``.
    tables
        With the name of each sheet; those of more rows than a sheet has go on in another.

    Raises
    ------
    XpubreakError
        For another suffix, or where no library for it is installed.
    """
    import pandas as pd  # noqa: PLC0415

    if Path(path).suffix.lower() != ".xlsx":
        raise XpubreakError(f"{Path(path).name!r}: Excel files are written as .xlsx.")
    chosen = engine()
    # Whatever a text looks like, it is no formula, no link and no number.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    extra: dict[str, Any] = {"engine_kwargs": {"options": options}} if chosen == "xlsxwriter" else {}
    # Not into the file at once: where the disk is full, what packs the workbook complains behind our back.
    content = io.BytesIO()
    with pd.ExcelWriter(content, engine=chosen, **extra) as writer:  # type: ignore[call-overload]
        for name, frame in _sheets(tables):
            frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
            _widen(writer.sheets[name], frame, chosen)
    with whole_file(path) as (file, target):
        file.write(content.getbuffer())
    return target


def engine() -> str:
    """Return the library that writes Excel files.

    Raises
    ------
    XpubreakError
        None is installed.
    """
    found = next((name for name in _ENGINES if find_spec(name)), None)
    if found is None:
        raise XpubreakError(
            "Excel files are written by xlsxwriter or openpyxl, and neither is installed: "
            'pip install "xpubreak[excel]". CSV (to_csv) needs neither.'
        )
    return found


def table_of(bd: Breakdown, table: str | Sequence[str] | None) -> pd.DataFrame:
    """Look a table up by name, or add up by dimensions.

    Raises
    ------
    SelectionError
        There is no such table or dimension.
    """
    if table is None:
        table = "kernels" if bd.weight == "device" else "ops"
    if not isinstance(table, str):
        return labelled(bd, bd.by(*table))
    if table == "summary":
        return summary(bd)
    if table == "issues":
        return issues(bd.issues)
    if table in TABLES:
        frame: pd.DataFrame = getattr(bd, table)
        return frame
    try:
        return labelled(bd, bd.by(table))
    except SelectionError as error:
        raise SelectionError(f"table={table!r}: it is one of {', '.join(TABLES)}, or a dimension. {error}") from None


def labelled(bd: Breakdown, frame: pd.DataFrame) -> pd.DataFrame:
    """Call backends as on this device, and keep their stable key as ``role``."""
    if "backend" not in frame:
        return frame
    found: pd.DataFrame = frame.copy()
    at = list(found.columns).index("backend")
    found.insert(at + 1, "role", found["backend"])
    found["backend"] = [bd.backend_label(str(role)) for role in found["role"]]
    return found


def summary(bd: Breakdown) -> pd.DataFrame:
    """What a breakdown says of itself: one row for each fact, with its unit where it has one."""
    import pandas as pd  # noqa: PLC0415

    metadata, totals, coverage = bd.metadata, bd.totals, bd.coverage
    rows: list[tuple[str, Any, str]] = [
        ("title", bd.title, ""),
        ("device", metadata.device, ""),
        ("device_name", metadata.device_name, ""),
        ("synthetic", "yes" if metadata.synthetic else "no", ""),
        ("selected", str(bd.selection), ""),
        ("weight", bd.weight, ""),
        ("ranks", len(bd.ranks), ""),
        ("layers", bd.layer_count, ""),
        *((name, getattr(totals, name), "ns") for name in ("device_ns", "busy_ns", "wall_ns", "host_ns")),
        ("idle_frac", None if math.isnan(totals.idle_frac) else totals.idle_frac, ""),
        *((name, getattr(totals, name), "") for name in ("activities", "spans")),
        *((name, getattr(coverage, name), "ns") for name in ("linked_ns", "unlinked_ns", "unattributed_ns", "weak_ns")),
        ("overhead_ratio", bd.overhead_ratio, ""),
        *((f"found by: {name}", source, "") for name, source in bd.sources.items()),
        *((f"version: {name}", version, "") for name, version in sorted(metadata.versions.items())),
    ]
    frame: pd.DataFrame = pd.DataFrame(rows, columns=["what", "value", "unit"], dtype=object)
    return frame


def issues(found: Iterable[Issue]) -> pd.DataFrame:
    """What is incomplete or doubtful, in the order given."""
    import pandas as pd  # noqa: PLC0415

    names = ["severity", "code", "message", "count", "example"]
    rows = [[getattr(issue, name) for name in names] for issue in found]
    frame: pd.DataFrame = pd.DataFrame(rows, columns=names)
    return frame


def safe(frame: pd.DataFrame, most_characters: int | None = None) -> pd.DataFrame:
    """Make every text of a table one that spreadsheets take for a text; numbers stay numbers."""
    import pandas as pd  # noqa: PLC0415

    def text(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        shown = cell(value)
        if most_characters is not None and len(shown) > most_characters:
            shown = f"{shown[: most_characters - 1]}…"
        return shown

    found: dict[str, Any] = {}
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            # Of a million rows few names are different; two may come out equal, so they are no categories any more.
            texts = [text(value) for value in column.cat.categories]
            found[name] = [texts[code] if code >= 0 else "" for code in column.cat.codes.tolist()]
        elif column.dtype.kind in "iufb":
            found[name] = column
        else:
            found[name] = pd.Series([text(value) for value in column], dtype=object, index=frame.index)
    made: pd.DataFrame = pd.DataFrame(found, columns=frame.columns, index=frame.index)
    return made


def _tables(bd: Breakdown) -> list[tuple[str, pd.DataFrame]]:
    return [
        ("summary", summary(bd)),
        ("backend", labelled(bd, bd.by("backend"))),
        ("layer", bd.by("layer")),
        ("kernels", bd.kernels) if bd.weight == "device" else ("ops", bd.ops),
        ("steps", bd.steps),
        ("issues", issues(bd.issues)),
    ]


def _sheets(tables: Iterable[tuple[str, pd.DataFrame]]) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, frame in tables:
        whole = safe(frame, _EXCEL_CHARACTERS)
        for number, first in enumerate(range(0, max(len(whole), 1), _EXCEL_ROWS), start=1):
            yield name if number == 1 else f"{name} {number}", whole.iloc[first : first + _EXCEL_ROWS]


def _widen(sheet: Any, frame: pd.DataFrame, chosen: str) -> None:
    """As wide as what is in the first rows."""
    for at, name in enumerate(frame.columns):
        longest = max([len(str(name)), *(len(str(value)) for value in frame[name].iloc[:_SAMPLED_ROWS])])
        width = min(longest + 2, _MAX_WIDTH)
        if chosen == "xlsxwriter":
            sheet.set_column(at, at, width)
        else:
            sheet.column_dimensions[sheet.cell(1, at + 1).column_letter].width = width
