"""Which library owns which operator and which kernel, by version.

    registry = load({"vllm": "0.33.0", "vllm-xpu-kernels": "0.1.15.4"})
    registry.kernel("vllm::rms_norm_kernel")      # Entry(role_key="vllm", category="norm", …)
    registry.operator("_vllm_fa2_C::varlen_fwd")

Matches are of whole names, with their namespace: ``foo::rms_norm`` is not ``_C::rms_norm``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from xpubreak.classify.registry.entry import Choice, Entry
from xpubreak.classify.registry.library import SHARED, SUFFIXED, Library, available, ordered, read_library

__all__ = ["LIVE", "Choice", "Entry", "Registry", "load"]

LIVE = "live"
"""Library of operators that only the profiled process itself knew."""

MAX_SUFFIXED_CHARACTERS = 256

# Libraries that exist on one device only. Their names occur elsewhere, too, but there they are somebody else's.
_ONLY_ON = {"vllm-xpu-kernels": "xpu", "oneccl": "xpu", "onemkl": "xpu", "onednn": "xpu"}


@dataclass(frozen=True)
class Registry:
    """Names of all libraries, those of the chosen versions first.

    Parameters
    ----------
    chosen
        Library to the version whose names come first, and why.
    libraries
        In the order in which they are asked.
    live_operators
        Registered in the profiled process.
    """

    chosen: Mapping[str, Choice]
    libraries: tuple[Library, ...] = ()
    live_operators: frozenset[str] = frozenset()
    _kernels: Mapping[str, Library] = field(default_factory=dict, repr=False)
    _operators: Mapping[str, Library] = field(default_factory=dict, repr=False)

    def kernel(self, base: str) -> Entry | None:
        """Look up a kernel by its base name (see `xpubreak.classify.demangle.base_name`)."""
        library = self._kernels.get(base)
        if library is not None:
            return self._kernel_entry(library, base)
        # Triton kernels with a name of their own making: _matmul_ogs_NNT_bf16xbf16xmxfp4_16x128x256x1.
        stem = base if len(base) <= MAX_SUFFIXED_CHARACTERS else ""
        for _ in range(stem.count("_")):
            stem = stem.rpartition("_")[0]
            library = self._kernels.get(stem)
            if library is not None and library.kernels[stem][0] == SUFFIXED:
                return self._kernel_entry(library, stem)
        return None

    def operator(self, name: str) -> Entry | None:
        """Look up an operator ``ns::name``; overloads and in-place twins are found under the plain name."""
        name = name.partition(".")[0]
        for key in (name, name[:-1] if name.endswith("_") and not name.endswith("__") else name):
            library = self._operators.get(key)
            if library is not None:
                kind, category = library.operators[key]
                role = library.kind_roles.get(kind, library.role_key)
                note = "" if key in self.live_operators else self._other_version(library)
                return Entry(role, library.name, library.version, category, key, kind, note=note)
        # Extension modules of vLLM register under the name of the module: _C, _moe_C, _xpu_C …
        if name in self.live_operators and name.startswith("_"):
            return Entry("vllm", LIVE, "", "other", name, "device", note="registered in the profiled process")
        return None

    def _kernel_entry(self, library: Library, base: str) -> Entry:
        marker, category = library.kernels[base]
        return Entry(
            library.role_key,
            library.name,
            library.version,
            category,
            base,
            "kernel",
            is_shared=marker == SHARED,
            note=self._other_version(library),
            launched_by=library.launched_by.get(base, ()),
        )

    def _other_version(self, library: Library) -> str:
        chosen = self.chosen[library.name]
        if chosen.version == library.version:
            return ""
        return f"known from {library.name} {library.version}, not in {chosen.version}"


def load(
    versions: Mapping[str, str] | None = None, live_operators: Iterable[str] = (), device: str = "xpu"
) -> Registry:
    """Choose versions and put the names together; cached.

    Parameters
    ----------
    versions
        Of packages, as stamped in the trace; ``-`` and ``_`` are the same.
    live_operators
        ``"ns::name"`` of the operators that the profiled process had registered.
    device
        Of the trace. Libraries of another device are left out: their kernels may have namesakes.

    Returns
    -------
    Registry
        Total for any versions: without a stamp, or with one that is not known, a near or the newest version speaks.
    """
    stamped = tuple(sorted((name.lower().replace("_", "-"), version) for name, version in (versions or {}).items()))
    return _load(stamped, frozenset(live_operators), device)


@lru_cache(maxsize=16)
def _load(stamped: tuple[tuple[str, str], ...], live_operators: frozenset[str], device: str) -> Registry:
    stamps = dict(stamped)
    chosen: dict[str, Choice] = {}
    first: list[Library] = []
    others: list[Library] = []
    for name, known in available().items():
        if _ONLY_ON.get(name, device) != device:
            continue
        choice = chosen[name] = _choose(known, stamps.get(name, ""))
        first.append(read_library(name, choice.version))
        others.extend(read_library(name, version) for version in known if version != choice.version)
    libraries = (*first, *others)
    kernels: dict[str, Library] = {}
    operators: dict[str, Library] = {}
    for library in reversed(libraries):
        kernels.update(dict.fromkeys(library.kernels, library))
        operators.update(dict.fromkeys(library.operators, library))
    return Registry(chosen, libraries, live_operators, kernels, operators)


def _choose(known: tuple[str, ...], stamped: str) -> Choice:
    if not ordered(stamped):
        return Choice(known[0], "default", stamped)
    for version in known:
        if ordered(version) == ordered(stamped):
            return Choice(version, "exact", stamped)
    earlier = [version for version in known if ordered(version) < ordered(stamped)]
    return Choice(earlier[0] if earlier else known[-1], "nearest", stamped)
