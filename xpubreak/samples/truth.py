"""What a synthetic trace really holds, written down while it is made, not read from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

POSITIONS = ("before", "layer", "after", "outside")


@dataclass(frozen=True, slots=True)
class Activity:
    """The truth about one device activity.

    Parameters
    ----------
    name
        As it stands in the trace.
    role
        Key of the backend: ``vllm``, ``torch``, ``triton``, ``cpu``, ``framework``, ``collectives`` or
        ``unattributed``.
    category
        What it does: ``gemm``, ``attention``, ``norm`` …
    layer
        Decoder layer, −1 outside. At a boundary a fused add-and-norm belongs to the layer that follows; after the last
        layer, or fused with the embedding, it is outside.
    position
        ``before`` the layers of its step, in a ``layer``, ``after`` them, ``outside`` any step.
    phase
        ``prefill``, ``decode`` or ``mixed``; empty outside any step.
    step
        Index of the engine step that enqueued it, sampling included; −1 outside.
    in_annotation
        Whether it was enqueued within the step's ``execute_…`` annotation: sampling and the logits are not.
    op
        Innermost operator around the launch; empty where there is none.
    link
        ``runtime``; ``graph`` for the replay of a captured graph; ``external-id`` where the runtime call is missing;
        ``none``; ``duplicate`` where another launch has the same correlation id.
    told_by
        What in the trace tells the role: ``name``, ``op``, ``kind`` (copies and fills of memory) or ``none``.
    device, queue
        Where it ran; queue −1 where the trace does not say.
    start_ns, dur_ns
        Int, on the clock of the trace (``ts`` × 1000).
    """

    name: str
    role: str
    category: str
    layer: int
    position: str
    phase: str
    step: int
    in_annotation: bool
    op: str
    link: str
    told_by: str
    device: int
    queue: int
    start_ns: int
    dur_ns: int


@dataclass(frozen=True, slots=True)
class Fallback:
    """An operator that ran on the CPU for want of a device kernel.

    Parameters
    ----------
    name
        Of the outermost operator.
    event
        Its index in the list of events.
    step
        Engine step, −1 outside.
    """

    name: str
    event: int
    step: int


@dataclass(frozen=True, slots=True)
class StepTruth:
    """One engine step: its annotation and what is in it."""

    name: str
    phase: str
    context_requests: int
    context_tokens: int
    generation_requests: int
    generation_tokens: int


@dataclass(frozen=True)
class Truth:
    """The truth about a whole trace.

    Parameters
    ----------
    activities
        One per device activity, in the order in which they stand in the list of events.
    fallbacks
        In the order of the host.
    steps
        By step index.
    layer_count
        Decoder layers of the model.
    """

    activities: tuple[Activity, ...]
    fallbacks: tuple[Fallback, ...]
    steps: tuple[StepTruth, ...]
    layer_count: int

    def by_track(self) -> tuple[Activity, ...]:
        """Return the activities by device, queue, start, longest first: the order of the rows of a read trace."""
        return tuple(sorted(self.activities, key=lambda a: (a.device, a.queue < 0, a.queue, a.start_ns, -a.dur_ns)))

    def total_ns(self, *fields: str) -> dict[tuple[object, ...], int]:
        """Add up device time by fields of `Activity`.

        Parameters
        ----------
        *fields
            E.g. ``"role"``, or ``"role", "layer"``; none for the grand total.

        Returns
        -------
        dict
            Values of the fields, as a tuple, to nanoseconds.
        """
        totals: Counter[tuple[object, ...]] = Counter()
        for activity in self.activities:
            totals[tuple(getattr(activity, field) for field in fields)] += activity.dur_ns
        return dict(totals)
