#!/usr/bin/env bash
# Make .venv and put into it what is missing: setup.sh [demo|test]. Safe to run again; a second run takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-demo}
venv=${VENV:-.venv}
python=${PYTHON:-python3}

say() { printf '\033[1m› %s\033[0m\n' "$*"; }

apt_install() {
  if ! command -v apt-get >/dev/null; then
    echo "setup: please install $* with this system's package manager, then run this again." >&2
    exit 1
  fi
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  say "apt: $*"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "$@" >/dev/null
}

has_chromium() {
  local name
  for name in "${CHROMIUM:-chromium-headless-shell}" chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return
  done
  return 1
}

if [ ! -x "$venv/bin/python" ]; then
  say "virtual environment in $venv"
  # Debian ships python3 without ensurepip; python3-venv brings it.
  "$python" -m venv "$venv" 2>/dev/null || { rm -rf "$venv"; apt_install python3-venv python3-pip; "$python" -m venv "$venv"; }
fi
pip() { "$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check "$@"; }

tools/torch_cpu.sh "$venv/bin/python"

stamp="$venv/.xpubreak-$purpose"
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
  say "xpubreak and what it needs"
  if [ "$purpose" = test ]; then pip install -e ".[dev,fast]"; else pip install -e ".[fast]" "ipykernel>=6.29" "jupyterlab>=4.2" "nbclient>=0.10" "nbconvert>=7.16"; fi
  touch "$stamp"
fi

if [ "$purpose" = test ]; then
  # The shell is a package of its own in Debian since 12; elsewhere the whole browser does.
  has_chromium || apt_install chromium-headless-shell fonts-dejavu-core || apt_install chromium fonts-dejavu-core
  command -v npm >/dev/null || apt_install nodejs npm
  if [ ! -e js/node_modules/.package-lock.json ] || [ js/package-lock.json -nt js/node_modules/.package-lock.json ]; then
    say "front-end tools"
    # Not `npm ci`: it wants the native builds of every other platform in the lock file, too.
    (cd js && npm install --silent --no-save --no-audit --no-fund)
  fi
fi
