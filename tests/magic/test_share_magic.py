"""``%xpu_share``."""

from __future__ import annotations

import json

import pytest
from IPython.core.error import UsageError

TABLE = '<div data-xpubreak-static="u"><table></table></div>'


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A saved notebook with a table in it."""
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": TABLE, "text/plain": "t"}}
    cell = {"cell_type": "code", "execution_count": 3, "metadata": {}, "source": "", "outputs": [output]}
    path = tmp_path / "run 7.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return path


def test_a_named_notebook_is_written_beside(notebook, saved):
    before = saved.read_bytes()
    out = notebook.run(f"%xpu_share '{saved}'")
    assert f"{saved.parent}/run 7-shared.ipynb: " in out
    assert "In [3]" in out
    assert saved.read_bytes() == before
    assert json.loads((saved.parent / "run 7-shared.ipynb").read_text())["cells"][0]["execution_count"] == 3


def test_or_where_it_is_told(notebook, saved, tmp_path):
    notebook.run(f"%xpu_share '{saved}' -o {tmp_path}/made/out.ipynb")
    assert (tmp_path / "made" / "out.ipynb").exists()


def test_this_notebook_is_the_default_where_jupyter_says_which(notebook, saved, monkeypatch):
    assert "name it" in str(_failure(notebook, "%xpu_share"))
    monkeypatch.setenv("JPY_SESSION_NAME", str(saved))
    assert "run 7-shared.ipynb" in notebook.run("%xpu_share")


def test_errors_have_no_traceback_and_say_what_to_do(notebook, saved):
    assert "is the notebook itself" in str(_failure(notebook, f"%xpu_share '{saved}' -o '{saved}'"))
    assert "cannot be read (No such file" in str(_failure(notebook, "%xpu_share nowhere.ipynb"))
    assert "unrecognized arguments" in str(_failure(notebook, f"%xpu_share '{saved}' --all"))


def test_help(notebook):
    out = notebook.run("%xpu_share -h")
    assert "Nothing is run, and the file itself is never changed." in out
    assert "-o OUT" in out


def _failure(notebook, line):
    notebook.run(line, fails=UsageError)
    return notebook.result.error_in_exec
