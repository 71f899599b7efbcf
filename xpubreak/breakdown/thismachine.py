"""Whose machine this is: names that must not leave it, whether a profile knows them or not."""

from __future__ import annotations

import getpass
import socket
from functools import cache


@cache
def own_names() -> tuple[frozenset[str], frozenset[str]]:
    """Names of this host, and of the user of this process."""
    try:
        host = socket.gethostname()
    except OSError:
        host = ""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for this number, as in many containers
        user = ""
    return frozenset(filter(None, (host, host.split(".")[0]))), frozenset(filter(None, (user,)))
