"""The bundled captures: there, readable, described, free of what must not be in them."""

from __future__ import annotations

import gzip
import re

import pytest

from xpubreak import samples
from xpubreak.errors import XpubreakError
from xpubreak.samples.captured import DATA
from xpubreak.trace import kineto


def test_every_capture_has_a_name() -> None:
    assert {samples.path(name) for name in samples.names()} == set(DATA.glob("*.json.gz"))


def test_every_capture_has_its_provenance() -> None:
    provenance = (DATA / "PROVENANCE.md").read_text(encoding="utf-8")
    for name in samples.names():
        stem = samples.path(name).name.removesuffix(".pt.trace.json.gz")
        assert f"`{name}`" in provenance or name == "cpu-vllm-tp2-rank1"
        assert f"`{stem}`" in provenance or stem.endswith("-rank1")
        assert samples.describe(name).endswith(".")


@pytest.mark.parametrize(
    ("name", "device", "has_activities"),
    [("h200-vllm-eager", "cuda", True), ("cpu-vllm-piecewise", "cpu", False), ("cpu-vllm-driver-only", "cpu", False)],
)
def test_captures_are_read(name: str, device: str, has_activities: bool) -> None:
    trace = kineto.read(samples.path(name))
    assert trace.metadata.device == device
    assert bool(len(trace.activities)) == has_activities
    assert not trace.metadata.synthetic


@pytest.mark.parametrize("name", samples.names())
def test_captures_name_nobody(name: str) -> None:
    text = gzip.decompress(samples.path(name).read_bytes()).decode()
    homes = re.findall(r"/(?:home|Users)/[^\"]*", text)
    mails = re.findall(r"[\w.]+@[\w-]+\.\w+", text)
    addresses = re.findall(r"\b(?:\d{1,3}\.){3}\d{1,3}\b", text)
    secrets = re.findall(r"hf_[A-Za-z0-9]{10,}|sk-[A-Za-z0-9]{10,}|AKIA[A-Z0-9]{16}", text)
    hosts = set(re.findall(r'"host_name": "([^"]*)"', text)) - {"vm"}
    assert (homes, mails, addresses, secrets, hosts) == ([], [], [], [], set())


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(samples.UnknownSampleError, match="did you mean h200-vllm-compiled") as caught:
        samples.path("h200-vllm-compile")
    assert isinstance(caught.value, XpubreakError)
    assert isinstance(caught.value, KeyError)
    with pytest.raises(samples.UnknownSampleError, match="there are h200-vllm-eager, "):
        samples.describe("zzz")
