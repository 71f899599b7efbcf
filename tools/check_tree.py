"""Rules of the house that no linter knows: file length, floors that are named, generated files that are data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 300
FORBIDDEN_NAMES = {"utils", "common", "helpers", "manager", "misc"}


def main() -> int:
    """Print what is wrong; return the exit status."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    wrong: list[str] = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix not in (".py", ".ts", ".mjs") or not path.is_file() or "static" in path.parts:
            continue
        if path.stem in FORBIDDEN_NAMES:
            wrong.append(f"{name}: say what is in it; {path.stem} is no noun of ours")
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_LINES:
            wrong.append(f"{name}: {lines} lines, two rooms in one (limit {MAX_LINES})")
    plan = (ROOT / "xpubreak" / "README.md").read_text(encoding="utf-8")
    wrong += [
        f"xpubreak/README.md: the floor plan does not name {folder.name}/"
        for folder in sorted((ROOT / "xpubreak").iterdir())
        if (folder / "__init__.py").exists() and f"{folder.name}/" not in plan
    ]
    print("\n".join(wrong) or "house rules: all kept")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
