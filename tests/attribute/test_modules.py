"""Modules: from spans written at capture, from nn.Module frames, or made up from the layer."""

from __future__ import annotations

import pytest

from tests.attribute.labelled import label_picture
from xpubreak.attribute.container import in_same_layer, split_path
from xpubreak.attribute.modulename import read_frame, read_span


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xpb:model.layers.3.mlp:Qwen3MLP", ("model.layers.3.mlp", "Qwen3MLP")),
        ("xpb:<root>:Qwen3ForCausalLM", ("Qwen3ForCausalLM", "Qwen3ForCausalLM")),
        ("xpb||Qwen3ForCausalLM", ("Qwen3ForCausalLM", "Qwen3ForCausalLM")),
        ("xpb|logits_processor|LogitsProcessor", ("logits_processor", "LogitsProcessor")),
        ("module::model.layers.3.self_attn::Qwen3Attention", ("model.layers.3.self_attn", "Qwen3Attention")),
        ("module::", None),
        ("xpb:", None),
        ("aten::mm", None),
    ],
)
def test_names_of_module_spans(name: str, expected: tuple[str, str] | None) -> None:
    assert read_span(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nn.Module: Qwen3DecoderLayer_3", ("Qwen3DecoderLayer", 3)),
        ("nn.Module: My_Layer_2_10", ("My_Layer_2", 10)),
        ("nn.Module: Linear", None),
        ("model.py(3): forward", None),
    ],
)
def test_names_of_module_frames(name: str, expected: tuple[str, int] | None) -> None:
    assert read_frame(name) == expected


def test_paths() -> None:
    assert split_path("model.layers.3.mlp.experts.5") == ("model.layers.", 3)
    assert split_path("model.norm") is None
    assert in_same_layer("model.layers.0.self_attn.rotary_emb", "model.layers.3.self_attn") == (
        "model.layers.3.self_attn.rotary_emb"
    )
    assert in_same_layer("model.norm", "model.layers.3") == "model.norm"


def test_module_spans_say_layer_and_module() -> None:
    found = label_picture("""
    R = xpb:<root>:Llama
    L = xpb:model.layers.0:Layer
    M = xpb:model.layers.1:Layer
    A = xpb:model.layers.0.attn:Attention
    B = xpb:model.layers.1.attn:Attention
    host 1  | [R]---------------------------------------------
            |  !run#1 [L]-------   [M]-------- !run#4
            |          [A]-----     [B]-----
            |           !run#2       !run#3
    queue 0 |     embed#1==     k#2==        k#3==   norm#4==
    """)
    assert found.labels.layer_source == "module-spans"
    assert found.labels.layer_count == 2
    assert found.layers("k") == [0, 1]
    assert found.modules("k") == ["model.layers.0.attn", "model.layers.1.attn"]
    assert (found.positions("embed"), found.positions("norm")) == (["before"], ["after"])
    assert found.modules("norm") == ["Llama"]


def test_a_stage_of_a_pipeline_keeps_the_true_numbers_and_the_model_s_count() -> None:
    found = label_picture("""
    R = xpb:<root>:Llama
    L = xpb:model.layers.2:Layer
    M = xpb:model.layers.3:Layer
    host 1  | [R]-------------------------
            |  [L]-------   [M]--------
            |     !run#1      !run#2
    queue 0 |       k#1==       k#2==
    """)
    assert found.layers("k") == [2, 3]
    assert found.labels.layer_count == 4


def test_a_shared_module_goes_by_the_layer_that_calls_it() -> None:
    found = label_picture("""
    L = xpb:model.layers.0:Layer
    M = xpb:model.layers.1:Layer
    R = xpb:model.layers.0.rotary_emb:Rotary
    host 1  | [L]---------   [M]---------
            |   [R]------      [R]------
            |     !a#1           !b#2
    queue 0 |       k#1==          k#2==
    """)
    assert found.layers("k") == [0, 1]
    assert found.modules("k") == ["model.layers.0.rotary_emb", "model.layers.1.rotary_emb"]


def test_layers_are_the_list_that_holds_attention_not_the_longest_one() -> None:
    found = label_picture("""
    V = xpb:vision.blocks.0:Block
    W = xpb:vision.blocks.1:Block
    X = xpb:vision.blocks.2:Block
    L = xpb:text.layers.0:Layer
    M = xpb:text.layers.1:Layer
    A = _vllm_fa2_C::varlen_fwd
    host 1  | [V]-- [W]-- [X]--  [L]------  [M]-------
            |   aten::mm            A---       A---
    """)
    assert found.layers("_vllm_fa2_C::varlen_fwd") == [0, 1]
    assert found.layers("aten::mm") == [-1]


def test_frames_of_modules_are_numbered_by_first_call_below_their_container() -> None:
    found = label_picture("""
    R = nn.Module: Qwen3ForCausalLM_0
    E = nn.Module: Embedding_0
    L = nn.Module: DecoderLayer_7
    M = nn.Module: DecoderLayer_3
    A = nn.Module: Qwen3Attention_0
    B = nn.Module: Qwen3Attention_1
    P = nn.Module: Linear_4
    Q = nn.Module: Linear_5
    S = _vllm_fa2_C::varlen_fwd
    host 1  | ~R----------------------------------------------------------
            |  ~E---   ~L---------------------- ~M----------------------
            |   !e#1     ~A-------------------    ~B-------------------
            |              S------  ~P-- ~Q--       S------
            |               !f#2    !g#3 !h#4         !i#5
    queue 0 |      look#1==    k#2== p#3== q#4==        k#5==
    """)
    assert found.labels.layer_source == "nn-module-frames"
    assert found.layers("k") == [0, 1]
    root = "Qwen3ForCausalLM"
    assert found.modules("k") == [f"{root}.layers.0.self_attn", f"{root}.layers.1.self_attn"]
    assert found.modules("p") == [f"{root}.layers.0.self_attn.Linear_0"]
    assert found.modules("q") == [f"{root}.layers.0.self_attn.Linear_1"]
    assert (found.modules("look"), found.positions("look")) == ([f"{root}.Embedding"], ["before"])


def test_pieces_of_a_compiled_model_are_no_layers() -> None:
    found = label_picture("""
    R = nn.Module: Model_0
    G = nn.Module: GraphModule_0
    H = nn.Module: GraphModule_1
    I = nn.Module: Inner_0
    S = vllm::unified_attention_with_output
    D = execute_context_0(0)_generation_1(1)
    host 1  | [D]---------------------------------------------------
            |  ~R-------------------------------------------------
            |   ~G---------------------  ~H----------------------
            |    ~I--------------------   ~I---------------------
            |      S---------  aten::mm     S---------  aten::mm
            |        !f#2        !g#3         !h#4        !i#5
    queue 0 |         attn#2==    gemm#3==     attn#4==    gemm#5==
    """)
    assert found.labels.layer_source == "repeats"
    assert found.layers("attn") == [0, 1]
    assert found.modules("attn") == ["layers.0", "layers.1"]


def test_work_between_two_layers_belongs_to_the_one_that_follows() -> None:
    found = label_picture("""
    D = execute_context_0(0)_generation_1(1)
    L = xpb:layers.0:Layer
    M = xpb:layers.1:Layer
    host 1  | [D]----------------------------------
            |  [L]------- aten::add [M]-------
            |    aten::mm             aten::mm aten::sub
    """)
    assert found.layers("aten::add") == [1]
    assert (found.layers("aten::sub"), found.positions("aten::sub")) == ([-1], ["after"])
    assert found.positions("execute_context_0(0)_generation_1(1)") == ["before"]
