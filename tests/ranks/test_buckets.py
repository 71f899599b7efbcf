"""Ranks and stores in buckets: s3fs against moto, gcsfs against gcp-storage-emulator. Not the real services.

Run by hand, as both are large: ``pip install s3fs gcsfs 'moto[s3,server]' gcp-storage-emulator``.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import xpubreak as xb
from tests.ranks.here import Here
from tests.ranks.test_urls import assert_sums_but_sources
from xpubreak.samples import synthesize

pytestmark = pytest.mark.slow
RANKS = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("ranks")
    for rank in range(RANKS):
        synthesize(tp=RANKS, rank=rank, layers=2, decode_steps=1).save(found / f"rank{rank}.json.gz")
    return found


@pytest.fixture(scope="module", params=["s3", "gs"])
def options(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        yield from _s3(environment) if request.param == "s3" else _gs(environment)


def _s3(environment: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed").ThreadedMotoServer(
        "127.0.0.1", 0, verbose=False
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        environment.delenv(name, raising=False)
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server.start()
    host, port = server.get_host_and_port()
    yield {"s3": {"key": "testing", "secret": "sesame", "endpoint_url": f"http://{host}:{port}"}}
    server.stop()


def _gs(environment: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    # gcsfs asks for the kind of a bucket over gRPC, which the emulator has not; it looks when it is imported.
    environment.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    pytest.importorskip("gcsfs")
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = emulator.create_server("127.0.0.1", port, in_memory=True)
    server.start()
    yield {"gs": {"token": "anon", "project": "p", "endpoint_url": f"http://127.0.0.1:{port}"}}
    server.stop()


@pytest.fixture(scope="module")
def files(options: dict[str, Any], folder: Path) -> Any:
    import fsspec

    ((kind, own),) = options.items()
    found = fsspec.filesystem(kind, **own, use_listings_cache=False)
    found.mkdir("bucket")
    for path in folder.iterdir():
        found.put_file(str(path), f"bucket/run/{path.name}")
    return found


def test_ranks_and_store_in_a_bucket(options: dict[str, Any], files: Any, folder: Path) -> None:
    plain = xb.load(folder, processes=1)
    (kind,) = options
    source, store = f"{kind}://bucket/run", f"{kind}://bucket/run.store"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = xb.load(source, executor=pool, store=store, storage_options=options)
    assert_sums_but_sources(found, plain)
    pd.testing.assert_frame_equal(found.detail(2).kernels, plain.select(rank=2).kernels)
    again = Here()
    assert xb.load(source, executor=again, store=store, storage_options=options).totals == plain.totals
    assert again.ran == []
    time.sleep(0.01)
    other = synthesize(tp=RANKS, rank=1, layers=3, decode_steps=1)
    files.pipe_file("bucket/run/rank1.json.gz", _packed(other.to_bytes()))
    assert len(xb.load(source, executor=again, store=store, storage_options=options).ranks) == RANKS
    assert again.ran == ["rank1.json.gz"]
    files.put_file(str(folder / "rank1.json.gz"), "bucket/run/rank1.json.gz")
    assert xb.load(f"{source}/*.gz", processes=2, storage_options=options).totals == plain.totals


def _packed(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content)


def test_a_bucket_that_is_not_there_is_named_and_not_made(options: dict[str, Any], files: Any, folder: Path) -> None:
    (kind,) = options
    for url in (f"{kind}://typo/run", f"{kind}://typo/run/*.json", f"{kind}://bucket/nothing"):
        with pytest.raises(xb.NotATraceError, match=r"Nothing is there: look at the names of bucket and folder"):
            xb.load(url, storage_options=options)
    with pytest.raises(xb.NotATraceError, match=rf"{kind}://typo/x: cannot be written to"):
        xb.load(folder / "rank0.json.gz", store=f"{kind}://typo/x", storage_options=options)
    assert not files.exists("typo")


def test_missing_credentials_and_servers_say_what_to_do(options: dict[str, Any], files: Any) -> None:
    if "s3" not in options:
        pytest.skip("gcsfs asks Google for credentials, and tries for long")
    with pytest.raises(xb.NotATraceError, match=r"s3://bucket/run: .*credentials.* give storage_options"):
        xb.load("s3://bucket/run", storage_options={"endpoint_url": options["s3"]["endpoint_url"]})
    with pytest.raises(xb.NotATraceError, match=r"s3://bucket/run: .*does not answer: look at the address"):
        xb.load("s3://bucket/run", storage_options={**options["s3"], "endpoint_url": "http://127.0.0.1:9"})
