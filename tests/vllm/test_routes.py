"""Every way into a real engine, from a Jupyter kernel: what is recorded is the work that was asked for, and the engine
goes on afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.livekernel import kinds, refusal

GENERATE = "out = llm.generate(prompts(), steps(), use_tqdm=False)\n"
TOLD = "{issue.code: issue.message for issue in bd.issues}"


@pytest.fixture
def cells(kernel):
    """A kernel whose engine is ended after the test."""
    yield kernel
    kernel.run(
        "import gc\nfor name in {'llm', 'engine'} & set(globals()):\n"
        "    ended = globals().pop(name)\n"
        "    getattr(ended, 'llm_engine', ended).engine_core.shutdown()\n"
        "    del ended\ngc.collect();"
    )


def goes_on(kernel):
    """Whether the engine answers as before."""
    kernel.run(GENERATE)
    return kernel.value("[len(o.outputs[0].token_ids) for o in out]") == "[6, 6, 6, 6]"


def test_compiled_and_by_functions(cells):
    """Built before xpubreak was loaded. Layers are counted by their attention: modules do not show inside a graph."""
    cells.run("%unload_ext xpubreak")
    name = "os.environ['VLLM_ALLOW_INSECURE_SERIALIZATION']"
    cells.run(f"{name} = '1'\nllm = LLM(DENSE, **ENGINE)\n{name} = '0'\n%load_ext xpubreak")
    # Both ends have to allow it; else there is no way in, which is said before anything is sent or run.
    said = refusal(cells.run(f"%%xpu_breakdown\nran = True\n{GENERATE}", fails="UsageError"))
    assert said.startswith("The cell was not run. llm (LLM) computes in processes of its own, which cannot be reached")
    assert said.endswith("Run `%load_ext xpubreak` first, then `llm = LLM(...)` again, as it is.")
    assert cells.value("'ran' in globals()") == "False"
    assert goes_on(cells)
    cells.run(f"{name} = '1'")
    assert "breakdown" in kinds(cells.run(f"%%xpu_breakdown --into bd --title compiled\n{GENERATE}"))
    assert cells.value("xb.last is bd, bd.metadata.extra['xpubreak']['route']") == "(True, 'callables')"
    cells.run("assert_whole(bd, DENSE)")
    assert cells.value("bd.sources['layer']") != "'module-spans'"
    assert "attention operators" in cells.value(f"{TOLD}['compiled-modules']")
    assert goes_on(cells)


def test_in_this_process(cells):
    cells.run("%load_ext xpubreak")
    name = "os.environ['VLLM_ENABLE_V1_MULTIPROCESSING']"
    cells.run(f"{name} = '0'\nllm = LLM(DENSE, enforce_eager=True, **ENGINE)\ndel {name}")
    cells.run("model = llm.llm_engine.model_executor.driver_worker.worker.get_model()")
    cells.run(f"%%xpu_breakdown --into bd\n{GENERATE}")
    cells.run("assert_whole(bd, DENSE)")
    assert cells.value("bd.metadata.extra['xpubreak']['route']") == "'in-process'"
    assert cells.value("'.layers.3.self_attn.' in modules(bd)") == "True"
    outputs = cells.run(f"%%xpu_breakdown --steps 1:3\n{GENERATE}raise ValueError('mine')", fails="ValueError")
    assert kinds(outputs) == ["breakdown", "error"]
    assert cells.value("len(xb.last.steps), touched(model)") == "(2, [])"
    assert goes_on(cells)
    # An engine that the cell does away with: what ran until then is shown.
    outputs = cells.run(f"%%xpu_breakdown --into bd\n{GENERATE}del llm, model; import gc; gc.collect();")
    assert kinds(outputs) == ["breakdown"]
    assert "the trace ends there" in cells.value(f"{TOLD}['engine-gone']")
    assert cells.value("bd.layer_count, touched(torch.nn.Identity())") == "(4, [])"


def test_by_the_profiler_it_was_built_with(cells, tmp_path):
    cells.run("%load_ext xpubreak")
    config = {"profiler": "torch", "torch_profiler_dir": str(tmp_path), "torch_profiler_with_stack": False}
    cells.run(f"llm = LLM(DENSE, enforce_eager=True, profiler_config={config}, **ENGINE)")
    outputs = cells.run(f"%%xpu_breakdown --into bd --stack\n{GENERATE}")
    assert kinds(outputs) == ["breakdown"]
    assert not any("Self CPU" in text for kind, text in outputs if kind == "stream")  # vLLM's tables
    cells.run("assert_whole(bd, DENSE)")
    assert cells.value("bd.metadata.extra['xpubreak']['route']") == "'profiler-config'"
    assert cells.value("'.layers.3.self_attn.' in modules(bd)") == "True"
    assert "torch_profiler_use_gzip" in cells.value(f"{TOLD}['profiler-config-cost']")
    assert "'torch_profiler_with_stack and torch_profiler_record_shapes of llm" in cells.value(
        f"{TOLD}['profiler-config-options']"
    )
    assert len(list(tmp_path.glob("xpb*.json.gz"))) == 1
    cells.run(f"%%xpu_breakdown --steps 2:5 --into bd --no-show\n{GENERATE}")
    assert cells.value("list(bd.steps['phase'])") == "['decode', 'decode', 'decode']"
    cells.run("llm.start_profile()")
    said = refusal(cells.run("%%xpu_breakdown\nran_beside = True\nllm", fails="UsageError"))
    assert "active already; call its stop_profile() first" in said
    assert cells.value("'ran_beside' in globals()") == "False"
    cells.run("llm.stop_profile()")
    assert goes_on(cells)
    # An interrupt while the profiler stops ends the wait; hooks are gone, what there is or where it comes to is told.
    cells.run("back = at_stage('collecting', stop_button)")
    assert kinds(cells.run(f"%%xpu_breakdown --into bd\n{GENERATE}", fails="KeyboardInterrupt")) == [
        "breakdown",
        "error",
    ]
    cells.run("back()\nassert_whole(bd, DENSE)")
    assert "Interrupted while collecting: the traces of 1 of 1 ranks were there." in cells.value(
        f"{TOLD}['interrupted']"
    )
    # Seen from a notebook on another machine, whose folder of that name is not there.
    cells.run("llm.llm_engine.vllm_config.profiler_config.torch_profiler_dir = '/elsewhere/traces'; before = xb.last")
    outputs = cells.run(f"%%xpu_breakdown\n{GENERATE}1 / 0", fails="ZeroDivisionError")
    (said,) = [text for kind, text in outputs if kind == "stream" and "no breakdown of the part that ran" in text]
    assert "does not see what dp0_rank0 of llm wrote to /elsewhere/traces on " in said
    assert f" on {socket.gethostname()}. Copy xpb" in said
    assert cells.value("xb.last is before") == "True"
    assert goes_on(cells)


def test_an_async_engine_with_a_profiler_and_its_front_end(cells, tmp_path):
    """With stacks, the front end has something to tell: it is put beside the worker's tracks."""
    cells.run("%load_ext xpubreak")
    config = {"profiler": "torch", "torch_profiler_dir": str(tmp_path), "torch_profiler_use_gzip": False}
    cells.run(
        "from vllm import AsyncEngineArgs\nfrom vllm.v1.engine.async_llm import AsyncLLM\n"
        f"arguments = AsyncEngineArgs(DENSE, enforce_eager=True, profiler_config={config}, **ENGINE)\n"
        "engine = AsyncLLM.from_engine_args(arguments)\n"
        "async def answer():\n"
        "    async for output in engine.generate(prompts(1)[0], steps(), request_id='one'):\n        pass\n"
        "    return len(output.outputs[0].token_ids)"
    )
    outputs = cells.run("%%xpu_breakdown --into bd\nawait answer()")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    assert cells.value("bd.layer_count, work(bd), bd.ranks") == "(4, (32, 5), (0,))"
    assert cells.value("bd.metadata.extra['xpubreak']['route']") == "'profiler-config'"
    assert "torch_profiler_with_stack" in cells.value(f"{TOLD}['profiler-config-cost']")
    assert "beside rank 0" in cells.value(f"{TOLD}['front-end']")
    cells.run("async with xb.profile(llm=engine) as p:\n    await answer()")
    cells.run(
        "import json\nevents = json.loads(p.recording.trace_paths[0].read_text())['traceEvents']\n"
        "processes = {event['pid'] for event in events if event.get('cat') == 'python_function'}"
    )
    assert cells.value("os.getpid() in processes, len(processes)") == "(True, 2)"
    # The workers write on another machine: what this process has recorded of itself is shown, with a banner.
    there = tmp_path / "notebook"
    cells.run(
        "import socket\nfrom xpubreak.capture.vllm.engine_capture import EngineCapture\n"
        "EngineCapture.__init__.__kwdefaults__['timeout_seconds'] = 1.0\n"
        f"engine.profiler._torch_profiler_trace_dir = {str(there)!r}\n"
        f"engine.vllm_config.profiler_config.torch_profiler_dir = {str(there)!r}\n"
        "name, socket.gethostname = socket.gethostname, lambda: 'notebook'"
    )
    outputs = cells.run("%%xpu_breakdown --into bd\nawait answer()")
    cells.run("socket.gethostname = name; EngineCapture.__init__.__kwdefaults__['timeout_seconds'] = 60.0")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    assert "Only what the notebook's own process recorded" in cells.value(f"{TOLD}['front-end-only']")
    assert f"dp0_rank0 of engine wrote to {there} on {socket.gethostname()}" in cells.value(
        f"{TOLD}['folder-not-shared']"
    )


@pytest.fixture(scope="module")
def server(models, tmp_path_factory):
    """vLLM's own server on loopback, with a profiler."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {"profiler": "torch", "torch_profiler_dir": str(folder / "traces"), "torch_profiler_with_stack": False}
    options = {
        "--model": str(models / "qwen3"),
        "--served-model-name": "tiny",
        "--load-format": "dummy",
        "--dtype": "bfloat16",
        "--max-model-len": "512",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--profiler-config": json.dumps(config),
    }
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--enforce-eager"]
    command += [word for option in options.items() for word in option]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{port}/health", process, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    pytest.fail(log.read_text()[-3000:])


COMPLETE = """
import json, urllib.request
def complete(url):
    body = {"model": "tiny", "prompt": prompts(1)[0]["prompt_token_ids"], "max_tokens": OUTPUT_TOKENS,
            "min_tokens": OUTPUT_TOKENS, "ignore_eos": True, "temperature": 0}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)["usage"]["completion_tokens"]
"""


def test_a_server(server, kernel):
    kernel.run(f"{COMPLETE}%load_ext xpubreak\nurl = {server!r}")
    # Its folder is found.
    outputs = kernel.run(f"%%xpu_breakdown --server {server} --into bd --warmup 1\ncomplete(url)")
    assert kinds(outputs) == ["breakdown", "execute_result"]
    assert outputs[-1][1] == "6" or ("execute_result", "6") in outputs
    assert kernel.value("work(bd), bd.layer_count") == "((32, 5), 4)"
    kernel.run("assert_conserved(bd)")
    assert kernel.value("bd.metadata.extra['xpubreak']['route']") == "'server'"
    # What it is, is known here: nothing is assumed.
    said = refusal(kernel.run(f"%%xpu_breakdown --server {server} --max-steps 500000\nran = 1", fails="UsageError"))
    assert said.startswith(f"The cell was not run. {server}: 4 layers make about")
    assert "assumed" not in said
    kernel.run(
        "with xb.profile(llm=url) as p:\n    try:\n        xb.profile(llm=url).__enter__()\n"
        "    except xb.CaptureError as refused:\n        said = str(refused)"
    )
    assert "active already" in kernel.value("said")
    kernel.run(f"%%xpu_breakdown --server {server} --no-show\ncomplete(url)\n1 / 0", fails="ZeroDivisionError")
    assert kernel.value("work(xb.last)") == "(32, 5)"
    assert kernel.value("complete(url)") == "6"
