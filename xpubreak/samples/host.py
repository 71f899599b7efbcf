"""The host side of a synthetic trace: operators, annotations and python frames on one thread's clock."""

from __future__ import annotations

import random
from collections.abc import Iterable
from types import TracebackType
from typing import Any

Event = dict[str, Any]

ORIGIN_NS = 95_786_000_000_000
"""First timestamp, on a clock that began at ``baseTimeNanoseconds``."""


def microseconds(time_ns: int) -> float:
    """Nanoseconds as Kineto writes them: microseconds with three decimals."""
    return time_ns / 1000


class Span:
    """One or more host events that begin and end together, outermost first; a context."""

    __slots__ = ("_events", "_host", "_is_op")

    def __init__(self, host: Host, events: tuple[Event, ...], *, is_op: bool) -> None:
        self._host = host
        self._events = events
        self._is_op = is_op

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._host.close(self._events, is_op=self._is_op)


class Host:
    """The thread that drives the model.

    While `is_silent`, nothing is recorded and no time passes: a captured graph replays without the host's doing.

    Parameters
    ----------
    seed
        Of the jitter.
    pid
        Process id, and thread id.
    stacks, module_spans
        What to record besides operators and annotations.
    """

    def __init__(self, seed: int, pid: int, *, stacks: bool, module_spans: bool) -> None:
        self.events: list[Event] = []
        self.now_ns = ORIGIN_NS
        self.pid = pid
        self.is_silent = False
        self._random = random.Random(seed)  # noqa: S311 jitter, no secret
        self._stacks = stacks
        self._module_spans = module_spans
        self._ops: list[Event] = []
        self._frames: list[int] = []
        self._next_external = 1
        self._next_frame = 1
        self._module_number: dict[str, str] = {}
        self._class_count: dict[str, int] = {}
        self._nothing = Span(self, (), is_op=False)

    @property
    def op(self) -> str:
        """Name of the innermost open operator; empty for none."""
        return str(self._ops[-1]["name"]) if self._ops and not self.is_silent else ""

    @property
    def external_id(self) -> int:
        """``External id`` of the innermost open operator; 0 for none."""
        return int(self._ops[-1]["args"]["External id"]) if self._ops and not self.is_silent else 0

    @property
    def last_external_id(self) -> int:
        """``External id`` of what was begun last."""
        return self._next_external - 1

    def spend(self, cost_us: float) -> None:
        """Let time pass, ±15 %."""
        if not self.is_silent:
            self.now_ns += int(cost_us * (850 + 300 * self._random.random()))

    def open_op(self, name: str, dims: list[Any] | None = None, dtypes: list[str] | None = None, **args: Any) -> Span:
        """Begin an operator; `dims` and `dtypes` as ``Input Dims`` and ``Input type``."""
        if self.is_silent:
            return self._nothing
        event = self._begin("cpu_op", name, self._scope_args(dims, dtypes, args))
        self._ops.append(event)
        self.spend(1.6)
        return Span(self, (event,), is_op=True)

    def leaf(self, name: str, dims: list[Any] | None = None, cost_us: float = 0.8) -> None:
        """Record an operator without children."""
        if self.is_silent:
            return
        event = self._begin("cpu_op", name, self._scope_args(dims, None, {}))
        self.spend(cost_us)
        self.close((event,), is_op=False)
        self.spend(0.3)

    def leaves(self, names: Iterable[str]) -> None:
        """Record operators without children, one after the other."""
        for name in names:
            self.leaf(name)

    def annotate(self, name: str) -> Span:
        """Begin a ``record_function`` scope."""
        if self.is_silent:
            return self._nothing
        event = self._begin("user_annotation", name, self._scope_args(None, None, {}))
        self.spend(2.0)
        return Span(self, (event,), is_op=False)

    def frame(self, name: str) -> Span:
        """Begin a python function; recorded with stacks only."""
        if self.is_silent or not self._stacks:
            return self._nothing
        return Span(self, (self._begin_frame(name),), is_op=False)

    def module(self, path: str, class_name: str) -> Span:
        """Begin the forward of a module: a frame with stacks, a span with module spans, nothing else."""
        events: list[Event] = []
        if not self.is_silent and self._stacks:
            number = self._module_number.get(path)
            if number is None:
                # torch.profiler numbers the objects of each class in the order of their first call.
                count = self._class_count.get(class_name, 0)
                self._class_count[class_name] = count + 1
                number = self._module_number[path] = str(count)
            events.append(self._begin_frame(f"nn.Module: {class_name}_{number}"))
        if not self.is_silent and self._module_spans:
            label = f"xpb:{path or '<root>'}:{class_name}"
            events.append(self._begin("user_annotation", label, self._scope_args(None, None, {})))
        if not events:
            return self._nothing
        self.spend(1.5)
        return Span(self, tuple(events), is_op=False)

    def close(self, events: tuple[Event, ...], *, is_op: bool) -> None:
        """End what was begun."""
        if not events:
            return
        self.spend(0.6)
        for event in reversed(events):
            start_ns = event.pop("_start_ns")
            event["dur"] = microseconds(self.now_ns - start_ns)
            if event["cat"] == "python_function":
                self._frames.pop()
        if is_op:
            self._ops.pop()

    def _begin(self, category: str, name: str, args: Event) -> Event:
        event: Event = {
            "ph": "X",
            "cat": category,
            "name": name,
            "pid": self.pid,
            "tid": self.pid,
            "ts": microseconds(self.now_ns),
            "dur": 0.0,
            "args": args,
            "_start_ns": self.now_ns,
        }
        self.events.append(event)
        return event

    def _begin_frame(self, name: str) -> Event:
        parent = self._frames[-1] if self._frames else None
        args = {"Python parent id": parent, "Python id": self._next_frame, "Ev Idx": len(self.events)}
        self._frames.append(self._next_frame)
        self._next_frame += 1
        self.spend(0.9)
        return self._begin("python_function", name, args)

    def _scope_args(self, dims: list[Any] | None, dtypes: list[str] | None, more: Event) -> Event:
        args: Event = {"External id": self._next_external, "Record function id": 0}
        if dims is not None:
            args["Input type"] = dtypes if dtypes is not None else ["c10::BFloat16" if shape else "" for shape in dims]
            args["Input Dims"] = dims
        args.update(more)
        args["Ev Idx"] = len(self.events)
        self._next_external += 1
        return args
