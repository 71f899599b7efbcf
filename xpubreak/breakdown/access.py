"""How URLs are reached: options of fsspec. They travel to the workers, and are neither shown nor saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from xpubreak.errors import NotATraceError


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
            return dict(self.options.get(url.split("://", maxsplit=1)[0].split("::", maxsplit=1)[0], {}))
        return dict(self.options)

    def as_json(self) -> str | None:
        """Write the options for another process; None where they hold what JSON cannot."""
        with suppress(TypeError, ValueError):
            text = json.dumps(dict(self.options))
            if json.loads(text) == self.options:
                return text
        return None


def _protocols() -> set[str]:
    with suppress(ImportError):
        from fsspec.registry import known_implementations  # noqa: PLC0415 - an extra, needed for URLs only

        return set(known_implementations)
    return set()


NO_OPTIONS = Access()
