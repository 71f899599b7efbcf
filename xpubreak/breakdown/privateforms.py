"""Private forms: how addresses, tokens and assignments look in a text, and what looks like them and is none."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

WEB = re.compile(
    r"(?<![A-Za-z0-9+.-])(?!(?:file|ipc|unix|s3|gs|gcs|abfss?|az|hdfs|oss)://)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,15})://"
    r"(?P<login>[^\s/@]*@)?(?P<host>\[[0-9a-fA-F:]+(?:%\w+)?\]|[^\s/:'\"<>]+)"
)
MAIL = re.compile(r"(?<![\w.+-])(?P<user>[\w.+-]+)@(?P<host>(?!GLIBC|plt\b)[A-Za-z0-9][\w-]*(?:\.[\w-]+)*)")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
FOUR_NUMBERS = re.compile(rf"(?<![\w.])(?P<first>{_BYTE})(?:\.{_BYTE}){{3}}(?![\w]|\.\w)")
_PORT = re.compile(r":\d{2,5}(?![\d.])|/(?:[12]?\d|3[0-2])(?![\d.])")
_CALLED_ADDRESS = re.compile(
    r"(?:://|@|\b(?:host(?:name)?|addr(?:ess)?|ip(?:v4)?|node|server|master|peer|endpoint|inet|client|remote)"
    r"(?:[_-](?:addr(?:ess)?|ip|host|name))?['\"]?\s*[=: ]\s*['\"(\[]?"
    r"|\b(?:connect\w*|listen\w*|sen[dt]|receiv\w+|bind|bound)\s+(?:to|on|from|at)\s+['\"(\[]?)$",
    re.IGNORECASE,
)
_CALLED_VERSION = re.compile(r"(?:\bv|\bversion\W{0,3}|\brelease |\bdriver |[=<>~!]=\s*|[A-Za-z]-)$", re.IGNORECASE)
_LEAST_FIRST = 20
"""Libraries have versions of four numbers, such as 2.13.0.1, 12.4.5.8 of cuBLAS; these begin with smaller ones."""
_GROUPED = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:%\w+)?(?![\w:]|\.\w)")
_CARD = re.compile(r"(?<![\w:.-])[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}(?![\w:-])")
"""The hardware address of a network card."""
_NETWORK = re.compile(r"(?:fe[89ab][0-9a-f]|f[cd][0-9a-f]{2}|[23][0-9a-f]{3})$", re.IGNORECASE)

COMMAND = re.compile(
    r"^\s*(?P<program>\S*?(?:python[\d.]*|vllm|torchrun|accelerate|mpirun|mpiexec|ray|bash|sh|(?<![^\s/\\])(?:env|srun"
    r"|sbatch|deepspeed|uvx?|nsys|ncu|numactl|sudo|nohup|taskset|unitrace|vtune))(?:\.exe)?)\s+\S"
)
OPTION = re.compile(r"(?:^|\s)-{1,2}[A-Za-z][\w-]*")
SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:hf_(?:[A-Za-z0-9]{12,}|(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Z])[A-Za-z0-9]{6,})(?!\w)"
    r"|github_pat_\w{12,}|gh[pousr]_[A-Za-z0-9]{12,}|glpat-[\w-]{12,}|nvapi-[\w-]{12,}|sk-[A-Za-z0-9_\-]{12,}"
    r"|xox[abeprs]-[A-Za-z0-9_\-]{12,}|xapp-[A-Za-z0-9-]{12,}|A[KS]IA[A-Z0-9]{12,}|pypi-[\w-]{12,}|npm_[A-Za-z0-9]{12,}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{8,}|AIza[\w-]{20,}|eyJ[\w-]{8,512}\.[\w-]{4,}(?:\.[\w-]*)?)"
)
PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
    r"(?:(?:[^-]|-(?!----(?:BEGIN|END) )){0,8000}-----END [A-Z ]{0,20}PRIVATE KEY-----|[A-Za-z0-9+/=\s\\]*)"
)
"""A private key, of many lines, or what is left of one."""
BEARER = re.compile(
    r"(?P<name>\bbearer\s+|\bauthorization['\"]?\s*[=:]\s*['\"]?(?:(?:basic|token|bearer)\s+)?)"
    r"(?P<value>[A-Za-z0-9._~+/=-]{6,})",
    re.IGNORECASE,
)
KEYED = re.compile(r"key|token|secret|passw|passph|pwd|cookie|bearer|authorization|sig=|-(?:sig|cred)", re.IGNORECASE)
PASSWORD = re.compile(
    r"(?P<name>(?<![\w-])--?[\w-]{0,64}?(?:key|token|secret|password|passwd)\s+"
    r"|(?:api[_-]?key|access[_-]?key|private[_-]?key|token|secret(?:[_-]\w{1,64})?|passw(?:or)?d|passphrase)['\"]?\s*[=:](?!:)\s*['\"]?)(?P<value>[^\s,;&'\"]{6,})"
    r"|(?P<short>\bx-(?:amz|goog)-(?:signature|credential)=|[?&]sig(?:nature)?=(?=[\w%+/.-]{16})|(?:passw(?:or)?d|(?<![A-Za-z])pwd|passphrase)['\"]?\s?=(?!=)\s?['\"]?|\b(?:set-)?cookie['\"]?:\s?)"
    r"(?P<shortly>(?!None\b|True\b|False\b|null\b|[/.~])[^\s,;&'\"()]+)(?![(\w])",
    re.IGNORECASE,
)
LISTED = re.compile(r"(?:[^,\[\]]|\[[^\[\]]*\]?)+")
"""A part of a list of hosts: ``gpu[01-03,07]`` is one."""
_HOST_NAMES = (
    r"(?:[A-Z0-9]+_)*(?:(?P<list>NODE_?LIST|HOST_?LIST|HOSTS)|HOST(?:_?NAME)?|HOST_IP|ADDR|NODE_?NAME|SERVER|FQDN)"
    r"|(?i:master_addr|host_?name|node_?name|host_ip|dist_init_addr|head_address)"
)
_SAID = r"(?:host|node)(?==)(?!=[ =])|(?:Host|Node)(?=: [a-z][\w.-]*\d)"
_SAID_USER = r"(?:user|login)(?==)(?!=[ =])|User(?=: )"
"""As logs have it; ``node = graph.next()`` and ``host: start`` are of programs and of headings."""
_USER_NAMES = r"(?:[A-Z0-9]+_)*(?:USER(?:_?NAME)?|LOGNAME|LOGIN)|(?i:user_?name|logname)"
ASSIGNED = re.compile(
    rf"(?<![A-Za-z0-9_])(?P<name>(?P<host>{_HOST_NAMES}|(?P<said>{_SAID}))|(?:{_USER_NAMES}|(?P<said_user>{_SAID_USER})))(?P<sign>['\"]?\]?\s*(?:=|:(?!:))\s*['\"]?)"
    r"(?P<value>[A-Za-z0-9_](?(list)(?:[\w.-]|\[[\d,-]{0,999}\]?|,(?=[A-Za-z0-9_]))*|[\w.\[\]-]*))"
)
"""``MASTER_ADDR=node7`` in a text."""
WORD = re.compile(r"[^\s'\"<>]+")
ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
"""A character as URLs write it: ``%2Fhome%2Fbob``."""
SUSPECT = re.compile(
    r"[\\/@]|\.\d|--?[A-Za-z]|hf_|gh[pousr]_|github_|glpat|nvapi|sk-|xox|AKIA|AIza|eyJ|token|secret|passw|key|bearer"
    r"|authorization|pwd|cookie|npm_|pypi-|[sr]k_|ASIA|%[0-9A-F]{2}|[0-9a-f]:[0-9a-f:]|(?:HOSTS?|NODE|ADDR|NAME|LIST|SERVER|FQDN|IP|USER|LOGIN)['\"]?\]?\s*[=:]",
    re.IGNORECASE,
)
"""What a text without any of these holds, is not private by its form."""
_NO_NAMES = frozenset(("localhost", "none", "null", "true", "false", "nan", "unknown", "any", "all", "default"))
_SITES = frozenset((
    "github.com", "pytorch.org", "vllm.ai", "huggingface.co", "python.org", "pypi.org", "intel.com", "apache.org",
    "bokeh.org", "pydata.org", "jupyter.org", "matplotlib.org", "plotly.com", "plot.ly", "pygments.org", "w3.org",
    "purl.org", "creativecommons.org", "jsdelivr.net", "unpkg.com",
))  # fmt: skip
_PUBLIC = ("www.", "docs.", "dev-", "discuss.", "download.", "packages.", "blog.", "arrow.", "cdn.")


def is_public_site(host: str) -> bool:
    """Whether everybody knows a web site; machines of the same companies are none: ``node7.igk.intel.com``."""
    name = host.lower()
    return name in _SITES or any(name.startswith(prefix) and name[len(prefix) :] in _SITES for prefix in _PUBLIC)


def named_in(match: re.Match[str]) -> str:
    """Return the name that an assignment (`ASSIGNED`) gives to a host or user; empty where it is none."""
    value = match["value"].rstrip(".")
    if match.string.startswith(("://", "("), match.end()) or value.partition(".")[0].lower() in _NO_NAMES:
        return ""  # an address, a call
    is_bare = ":" in match["sign"] and not set(match["sign"]) & set("'\"")
    if is_bare and match["name"].isupper() and "_" not in match["name"]:
        return ""  # a heading
    is_name = bool(re.search(r"[A-Za-z]", value)) or bool(FOUR_NUMBERS.fullmatch(value))
    return value if is_name and not value.startswith(("0.", "0x", "127.")) else ""


def is_address(match: re.Match[str]) -> bool:
    """Whether four numbers (`FOUR_NUMBERS`) are the address of a machine, not the version of a library."""
    before = match.string[max(0, match.start() - 40) : match.start()]
    first = int(match["first"])
    if first in (0, 127):
        return False
    if _CALLED_ADDRESS.search(before):
        return True
    if _CALLED_VERSION.search(before):
        return False
    return first == 10 or first >= _LEAST_FIRST or bool(_PORT.match(match.string, match.end()))


def long_addresses(text: str) -> list[str]:
    """IPv6 addresses of machines, and hardware addresses: not ``c10::add``, nor a time of day."""
    found = [match[0] for match in _CARD.finditer(text)]
    for match in _GROUPED.finditer(text):
        bare = match[0].partition("%")[0]
        groups = [group for group in bare.split(":") if group]
        try:
            address = IPv6Address(bare)
        except (AddressValueError, ValueError):
            continue
        is_known = bool(groups) and bool(_NETWORK.match(groups[0]))
        has_digit = any(any(letter.isdigit() for letter in group) for group in groups)
        if not address.is_loopback and ((len(groups) >= 3 and has_digit) or (len(groups) == 2 and is_known)):
            found.append(match[0])
    return found
