"""What the registry knows of one name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One operator or kernel of one library.

    Parameters
    ----------
    role_key
        Backend: ``"vllm"``, ``"torch"``, ``"triton"`` …; ``"framework"`` for operators that only dispatch to others.
    library, version
        Where the name was found; version is empty for a live process.
    category
        What kind of work: ``"norm"``, ``"gemm"`` …
    key
        The name as the registry has it.
    kind
        ``"kernel"``; of an operator ``"device"``, ``"device-onednn"``, ``"memcpy"``, ``"host"``, ``"view"`` …
    is_shared
        Other libraries contain a kernel of this name, too: the name alone does not prove the backend.
    note
        What else to know, in words; empty for nothing.
    launched_by
        Of a kernel: operators known to launch it.
    """

    role_key: str
    library: str
    version: str
    category: str
    key: str
    kind: str
    is_shared: bool = False
    note: str = ""
    launched_by: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Library and version in one word, as evidence names it."""
        return f"{self.library} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Choice:
    """Version of a library whose names come first.

    Parameters
    ----------
    version
        One that the registry has.
    how
        ``"exact"``, ``"nearest"`` (the last one before the stamped version, else the first) or ``"default"``
        (the trace has no stamp; the newest).
    stamped
        Version that the trace has, as it is; empty for none.
    """

    version: str
    how: str
    stamped: str = ""
