"""A cell over a small decoder, through every floor: recorded, read, classified, attributed, shown."""

from __future__ import annotations

import subprocess
import sys

import pytest

import xpubreak as xb

MODEL = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(32)
        self.mlp = nn.Linear(32, 32)
    def forward(self, x):
        return x + self.mlp(self.norm(x))
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 32)
        self.layers = nn.ModuleList(Block() for _ in range(3))
        self.head = nn.Linear(32, 10)
    def forward(self, tokens):
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)
model, tokens = Decoder(), torch.arange(8)
"""


@pytest.fixture
def ready(notebook):
    pytest.importorskip("torch")
    notebook.run(MODEL)
    return notebook


@pytest.mark.torch
@pytest.mark.parametrize("options", ["", "--stack", "--no-shapes"])
def test_layers_modules_and_backends_of_a_decoder(ready, options):
    out = ready.run(f"%%xpu_breakdown --device cpu {options} --into bd --title tiny\nmodel(tokens).shape")
    assert "Out[2]: torch.Size([8, 10])" in out
    bd = ready["bd"]
    assert bd is xb.last
    assert (bd.device, bd.weight, bd.title, bd.layer_count) == ("cpu", "host", "tiny", 3)
    assert bd.sources["layer"] == "module-spans"
    assert bd.metadata.versions["torch"] == ready["torch"].__version__
    linear = bd.ops[bd.ops["name"] == "aten::addmm"]
    assert list(linear["layer"]) == [0, 1, 2, -1]
    assert [name.rpartition(".")[2] for name in linear["module"]] == ["mlp", "mlp", "mlp", "head"]
    assert set(linear["backend"]) == {"torch-cpu-ops"}
    assert "tiny" in ready.shown[0]


@pytest.mark.torch
def test_quiet_reports_in_text(ready):
    out = ready.run("%%xpu_breakdown --device cpu --quiet --title tiny\nmodel(tokens);")
    assert out.startswith("tiny")
    assert "aten::addmm" in out


@pytest.mark.torch
def test_a_cell_without_torch_gives_an_empty_breakdown_that_says_why(ready):
    ready.run("%%xpu_breakdown --device cpu\nsum(range(10));")
    assert len(xb.last) == 0
    assert "empty-trace" in [issue.code for issue in xb.last.issues]


@pytest.mark.torch
def test_a_kept_trace_opens_again(ready, tmp_path):
    ready.run(f"%%xpu_breakdown --device cpu --no-show --into bd --save {tmp_path}/t.json.gz\nmodel(tokens);")
    ready.run(f"%xpu_trace {tmp_path}/t.json.gz --no-show --into again")
    assert list(ready["again"].ops["name"]) == list(ready["bd"].ops["name"])


def test_the_extension_and_the_trace_magic_need_no_torch():
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'xpubreak')\n"
        "shell.run_cell('%xpu_trace /no/such/file.json')\n"
        "shell.run_cell('%%xpu_breakdown\\n1')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "UsageError: /no/such/file.json" in done.stderr
    assert "UsageError: The cell was not run. Profiling needs PyTorch" in done.stderr
