#!/usr/bin/env bash
# Put a CPU build of torch into a virtual environment: torch_cpu.sh PYTHON. A build that is already there stays.
# The plain wheel of the index would bring gigabytes of CUDA: a CPU build is taken from wherever pip already finds one,
# else from PyTorch's own index.
set -euo pipefail
python=$1
wanted="torch==${TORCH_VERSION:-2.13.0}"
pip() { "$python" -m pip --quiet --quiet --disable-pip-version-check "$@"; }

"$python" -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)" && exit 0
printf '\033[1m› %s\033[0m\n' "torch (CPU build)"
found=$(pip install --dry-run --no-deps --report - "$wanted" 2>/dev/null \
  | "$python" -c 'import json,sys; i=json.load(sys.stdin)["install"][0]; print(i["metadata"]["version"], i["download_info"]["url"])' || true)
case "$found" in
  *+cpu*|*file://*) pip install "$wanted" ;;
  *) pip install --index-url https://download.pytorch.org/whl/cpu "$wanted" ;;
esac
