"""Several workers, a model of experts, and an extension of the user's: all ranks are there, whatever happens to one.

In a Jupyter kernel; the cells hold the engine ``llm``, of two tensor-parallel workers.
"""

from __future__ import annotations

import re
import socket

import pytest

from tests.livekernel import kinds, refusal

BUILD = """
%load_ext xpubreak
from xpubreak.capture.vllm import engine_session
os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "0|1"
def build(model, **options):
    return LLM(model, enforce_eager=True, worker_extension_cls="tests.vllm.worker_tools.Tools", **ENGINE, **options)
llm = build(EXPERTS, tensor_parallel_size=2)
def tool(name, *args):
    return llm.collective_rpc("tool_" + name, args=args)
UNTOUCHED = {"hooks": 0, "profiling": False, "left": [], "profiler": "NoneType"}
"""
GENERATE = "out = llm.generate(prompts(), steps(), use_tqdm=False)\n"


@pytest.fixture(scope="module")
def pair(kernel):
    kernel.run(BUILD)
    return kernel


@pytest.fixture(autouse=True)
def _untouched(pair, request):
    """However a test ends, the engine is as it was."""
    yield
    if "last" not in request.node.name:
        pair.run("left = tool('state')\nassert left == [UNTOUCHED, UNTOUCHED], left")
        pair.run(f"{GENERATE}assert [len(o.outputs[0].token_ids) for o in out] == [6] * 4")


def message(pair, code):
    return pair.value(f"[issue.message for issue in xb.last.issues if issue.code == {code!r}]")


def test_both_ranks_and_all_layers(pair):
    assert kinds(pair.run(f"%%xpu_breakdown --into bd\n{GENERATE}")) == ["breakdown"]
    pair.run("assert_whole(bd, EXPERTS)")
    assert pair.value("bd.ranks, [work(bd, rank) == ALL_WORK for rank in bd.ranks]") == "((0, 1), [True, True])"
    assert pair.value("bd.metadata.extra['xpubreak']['route']") == "'worker-extension'"
    assert pair.value("'.layers.3.mlp.experts' in modules(bd)") == "True"
    # vLLM's own, through shared memory, needs AVX-512; elsewhere it is gloo's.
    assert pair.value("any(word in ' '.join(bd.ops['name']) for word in ('allreduce', 'all_reduce'))") == "True"


def test_a_failing_cell(pair):
    outputs = pair.run(f"%%xpu_breakdown\n{GENERATE}raise ValueError('mine')", fails="ValueError")
    assert kinds(outputs) == ["breakdown", "error"]
    assert pair.value("xb.last.ranks") == "(0, 1)"


def test_a_profiler_that_is_active_in_one_of_them(pair):
    pair.run("tool('profile', 1, True)")
    said = refusal(pair.run("%%xpu_breakdown\nran = llm", fails="UsageError"))
    assert "worker dp0_rank1: Another torch profiler" in said
    assert pair.value("'ran' in globals()") == "False"
    pair.run("first, second = tool('state')\nassert first == UNTOUCHED, first")
    pair.run("assert second == {**UNTOUCHED, 'profiling': True}, second")
    pair.run("tool('profile', 1, False)")


def test_a_profiler_that_does_not_start_in_one_of_them(pair):
    pair.run("tool('break_start', 1, True)")
    said = refusal(pair.run("%%xpu_breakdown\nran = llm", fails="UsageError"))
    assert "worker dp0_rank1: torch's profiler does not start: no such device" in said
    assert pair.value("'ran' in globals()") == "False"
    pair.run("tool('break_start', 1, False)")


def test_two_recordings_at_once(pair):
    pair.run(
        "with xb.profile(llm=llm) as p:\n    try:\n        xb.profile(llm=llm).__enter__()\n"
        f"    except xb.CaptureError as error:\n        refused = str(error)\n    {GENERATE}"
    )
    assert "recorded already" in pair.value("refused")
    assert pair.value("p.breakdown.ranks") == "(0, 1)"


def test_a_disk_that_is_full_for_one_of_them(pair):
    outputs = pair.run(f"%%xpu_breakdown\n{GENERATE}tool('limit_files', 1, 4096);")
    pair.run("tool('limit_files', 1, 0)")
    assert kinds(outputs) == ["breakdown"]
    assert pair.value("xb.last.ranks") == "(0,)"
    assert "no trace of dp0_rank1: The trace could not be written completely" in message(pair, "missing-rank")


def test_workers_that_do_not_see_the_folder(pair):
    pair.run(
        "options = engine_session.EngineSession._options\n"
        "engine_session.EngineSession._options = lambda self: {**options(self), 'token': 'of another machine'}"
    )
    pair.run(f"%%xpu_breakdown --no-show\n{GENERATE}")
    pair.run("engine_session.EngineSession._options = options")
    pair.run("assert_whole(xb.last, EXPERTS)")
    assert pair.value("xb.last.ranks") == "(0, 1)"


def test_an_interrupt_before_the_cell(pair):
    pair.run("before = xb.last; back = at_stage('capturing', stop_button)")
    outputs = pair.run("%%xpu_breakdown\nran = llm", fails="KeyboardInterrupt")
    pair.run("back()")
    assert ("display_data", "xpubreak was interrupted while capturing.") in outputs
    assert pair.value("'ran' in globals(), xb.last is before") == "(False, True)"


@pytest.mark.parametrize("stage", ["stopping", "collecting"])
def test_an_interrupt_while_traces_are_collected(pair, stage):
    """What there is is shown, then the interrupt is one."""
    pair.run(f"back = at_stage({stage!r}, stop_button)")
    outputs = pair.run(f"%%xpu_breakdown --into bd\n{GENERATE}", fails="KeyboardInterrupt")
    pair.run("back()")
    assert kinds(outputs) == ["breakdown", "error"]
    pair.run("assert_whole(bd, EXPERTS)")
    assert pair.value("bd.ranks") == "(0, 1)"
    assert f"Interrupted while {stage}: the traces of 2 of 2 ranks were there." in message(pair, "interrupted")


@pytest.mark.parametrize("stage", ["reading", "classifying"])
def test_an_interrupt_while_traces_are_read(pair, stage):
    """They stay, and the line that opens them is told."""
    pair.run(f"before = xb.last; back = at_stage({stage!r}, stop_button)")
    outputs = pair.run(f"%%xpu_breakdown\n{GENERATE}", fails="KeyboardInterrupt")
    pair.run("back()")
    assert pair.value("xb.last is before") == "True"
    (said,) = [text for kind, text in outputs if kind == "display_data"]
    assert said.startswith(f"xpubreak: Interrupted while {stage}. The traces stay in /")
    folder, line = re.search(r"stay in (\S+): (xb\.load\(.*\)) opens them\.", said).groups()
    assert line == f"xb.load({folder!r})"
    pair.run(f"bd = {line}\nassert_whole(bd, EXPERTS)\nimport shutil; shutil.rmtree({folder!r})")
    assert pair.value("bd.ranks") == "(0, 1)"


HOLD = """
from pathlib import Path
go, folder = Path({folder!r}) / "go", []
make_options = engine_session.EngineSession._options
def options(self):
    made = make_options(self)
    folder[:] = [Path(made["folder"])]
    return made
engine_session.EngineSession._options = options
tool("hold_stop", 1, str(go))
back = at_stage("stopping", lambda: interrupt_when(lambda: list(folder[0].glob("*rank0.json"))))
"""
RELEASE = """
engine_session.EngineSession._options = make_options; back()
was_held = not go.exists(); go.touch()
tool("hold_stop", 1, "")  # answered when the one before has been
"""


@pytest.mark.parametrize("failure", ["", "an interrupt", "ValueError"])
def test_an_interrupt_while_one_of_them_writes(pair, failure, tmp_path):
    """The wait ends at once; the worker finishes by itself, and its trace can be opened then. Of two exceptions the
    first one counts."""
    pair.run(HOLD.format(folder=str(tmp_path)))
    stopped = f"interrupt_in_step(llm)\n{GENERATE}"
    body = {"": GENERATE, "an interrupt": stopped, "ValueError": f"{GENERATE}raise ValueError('mine')"}[failure]
    fails = "ValueError" if failure == "ValueError" else "KeyboardInterrupt"
    outputs = pair.run(f"%%xpu_breakdown --into bd --quiet\n{body}", fails=fails)
    pair.run(RELEASE)
    assert pair.value("was_held") == "True"
    assert kinds(outputs) == ["error"]
    assert any("Interrupted while stopping: the traces of 1 of 2 ranks" in text for _, text in outputs)
    assert pair.value("bd.ranks, bd.layer_count") == "((0,), 4)"
    assert pair.value("xb.load(folder[0]).ranks") == "(0, 1)"
    pair.run("import shutil; shutil.rmtree(folder[0])")
    if failure == "an interrupt":
        pair.run(GENERATE)  # vLLM answers the requests of the interrupted call with the next ones


def test_last_a_worker_that_dies(pair):
    pair.run("victim = tool('pid')[1]")
    outputs = pair.run(
        "%%xpu_breakdown\nllm.generate(prompts(), steps(2), use_tqdm=False)\n"
        f"os.kill(victim, signal.SIGKILL)\n{GENERATE}",
        fails="EngineDeadError",  # vLLM's own error, once
    )
    assert kinds(outputs) == ["display_data", "error"]  # what is left of the progress, empty
    assert any("failed before its recording ended" in text for kind, text in outputs if kind == "stream")
    said = refusal(pair.run("%%xpu_breakdown\nran_after = llm", fails="UsageError"))
    assert "no longer running: its processes have ended. Build it again" in said
    assert pair.value("'ran_after' in globals()") == "False"


def test_last_expert_parallel_and_a_worker_that_dies_while_it_writes(pair):
    pair.run("llm = build(EXPERTS, tensor_parallel_size=2, enable_expert_parallel=True)\ntool('map_experts')")
    assert kinds(pair.run(f"%%xpu_breakdown --into bd\n{GENERATE}")) == ["breakdown"]
    pair.run("assert_whole(bd, EXPERTS)")
    assert pair.value("bd.ranks, [work(bd, rank) == ALL_WORK for rank in bd.ranks]") == "((0, 1), [True, True])"
    assert pair.value("'cpu_fused_moe' in ' '.join(bd.ops['name'])") == "True"
    pair.run("assert tool('state') == [UNTOUCHED, UNTOUCHED]")
    # What the other rank has written is shown.
    pair.run("tool('die_at_stop', 1)")
    assert kinds(pair.run(f"%%xpu_breakdown --into bd\n{GENERATE}")) == ["breakdown"]
    assert pair.value("bd.ranks, bd.layer_count") == "((0,), 4)"
    assert "failed before its recording ended" in message(pair, "engine-failed")
    missing = message(pair, "missing-rank")
    assert "1 of 2 ranks left no trace (dp0_rank1, which was to write /" in missing
    assert f" on {socket.gethostname()})." in missing


def test_last_a_pipeline(pair):
    """Each stage has its layers, by their true names."""
    pair.run("llm = build(DENSE, pipeline_parallel_size=2)\ntool('prepare_pipeline')")
    pair.run(f"%%xpu_breakdown --into bd\n{GENERATE}")
    assert pair.value("bd.ranks, bd.layer_count") == "((0, 1), 4)"
    assert pair.value("[work(bd, rank) == ALL_WORK for rank in bd.ranks]") == "[True, True]"
    pair.run("stages = [modules(bd.select(rank=rank)) for rank in bd.ranks]")
    assert pair.value("[[f'.layers.{i}.mlp' in stage for i in range(4)] for stage in stages]") == (
        "[[True, True, False, False], [False, False, True, True]]"
    )
    pair.run("llm.llm_engine.engine_core.shutdown()")
