"""Steps: what belongs to which pass of the model."""

from __future__ import annotations

import pytest

from tests.attribute.labelled import label_picture
from xpubreak.attribute.iteration import Family, read_iteration

PREFILL, DECODE, EMPTY = (
    "execute_context_1(8)_generation_0(0)",
    "execute_context_0(0)_generation_1(1)",
    "execute_context_0(0)_generation_0(0)",
)


@pytest.mark.parametrize(
    ("name", "family", "counts", "phase"),
    [
        ("execute_context_4(128)_generation_0(0)", Family.EXECUTE, (4, 128, 0, 0), "prefill"),
        ("execute_context_0(0)_generation_4(4)", Family.EXECUTE, (0, 0, 4, 4), "decode"),
        ("execute_context_3(96)_generation_1(1)", Family.EXECUTE, (3, 96, 1, 1), "mixed"),
        ("execute_context_1(888_788544)_generation_0(0)", Family.EXECUTE, (1, 888, 0, 0), "prefill"),
        (
            "execute_97_context_3(sq96sk96sqsq3072sqsk3072)_generation_1(sq1sk33sqsq1sqsk33)",
            Family.EXECUTE,
            (3, 96, 1, 1),
            "mixed",
        ),
        ("execute_new_2_cached_0", Family.EXECUTE, (2, -1, 0, -1), "prefill"),
        ("execute_new_0_cached_5", Family.EXECUTE, (0, -1, 5, -1), "decode"),
        ("vllm.decode bs=4 tok=4", Family.WRAPPER, (0, 0, 4, 4), "decode"),
        ("vllm.prefill bs=2 tok=300", Family.WRAPPER, (2, 300, 0, 0), "prefill"),
        ("vllm.mixed bs=2 tok=300", Family.WRAPPER, (-1, -1, -1, -1), "mixed"),
        ("ProfilerStep#12", Family.PROFILER, (-1, -1, -1, -1), ""),
        (f"execute_context_{'9' * 40}()_generation_0(x)", Family.EXECUTE, (-1, -1, 0, -1), ""),
    ],
)
def test_names_of_steps(name: str, family: Family, counts: tuple[int, ...], phase: str) -> None:
    found = read_iteration(name)
    assert found is not None
    assert found.family == family
    assert (
        found.context_requests,
        found.context_tokens,
        found.generation_requests,
        found.generation_tokens,
    ) == counts
    assert found.phase == phase


@pytest.mark.parametrize(
    "name", ["", "aten::mm", "execute_model", "execute_context_", "ProfilerStep", "vllm.other bs=1"]
)
def test_other_names_are_no_steps(name: str) -> None:
    assert read_iteration(name) is None


def test_an_activity_belongs_to_the_step_that_enqueued_it_however_late_it_runs() -> None:
    found = label_picture(f"""
    P = {PREFILL}
    D = {DECODE}
    host 1  | [P]-----------     [D]------------
            |   !run#1              !run#2
    queue 0 |                          late#1=====  next#2===
    """)
    assert found.phases == ["prefill", "decode"]
    assert (found.steps("late"), found.steps("next")) == ([0], [1])
    assert found.labels.step_source == "annotation"


def test_sampling_runs_after_the_annotation_but_is_of_the_step() -> None:
    found = label_picture(f"""
    P = {PREFILL}
    D = {DECODE}
    host 1  | !early#9  [P]-----  aten::argmax---- [D]-----  aten::argmax----
            |             !run#1    !sample#2         !run#3
    queue 0 | soon#9     model#1==     argmax#2==     model#3==
    """)
    assert found.steps("argmax") == [0]
    assert found.steps("aten::argmax") == [0, 1]
    assert found.steps("model") == [0, 1]
    assert found.steps("soon") == [-1]
    assert "activities-outside-steps" in found.codes


def test_an_iteration_without_work_is_no_step_and_ends_the_one_before() -> None:
    found = label_picture(f"""
    D = {DECODE}
    E = {EMPTY}
    host 1  | [E]---  [D]---------  [E]-----   !run#2
            |           !run#1
    queue 0 |              model#1==              later#2==
    """)
    assert [step.name for step in found.labels.steps] == [DECODE]
    assert (found.steps("model"), found.steps("later")) == ([0], [-1])


def test_an_iteration_that_says_empty_counts_where_it_worked() -> None:
    found = label_picture(f"""
    D = {DECODE}
    E = {EMPTY}
    host 1  | [D]---------  [E]---------
            |   !run#1        !run#2
    queue 0 |      model#1==     model#2==
    """)
    assert found.steps("model") == [0, 1]
    assert found.phases == ["decode", "unknown"]


def test_vllm_knows_better_than_the_profiler() -> None:
    found = label_picture(f"""
    D = {DECODE}
    S = ProfilerStep#3
    host 1  | [S]--------------------------------
            |   [D]-------      [D]-------
            |     !run#1          !run#2
    queue 0 |        model#1==       model#2==
    """)
    assert found.steps("model") == [0, 1]


def test_profiler_steps_where_there_is_nothing_else() -> None:
    found = label_picture("""
    A = ProfilerStep#3
    B = ProfilerStep#4
    host 1  | [A]-------      [B]-------
            |     !run#1          !run#2
    queue 0 |        model#1==       model#2==
    """)
    assert (found.steps("model"), found.labels.step_source) == ([0, 1], "profiler-step")


def test_the_root_of_the_model_makes_steps_not_the_sampler() -> None:
    found = label_picture("""
    M = nn.Module: Qwen3ForCausalLM_0
    S = nn.Module: Sampler_0
    host 1  | ~M-----------  ~S-----  ~M----------  ~S-----
            |   !run#1         !s#2      !run#3        !s#4
    queue 0 |     model#1==     pick#2=    model#3==    pick#4=
    """)
    assert (found.steps("model"), found.steps("pick")) == ([0, 1], [0, 1])
    assert found.labels.step_source == "model-root"


def test_compiled_graphs_make_steps_where_nothing_announces_them() -> None:
    found = label_picture("""
    G = ## Call CompiledFxGraph abc ##
    A = vllm::unified_attention_with_output
    host 1  | G---------------------- aten::argmax  G---------------------- aten::argmax
            |   A---  aten::mm-  A---                 A---  aten::mm-  A---
    """)
    assert found.steps("aten::argmax") == [0, 1]
    assert found.labels.step_source == "compiled-graph"
    assert found.layers("vllm::unified_attention_with_output") == [0, 1, 0, 1]


def test_embeddings_make_steps_where_even_graphs_are_missing() -> None:
    found = label_picture("""
    A = aten::scaled_dot_product_attention
    E = aten::embedding
    host 1  | E-- aten::mm--  A--- aten::mm-- A---   E-- aten::mm-- A--- aten::mm-- A---
    """)
    assert found.labels.step_source == "embedding"
    assert found.steps("aten::scaled_dot_product_attention") == [0, 0, 1, 1]


def test_replays_of_a_whole_graph_make_steps_where_nothing_else_is_left() -> None:
    found = label_picture("""
    F = flash_fwd_kernel
    host 1  | cudaMalloc-  !cudaGraphLaunch#1----   !cudaGraphLaunch#2----
    queue 7 |                  gemm_kernel#1== F#1==  gemm_kernel#1== F#1==  gemm_kernel#2== F#2== gemm_kernel#2== F#2==
    """)
    assert found.labels.step_source == "graph-replay"
    assert found.steps("gemm_kernel") == [0, 0, 1, 1]


def test_without_any_sign_there_are_no_steps_and_that_is_said() -> None:
    found = label_picture("host 1  | aten::mm---  aten::add---")
    assert found.labels.steps == ()
    assert found.steps("aten::mm") == [-1]
    assert found.positions("aten::mm") == ["outside"]
    assert "no-steps" in found.codes


def test_an_unlinked_activity_takes_the_step_that_the_profiler_drew_around_it() -> None:
    found = label_picture(f"""
    P = {PREFILL}
    D = {DECODE}
    host 1  | [P]-----  [D]-----
            |   !run#1    !run#2
    queue 0 |      [P]============== [D]===============
            |       model#1== lost==   model#2== lost==   gone==
    """)
    assert found.steps("lost") == [0, 1]
    assert found.steps("gone") == [-1]
    assert "step-by-device-annotation" in found.codes


def test_other_threads_take_part_in_the_step_of_the_moment() -> None:
    found = label_picture(f"""
    P = {PREFILL}
    D = {DECODE}
    host 1  | [P]-----         [D]-----
            |   !run#1           !run#3
    host 2  |    !copy#2             !copy#4
    queue 0 |       model#1==           model#3==
    queue 1 |         copied#2==          copied#4==
    """)
    assert found.steps("copied") == [0, 1]
    assert found.layers("copied") == [-1, -1]


def test_steps_share_a_name_per_phase_in_call_paths() -> None:
    found = label_picture(f"""
    P = {PREFILL}
    D = {DECODE}
    M = xpb:model.layers.3.mlp:Qwen3MLP
    host 1  | [P]-----   [D]----------   [D]---------
            |   aten::mm-  [M]-----        [M]-----
    """)
    names = found.labels.path_names(found.trace)
    assert [names[step.row] for step in found.labels.steps] == ["step (prefill)", "step (decode)", "step (decode)"]
    assert {names[row] for row in found.rows("xpb:model.layers.3.mlp:Qwen3MLP")} == {"model.layers.3.mlp"}
