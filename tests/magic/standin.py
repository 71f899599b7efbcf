"""A stand-in for everything between a trace and what is shown of it, so that these tests are about the magics alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import xpubreak
from xpubreak.breakdown import display
from xpubreak.capture.capture import Capture


@dataclass
class StandIn:
    """What the magics need of a Breakdown."""

    trace: Any
    title: str | None = None
    issues: tuple = field(init=False)

    def __post_init__(self):
        self.issues = getattr(self.trace, "issues", ())

    def __len__(self):
        return len(self.operators)

    @property
    def operators(self):
        names = [self.trace.name(row) for row in self.trace.spans]
        return [name for name in names if name.startswith("aten::")]

    @property
    def modules(self):
        names = [self.trace.name(row) for row in self.trace.spans]
        return [name for name in names if name.startswith("xpb:")]

    def redacted(self):
        return self

    def report(self):
        return f"report of {self.title}: {len(self)} operators"

    def __repr__(self):
        return f"<stand-in {self.title}>"


def outputs_of(stand_in, **options):
    """What is displayed of a stand-in."""
    return [({"text/plain": repr(stand_in)}, {})]


def install():
    """Make ``xb.load`` give stand-ins, for good: in a kernel of its own."""
    display.provide("outputs_of", "tests.magic.standin", "outputs_of")
    vars(xpubreak)["load"] = lambda source, *, title=None: StandIn(source, title)


class StandInEngines(Capture):
    """Stands for the capture of engines: says what it was asked for, and records this process instead."""

    made: ClassVar[list[StandInEngines]] = []
    refuse: ClassVar[str] = ""

    def __init__(self, engines, *, device, stacks, shapes, modules, title, window, on_progress, **rest):
        super().__init__(device, stacks=stacks, shapes=shapes, modules=None, title=title)
        self.engines, self.window, self.on_progress, self.rest = engines, window, on_progress, rest
        StandInEngines.made.append(self)

    def check(self):
        if StandInEngines.refuse:
            raise xpubreak.CaptureError(StandInEngines.refuse)

    def __enter__(self):
        self.check()
        return super().__enter__()
