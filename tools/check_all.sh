#!/usr/bin/env bash
# Everything that CI runs, after tools/setup.sh test. vLLM is fetched and unpacked while the tests that do not need it
# run, which is two minutes of every run on a new machine.
set -euo pipefail
cd "$(dirname "$0")/.."

set -m # a job is a process group of its own: pip and what it started end with it
tools/vllm/install.sh &
fetching=$!
set +m
trap 'kill -- -"$fetching" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

make --no-print-directory lint types js unit pandas22
fetched=0
wait "$fetching" || fetched=$?
trap - EXIT
make --no-print-directory browser
if [ "$fetched" != 0 ]; then
  echo "vLLM could not be installed (see above): its tests were not run. Try again: make test-vllm" >&2
  exit 1
fi
make --no-print-directory test-vllm
