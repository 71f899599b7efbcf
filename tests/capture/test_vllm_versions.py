"""Versions decide what is said, features what is done."""

from __future__ import annotations

import pytest

from xpubreak.capture.vllm.versions import accepted, version_issues


@pytest.mark.parametrize("version", ["0.12.0", "0.16.1", "0.24.0+cu130", "0.32.0", "0.32.1.dev7+g123"])
def test_nothing_is_said_about_versions_that_are_known(version):
    assert version_issues(version) == ()


@pytest.mark.parametrize(
    ("version", "word"),
    [
        ("0.11.2", "older"),
        ("0.33.0", "newer"),
        ("1.0.0", "newer"),
        ("0.1.dev10+gabc", "unknown"),
        ("dev", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_others_are_tried_with_a_warning(version, word):
    (issue,) = version_issues(version)
    assert (issue.code, issue.severity) == ("vllm-version", "warning")
    assert word in issue.message
    assert "It was tried" in issue.message


def takes_nothing():
    """As in 0.12."""


def takes_prefix(profile_prefix=None):
    """As in 0.16."""


def takes_bounds(profile_prefix=None, *, delay_iterations=None, max_iterations=None):
    """As in 0.32."""


def takes_anything(**options):
    """Wrapped by somebody."""


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (takes_nothing, []),
        (takes_prefix, ["profile_prefix"]),
        (takes_bounds, ["profile_prefix", "max_iterations"]),
        (takes_anything, ["profile_prefix", "max_iterations"]),
        (3, []),
    ],
)
def test_only_what_a_version_takes_is_passed(function, names):
    assert list(accepted(function, {"profile_prefix": "a", "max_iterations": 1})) == names
