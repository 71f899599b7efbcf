"""Private keys: which entries of metadata name a host, a user, arguments or a secret, by how they are called.

Whoever records may add entries of any name, so the last words of a key count: ``client_hostname``, ``SLURM_NODELIST``,
``workerName``. What stands below such a key is of its kind, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xpubreak.breakdown.privatenames import has_number, is_host, is_of_a_program
from xpubreak.breakdown.privatetexts import ARGUMENTS, HOST, PATH, SECRET, USER
from xpubreak.breakdown.privatewords import each_of

REACHED = "reached host"
"""Kind of names that may be words of a program: they are hosts where a port is behind them."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KINDS = {
    ARGUMENTS: r"(?:sys_)?argv|(?:(?:process|program|launch|script|cli|engine)_?)?arg(?:ument)?s"
    r"|(?:\w+_)?(?:cmds?|cmd_?line|commands?|command_?line|env|environ(?:ment)?)",
    SECRET: r"\w*(?:(?:api|access|private)_?keys?|token|secrets?|passwords?|passwd|passphrases?|credentials?|cookies?)",
    HOST: r"(?:\w+_)?(?:(?:host|node|server|machine)s?|(?:host|node|server|machine|worker|client|peer|pod|cluster)"
    r"_?(?:names?|list|fqdn|ips?|addr|address)|(?:slurmd_)?nodename|fqdn|ips?|ipv[46]|ip_?addr(?:ess)?|master_addr"
    r"|rdzv_endpoint|address(?:es)?)",
    USER: r"(?:\w+_)?(?:users?|user_?names?|user_?ids?|uid|login|logname|owners?|authors?|account|e?mail|submitter)",
    PATH: r"model|model_?path|tokenizer|tokenizer_?path|download_dir|weights|checkpoint",
}
_PATTERNS = {kind: re.compile(rf"(?:{pattern})$") for kind, pattern in _KINDS.items()}
_CALLED = re.compile(r"(?:\w+_)?(?:names?|host_?names?|node_?names?|fqdn|hosts?|nodes?|users?|login)$")
"""Below such a key, what is the name itself and not a property of what it names."""
_PLAIN = re.compile(r"(?:host_?name|host|node_?name|node|fqdn|master_addr|user_?name|user|login)$")
"""``server`` may be uvicorn, ``machine`` x86_64, ``address`` a number."""
_LIST = re.compile(r"(?:list|hosts|nodes|servers|machines|names|addresses|ips)$")
_TELLING = re.compile(r"(?=.{4})(?=.*[\d.-])(?=.*[A-Za-z])")
_NUMBER = re.compile(r"[\d\s,]*$")
_COUNTED = re.compile(r"\w*token$")
_LOGIN = re.compile(r"(?:\w+_)?(?:access|api|auth|bearer|hf|hub|id|login|refresh|secret|session|user)_?token$|token$")
"""A number under such a key is a secret; one under ``ms_per_token`` or ``eos_token`` is of a model."""
_PROPERTY = re.compile(
    r"(?:active|addr|address|arch|architecture|arg|argument|available|backend|bandwidth|brand|build|busy?|byte|cache"
    r"|capacity|card|class|clock|cluster|cmd|code|command|compute|config|core|count|cpu|cuda|date|default|dev|device|dir"
    r"|disk|domain|driver|end|env|environ|epoch|family|file|flag|folder|fqdn|free|freq|frequency|full|g?flops|global|gpu"
    r"|group|home|host|hostname|id|index|info|interface|ip|ipv[46]|is|job|kernel|key|kind|[kmgt]?i?b|[kmg]?hz|l[1-4]|label"
    r"|level|limit|list|load|local|log|logical|login|long|mac|machine|mail|major|manufacturer|master|max|mem|memory|min"
    r"|minor|mode|model|name|network|nic|node|[num]?s|num|numa|number|of|option|order|os|owner|parent|password|path|peak"
    r"|pid|platform|pod|port|power|ppid|process|processor|product|program|property|queue|rack|ram|rank|region|release"
    r"|revision|role|sec|second|serial|server|shell|short|size|slot|socket|speed|start|state|status|step|stepping|swap"
    r"|sys|sysname|system|tag|team|temp|thread|tid|time|timeout|timezone|total|type|uid|uptime|url|used|user|username"
    r"|uuid|value|vendor|version|visible|watt|wattage|worker|world|xpu|zone)(?:e?s)?"
)
"""Words of which properties of a machine or a person are called; what is none of these is a name."""


def kind_of(key: str, above: str = "") -> str:
    """Return the kind (`privatetexts.KINDS`) of what stands at a key, itself below one of kind ``above``."""
    words = _words(key)
    # Arguments and secrets go, whatever they are filed under.
    for kind in (ARGUMENTS, SECRET):
        if _PATTERNS[kind].match(words):
            return kind
    found = next((kind for kind in (HOST, USER, PATH) if _PATTERNS[kind].match(words)), "")
    return found if found in (HOST, USER) or not above else above


def names_in(value: Any, key: str = "", above: str = "") -> Iterator[tuple[str, str]]:
    """Names of hosts and users, with their kind, that are worth looking for in all other texts.

    A name under a key that is not called plainly ``host`` or ``user`` has to look like one: to replace ``x86_64`` or
    ``cuda`` everywhere would spoil names of kernels. What does not is of the kind `REACHED`.
    """
    kind = kind_of(key, above) if key else above
    if isinstance(value, Mapping):
        for name, item in value.items():
            if is_name(str(name), kind) and (kind == HOST or _is_told_apart(str(name))):
                yield kind if _is_told_apart(str(name)) else REACHED, str(name)
            yield from names_in(item, str(name), kind)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from names_in(item, key, above)
    elif isinstance(value, str) and kind in (HOST, USER) and not _NUMBER.match(value):
        words = _words(key)
        is_called = _PLAIN.match(words) or (
            _TELLING.match(value) and (_PATTERNS[kind].match(words) or _CALLED.match(words))
        )
        parts = each_of(value, is_list=bool(_LIST.search(words))) if kind == HOST else (value,)
        if is_called or kind == HOST:
            yield from ((kind if is_called else REACHED, part) for part in parts)


def is_name(key: str, above: str) -> bool:
    """Whether a key below one of a kind is itself the name of a host or user, as in ``"hosts": {"node7": 8}``."""
    if above not in (HOST, USER) or _NUMBER.match(key) or (kind_of(key) and "-" not in key):
        return False
    return not all(
        word.isdigit() or _PROPERTY.fullmatch(word) or is_of_a_program(word) for word in _words(key).split("_")
    )


def is_secret_number(key: str, above: str = "") -> bool:
    """Whether a number is a secret: one of a PIN is, one of tokens of a text is not."""
    words = _words(key)
    return kind_of(key, above) == SECRET and (above == SECRET or not _COUNTED.match(words) or bool(_LOGIN.match(words)))


def _is_told_apart(name: str) -> bool:
    """Whether a key means nothing else wherever it occurs: nodes of a graph stand below ``nodes``, too."""
    return (
        bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z][A-Za-z0-9-]*)*", name))
        and has_number(name.partition(".")[0])
        and is_host(name)
        and not is_of_a_program(name.partition(".")[0])
    )


def is_number(value: str) -> bool:
    """Whether a text names nobody: ``node`` may be ``0``."""
    return bool(_NUMBER.match(value))


def _words(key: str) -> str:
    return re.sub(r"\W+", "_", _HUMP.sub("_", key)).strip("_").lower()[:200]
