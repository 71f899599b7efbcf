"""Private names: whether a name is one that machines are given, or one of a program, a model or a file."""

from __future__ import annotations

import re

from xpubreak.breakdown.privateforms import is_public_site

_ENDINGS = (
    r"log|json|jsonl|txt|py|pyx|pyi|pyc|gz|zip|tar|pt|trace|csv|out|err|xpb|html|part|prof|yaml|yml|toml|c|cc|cpp|cxx|cu"
    r"|cuh|h|hpp|inl|cl|ll|spv|ptx|mlir|f90|rs|go|rb|java|proto|js|ts|md|ipynb|sh|so|cfg|ini|bin|png|svg|onnx|safetensors"
)
DOMAIN = rf"(?:\.(?!(?:{_ENDINGS})\b)[A-Za-z][A-Za-z0-9-]*(?![\w(]))*"
"""What follows the name of a host, where that is not a file named after it."""
_FILE = re.compile(rf"\.(?:{_ENDINGS})$", re.IGNORECASE)

_HASH = r"(?=[a-z]{0,9}\d)[bcdf-hj-np-tv-xz2456789]"  # as Kubernetes writes them: no vowels, so no words
ONLY_HOSTS = (
    r"(?i:(?:ip|ec2)-\d{1,3}(?:-\d{1,3}){3}"  # AWS
    r"|x\d{3,5}c\d{1,2}s\d{1,3}b\d{1,2}n\d{1,2}(?:-[a-z]{2,4}\d)?|nid\d{5,6}"  # Cray, Aurora among them
    r"|[dh]gx-[a-z]{1,2}\d{2,4}-\d{1,4}|[dh]gx-?0\d{1,3})"
    rf"|[a-z][a-z0-9-]{{0,60}}-{_HASH}{{8,10}}-{_HASH}{{5}}"
)
"""What nothing else is called."""
_SURE = re.compile(ONLY_HOSTS)
_MACHINE = re.compile(
    r"(?:(?:gpu|cpu|xpu|compute|head|worker|login)?nodes?|hosts?|srv|server|[dh]gx|compute|login|nid|rack|blade|vm|worker"
    r"|master)\d{0,5}"
)
_HEAD_OF_RAY = re.compile(r"ray-head-|(?:[a-z0-9]{1,20}-){1,4}ray-head-")
_OF_PROGRAM = re.compile(
    r"to|from|dim|attn|attention|mlp|moe|kernel|tile|graph|fx|lm|kv|q|k|v\d*|[hd]2[hd]|pinned\d*|buf\d*|arg\d*|op\d*|call"
)
"""What a part between dashes is called in names of programs: lm-head-0, host-to-device-0, graph-node-3."""
_OF_A_POOL = re.compile(r"(?:gpu|xpu|worker|head|master|ray|pod)-?\d*", re.IGNORECASE)
"""Cards and workers are numbered, too: with no more than this before a number, they are no machine."""
_NO_HOST = re.compile(
    r"(?:cuda|xpu|cpu|gpu|hpu|npu|mps|hip|rocm|sm|rank|tp|pp|dp|ep|layers?|step|dim|expert|head|block|stage|thread|stream"
    r"|device|card|tile|queue|cores?|socket|numa|port|eth|ib|mlx|line|cell|epoch|batch|bf|fp|u?int|float|tf|nf|[fisuv]"
    r"|attn|attention|mlp|moe|conv|pool|norm|relu|linear|embed|proj|gemm|gemv|matmul|mm|bmm|kernel|graph|op|arg|buf|tmp|primals"
    r"|memcpy|memset|copy|decode|prefill|module|model|func|self|this)(?:[-_]?\d+(?:x\d+)?[a-z]?)?"
    r"|(?:[mnkbv]\d+)+|0x[0-9a-f]*|[a-f]*\d[0-9a-f]{7,}|localhost|none|null|true|false|unknown|any|all|default|the|x86",
    re.IGNORECASE,
)
"""Parts of a machine and of a model, types, shapes, addresses in memory, and what means no machine."""
_OURS = re.compile(r"(?:host|user)-\d+(?:\.\w+)?$")
_USUAL_PORT = re.compile(r"22|80|443|29\d{3}|8\d{3}|6379|1000[0-4]|2222|5000|5555|90\d\d|1235[56]")
_LEAST_PORT, _LENGTH = 1024, 64


def is_host(name: str) -> bool:
    """Whether what stands where a host would, is one: not a file, a card, a type, nor what is written for a host."""
    return not (
        _FILE.search(name)
        or is_of_a_program(name.partition(".")[0])
        or _OF_A_POOL.fullmatch(name)
        or _OURS.match(name)
        or is_public_site(name)
    )


def is_of_a_program(name: str) -> bool:
    """Whether programs and models call a part of theirs so, as ``layer3``, ``bf16x2`` and ``m64n128``."""
    return bool(_NO_HOST.fullmatch(name))


def is_machine(name: str) -> bool:
    """Whether a name, with or without its domain, is one that machines are given: node7, gpu-node-03, dgx-a100-17."""
    first = name.partition(".")[0]
    if _SURE.fullmatch(first):
        return True
    first = first.lower()
    parts = first.split("-")
    return bool(
        re.search(r"\d", first)
        and (any(map(_MACHINE.fullmatch, parts)) or _HEAD_OF_RAY.match(first))
        and not any(map(_OF_PROGRAM.fullmatch, parts))
    )


def has_number(name: str) -> bool:
    """Whether a name is one of many like it, as node7 is."""
    return len(name) > 3 and bool(re.search(r"\d", name)) and bool(re.search(r"[A-Za-z]{2}", name))


def is_usual_port(number: str) -> bool:
    """Whether servers listen there by default or by habit: more often so than a line or a length has this number."""
    return bool(_USUAL_PORT.fullmatch(number)) and (number == "8000" or int(number) % _LENGTH != 0)


def may_be_port(number: str) -> bool:
    """Whether a number after what is called a host is a port: lengths are multiples of 64, ports are mostly not."""
    return is_usual_port(number) or (_LEAST_PORT <= int(number) < 1 << 16 and int(number) % _LENGTH != 0)
