# The judges of the simulator: programs written by others, installed below build/judges.
# Needs common.sh. A judge that cannot be installed is named, and its tests skip.

judges=$root/build/judges

# install_judges LIST DIRECTORY COMMAND...: run COMMAND when LIST changed or DIRECTORY is gone.
install_judges() {
    local list=$1 made=$2 stamp
    shift 2
    stamp=$judges/$(basename -- "$list").stamp
    if [ -d "$made" ] && cmp -s -- "$list" "$stamp"; then
        return 0
    fi
    mkdir -p "$judges"
    say "Installing the judges in ${list#"$root/"} ..."
    cp -- "$list" "$judges/"
    if (quietly "these judges cannot be installed, their tests will skip" -- "$@"); then
        cp -- "$list" "$stamp"
    fi
}

node_judges() {
    (cd "$judges" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock)
}

python_judges() {
    "$venv/bin/python" -m venv --clear "$judges/venv" &&
        "$judges/venv/bin/python" -m pip install --requirement "$judges/requirements.txt"
}

# ensure_judges: install what is missing or changed; without npm, only the ones in Python.
ensure_judges() {
    if command -v npm >/dev/null; then
        install_judges "$root/tests/judges/package.json" "$judges/node_modules" node_judges
    else
        say "npm is missing: the judges written in JavaScript will skip."
    fi
    install_judges "$root/tests/judges/requirements.txt" "$judges/venv" python_judges
}
