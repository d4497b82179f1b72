#!/bin/sh
# Makes sure of a Python 3.11 that can make virtual environments: there already, installed where this account may
# install Debian packages, or named so that someone else can.
set -eu

python=$1
packages='python3 python3-venv ca-certificates'

suits() {
    "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >/dev/null
}

suits && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian packages: $packages"
    install 2>/dev/null || { apt-get update -q >/dev/null && install; }
    suits && exit 0
fi
echo "Stopped: Python 3.11 or later with venv is needed; on Debian, as root: apt-get install $packages" >&2
exit 1
