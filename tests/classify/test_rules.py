"""Rules of the user: added, replaced, loaded, refused with a message that helps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.classify.situations import backends_of
from xpubreak.classify.rules import UserRules, match_user_rule
from xpubreak.errors import RuleError


@pytest.fixture
def rules() -> Iterator[UserRules]:
    yield UserRules()


def test_a_rule_gives_a_stranger_a_backend(rules: UserRules) -> None:
    rules.add(name="ark", pattern="^ark::", backend="vllm-xpu-kernels", category="gemm", note="INC w4a16")
    line = backends_of("xpu_runtime urEnqueueKernelLaunch\n  kernel ark::Woq<int>", rules.list)["ark::Woq<int>"]
    assert (str(line), line.category, line.rule, line.key) == ("vllm certain", "gemm", "ark", "^ark::")


def test_a_rule_matches_mangled_names_by_their_demangled_form(rules: UserRules) -> None:
    rules.add(name="mine", pattern="^mine::kernel$", backend="triton")
    name = "_ZTSN4mine6kernelIiEE"
    assert backends_of(f"xpu_runtime urEnqueueKernelLaunch\n  kernel {name}", rules.list)[name].rule == "mine"


def test_a_rule_matches_operators(rules: UserRules) -> None:
    rules.add(name="mine", pattern="^mine::op$", backend="torch")
    assert backends_of("cpu_op mine::op", rules.list)["mine::op"].role == "torch"


def test_adding_the_same_name_replaces_and_keeps_the_place(rules: UserRules) -> None:
    rules.add(name="a", pattern="x", backend="torch")
    rules.add(name="b", pattern="x", backend="cpu")
    rules.add(name="a", pattern="x", backend="triton")
    assert [(rule.name, rule.role.key if rule.role else "") for rule in rules.list] == [("a", "triton"), ("b", "cpu")]
    found = match_user_rule(rules.list, "x")
    assert found is not None
    assert found.name == "a"
    rules.clear()
    assert rules.list == ()


def test_a_file_of_rules(rules: UserRules, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "ark"\npattern = "^ark::"\nbackend = "vllm"\n', encoding="utf-8")
    assert [rule.name for rule in rules.load(path)] == ["ark"]
    assert len(rules) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"backend": "gpu"}, r"rule 'r': backend 'gpu' does not exist; use one of vllm, torch"),
        ({"category": "magic"}, r"rule 'r': category 'magic' does not exist; use one of attention"),
        ({"pattern": "("}, r"rule 'r': pattern '\(' cannot be used: it is no regular expression"),
        ({"pattern": ""}, r"rule 'r': pattern is ''; write a non-empty text"),
        ({"name": 3}, r"name is 3; write a non-empty text"),
    ],
)
def test_errors_say_what_and_what_to_do(rules: UserRules, fields: dict[str, Any], message: str) -> None:
    good = {"name": "r", "pattern": "x", "backend": "torch"}
    with pytest.raises(RuleError, match=message):
        rules.add(**{**good, **fields})
    assert rules.list == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule = 3", r"rules.toml: holds one \[rule\]; write each rule as a \[\[rule\]\] table"),
        ("rule = [3]", r"rules.toml, rule 1: is no table"),
        ("[[rules]]\n", r"rules.toml: holds 'rules'"),
        ("= =", r"rules.toml: is no TOML file"),
        ('[[rule]]\nname="a"\npattern="a"\nbackend="cpu"\nspeed=3', r"rule 1: rule 'a': unknown field 'speed'"),
        ('[[rule]]\nname="a"\npattern="a"\nbackend="cpu"\n[[rule]]\nname="b"', r"rule 2: rule 'b': pattern is ''"),
    ],
)
def test_errors_in_files_say_where_and_add_nothing(rules: UserRules, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=message):
        rules.load(path)
    assert rules.list == ()


def test_a_missing_file(rules: UserRules, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        rules.load(tmp_path / "none.toml")
