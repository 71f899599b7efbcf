"""Comparison: what the user holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xpubreak.breakdown import display
from xpubreak.breakdown.compare import comparetables, matchtables
from xpubreak.breakdown.compare.comparereport import compared, report
from xpubreak.breakdown.compare.differences import ALPHA, DRAWS, Differences, Matched
from xpubreak.breakdown.compare.notes import notes_on
from xpubreak.breakdown.compare.parts import parts_of
from xpubreak.breakdown.compare.redacted import redacted_runs
from xpubreak.breakdown.compare.significance import Estimates
from xpubreak.errors import Issue, SelectionError

if TYPE_CHECKING:
    import pandas as pd

    from xpubreak.breakdown.breakdown import Breakdown


class Comparison:
    """What changed from a baseline (A) to a candidate (B), and whether that is more than noise.

    Made by ``xb.compare``. Times are per step, of the steps that both runs have; positive differences are slower.

    Parameters
    ----------
    runs
        Two or more breakdowns.
    titles
        What to call them.
    baseline, candidate
        Which of the runs are A and B; see `pair`.
    alpha, draws, seed
        See ``xb.compare``.
    """

    def __init__(
        self,
        runs: Sequence[Breakdown],
        titles: Sequence[str] = (),
        *,
        baseline: int = 0,
        candidate: int = 1,
        alpha: float = ALPHA,
        draws: int = DRAWS,
        seed: int = 0,
    ) -> None:
        self.runs = tuple(runs)
        self.titles = tuple(titles) or _titles(runs)
        self.numbers = (baseline, candidate)
        self.options = {"alpha": alpha, "draws": draws, "seed": seed}
        self.matched = Matched(self.a, self.b, alpha=alpha, draws=draws, seed=seed)
        self._found: dict[tuple[str, ...], Differences] = {}
        self._pairs: dict[tuple[int, int], Comparison] = {self.numbers: self}
        self._redacted: Comparison | None = None
        self.left_out = ""

    @property
    def a(self) -> Breakdown:
        """The baseline."""
        return self.runs[self.numbers[0]]

    @property
    def b(self) -> Breakdown:
        """The candidate."""
        return self.runs[self.numbers[1]]

    @property
    def a_title(self) -> str:
        """What the baseline is called."""
        return self.titles[self.numbers[0]]

    @property
    def b_title(self) -> str:
        """What the candidate is called."""
        return self.titles[self.numbers[1]]

    @property
    def title(self) -> str:
        """Both names."""
        return f"{self.a_title} → {self.b_title}"

    @property
    def is_redacted(self) -> bool:
        """Whether names were left out of its runs before, and its titles are theirs."""
        are_theirs = bool(self.left_out) or self.titles == _titles(self.runs)
        return are_theirs and all(run.tables.private is not None for run in self.runs)

    def redacted(self) -> Comparison:
        """Return the same without names of people, hosts and places; its runs' issues say what was left out."""
        if self._redacted is None:
            self._redacted = self
            found = redacted_runs(self.runs, self.titles)
            if found is not None:
                self._redacted = Comparison(
                    *found[:2],
                    baseline=self.numbers[0],
                    candidate=self.numbers[1],
                    **self.options,  # type: ignore[arg-type]
                )
                self._redacted.left_out = found[2]
        return self._redacted

    def leaving(self, path: str | PathLike[str]) -> Comparison:
        """Return what may leave the machine, and say on standard output what was left out of it, if anything."""
        made = self.redacted()
        if made.left_out:
            sys.stdout.write(f"{Path(path).name}: left out {made.left_out}; redact=False keeps it.\n")
        return made

    def pair(self, candidate: int | str, baseline: int | str = 0) -> Comparison:
        """Two others of the runs.

        Parameters
        ----------
        candidate, baseline
            Positions, or titles.

        Returns
        -------
        Comparison
            Of the same runs, with another A and B.
        """
        numbers = (self._number(baseline), self._number(candidate))
        if numbers[0] == numbers[1]:
            raise SelectionError(f"Baseline and candidate are the same run, {self.titles[numbers[0]]!r}.")
        if numbers not in self._pairs:
            found = Comparison(
                self.runs,
                self.titles,
                baseline=numbers[0],
                candidate=numbers[1],
                **self.options,  # type: ignore[arg-type]
            )
            found._pairs = self._pairs
            self._pairs[numbers] = found
        return self._pairs[numbers]

    def _number(self, run: int | str) -> int:
        if isinstance(run, str) and run in self.titles:
            return self.titles.index(run)
        if isinstance(run, int) and 0 <= run < len(self.runs):
            return run
        known = ", ".join(f"{at} {title!r}" for at, title in enumerate(self.titles))
        raise SelectionError(f"There is no run {run!r}. Choose from {known}.")

    @cached_property
    def notes(self) -> tuple[Issue, ...]:
        """How the runs do not match, worst first."""
        return notes_on(self.matched)

    def differences(self, *dimensions: str) -> Differences:
        """Differences as arrays; `by` gives them as a table."""
        if dimensions not in self._found:
            self._found[dimensions] = self.matched.by(dimensions)
        return self._found[dimensions]

    def by(self, *dimensions: str) -> pd.DataFrame:
        """Differences by one or more dimensions.

        Parameters
        ----------
        *dimensions
            ``"backend"``, ``"category"``, ``"layer"``, ``"phase"``, ``"op"``, ``"kernel"``, ``"module"``,
            ``"position"``, ``"rank"``, ``"stream"``.

        Returns
        -------
        pandas.DataFrame
            The dimensions, then the columns of `matchtables.COLUMNS`. ``delta_ns`` adds up to that of `totals`,
            ``a_total_ns`` and ``b_total_ns`` to everything that the runs recorded.
        """
        if not dimensions:
            raise SelectionError("Say by what to compare: for example by('backend') or by('layer', 'backend').")
        return matchtables.by(self.differences(*dimensions))

    def parts(self, **clauses: Any) -> tuple[Breakdown, Breakdown]:
        """What of A and of B has these values, named as in `by`: ``a, b = cmp.parts(kernel=name, phase="decode")``."""
        return parts_of(self.matched.axes, (self.a, self.b), clauses)

    @cached_property
    def kernels(self) -> pd.DataFrame:
        """One row per group of kernels that do the same work; columns in `matchtables.KERNEL_COLUMNS`."""
        return matchtables.kernels(self)

    @cached_property
    def ops(self) -> pd.DataFrame:
        """One row per operator, or operators whose work is done together."""
        return self.by("op")

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row per kind of steps; columns in `matchtables.STEP_COLUMNS`."""
        return matchtables.steps(self)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Time per step as a whole, one row per measure: ``device`` or ``host``, and ``wall``."""
        return matchtables.totals(self)

    @cached_property
    def overview(self) -> pd.DataFrame:
        """Every run against the baseline, one row each: the first row of its `totals`."""
        import pandas as pd  # noqa: PLC0415 - loaded when a table is asked for

        first = self.numbers[0]
        frames = [
            self.pair(number, first).totals.head(1).assign(run=self.titles[number])
            for number in range(len(self.runs))
            if number != first
        ]
        frame = pd.concat(frames, ignore_index=True)
        result: pd.DataFrame = frame[["run", *(name for name in frame if name != "run")]]
        return result

    @cached_property
    def measures(self) -> Mapping[str, Estimates]:
        """Estimates of whole steps: of the weight, and of the wall time of a step on the host."""
        found = {self.a.weight: self.differences().estimates}
        wall = self.matched.wall()
        return found if wall is None else {**found, "wall": wall}

    def word(self, found: Estimates) -> str:
        """Verdict on a single estimate."""
        if not self.matched.pairing.is_testable:
            return "too few steps"
        delta = float(found.delta_ns[0])
        sure = found.p[0] <= self.matched.alpha and (found.low_ns[0] > 0 or found.high_ns[0] < 0)
        return ("slower" if delta > 0 else "faster") if sure else "same" if delta == 0 else "noise"

    @cached_property
    def kernel_backends(self) -> dict[str, tuple[str, str, str]]:
        """Backend in A, backend in B and category of every group of kernels, each that of its longest running part."""
        return matchtables.kernel_backends(self)

    @property
    def compared(self) -> str:
        """Which steps are compared, and what would have been found, in a line."""
        return compared(self)

    @property
    def confidence_text(self) -> str:
        """With what confidence the intervals hold: ``95 %``."""
        return f"{100 * (1 - self.matched.alpha):g} %"

    def report(self, width: int = 100) -> str:
        """Text for a terminal."""
        return report(self, width)

    def to_csv(self, path: str | PathLike[str], *dimensions: str, redact: bool = True) -> Path:
        """Write a table as CSV, gzipped as ``.csv.gz``: `kernels`, or `by` the given dimensions."""
        return comparetables.write_csv(self.leaving(path) if redact else self, path, dimensions)

    def to_excel(self, path: str | PathLike[str], *, redact: bool = True) -> Path:
        """Write an Excel file: totals, backends, categories, phases, layers, kernels, operators, steps and notes, and,
        of more than two runs, each against the baseline. Needs the ``excel`` extra.
        """
        return comparetables.write_excel(self.leaving(path) if redact else self, path)

    def save(self, path: str | PathLike[str], *, compress: bool = True, redact: bool = True) -> Path:
        """Write all runs and what was asked of them to one file; ``xb.open`` reads it again. As of breakdowns."""
        from xpubreak.breakdown.compare import comparefile  # noqa: PLC0415 - pyarrow is only needed here

        return comparefile.save(self.leaving(path) if redact else self, path, compress=compress)

    def explore(self, **options: Any) -> Any:
        """Open the linked explorer of what changed; needs a notebook."""
        return display.call("explore_comparison", self, **options)

    def to_html(self, path: Any, **options: Any) -> Any:
        """Write a stand-alone HTML file that explores without a kernel or a network; ``redact`` as of breakdowns."""
        return display.call("comparison_to_html", self, path, **options)

    def to_image(self, path: Any, **options: Any) -> Any:
        """Write a picture, PNG or SVG; ``redact`` as of breakdowns."""
        return display.call("comparison_to_image", self, path, **options)

    def __repr__(self) -> str:
        return self.report()

    def _ipython_display_(self) -> None:
        display.call("show_comparison", self)


def _titles(runs: Sequence[Breakdown]) -> tuple[str, ...]:
    """Titles of runs, told apart where they are the same."""
    titles = [bd.title or f"run {at}" for at, bd in enumerate(runs)]
    return tuple(title if titles.count(title) == 1 else f"{title} [{at}]" for at, title in enumerate(titles))
