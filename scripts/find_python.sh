#!/bin/sh
# Prints a Python 3.11 or later that can make virtual environments: the one named, the system's own, the first on the
# path, or one installed now where this account may install Debian packages.
#
# The system's own comes first: Debian builds it with profile-guided optimisation, what a version manager compiles
# mostly is not, and takes longer for the same work (decision 0063).
set -eu

system=/usr/bin/python3
packages='python3 python3-venv ca-certificates'

suits() {
    "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >/dev/null
}

if [ "$#" -gt 0 ]; then
    suits "$1" && echo "$1" && exit 0
    echo "Stopped: $1 is no Python 3.11 or later with venv; name another one, or none." >&2
    exit 1
fi
for python in "$system" python3; do
    suits "$python" && echo "$python" && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian packages: $packages" >&2
    install 2>/dev/null || { apt-get update -q >/dev/null && install; }
    suits "$system" && echo "$system" && exit 0
fi
echo "Stopped: Python 3.11 or later with venv is needed; on Debian, as root: apt-get install $packages" >&2
exit 1
