# Shared by packaging/try and packaging/test: say, fail, and install only what is missing.
# Details of every installation go to $log; the terminal sees one line for each step.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
log=$root/build/setup.log

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
    exit 1
}

# quietly WORDS... -- COMMAND...: run a command into the log; WORDS are the sentence if it fails.
quietly() {
    local words=()
    while [ "$1" != -- ]; do
        words+=("$1")
        shift
    done
    shift
    mkdir -p "$root/build"
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 </dev/null || fail "${words[*]}; details are in $log."
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages PACKAGE...: install Debian packages; called only with what is missing.
install_packages() {
    [ $# -gt 0 ] || return 0
    command -v apt-get >/dev/null ||
        fail "these packages are missing, and without apt-get they must be installed by hand: $*."
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            fail "these packages are missing: $*; run as root: apt-get install $*"
        sudo -v || fail "sudo is needed to install: $*."
    fi
    say "Installing $* ..."
    quietly "the list of packages cannot be fetched" -- as_root apt-get update
    quietly "these packages cannot be installed: $*" -- \
        as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "$@"
}

# missing COMMAND:PACKAGE...: print the packages whose command is not there.
missing() {
    local pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || printf '%s\n' "${pair#*:}"
    done
}

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# find_python: set $python to a Python 3.11 or newer, the one called python3 if it will do.
find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if is_recent "$name"; then
            python=$name
            return 0
        fi
    done
    fail "Python 3.11 or newer is missing; install it first (Debian 12, Ubuntu 24.04 and newer have it)."
}

# python_packages: print the packages that $python needs to make an environment and to compile.
python_packages() {
    "$python" - <<'PY'
import os, sys, sysconfig

system = sys.base_prefix == "/usr"  # a Python of the distribution; others bring everything
default = os.path.realpath("/usr/bin/python3") == os.path.realpath(sys.executable)
name = "python3" if default else "python%d.%d" % sys.version_info[:2]
try:
    import ensurepip, venv
except ImportError:
    print(name + "-venv" if system else "python3-venv")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print(name + "-dev" if system else "python3-dev")
PY
}

# build_packages: print what compiling pyfuse3 needs and is not there.
build_packages() {
    missing gcc:gcc pkg-config:pkg-config
    [ -e /usr/include/stdio.h ] || printf 'libc6-dev\n'
    pkg-config --exists fuse3 2>/dev/null || printf 'libfuse3-dev\n'
}

# ensure_environment [EXTRA]: make $venv hold the project, with its optional dependencies EXTRA.
# A stamp remembers for which directory and pyproject.toml that was done: nothing is done twice.
ensure_environment() {
    local extra=${1:-} stamp=$venv/.notionfs${1:+-$1} packages
    local wanted
    wanted=$({ printf '%s\n' "$root"; cat "$root/pyproject.toml"; } | sha256sum)
    if [ -x "$venv/bin/notionfs" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    find_python
    mapfile -t packages < <(build_packages; python_packages)
    install_packages "${packages[@]}"
    if ! is_recent "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        say "Making a virtual environment in $venv ..."
        quietly "the virtual environment cannot be made" -- "$python" -m venv --clear "$venv"
    fi
    say "Installing notionfs${extra:+ and its $extra needs} into $venv (a minute or two) ..."
    quietly "notionfs cannot be installed" -- \
        "$venv/bin/python" -m pip install --editable "$root${extra:+[$extra]}"
    printf '%s\n' "$wanted" >"$stamp"
    [ -z "$extra" ] || printf '%s\n' "$wanted" >"$venv/.notionfs"
}
