#!/bin/sh
# Names what this machine lacks to build and test posd, with the one line that brings it.
#   .ci/preflight.sh             sentences for a person; fails if something needed is missing
#   .ci/preflight.sh --packages  only the Debian packages that are missing, needed and useful ones, for a script
# PYTHON names the interpreter to look at (default python3). Nothing is changed.
set -u
PYTHON=${PYTHON:-python3}
debian_python='python3 python3-venv python3-dev'
needed='' useful='' sentences='' hints=''

lacks() { needed="$needed $1"; sentences="$sentences  - $2
"; }
better_with() { useful="$useful $1"; hints="$hints  - $2
"; }
python_says() { "$PYTHON" -c "$1" >/dev/null 2>&1; }
# Debian splits venv and the headers from its own python3; any other Python brings both or is built without them.
of_debian() { case $(command -v "$PYTHON") in /usr/bin/*) return 0 ;; *) return 1 ;; esac; }

if ! command -v "$PYTHON" >/dev/null 2>&1; then
    lacks "$debian_python" "$PYTHON is not there"
elif ! python_says 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    lacks "$debian_python" "$PYTHON is $("$PYTHON" -V 2>&1), posd needs 3.11 or newer (another one: make PYTHON=...)"
else
    if ! python_says 'import venv, ensurepip'; then
        if of_debian; then
            lacks python3-venv "$PYTHON has no venv or ensurepip"
        else
            lacks "$debian_python" "$PYTHON was built without venv or ensurepip; Debian's own works (make PYTHON=/usr/bin/python3)"
        fi
    fi
    header="import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()['include'], 'Python.h')))"
    if ! python_says "$header"; then
        if of_debian; then
            lacks python3-dev "Python.h is not there (evdev is compiled)"
        else
            lacks "$debian_python" "$PYTHON came without Python.h; Debian's own works (make PYTHON=/usr/bin/python3)"
        fi
    fi
    python_says 'import ctypes; ctypes.CDLL("libudev.so.1")' || lacks libudev1 "libudev.so.1 is not there (pyudev loads it)"
fi
command -v make >/dev/null 2>&1 || lacks make "make is not there"
if command -v gcc >/dev/null 2>&1; then
    echo '#include <stdio.h>' | gcc -E -x c - >/dev/null 2>&1 || lacks libc6-dev "the C headers are not there (evdev is compiled)"
    echo '#include <linux/input.h>' | gcc -E -x c - >/dev/null 2>&1 || lacks linux-libc-dev "linux/input.h is not there (evdev is compiled)"
else
    lacks 'gcc libc6-dev' "gcc is not there (evdev is compiled)"
    [ -e /usr/include/linux/input.h ] || lacks linux-libc-dev "linux/input.h is not there (evdev is compiled)"
fi

command -v git >/dev/null 2>&1 || better_with git "git: some contract tests look only at files that git keeps"
command -v systemd-analyze >/dev/null 2>&1 || better_with systemd "systemd-analyze: the tests of the units are skipped without it"
command -v udevadm >/dev/null 2>&1 || better_with udev "udevadm: one test of the udev rules is skipped without it"
command -v umockdev-wrapper >/dev/null 2>&1 || better_with umockdev "umockdev: the tests that plug and unplug devices are skipped without it"
command -v jbgtopbm >/dev/null 2>&1 || better_with jbigkit-bin "jbgtopbm: the test of the signatures' JBIG form is skipped without it"
command -v nc >/dev/null 2>&1 || better_with netcat-openbsd "nc: what the guides type into it is not tried without it"
command -v node >/dev/null 2>&1 || better_with nodejs "node: the guide's till in JavaScript is not tried without it"
java --list-modules 2>/dev/null | grep -q jdk.compiler || better_with default-jdk-headless "java: the guide's till in Java is not tried without it"
command -v shellcheck >/dev/null 2>&1 || better_with shellcheck "shellcheck: the test of the shell scripts is skipped without it"

once() { printf '%s\n' "$@" | awk 'NF && !seen[$1]++ { printf "%s%s", gap, $1; gap = " " }'; }
# shellcheck disable=SC2086  # both are lists of words
case ${1:-} in
--packages) once $needed $useful; echo; exit 0 ;;
esac

sudo=''
[ "$(id -u)" = 0 ] || sudo='sudo '
# shellcheck disable=SC2086
if [ -n "$needed" ]; then
    printf 'posd cannot be built here yet:\n%sThis brings it, then run make again:\n  %sapt-get install -y %s\n' "$sentences" "$sudo" "$(once $needed)" >&2
    exit 1
fi
echo "posd: $("$PYTHON" -V 2>&1) and all that a build needs is here"
# shellcheck disable=SC2086
[ -z "$useful" ] || printf 'More can be tested with:\n%s  %sapt-get install -y %s\n' "$hints" "$sudo" "$(once $useful)"
