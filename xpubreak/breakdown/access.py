"""How URLs are reached: options of fsspec. They travel to the workers, and are neither shown nor saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from xpubreak.errors import NotATraceError

_ALIASES = (("s3", "s3a"), ("gs", "gcs"), ("abfs", "abfss", "az"))
"""Kinds of URLs that are one kind of store."""
_LOGIN = re.compile(r"(?<=://)[^\s/@]+@")
_LEAST_SECRET = 4
"""Shorter texts are no secrets, and would be found everywhere."""


@dataclass(frozen=True)
class Access:
    """Options of fsspec's file systems.

    They often hold secrets, and schedulers log the arguments of what failed: nothing of them is in the representation.

    Parameters
    ----------
    options
        For all URLs; or one mapping for each kind of URL, ``{"s3": {…}, "gs": {…}}``.
    """

    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def given(cls, options: Mapping[str, Any] | None) -> Access:
        """Take what a user gave.

        Raises
        ------
        NotATraceError
            It is no mapping.
        """
        if options is None:
            return cls()
        if not isinstance(options, Mapping):
            raise NotATraceError(
                f"storage_options is a {type(options).__name__}; it is a mapping of options for fsspec, such as "
                '{"endpoint_url": "https://…"}.'
            )
        return cls(dict(options))

    def of(self, url: str) -> dict[str, Any]:
        """Return the options for one URL; paths have none."""
        if "://" not in url or not self.options:
            return {}
        if all(isinstance(value, Mapping) for value in self.options.values()) and set(self.options) <= _protocols():
            kind, _, rest = url.partition("://")[0].partition("::")
            if rest:
                return dict(self.options)  # a chain, such as simplecache::s3: fsspec itself tells kinds apart there
            kinds = (kind, *(other for names in _ALIASES if kind in names for other in names))
            return dict(next((self.options[one] for one in kinds if one in self.options), {}))
        return dict(self.options)

    def hidden(self, text: str) -> str:
        """Leave values of the options, and logins of URLs, out of what a client says."""
        for secret in sorted(_secrets(self.options), key=len, reverse=True):
            text = text.replace(secret, "…")
        return _LOGIN.sub("…@", text)

    def cause(self, error: Exception) -> Exception | None:
        """What an error may be chained to: not to one that says what is to be hidden."""
        return error if self.hidden(str(error)) == str(error) else None

    def as_json(self) -> str | None:
        """Write the options for another process; None where they hold what JSON cannot."""
        with suppress(TypeError, ValueError):
            text = json.dumps(dict(self.options))
            if json.loads(text) == self.options:
                return text
        return None


def _secrets(value: Any) -> Iterator[str]:
    """Texts within options; addresses are none, but for logins in them."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, str) and len(value) >= _LEAST_SECRET and "://" not in value:
        yield value


def _protocols() -> set[str]:
    with suppress(ImportError):
        from fsspec.registry import known_implementations  # noqa: PLC0415 - an extra, needed for URLs only

        return set(known_implementations)
    return set()


NO_OPTIONS = Access()
