"""Options for URLs reach whoever reads, and nobody else; what was listed before is not taken for what is there."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import xpubreak as xb
from tests.ranks.here import Here
from xpubreak.breakdown.access import Access
from xpubreak.breakdown.workers import WORKERS
from xpubreak.samples import synthesize

fsspec = pytest.importorskip("fsspec")
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402 - skipped where fsspec is not

RANKS = 3
OPTIONS = {"key": "open sesame"}
VAULT = "vault://run"


class Vault(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Opens for a key only, and remembers listings as s3fs and gcsfs do."""

    protocol = "vault"
    store: dict[str, Any] = {}  # noqa: RUF012 - as its parent has it
    pseudo_dirs = [""]  # noqa: RUF012

    def __init__(self, key: str = "", **others: Any) -> None:
        super().__init__(**others)
        key = key or os.environ.get("VAULT_KEY", "")
        self._key, self._is_open = key, key == OPTIONS["key"]
        self._listed: dict[str, Any] = {}

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(MemoryFileSystem._strip_protocol(path.removeprefix("vault:/")))

    def ls(self, path: str, detail: bool = True, **others: Any) -> Any:
        if not self._is_open:
            raise PermissionError(f"Access Denied for {self._key} at https://{self._key}@vault")
        if path not in self._listed:
            self._listed[path] = super().ls(path, detail=True, **others)
        found = self._listed[path]
        return found if detail else [item["name"] for item in found]

    def info(self, path: str, **others: Any) -> Any:
        if not self._is_open:
            raise PermissionError(f"Access Denied for {self._key} at https://{self._key}@vault")
        return super().info(path, **others)

    def cat_file(self, path: str, *others: Any, **named: Any) -> Any:
        self.info(path)
        return super().cat_file(path, *others, **named)

    def find(self, path: str, **others: Any) -> Any:
        return super().find(path, **others) if self._is_open else {}  # as s3fs: what cannot be listed is left out

    def invalidate_cache(self, path: str | None = None) -> None:
        if path is None:
            self._listed.clear()
        self._listed.pop(path or "", None)


@pytest.fixture
def vault() -> Iterator[Any]:
    fsspec.register_implementation("vault", Vault, clobber=True)
    Vault.clear_instance_cache()
    files = fsspec.filesystem("vault", **OPTIONS)
    for rank in range(RANKS):
        add(files, rank)
    yield files
    Vault.store.clear()


def add(files: Any, rank: int) -> None:
    document = synthesize(tp=RANKS + 1, rank=rank, layers=1, decode_steps=1)
    files.pipe_file(f"/run/rank{rank}.json", document.to_bytes())


def test_options_reach_workers_and_the_store(vault: Any, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = xb.load(VAULT, executor=pool, store="vault://store", storage_options=OPTIONS)
    assert found.ranks == tuple(range(RANKS))
    assert found.detail(1).ranks == (1,)
    assert xb.load(VAULT, processes=1, storage_options=OPTIONS).totals == found.totals
    saved = found.save(tmp_path / "sums.xpb", redact=False)
    assert b"sesame" not in Path(saved).read_bytes()
    again = xb.open(saved)
    with pytest.raises(xb.DetailError, match=r"storage_options"):
        again.detail(1)
    assert again.detail(1, storage_options=OPTIONS).totals == found.detail(1).totals


def test_new_ranks_are_seen_and_known_ones_are_not_read_again(vault: Any) -> None:
    """What one process listed before its workers wrote is not what is there."""
    first, second = Here(), Here()
    xb.load(VAULT, executor=first, store="vault://store", storage_options=OPTIONS)
    add(vault, RANKS)
    found = xb.load(VAULT, executor=second, store="vault://store", storage_options=OPTIONS)
    assert (len(first.ran), second.ran) == (RANKS, [f"rank{RANKS}.json"])
    assert found.ranks == tuple(range(RANKS + 1))


@pytest.mark.parametrize("options", [None, {"key": "sesame street"}])
@pytest.mark.parametrize("url", [VAULT, f"{VAULT}/*.json", f"{VAULT}/rank0.json"])
def test_denied_access_says_where_and_what_to_do(vault: Any, url: str, options: Any) -> None:
    with pytest.raises(xb.NotATraceError, match=r"vault://run.*Access Denied.*storage_options") as caught:
        xb.load(url, processes=1, storage_options=options)
    assert "street" not in str(caught.value)
    assert "street" not in str(caught.value.__cause__)


def test_a_store_that_cannot_be_looked_at_says_so(vault: Any, tmp_path: Path) -> None:
    synthesize(layers=1, decode_steps=1).save(tmp_path / "rank0.json")
    with pytest.raises(xb.XpubreakError, match=r"vault://store.*storage_options"):
        xb.load(tmp_path, store="vault://store")


def test_options_are_for_urls_and_may_be_told_by_kind() -> None:
    one = Access.given({"key": "k"})
    assert one.of("s3://b/x") == one.of("gs://b/x") == {"key": "k"}
    assert one.of("/a/path") == {}
    each = Access.given({"s3": {"key": "k"}, "gs": {"token": "t"}})
    assert (each.of("s3://b/x"), each.of("gs://b/x"), each.of("memory://x")) == ({"key": "k"}, {"token": "t"}, {})
    assert Access.given({"client_kwargs": {"verify": False}}).of("s3://b/x") == {"client_kwargs": {"verify": False}}
    with pytest.raises(xb.NotATraceError, match="mapping"):
        Access.given("secret")  # type: ignore[arg-type]


def test_kinds_have_other_names_and_chains_are_left_to_fsspec() -> None:
    each = Access.given({"s3": {"key": "k"}, "gs": {"token": "t"}})
    assert (each.of("s3a://b/x"), each.of("gcs://b/x")) == ({"key": "k"}, {"token": "t"})
    assert each.of("simplecache::s3://b/x") == each.options


def test_a_client_heeds_what_the_environment_says_since_it_failed(vault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(xb.NotATraceError, match="storage_options"):
        xb.load(VAULT, processes=1)
    monkeypatch.setenv("VAULT_KEY", OPTIONS["key"])
    assert len(xb.load(VAULT, processes=1).rank_table) == RANKS


def test_single_ranks_keep_the_options_and_pickles_do_not(vault: Any) -> None:
    with ThreadPoolExecutor(2) as pool:
        bd = xb.load(VAULT, executor=pool, store="vault://pickled", storage_options=OPTIONS)
    assert bd.detail(0).tables.access.options == bd.tables.access.options == OPTIONS
    assert OPTIONS["key"].encode() not in pickle.dumps(bd.tables)


def test_options_travel_and_are_not_shown() -> None:
    access = Access.given({"secret": "sesame"})
    assert pickle.loads(pickle.dumps(access)) == access
    assert "sesame" not in repr(access)
    assert access.as_json() == '{"secret": "sesame"}'
    assert Access.given({"token": object()}).as_json() is None


def test_a_missing_client_is_named() -> None:
    if find_spec("s3fs") is not None:
        pytest.skip("s3fs is there")
    with pytest.raises(xb.NotATraceError, match=r"pip install s3fs, where this runs and where workers run"):
        xb.load("s3://bucket/run")


def test_processes_that_know_another_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses and credentials may be there now that were not when they were started."""

    class Idle:
        environment = {"A_TOKEN": "old"}  # noqa: RUF012
        is_ended = False

        def end(self) -> None:
            self.is_ended = True

    idle = Idle()
    monkeypatch.setattr(WORKERS, "_idle", [idle])
    WORKERS._end_outdated()
    assert idle.is_ended
    assert not WORKERS.is_warm
