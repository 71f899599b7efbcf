"""Private keys: which entries of metadata name a host, a user, arguments or a secret, by how they are called.

Whoever records may add entries of any name, so the last words of a key count: ``client_hostname``, ``SLURM_NODELIST``,
``workerName``. What stands below such a key is of its kind, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xpubreak.breakdown.privatetexts import ARGUMENTS, HOST, PATH, SECRET, USER
from xpubreak.breakdown.privatewords import each_of

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KINDS = {
    ARGUMENTS: r"(?:sys_)?argv|(?:(?:process|program|launch|script|cli|engine)_?)?arg(?:ument)?s"
    r"|(?:\w+_)?(?:cmds?|cmd_?line|commands?|command_?line|env|environ(?:ment)?)",
    SECRET: r"\w*(?:api_?key|access_?key|private_?key|token|secret|password|passwd|passphrase|credentials?|cookies?)",
    HOST: r"(?:\w+_)?(?:(?:host|node|server|machine)s?|(?:host|node|server|machine|worker|client|peer|pod|cluster)"
    r"_?(?:names?|list|fqdn|ips?|addr|address)|(?:slurmd_)?nodename|fqdn|ips?|ipv[46]|ip_?addr(?:ess)?|master_addr"
    r"|address(?:es)?)",
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
    ``cuda`` everywhere would spoil names of kernels.
    """
    kind = kind_of(key, above) if key else above
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from names_in(item, str(name), kind)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from names_in(item, key, above)
    elif isinstance(value, str) and kind in (HOST, USER) and not _NUMBER.match(value):
        words = _words(key)
        if _PLAIN.match(words) or (_TELLING.match(value) and (_PATTERNS[kind].match(words) or _CALLED.match(words))):
            parts = each_of(value, is_list=bool(_LIST.search(words))) if kind == HOST else (value,)
            yield from ((kind, part) for part in parts)


def is_number(value: str) -> bool:
    """Whether a text names nobody: ``node`` may be ``0``."""
    return bool(_NUMBER.match(value))


def _words(key: str) -> str:
    return re.sub(r"\W+", "_", _HUMP.sub("_", key)).strip("_").lower()[:200]
