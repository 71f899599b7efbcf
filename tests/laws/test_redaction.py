"""Redaction changes no number, joins no names, and lets nothing private through into any output."""

from __future__ import annotations

import base64
import gzip
import re
import zipfile
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import xpubreak as xb
from tests.strategies import names, traces
from xpubreak.breakdown.breakdown import Breakdown
from xpubreak.breakdown.redact import redact
from xpubreak.trace import kineto
from xpubreak.view.explorer import Explorer
from xpubreak.view.outputs import outputs_of
from xpubreak.view.show import mimebundle

USERS = ("zaphodb", "trillian.mcm", "ford-42")
HOSTS = ("magrathea07", "node-x9.cluster.example", "vogsphere")
FOLDERS = ("secretproject", "acme corp", "kunde_nr7")
PLANTED = {
    "send to 10.20.30.40:29500": "10.20.30.40",
    "rendezvous 52.14.201.8": "52.14.201.8",
    "connect to 13.5.1.2": "13.5.1.2",
    "tcp://[2001:db8::dead:7]:29500": "2001:db8::dead:7",
    "gloo fe80::1ff:fe23:4567:890a": "fe23:4567",
    "load /topsecretmodel": "topsecretmodel",
    "magrathea07.intra.acme.example: up": "acme.example",
    "MASTER_ADDR=deepthought RANK=0": "deepthought",
    "env USER=slartibartfast": "slartibartfast",
    "Authorization: Bearer vogonpoetry42": "vogonpoetry42",
    "login hf_VogonPoetry4242": "VogonPoetry",
    "GET /load?p=%2Fhome%2Farthur%2Fkunde_nr8%2Fx.bin": "kunde_nr8",
    "all_reduce with krikkit-node-03:29500": "krikkit",
    "x3007c0s13b1n0.hsn.cm.aurora.alcf.anl.gov: up": "x3007",
    "ray::execute, (pid=7, ip-10-77-3-9)": "10-77-3-9",
    "node427:71:93 [0] NCCL INFO Init": "node427",
    "load --master-addr=betelgeuse": "betelgeuse",
    "open file:///mnt/kunde%20nr9secret/x.bin": "nr9secret",
}
"""Names of events, and what of each may be nowhere."""
FORBIDDEN = (*USERS, *HOSTS, *FOLDERS, "hunter2hunter2", "arthur", *PLANTED.values())

_user, _host, _folder = st.sampled_from(USERS), st.sampled_from(HOSTS), st.sampled_from(FOLDERS)
_file = st.sampled_from(["x.py", "model.py", "run", "a b.py"])


@st.composite
def places(draw: Any) -> str:
    """Absolute paths that name somebody or something."""
    user, folder, file = draw(_user), draw(_folder), draw(_file)
    form = draw(
        st.sampled_from(
            [
                "/home/{user}/{folder}/{file}",
                "/Users/{user}/{file}",
                "/mnt/{folder}/{user}/{file}",
                "/home/{user}/venv/lib/python3.11/site-packages/torch/{file}",
                "/opt/{folder}/lib/python3.12/{file}",
                "C:\\Users\\{user}\\{folder}\\{file}",
                "~/{folder}/{file}",
                "file:///home/{user}/{file}",
                "s3://{user}/run",
                "/home/{user}",
                "/tmp/torchinductor_{user}/ab/{file}",
                "\\\\fs-{user}\\{folder}\\{user}\\{file}",
                "D:\\{folder} (copy)\\{user}\\{file}",
                "/data/{folder} (copy)/{user}/{file}",
                "/opt/{user}'s/{folder}/{file}",
                "/data/[{folder}]/{{{user}}}/<{folder}>/{file}",
                "/data/run={user},lr=0.1/{folder}/{file}",
                "/data//{user}/a;{user}|b/{file}",
            ]
        )
    )
    return form.format(user=user, folder=folder, file=file)


@st.composite
def private_names(draw: Any) -> str:
    """Names of events that hold something private, as profilers and people write them."""
    place = draw(places())
    form = draw(
        st.sampled_from(
            [
                "{place}(12): forward",
                "{place}(7): <module>",
                "load '{place}'",
                "copy ({place})",
                "open({place!r})",
                "[Errno 2] No such file: {quoted!r}",
                "icpx -L{place} -c",
                "{place}",
                "python -m vllm serve {place} --port 8000 --api-key hunter2hunter2",
                "GET http://{host}:8000/v1/models",
                "password=hunter2hunter2",
                *PLANTED,
                "{user}@{host}: ready",
                "worker on {host}",
                "{host}: up",
                "send to {host}:29500",
            ]
        )
    )
    return form.format(place=place, quoted=repr(place), host=draw(_host), user=draw(_user))


@st.composite
def private_breakdowns(draw: Any) -> Breakdown:
    events = draw(traces())
    spoilt = draw(st.lists(st.tuples(st.integers(0, 40), private_names()), max_size=12))
    named = [event for event in events if event.get("ph") == "X"]
    for at, name in spoilt:
        if named:
            named[at % len(named)]["name"] = name
    user, host, place = draw(_user), draw(_host), draw(places())
    named_hosts = {key: draw(_host) for key in draw(st.sets(st.sampled_from(["hostname", "node"])))}
    trace = kineto.from_dicts(
        events,
        host_name=HOSTS[0],
        others=[{"host": HOSTS[1]}, {"host": HOSTS[2]}, {"user": user}],
        traceName=f"/home/{user}/{draw(_folder)}/trace.json",
        model=place,
        argv=["serve", place, "--key", "hunter2hunter2"],
        users={"user": list(USERS)},
        **named_hosts,
    )
    title = draw(st.sampled_from(["run", "run on {host}", "{place}", "{user}'s run"]))
    return xb.load(trace, title=title.format(host=host, place=place, user=user))


def hidden(text: str) -> list[str]:
    return [word for word in FORBIDDEN if word in text]


def around(text: str) -> list[str]:
    return [text[max(0, text.index(word) - 60) : text.index(word) + 60] for word in hidden(text)]


def readable(data: dict[str, Any]) -> str:
    """Everything in an output: what is packed, unpacked; of a picture its texts."""
    html = data.get("text/html", "")
    parts = [
        gzip.decompress(base64.b64decode(part)).decode("utf-8", "replace")
        for name, part in re.findall(r'data-xpubreak="([\w-]+)"[^>]*>([^<]+)<', html)
        if name not in ("code", "bokehjs")
    ]
    bare = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    with Image.open(BytesIO(data["image/png"])) if "image/png" in data else nullcontext() as picture:
        parts.append(repr(picture.info) if picture else "")
    return "".join([*parts, bare, data.get("text/plain", "")])


def every_output(bd: Breakdown, folder: Path) -> dict[str, str]:
    """Everything that leaves the machine, unpacked, as text."""
    found = {"report": bd.redacted().report(), "repr of metadata": repr(bd.redacted().metadatas)}
    found["notebook"] = repr(mimebundle(bd))
    wanted = {"text": bd.strings.text(0)[:60], "op": [text for text in bd.strings if text]} if len(bd.strings) else {}
    view = Explorer(bd, title=bd.title, selection=wanted)
    found["outputs of a view"] = "".join(readable(data) for data, _ in outputs_of(view))
    found["state of a widget"] = repr({name: value for name, value in view.get_state().items() if name != "_esm"})
    with zipfile.ZipFile(bd.save(folder / "a.xpb")) as archive:
        found["header"] = archive.read("header.json").decode()
        texts = pa.ipc.open_file(pa.BufferReader(archive.read("strings.arrow"))).read_all()["text"].to_pylist()
        found["strings"] = "\n".join(text.decode("utf-8", "replace") for text in texts)
    for table in (None, "ops", "steps", "issues", "summary", "span"):
        found[f"csv {table}"] = bd.to_csv(folder / "a.csv", table).read_text(encoding="utf-8")
    found["perfetto"] = bd.to_perfetto(folder / "p.json").read_text()
    found["speedscope"] = bd.to_speedscope(folder / "s.json").read_text()
    return found


@given(private_breakdowns())
@settings(max_examples=25)
def test_no_number_changes_and_names_stay_apart(bd: Breakdown) -> None:
    less = redact(bd).breakdown
    assert repr(less.totals) == repr(bd.totals)  # idle may be NaN
    assert less.coverage == bd.coverage
    for name in ("node", "name", "role", "layer", "phase", "step", "device_ns", "host_ns", "count"):
        assert np.array_equal(getattr(less.facts, name), getattr(bd.facts, name)), name
    assert len(less.strings) == len(bd.strings)
    assert len(set(less.strings)) == len(set(bd.strings))
    for dimension in ("kernel", "span", "op", "name", "module", "backend", "layer"):
        numbers = ["device_ns", "host_ns", "count"]
        mine, yours = (sorted(map(tuple, frame.by(dimension)[numbers].to_numpy().tolist())) for frame in (less, bd))
        assert mine == yours, dimension


@given(private_breakdowns())
@settings(max_examples=20)
def test_nothing_private_is_in_any_output(bd: Breakdown) -> None:
    with TemporaryDirectory() as folder:
        for output, text in every_output(bd, Path(folder)).items():
            assert not hidden(text), (output, around(text))


@given(private_breakdowns())
@settings(max_examples=4)
def test_nor_in_pages_pictures_and_workbooks(bd: Breakdown) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        page = bd.to_html(folder / "a.html").read_text(encoding="utf-8")
        packed = re.findall(r'<script type="text/plain" data-xpubreak="([\w-]+)">([^<]*)</script>', page)
        assert packed
        for part, text in packed:
            assert not hidden(gzip.decompress(base64.b64decode(text)).decode("utf-8", "replace")), part
        assert not hidden(re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
        assert not hidden(bd.to_image(folder / "a.svg").read_text(encoding="utf-8"))
        assert not hidden(bd.to_image(folder / "a.png").read_bytes().decode("latin-1"))
        with zipfile.ZipFile(bd.to_excel(folder / "a.xlsx")) as book:
            assert not hidden("".join(book.read(part).decode("utf-8", "replace") for part in book.namelist()))


@pytest.mark.parametrize(
    "name",
    [
        "/data/secretproject (copy)/zaphodb/x.py(12): forward",
        "/data/run=zaphodb,lr=0.1/secretproject/x.py(12): forward",
        "D:\\secretproject (copy)\\zaphodb\\x.py(12): forward",
    ],
)
def test_nor_what_the_classifier_makes_of_a_kernel_that_is_called_as_a_path(name: str, tmp_path: Path) -> None:
    event = {"ph": "X", "cat": "kernel", "name": name, "ts": 1, "dur": 2, "pid": 0, "tid": 0, "args": {"stream": 1}}
    page = xb.load(kineto.from_dicts([event])).to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    for part, text in re.findall(r'data-xpubreak="([\w-]+)">([^<]*)</script>', page):
        if part not in ("code", "bokehjs"):
            assert not hidden(gzip.decompress(base64.b64decode(text)).decode("utf-8", "replace")), part


@given(private_breakdowns(), st.data())
@settings(max_examples=20)
def test_a_selection_selects_the_same_rows(bd: Breakdown, data: st.DataObject) -> None:
    texts = [text for text in bd.strings if text] or ["x"]
    clauses: dict[str, Any] = {}
    if data.draw(st.booleans()):
        clauses["text"] = data.draw(st.sampled_from(texts))[:40]
    for dimension in ("kernel", "span", "op"):
        if data.draw(st.booleans()):
            clauses[dimension] = data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=3))
    part = bd.select(**clauses)
    less = part.redacted()
    assert np.array_equal(less.row_numbers, part.row_numbers)
    assert not hidden(str(less.selection)), str(less.selection)


@given(private_breakdowns())
@settings(max_examples=15)
def test_redacting_twice_is_redacting_once(bd: Breakdown) -> None:
    once = redact(bd).breakdown
    twice = redact(once)
    assert list(twice.breakdown.strings) == list(once.strings)
    assert twice.breakdown.report() == once.report()


@given(st.lists(names(), max_size=20))
def test_names_without_anything_private_are_left_as_they_are(found: list[str]) -> None:
    events = [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 1, "tid": 1, "ts": at, "dur": 1}
        for at, name in enumerate(found)
        if not re.search(r"[/\\]|\w@\w", name)
    ]
    bd = xb.load(kineto.from_dicts(events))
    redaction = redact(bd)
    assert not redaction
    assert list(redaction.breakdown.strings) == list(bd.strings)
    assert redaction.breakdown.issues == bd.issues


@pytest.mark.parametrize("name", xb.samples.names())
def test_no_name_of_the_bundled_samples_is_touched(name: str) -> None:
    """They hold nothing private but places in their metadata: kernels and operators stay to the letter."""
    bd = xb.load(xb.samples.path(name))
    less = redact(bd, hosts=["this-machine"], users=["somebody"]).breakdown
    assert list(less.strings) == list(bd.strings)
    assert [item.key for item in less.evidences] == [item.key for item in bd.evidences]
    assert dict(less.metadata.versions) == dict(bd.metadata.versions)
