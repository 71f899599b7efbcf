"""``%%xpu_breakdown`` over vLLM as it comes, with workers in processes of their own, in a Jupyter kernel."""

from __future__ import annotations

import pytest

from tests.livekernel import kinds, refusal
from tools.vllm.models import LAYER_COUNT

BUILD = """
%load_ext xpubreak
llm = LLM(DENSE, enforce_eager=True, **ENGINE)
"""
GENERATE = "out = llm.generate(prompts(), steps(6), use_tqdm=False)\n"


@pytest.fixture(scope="module")
def engine(kernel):
    kernel.run(BUILD)
    return kernel


def is_usable(engine):
    """Whether the engine generates, no hook is left, and another recording can be made."""
    engine.run(f"%%xpu_breakdown --into after --no-show\n{GENERATE}")
    return engine.value("len(out), after.layer_count") == f"(4, {LAYER_COUNT})"


def test_a_generate_just_works(engine):
    outputs = engine.run(f"%%xpu_breakdown --into bd --title tiny\n{GENERATE}len(out)")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    processor = engine.value("[bd.metadata.device_name or 'CPU']")[2:-2]
    shown = next(text for kind, text in outputs if kind == "display_data")
    assert shown.startswith(f"tiny · {processor} · vLLM 0.")
    assert engine.value("bd is xb.last, bd.layer_count, bd.ranks") == f"(True, {LAYER_COUNT}, (0,))"
    assert engine.value("bd.sources['layer'], bd.sources['step']") == "('module-spans', 'annotation')"
    # Requests reach the engine one by one: how they are batched varies, what is computed does not.
    assert engine.value("int(bd.steps['context_tokens'].sum())") == str(4 * 32)
    assert engine.value("int(bd.steps['generation_tokens'].sum())") == str(4 * 5)
    assert engine.value("'model.layers.3.self_attn.q_norm' in ' '.join(bd.ops['module'])") == "True"
    assert engine.value("[i.code for i in bd.issues if i.severity != 'info']") == "[]"
    assert engine.value("[i.message for i in bd.issues if i.code == 'vllm-route']").startswith('["llm was recorded in')


def test_the_saved_cell_has_its_three_displays_and_nothing_of_the_progress(engine):
    engine.run(f"%%xpu_breakdown --title tiny\n{GENERATE}")
    cell = engine.client.nb.cells[-1]
    shown = [output.data for output in cell.outputs if output.output_type == "display_data"]
    kept = ["image/png", "text/html", "application/vnd.jupyter.widget-view+json"]
    assert [mime in data for mime, data in zip(kept, shown, strict=True)] == [True, True, True]
    assert "xpubreak: " not in str(cell.outputs)


@pytest.mark.parametrize("line", ["--quiet", "--no-show"])
def test_where_nothing_is_to_be_shown_nothing_is(engine, line):
    assert kinds(engine.run(f"%%xpu_breakdown {line}\n{GENERATE}")) == []


@pytest.mark.parametrize(("line", "steps"), [("--max-steps 4", 4), ("--steps 2:5", 3), ("--max-steps 0", 12), ("", 12)])
def test_windows_limit_what_is_recorded_and_not_what_is_run(engine, line, steps):
    engine.run(f"%%xpu_breakdown {line} --no-show --into bd\nout = llm.generate(prompts(1), steps(12), use_tqdm=False)")
    assert engine.value("len(bd.steps), len(out[0].outputs[0].token_ids)") == f"({steps}, 12)"


def test_runs_before_the_recording_and_under_it(engine):
    engine.run(
        "%%xpu_breakdown --warmup 1 --measure-overhead --repeat 2 --no-show --into bd\n"
        "out = llm.generate(prompts(1), steps(5), use_tqdm=False)"
    )
    assert engine.value("len(bd.steps)") == str(2 * 5)
    assert engine.value("[i.code for i in bd.issues if i.code == 'overhead']") == "['overhead']"
    assert engine.value("0.2 < bd.metadata.extra['xpubreak']['overhead'] < 50") == "True"


def test_a_failing_cell_fails_once_and_shows_what_ran(engine):
    outputs = engine.run(f"%%xpu_breakdown --title part\n{GENERATE}1 / 0", fails="ZeroDivisionError")
    assert kinds(outputs) == ["breakdown", "error"]
    assert engine.value("xb.last.title, xb.last.layer_count") == f"('part', {LAYER_COUNT})"
    assert is_usable(engine)


def test_an_interrupt_in_generate_leaves_the_engine_usable(engine):
    outputs = engine.run(
        "%%xpu_breakdown --title part\ninterrupt_in_step(llm, 10)\nllm.generate(prompts(2), steps(20), use_tqdm=False)",
        fails="KeyboardInterrupt",
    )
    assert kinds(outputs) == ["breakdown", "error"]
    assert engine.value("xb.last.title, xb.last.layer_count") == f"('part', {LAYER_COUNT})"
    engine.run(GENERATE)  # vLLM leaves the interrupted requests in the queue, and answers them with the next ones
    assert is_usable(engine)


def test_with_another_recording_under_way_the_cell_does_not_run(engine):
    inner = "get_ipython().run_cell('%%xpu_breakdown\\nran = True\\nllm')"
    engine.run(f"with xb.profile(llm=llm) as p:\n    {inner}\n    {GENERATE}")
    assert engine.value("'ran' in globals(), p.breakdown.layer_count") == f"(False, {LAYER_COUNT})"


BUILD_OTHER = """
os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
other = LLM(DENSE, enforce_eager=True, **ENGINE)
del os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"]
model = other.llm_engine.model_executor.driver_worker.worker.get_model()
def both():
    for engine in (llm, other):
        engine.generate(prompts(1), steps(), use_tqdm=False)
"""


def test_several_engines_by_use_and_by_name(engine):
    """One computes in other processes, one in this."""
    engine.run(BUILD_OTHER)
    engine.run("%%xpu_breakdown --into bd --no-show\nboth()")
    assert engine.value("bd.ranks, [work(bd, rank) for rank in bd.ranks]") == "((0, 1), [(32, 5), (32, 5)])"
    assert engine.value("bd.metadata.extra['xpubreak']['route']") == "'worker-extension, in-process'"
    assert engine.value("[i.message.split()[0] for i in bd.issues if i.code == 'vllm-route']") == "['llm', 'other']"
    for line, route in (("--llm llm", "worker-extension"), ("--llm other", "in-process")):
        engine.run(f"%%xpu_breakdown {line} --into bd --no-show\nboth()")
        assert engine.value("work(bd), bd.metadata.extra['xpubreak']['route']") == f"((32, 5), {route!r})"
    engine.run("%%xpu_breakdown --llm nobody\nran_for_nobody = True", fails="UsageError")
    assert engine.value("'ran_for_nobody' in globals(), touched(model)") == "(False, [])"
    engine.run("other.llm_engine.engine_core.shutdown(); del other, model")


def test_steps_of_repeats_are_told_apart(engine):
    engine.run(
        "%%xpu_breakdown --repeat 3 --into bd --no-show\nout = llm.generate(prompts(1), steps(5), use_tqdm=False)"
    )
    assert engine.value("bd.step_statistics['step'].tolist()") == "[0, 1, 2, 3, 4]"
    assert engine.value("bd.step_statistics['count'].tolist()") == "[3, 3, 3, 3, 3]"
    assert engine.value("bd.step_statistics['phase'].tolist()[:2]") == "['prefill', 'decode']"
    engine.run("table = bd.step_statistics\nassert (0 < table['wall_min_ns']).all()")
    engine.run("assert (table['wall_min_ns'] <= table['wall_max_ns']).all()")


def test_what_would_not_fit_is_refused_before_anything_runs(engine):
    said = refusal(engine.run("%%xpu_breakdown --max-steps 1000000 --stack\nran_large = True\nllm", fails="UsageError"))
    assert said.startswith("The cell was not run. llm: 4 layers make about")
    assert "--force" in said
    assert engine.value("'ran_large' in globals()") == "False"
    engine.run(
        "from xpubreak.capture.vllm.window import Window\n"
        "try:\n    xb.profile(llm=llm, window=Window(max_steps=1_000_000)).__enter__()\n"
        "except xb.CaptureError as refused:\n    said = str(refused)"
    )
    assert engine.value("'force=True' in said") == "True"


def test_an_engine_that_is_shut_down_in_the_cell_is_told_in_a_sentence(engine):
    """The last test of this module: the engine is gone."""
    outputs = engine.run(
        f"%%xpu_breakdown\n{GENERATE}llm.llm_engine.engine_core.shutdown()\ndel llm", fails="CaptureError"
    )
    assert "display_data" in kinds(outputs)
    engine.run("%%xpu_breakdown --no-show --into plain\nimport torch; torch.ones(3).sin();")
    assert engine.value("'aten::sin' in list(plain.ops['name'])") == "True"
