"""What programs call things is no host."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from xpubreak.breakdown import privatehosts

_identifiers = st.from_regex(r"[a-z]{1,8}[_-]?[a-z]{0,6}-?[0-9]{0,3}", fullmatch=True)
_programs = st.builds(
    lambda name, sign, number, rest: f"{name}{sign}{number}{rest}",
    _identifiers.filter(
        lambda name: (
            not re.search(r"(?:nodes?|hosts?|srv|server|gx|compute|login|nid|rack|blade|vm|worker|master)-?\d", name)
        )
    ),
    st.sampled_from([":", "::", "_", "<", "(", ".", ".py:", "[", " x "]),
    st.integers(0, 99_999),
    st.sampled_from(["", ">", ")", "::f", ", 7", "_k", " GB/s", "]"]),
)


_subject = st.sampled_from(
    [
        "lm",
        "kv",
        "q",
        "k",
        "head",
        "dim",
        "host",
        "to",
        "h2d",
        "pinned1",
        "xpu",
        "v2",
        "pod",
        "attn",
        "graph",
        "node",
        "gpu",
    ]
)
_dashed = st.builds(
    lambda words, number, size, form: form.format("-".join(words), number, 64 * size),
    st.lists(_subject, min_size=1, max_size=4),
    st.integers(0, 128),
    st.integers(16, 1024).filter(lambda size: size != 125),  # 8000 is where servers listen
    st.sampled_from(["{}-{}:{}", "[{}-{}]:{}", "{}{}:{}", "f[{}-{}:{}]", "graph {}-{}:{}", "peer={}-{}:{}"]),
)


@given(_programs | _dashed)
def test_what_programs_call_things_is_no_host(name: str) -> None:
    assert privatehosts.rewritten(name, lambda _: "?") == name
