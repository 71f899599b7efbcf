"""Rules of the user's own: ``xb.rules.add(...)``, ``xb.rules.load("rules.toml")``; they speak before all others.

A rules file::

    [[rule]]
    name = "ark"                      # shown by explain
    pattern = "^ark::"                # searched in kernel and operator names
    backend = "vllm"                  # a role, or a label such as "vllm-xpu-kernels"
    category = "gemm"                 # optional

Patterns are those of `re` without backreferences, look-around, atomic groups and possessive repeats. They are matched
in time linear in the name (`xpubreak.classify.linear`), in its first `MAX_NAME_CHARS` characters.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from xpubreak.classify.backend import ROLES_BY_KEY, Confidence, find_role
from xpubreak.classify.category import CATEGORIES, MAX_NAME_CHARS
from xpubreak.classify.linear import LinearPattern
from xpubreak.classify.rule import Rule
from xpubreak.errors import RuleError

_toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

_FIELDS = ("name", "pattern", "backend", "category", "note")
_REQUIRED = ("name", "pattern", "backend")


class UserRules:
    """The rules in force in this process, in the order in which they are asked."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    @property
    def list(self) -> tuple[Rule, ...]:
        """The rules, first asked first."""
        return tuple(self._rules)

    def add(self, *, name: str, pattern: str, backend: str, category: str = "", note: str = "") -> Rule:
        """Add a rule, or replace the one with the same name.

        Parameters
        ----------
        name
            Shown by ``explain``.
        pattern
            Regular expression, searched in the raw and in the demangled name of kernels, and in names of operators.
        backend
            ``"vllm"``, ``"torch"``, ``"triton"``, ``"cpu"``, ``"framework"``, ``"collectives"``, ``"unattributed"``, or
            a label of these such as ``"vllm-xpu-kernels"``.
        category
            One of ``CATEGORIES``; empty leaves it to the name.
        note
            Shown by ``explain``.

        Returns
        -------
        Rule
            As added.

        Raises
        ------
        RuleError
            A value cannot be used; nothing was added.
        """
        rule = make_rule({"name": name, "pattern": pattern, "backend": backend, "category": category, "note": note})
        self._put(rule)
        return rule

    def load(self, path: str | Path) -> tuple[Rule, ...]:
        """Add all rules of a TOML file, or none of them.

        Parameters
        ----------
        path
            A file with ``[[rule]]`` tables.

        Returns
        -------
        tuple of Rule
            What the file holds.

        Raises
        ------
        RuleError
            The file cannot be read, is no TOML, or holds a rule that cannot be used.
        """
        loaded = read_rules(Path(path))
        for rule in loaded:
            self._put(rule)
        return loaded

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within the block rules may be added; afterwards they are what they were."""
        before = list(self._rules)
        try:
            yield
        finally:
            self._rules[:] = before

    def __len__(self) -> int:
        return len(self._rules)

    def __repr__(self) -> str:
        lines = [
            f"  {rule.name}: {rule.pattern!r} → {rule.role.key if rule.role is not None else ''}"
            for rule in self._rules
        ]
        return "\n".join(["no rules of your own; add one with rules.add(...)"] if not lines else ["rules:", *lines])

    def _put(self, rule: Rule) -> None:
        names = [known.name for known in self._rules]
        if rule.name in names:
            self._rules[names.index(rule.name)] = rule
        else:
            self._rules.append(rule)


rules = UserRules()
"""The rules of this process, `xpubreak.rules`."""


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read a rules file; errors as `UserRules.load`."""
    try:
        document = _toml.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except (_toml.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: is no TOML file ({error}). Write rules as [[rule]] tables.") from error
    tables = document.get("rule", [])
    unknown = sorted(set(document) - {"rule"})
    if unknown or not isinstance(tables, list):
        raise RuleError(
            f"{path}: holds {', '.join(map(repr, unknown)) or 'one [rule]'}; write each rule as a [[rule]] table."
        )
    return tuple(make_rule(table, f"{path}, rule {number}") for number, table in enumerate(tables, start=1))


def make_rule(fields: Mapping[str, Any], where: str = "") -> Rule:
    """Check the fields of a rule.

    Parameters
    ----------
    fields
        ``name``, ``pattern``, ``backend``, and optionally ``category`` and ``note``.
    where
        What error messages begin with: a file and the number of the rule; empty for a rule added by a call.

    Raises
    ------
    RuleError
        Says where, what, and what to write instead.
    """
    if not isinstance(fields, Mapping):
        raise RuleError(f"{where}: is no table; write each rule as a [[rule]] table.")
    at = ": ".join(part for part in (where, f"rule {fields['name']!r}" if fields.get("name") else "rule") if part)
    unknown = sorted(set(fields) - set(_FIELDS))
    if unknown:
        raise RuleError(f"{at}: unknown field {unknown[0]!r}; a rule has {', '.join(_FIELDS)}.")
    for field in _FIELDS:
        value = fields.get(field, "")
        if not isinstance(value, str) or (field in _REQUIRED and not value):
            raise RuleError(f"{at}: {field} is {value!r}; write a {'non-empty ' if field in _REQUIRED else ''}text.")
    role = find_role(fields["backend"])
    if role is None:
        raise RuleError(f"{at}: backend {fields['backend']!r} does not exist; use one of {', '.join(ROLES_BY_KEY)}.")
    category = fields.get("category", "")
    if category and category not in CATEGORIES:
        raise RuleError(
            f"{at}: category {category!r} does not exist; use one of {', '.join(CATEGORIES)}, or leave it out."
        )
    try:
        _linear(fields["pattern"])
    except ValueError as error:
        raise RuleError(f"{at}: pattern {fields['pattern']!r} cannot be used: {error}. Simplify it.") from None
    return Rule(fields["name"], fields["pattern"], role, category, Confidence.CERTAIN, note=fields.get("note", ""))


def match_user_rule(user_rules: Sequence[Rule], *names: str) -> Rule | None:
    """Return the first rule whose pattern occurs in one of the names, None for none."""
    for rule in user_rules:
        pattern = _linear(rule.pattern)
        if any(pattern.search(name[:MAX_NAME_CHARS]) for name in names):
            return rule
    return None


@cache
def _linear(pattern: str) -> LinearPattern:
    return LinearPattern(pattern)
