"""Workers of versions that do not name their iterations: they are named here, as later versions do."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from xpubreak.capture.vllm.stepper import Stepper


def replaced(target: Any, name: str, value: Any) -> Callable[[], None]:
    """Set an attribute of an object; returns what undoes it, without keeping the object alive."""
    is_own = name in vars(target)
    before = vars(target).get(name)
    setattr(target, name, value)
    reference = weakref.ref(target)

    def undo() -> None:
        alive = reference()
        if alive is None:
            return
        if is_own:
            setattr(alive, name, before)
        else:
            delattr(alive, name)

    return undo


def annotate_steps(worker: Any, stepper: Stepper) -> Callable[[], None]:
    """Enclose a worker's iterations; returns what undoes it."""
    execute = worker.execute_model

    def execute_model(scheduler_output: Any, *args: Any, **kwargs: Any) -> Any:
        with stepper.annotate_context_manager(_step_name(scheduler_output)):
            return execute(scheduler_output, *args, **kwargs)

    return replaced(worker, "execute_model", execute_model)


def _step_name(scheduler_output: Any) -> str:
    tokens = dict(getattr(scheduler_output, "num_scheduled_tokens", None) or {})
    fresh = {
        getattr(request, "req_id", None) for request in getattr(scheduler_output, "scheduled_new_reqs", None) or ()
    }
    is_context = {name: name in fresh or count > 1 for name, count in tokens.items()}
    context = [tokens[name] for name, flag in is_context.items() if flag]
    generation = [tokens[name] for name, flag in is_context.items() if not flag]
    return f"execute_context_{len(context)}({sum(context)})_generation_{len(generation)}({sum(generation)})"
