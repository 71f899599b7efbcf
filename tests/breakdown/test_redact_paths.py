"""Where a path ends: signs within folders, quoted backslashes, options of compilers; and what behind it stays."""

from __future__ import annotations

import re

import pytest

from xpubreak.breakdown.privatetexts import PrivateTexts

BEFORE_AND_AFTER = """
/data/Secret Project (copy)/acme/x.py                               …/x.py
/data/Project (copy) 2/acme/x.py(12): f                             …/x.py(12): f
at /data/a(b)/acme/x.py(12): f/g                                    at …/x.py(12): f/g
/opt/bob's own/acme/x.py                                            …/x.py
"/opt/bob\\'s/acme/x.py"                                             "…/x.py"
/data/[acme]/{eve}/<x>/x.cu                                         …/x.cu
/data/run=acme,lr=0.1/x.py                                          …/x.py
/mnt/vol:acme/eve;x|y/x.py and more                                 …/x.py and more
/a/b.py:/c/d.py;/e/f.py                                             …/b.py:…/d.py;…/f.py
-I/opt/acme/include -L/scratch/acme/lib -I/acme                     -I…/include -L…/lib -I…/folder
/home//bob//x.py                                                    …/x.py
"""


@pytest.mark.parametrize("line", BEFORE_AND_AFTER.strip().splitlines())
def test_a_path_goes_on_where_its_folders_do(line: str) -> None:
    before, after = (part.strip() for part in line.rsplit("    ", 1))
    assert PrivateTexts().text(before) == after


QUOTED = {
    "C:\\Users\\eve\\acme\\x.py": "…/x.py", "d:\\acme (copy)\\eve\\x": "…/x", "\\\\fs-eve\\acme\\eve\\x.py": "…/x.py",
    "C:/Users//eve/x.py": "…/x.py", "\\\\?\\C:\\Users\\eve\\x.py": "…/x.py", "C:\\Users\\eve": "…/",
    "C:\\py\\Lib\\site-packages\\torch\\x.py": "site-packages/torch/x.py",
}  # fmt: skip


@pytest.mark.parametrize("place", QUOTED)
@pytest.mark.parametrize("times", range(3))
def test_backslashes_may_be_doubled(place: str, times: int) -> None:
    quoted = place.replace("\\", "\\" * 2**times)
    private = PrivateTexts()
    private.learn([quoted])
    assert private.text(f"open('{quoted}')") == f"open('{QUOTED[place]}')"
    assert private.text(f"{quoted}(12): f") == f"{QUOTED[place]}(12): f"
    assert (private.text("eve is up") != "eve is up") == ("Users" in place)


@pytest.mark.parametrize(
    "text",
    [
        "saved /home/bob/run.json step=3 loss=0.1 tokens/s=9", "read /data/a/x.json, 3/5 done", "cp /a/b/c.py '/d'",
        "/a/b/x.py:12: error in 1/2", "/a/b/x.json (3/5)", "{'/a/b/x.py': 'c/d'}", "/a/b/x.py and didn't take 1/2",
        "(/a/b/x.py, c/d)", "f'/a/b/x.py'+'c/d'",
    ],
)  # fmt: skip
def test_what_stands_behind_a_path_stays(text: str) -> None:
    path = re.search(r"/\w+/\w+/[\w.]+", text)
    assert path
    assert PrivateTexts().text(text) == text.replace(path[0], f"…/{path[0].split('/')[-1]}")
