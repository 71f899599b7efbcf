"""How large a recording will be: arithmetic, and when it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xpubreak.capture.estimate import Room, Workload, estimate, format_bytes, why_too_large
from xpubreak.capture.room import available_memory_bytes, find_room

workloads = st.builds(
    Workload,
    layer_count=st.integers(1, 200),
    steps=st.integers(1, 5000),
    rank_count=st.integers(1, 16),
    is_compiled=st.booleans(),
    has_device=st.booleans(),
    stacks=st.booleans(),
    shapes=st.booleans(),
    modules=st.booleans(),
)


def test_a_step_of_64_eager_layers():
    found = estimate(Workload(layer_count=64, modules=False))
    assert found.events_per_step == 236 + 220 * 64
    assert found.trace_bytes == 16 * found.events_per_step * 430


def test_the_defaults_suit_a_large_model_on_a_usual_machine():
    found = estimate(Workload(layer_count=64, has_device=True))
    assert why_too_large(found, Room(disk_bytes=20 * 10**9, memory_bytes=8 * 10**9)) == ""


@given(workloads)
def test_twice_the_steps_or_ranks_take_twice_the_room(workload):
    one = estimate(workload)
    for twice in (
        replace(workload, steps=2 * workload.steps),
        replace(workload, rank_count=2 * workload.rank_count),
    ):
        two = estimate(twice)
        assert (two.trace_bytes, two.memory_bytes) == (2 * one.trace_bytes, 2 * one.memory_bytes)


@given(workloads, st.sampled_from(["stacks", "shapes", "has_device"]))
def test_whatever_is_recorded_besides_takes_room(workload, option):
    less, more = (estimate(replace(workload, **{option: wanted})) for wanted in (False, True))
    assert less.trace_bytes < more.trace_bytes


@given(workloads)
def test_compiled_models_have_less_to_record(workload):
    eager, compiled = (estimate(replace(workload, is_compiled=how)) for how in (False, True))
    assert compiled.trace_bytes <= eager.trace_bytes or (not workload.modules and workload.layer_count == 1)


@given(workloads, st.integers(1, 10**12), st.integers(1, 10**12))
def test_the_advised_number_of_steps_fits(workload, disk_bytes, memory_bytes):
    room = Room(disk_bytes, memory_bytes)
    refusal = why_too_large(estimate(workload), room)
    if "--max-steps " in refusal:
        steps = int(refusal.partition("--max-steps ")[2].split(",")[0].split(")")[0])
        assert 0 < steps < workload.steps
        assert why_too_large(estimate(replace(workload, steps=steps)), room) == ""


def test_a_refusal_shows_the_arithmetic_and_every_way_out():
    workload = Workload(layer_count=64, steps=512, rank_count=2, stacks=True)
    text = why_too_large(estimate(workload), Room(10**9, 10**9, "/tmp"))
    assert "64 layers make about 47,277 events a step; × 512 steps × 2 ranks = 48,411,648 events" in text
    assert "/tmp has room for 800 MB" in text
    assert "there is memory for 800 MB" in text
    assert "--max-steps 3, leave out --stack, --no-shapes), or all the same with --force" in text
    assert "of xb.profile: window=Window(max_steps=3), stacks=False, shapes=False, force=True." in text


def test_what_was_settled_when_the_engine_was_built_is_not_advised():
    workload = Workload(layer_count=64, steps=512, stacks=True, is_configured=True)
    text = why_too_large(estimate(workload), Room(10**9, 10**9))
    assert text.endswith(
        "Record less (--max-steps 7), or all the same with --force; of xb.profile: window=Window("
        "max_steps=7), force=True."
    )
    text = why_too_large(estimate(workload), Room(10, 10))
    assert text.endswith("Record all the same with --force; of xb.profile: force=True.")


def test_compressed_traces_need_a_tenth_of_the_disk_and_all_of_the_memory():
    workload = Workload(layer_count=64, steps=100)
    plain, packed = (estimate(replace(workload, is_packed=how)) for how in (False, True))
    assert (packed.trace_bytes, packed.memory_bytes) == (plain.trace_bytes, plain.memory_bytes)
    assert packed.disk_bytes == plain.disk_bytes // 10
    assert why_too_large(packed, Room(disk_bytes=plain.disk_bytes // 5)) == ""


def test_what_was_assumed_is_said():
    text = str(estimate(Workload(layer_count=80, assumed=("80 layers", "8 ranks"))))
    assert text.endswith("of memory (80 layers and 8 ranks: assumed, not known)")


def test_no_limit_on_steps_is_reckoned_as_a_long_generate():
    workload = Workload(layer_count=64, steps=None)
    assert "1,024 steps (no limit was set)" in why_too_large(estimate(workload), Room())
    assert why_too_large(estimate(replace(workload, layer_count=2, shapes=False)), Room()) == ""


def test_what_is_not_known_is_no_obstacle():
    assert why_too_large(estimate(Workload(layer_count=64)), Room()) == ""


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (12_340_000, "12.3 MB"), (999_600, "1 MB"), (4e9, "4 GB")],
)
def test_sizes_are_scaled(size_bytes, text):
    assert format_bytes(size_bytes) == text


def test_the_room_of_a_folder_that_will_be_made_is_that_of_its_disk(tmp_path):
    later = tmp_path / "not" / "yet"
    room = find_room(["", str(later), "/"])
    assert room.folder == str(later)
    assert room.disk_bytes > 0


def test_available_memory(tmp_path):
    source = tmp_path / "meminfo"
    source.write_text("MemTotal:       24 kB\nMemAvailable:   20 kB\n")
    assert available_memory_bytes(source) == 20 * 1024
    assert available_memory_bytes(tmp_path / "none") is None
