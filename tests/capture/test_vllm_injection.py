"""The extension gets into engines built later, whenever vLLM is imported, and composes with the user's own."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from xpubreak.capture.vllm import combined, injection
from xpubreak.capture.vllm.extension import EXTENSION, WorkerExtension

ARGUMENTS = """
class EngineArgs:
    def __init__(self, worker_extension_cls="", **others):
        self.worker_extension_cls = worker_extension_cls
        vars(self).update(others)
    def create_engine_config(self, usage_context=None):
        return {"worker_extension_cls": self.worker_extension_cls, "usage_context": usage_context}
class AsyncEngineArgs(EngineArgs):
    pass
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that looks like vLLM from where engines get their configuration."""
    folder = tmp_path / "vllm" / "engine"
    folder.mkdir(parents=True)
    (tmp_path / "vllm" / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "arg_utils.py").write_text(ARGUMENTS)
    (tmp_path / "my_package.py").write_text("class My_Extension:\n    def mine(self):\n        return 'mine'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("VLLM_ENABLE_V1_MULTIPROCESSING", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"vllm", "my_package"}]:
        monkeypatch.delitem(sys.modules, name)
    yield
    injection.remove_extension()
    for name in [name for name in sys.modules if name.partition(".")[0] in {"vllm", "my_package"}]:
        del sys.modules[name]


def arguments():
    return importlib.import_module("vllm.engine.arg_utils")


@pytest.mark.parametrize("is_imported_first", [False, True])
@pytest.mark.parametrize("kind", ["EngineArgs", "AsyncEngineArgs"])
@pytest.mark.usefixtures("package")
def test_engines_built_later_have_it(is_imported_first, kind):
    if is_imported_first:
        arguments()
    injection.install_extension()
    injection.install_extension()
    assert is_imported_first == ("vllm" in sys.modules)
    asked = getattr(arguments(), kind)()
    assert asked.create_engine_config("there") == {"worker_extension_cls": EXTENSION, "usage_context": "there"}
    assert asked.worker_extension_cls == ""  # the arguments are the user's
    injection.remove_extension()
    assert asked.create_engine_config()["worker_extension_cls"] == ""
    assert not any(type(finder).__name__ == "_Watcher" for finder in sys.meta_path)


@pytest.mark.usefixtures("package")
def test_taken_away_before_the_import_it_never_comes():
    injection.install_extension()
    injection.remove_extension()
    assert arguments().EngineArgs().create_engine_config()["worker_extension_cls"] == ""


@pytest.mark.usefixtures("package")
def test_a_user_s_extension_stays_beside_it():
    injection.install_extension()
    config = arguments().EngineArgs(worker_extension_cls="my_package.My_Extension").create_engine_config()
    module, _, name = config["worker_extension_cls"].rpartition(".")
    joined = getattr(importlib.import_module(module), name)  # as a worker does
    assert joined().mine() == "mine"
    assert issubclass(joined, WorkerExtension)
    assert getattr(importlib.import_module(module), name) is joined
    again = arguments().EngineArgs(worker_extension_cls=config["worker_extension_cls"])
    assert again.create_engine_config()["worker_extension_cls"] == config["worker_extension_cls"]


@pytest.mark.usefixtures("package")
def test_a_worker_imports_the_joined_class_by_its_name_alone(tmp_path):
    name = combined.join("my_package.My_Extension")
    script = textwrap.dedent(f"""
        import sys, importlib
        sys.path[:0] = [{str(tmp_path)!r}]
        module, _, name = {name!r}.rpartition(".")
        print([base.__name__ for base in getattr(importlib.import_module(module), name).__mro__][1:])
        print("torch" in sys.modules)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "['My_Extension', 'WorkerExtension', 'object']"


def test_what_is_no_joined_class_is_no_attribute():
    with pytest.raises(AttributeError):
        combined.unknown  # noqa: B018
    with pytest.raises(ModuleNotFoundError):
        getattr(combined, combined.join("no_such_package.Extension").rpartition(".")[2])


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ({}, "1", EXTENSION),
        ({}, "0", None),  # it lives in this process, and needs none
        ({"distributed_executor_backend": "mp"}, "1", EXTENSION),
        ({"distributed_executor_backend": "ray"}, "1", None),
        ({"data_parallel_backend": "ray"}, "1", None),
        ({"nnodes": 2}, "1", None),
        ({"worker_extension_cls": EXTENSION}, "1", None),
        ({"worker_extension_cls": object}, "1", None),
    ],
)
def test_who_gets_it(monkeypatch, arguments, environment, expected):
    monkeypatch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", environment)
    assert injection.extended(SimpleNamespace(**{"worker_extension_cls": "", **arguments})) == expected


def test_a_version_without_extensions_is_left_alone():
    assert injection.extended(SimpleNamespace()) is None


def test_a_version_that_builds_engines_otherwise_is_left_alone(monkeypatch):
    module = SimpleNamespace(EngineArgs=type("EngineArgs", (), {}))
    monkeypatch.setitem(sys.modules, "vllm.engine.arg_utils", module)
    injection.install_extension()
    assert vars(module.EngineArgs).get("create_engine_config") is None
    injection.remove_extension()
