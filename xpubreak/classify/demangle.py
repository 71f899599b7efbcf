"""What a kernel is called: the name under its wrappers, without template arguments, whatever form the trace has.

Traces hold demangled names, mangled ones (where the profiler's demangler gave up), plain identifiers (Triton, oneDNN)
and names that a table has cut off. `base_name` gives all forms of one kernel the same base. It never raises and looks
at `MAX_CHARACTERS` at most; names from traces are untrusted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from xpubreak.classify.names.demangled import read_demangled
from xpubreak.classify.names.mangled import read_mangled
from xpubreak.classify.names.symbol import Symbol

MAX_CHARACTERS = 1 << 16
MAX_DISPLAY_CHARACTERS = 320
MAX_WRAPPERS = 8

# Templates that carry the kernel's own name as an argument: their scopes (empty: any) and its place, -1 for the last.
# Sources: intel/llvm sycl/include/sycl/handler.hpp, intel/torch-xpu-ops src/comm/SYCLHelpers.h, intel/sycl-tla
# tools/util/include/cutlass (compat), NVIDIA/cutlass include/cutlass/device_kernel.h, Dao-AILab/flash-attention
# hopper/utils.h, ROCm/composable_kernel include/ck_tile/host/kernel_launch.hpp.
WRAPPERS: dict[str, tuple[tuple[str, ...], int]] = {
    "__pf_kernel_wrapper": ((), 0),
    "RoundedRangeKernel": ((), -1),
    "RoundedRangeKernelWithKH": ((), -1),
    "__SyclKernelWithProps__": ((), 0),
    "KernelFunctor": (("compat::experimental::detail", "syclcompat::experimental::detail"), 0),
    "device_kernel": (("cutlass",), 0),
    "enable_sm90_or_later": (("flash",), 0),
    "enable_sm90": (("flash",), 0),
    "enable_sm80_to_sm89": (("flash",), 0),
    "kentry": (("ck_tile",), 1),
}
# SYCL free-function kernels: intel/llvm sycl/doc/extensions/experimental/sycl_ext_oneapi_free_function_kernels.asciidoc
_FREE_FUNCTION_PREFIX = "__sycl_kernel_"

# Triton 2 appended its specialisation, from argument 0 on: "d" divisible by 16, "e" by 8, "c" constant. One of them
# must occur: Inductor's names end in a mere number.
_SPECIALISATION = re.compile(r"_0(?:\d*(?:de|d|c))+\d*\Z")
# Level Zero's copies carry their direction like an argument: zeCommandListAppendMemoryCopy(M2D).
_DIRECTION = re.compile(r"\([A-Z]+2[A-Z]+\)\Z")
_CPP = re.compile(r"::|\w<|\w\(")
# No C++ name begins so. Read as one, `/data/project (copy)/run` would become `/data/project`, and what is left out of
# shared files as a folder would pass for the name of a file.
_PATH = re.compile(r"[/\\]|~[/\\]|[A-Za-z]:[/\\]|[A-Za-z][\w+.-]*://")
_LENGTH_PREFIX = re.compile(r"\d{1,5}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class BaseName:
    """Name of a kernel in the forms that matching and showing need.

    Parameters
    ----------
    base
        Qualified, without template arguments and wrappers: ``"vllm::rms_norm_kernel"``. For a lambda the function that
        it is written in.
    display
        Readable: ``"vllm::rms_norm_kernel<bf16, 2, 0, false>"``; at most `MAX_DISPLAY_CHARACTERS`.
    mangled
        The raw name is a mangled one.
    unwrapped
        Bases of the wrappers that were taken off, outermost first.
    """

    base: str
    display: str
    mangled: bool = False
    unwrapped: tuple[str, ...] = ()


def base_name(raw: str) -> BaseName:
    """Take a kernel's name apart.

    Parameters
    ----------
    raw
        Name of a device activity as the trace has it. Untrusted: any text, any length.

    Returns
    -------
    BaseName
        Text that is no C++ name keeps its text as base.
    """
    return _remembered(raw) if len(raw) <= _MAX_REMEMBERED else _base_name(raw)


def _base_name(raw: str) -> BaseName:
    text = _without_suffix(raw[:MAX_CHARACTERS])
    if text.startswith("_Z"):
        symbol, _ = read_mangled(text)
        return _named(symbol, mangled=True) if symbol is not None else _scanned(text)
    if _CPP.search(text) and not _DIRECTION.search(text) and not _PATH.match(text):
        symbol = read_demangled(text)
        if symbol is not None:
            return _named(symbol, mangled=False)
    return BaseName(base=_SPECIALISATION.sub("", text), display=_readable(text))


# Each name is asked for when it is classified and when it is shown. At most some 200 MB of the longest names.
_MAX_REMEMBERED = 1024
_remembered = lru_cache(1 << 17)(_base_name)


def _without_suffix(text: str) -> str:
    """Take off what unitrace adds (sub-group size and shape of the launch) and ROCm's mark of a kernel descriptor."""
    text = text.strip()
    if text.endswith("]"):
        text = text[: text.rfind("[SIMD")] if "[SIMD" in text else text
    return text.removesuffix(".kd").rstrip()


def _named(symbol: Symbol, mangled: bool) -> BaseName:
    owner = outermost = symbol.outermost_function()
    unwrapped: list[str] = []
    while _is_wrapper(owner) and len(unwrapped) < MAX_WRAPPERS:
        inner = _wrapped(owner)
        if inner is None:  # cut off before the kernel's name: the outermost wrapper says most
            owner, unwrapped = outermost, []
            break
        unwrapped.append(owner.qualified())
        owner = inner.outermost_function()
    if owner.text.startswith(_FREE_FUNCTION_PREFIX):
        owner = Symbol(owner.text.removeprefix(_FREE_FUNCTION_PREFIX), owner.parent, owner.arguments)
    return BaseName(owner.qualified(), _readable(owner.shown()), mangled, tuple(unwrapped))


def _is_wrapper(owner: Symbol) -> bool:
    scopes, _ = WRAPPERS.get(owner.text, ((), 0))
    is_in_scope = not scopes or (owner.parent is not None and owner.parent.qualified() in scopes)
    return owner.text in WRAPPERS and is_in_scope


def _wrapped(owner: Symbol) -> Symbol | None:
    _, place = WRAPPERS[owner.text]
    arguments = owner.arguments or ()
    # RoundedRangeKernel<item, dimensions, kernel>: of a cut name the last argument may be missing.
    needed = 3 if place < 0 else place + 1
    return arguments[place] if len(arguments) >= needed else None


def _scanned(text: str) -> BaseName:
    """Chain the length-prefixed identifiers up to the first template argument, the last one cut or not."""
    position = 2
    found: list[str] = []
    while position < len(text):
        match = _LENGTH_PREFIX.match(text, position)
        if match is None:
            if found and text[position] in "IE":
                break
            position += 1
            continue
        position = match.end() + int(match[0])
        identifier = text[match.end() : position]
        found.append("(anonymous namespace)" if identifier.startswith("_GLOBAL__N") else identifier)
    base = "::".join(identifier for identifier in found if identifier) or text
    return BaseName(base, _readable(base), mangled=True)


def _readable(text: str) -> str:
    return shorten(_UNPRINTABLE.sub(" ", text), MAX_DISPLAY_CHARACTERS)


def shorten(display: str, width: int) -> str:
    """Fit a display name into a width: arguments go first, then namespaces, then the end.

    Parameters
    ----------
    display
        As `BaseName.display`.
    width
        Characters.

    Returns
    -------
    str
        At most `width` characters; what was left out is marked by ``…``.
    """
    if len(display) <= width:
        return display
    name, opening, _ = display.partition("<")
    arguments = "<…>" if opening and name else ""
    name = name if name else display
    if len(name) + len(arguments) > width:
        cut = name.find("::", len(name) + len(arguments) + 1 - max(width, 1))
        cut = name.rfind("::") if cut < 0 else cut
        name = "…" + name[cut:] if cut >= 0 else name
    if len(name) + len(arguments) <= width:
        return name + arguments
    return name if len(name) <= width else name[: max(width - 1, 0)] + "…" * (width > 0)
