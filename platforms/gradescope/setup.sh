#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: an environment of our own, beside the system's.
set -euo pipefail
root="${CAROUSEL_AUTOGRADER:-/autograder}"
venv="${CAROUSEL_VENV:-/opt/carousel}"   # to be read by the user that a submission runs as

found=""
for name in python3.13 python3.12 python3.11 python3; do
  if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found="$name"
    break
  fi
done
if [ -z "$found" ]; then  # Ubuntu 22.04 has Python 3.10
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  if apt-get install -y --no-install-recommends python3.12 python3.12-venv; then
    found=python3.12
  else
    apt-get install -y --no-install-recommends python3.11 python3.11-venv
    found=python3.11
  fi
fi
"$found" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  --requirement "$root/source/requirements.txt"
# hidden graders and solutions lie here: for root alone
chmod -R go-rwx "$root/source"
