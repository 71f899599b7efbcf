"""What a server tells of itself, what its command line does, and what its model's files do."""

from __future__ import annotations

import json

import pytest

from xpubreak.capture.vllm.server_facts import ServerFacts, facts_of


class StandIn:
    """A server that has these pages, and was started with these arguments."""

    def __init__(self, pages=None, arguments=(), is_here=True):
        self.pages, self.is_here, self._arguments = pages or {}, is_here, arguments

    def get(self, path):
        found = self.pages.get(path.partition("?")[0], "")
        return found if isinstance(found, str) else json.dumps(found)

    def arguments(self):
        return list(self._arguments)


def facts(**options):
    return facts_of(StandIn(is_here=False, **options))


TOLD = {
    "vllm_config": {
        "model_config": {"enforce_eager": True, "hf_config": "Qwen3Config {\n 'num_hidden_layers': 36 }"},
        "parallel_config": {"world_size": 4, "data_parallel_size": 2},
        "profiler_config": {"profiler": "torch", "torch_profiler_with_stack": False, "torch_profiler_use_gzip": False},
    }
}


def test_in_development_mode_it_tells_all():
    assert facts(pages={"/server_info": TOLD}) == ServerFacts(36, 8, True, False, False, False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("vllm serve m", {"rank_count": 1, "is_eager": False}),
        ("vllm serve m --tensor-parallel-size 4 -pp=2 --enforce-eager", {"rank_count": 8, "is_eager": True}),
        ("vllm serve m --tensor_parallel_size=2 -dp 3", {"rank_count": 6, "is_eager": False}),
        ("vllm serve m --config some.yaml", {"rank_count": None, "is_eager": None}),
        (
            'vllm serve m --profiler-config {"profiler":"torch","torch_profiler_with_stack":false}',
            {"rank_count": 1, "is_eager": False, "stacks": False, "shapes": False, "is_packed": True},
        ),
        (
            "vllm serve m --profiler-config.torch_profiler_record_shapes=true",
            {"rank_count": 1, "is_eager": False, "stacks": True, "shapes": True, "is_packed": True},
        ),
        ("", {}),
    ],
)
def test_else_its_command_line_does(arguments, expected):
    assert facts(arguments=arguments.split()) == ServerFacts(**expected)


@pytest.mark.parametrize("place", ["folder", "hub"])
def test_the_depth_of_its_model_is_in_the_model_s_files(tmp_path, monkeypatch, place):
    name = str(tmp_path) if place == "folder" else "maker/model"
    folder = tmp_path if place == "folder" else tmp_path / "models--maker--model" / "snapshots" / "abc"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"text_config": {"num_hidden_layers": 12}}')
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    pages = {"/v1/models": {"data": [{"id": "served-as", "root": name}]}}
    assert facts(pages=pages).layer_count == 12


@pytest.mark.parametrize(
    "pages",
    [
        {},
        {"/server_info": "<html>", "/v1/models": "no JSON"},
        {"/server_info": [1], "/v1/models": {"data": "none"}},
        {"/server_info": {"vllm_config": "text"}, "/v1/models": {"data": [{"id": "unknown/model"}]}},
    ],
)
def test_what_makes_no_sense_tells_nothing(pages):
    assert facts(pages=pages) == ServerFacts()


def test_of_this_machine_the_accelerators_are_counted():
    assert facts_of(StandIn()).accelerator_count >= 1
    assert facts().accelerator_count is None
