"""Two people on one machine, with user ids of their own: they do not get at each other's things."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.cli.own_space import (
    OTHER_USER,
    THIRD_USER,
    home,
    in_a_space_of_its_own,
    needs_root,
    who,
)

__all__ = ["home"]

KNOCK = """
import json, socket, sys
from pathlib import Path
[path] = Path(sys.argv[1]).rglob('*.sock')
with socket.socket(socket.AF_UNIX) as mount:
    mount.connect(str(path))
"""
"""Opens the control socket of somebody's mount, which has to fail."""


def two_homes(base: Path) -> str:
    """Return the beginning of a script: `ada` and `bob` run a program, each as themselves with a
    home that everybody may enter; what is private is so by our own doing. `ada_notionfs` runs ours.
    """
    lines = [f"umask 022; cd {base}"]
    for name, user in (("ada", OTHER_USER), ("bob", THIRD_USER)):
        own = base / name
        (own / "notion").mkdir(parents=True)
        (own / "run").mkdir(mode=0o755)
        for path in (own, own / "notion", own / "run"):
            shutil.chown(path, user)
        env = (
            f"env HOME={own} XDG_RUNTIME_DIR={own}/run XDG_STATE_HOME={own}/state"
            f" XDG_CONFIG_HOME={own}/config"
        )
        lines += [
            f'{name}() {{ {env} {who(user)} "$@"; }}',
            f'{name}_python() {{ {env} {who(user, reads_all=True)} {sys.executable} "$@"; }}',
            f'{name}_notionfs() {{ {name}_python -m notionfs "$@"; }}',
        ]
    return "\n".join(lines) + "\n"


@needs_root
def test_two_users_do_not_meet(home: Path) -> None:
    """Both are mounted at once; neither reads the other's pages, store, token or control socket,
    and neither can end the other's mount."""
    (home / "knock.py").write_text(KNOCK)
    script = (
        two_homes(home)
        + """
    mkfifo told
    PYTHONUNBUFFERED=1 $PYTHON -m notionfs simulate --port 0 >told &
    exec 5<told; read -r line <&5; url=${line##* }
    echo demo-token | ada_notionfs login --base-url $url
    ada_notionfs mount ada/notion
    bob_notionfs mount --demo bob/notion
    ada sh -c 'echo "Of Ada." >>ada/notion/acme/product.md'
    refuses bob grep -q "Of Ada." bob/notion/acme/product.md
    bob_notionfs status | grep bob/notion
    refuses grep ada <<<$(bob_notionfs status)
    for path in ada/notion ada/notion/acme ada/notion/acme/product.md $(find ada/state ada/config \
        -mindepth 2 -not -type l); do
        refuses bob head -c 1 $path 2>/dev/null
        refuses bob ls $path/ 2>/dev/null
    done
    refuses bob_python knock.py ada/run 2>refused; grep PermissionError refused
    refuses bob_notionfs umount ada/notion 2>refused; cat refused
    ada grep "Of Ada." ada/notion/acme/product.md
    ada_notionfs umount ada/notion
    bob ls bob/notion
    bob_notionfs umount bob/notion
    """.replace("$PYTHON", sys.executable)
    )
    done = in_a_space_of_its_own(script, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ada/notion was mounted by daemon; only they or root can unmount it." in done.stdout


@needs_root
def test_others_are_let_in_only_where_the_machine_allows_it(home: Path) -> None:
    """Not without the administrator's line; then with a warning, and as readers alone."""
    script = (
        two_homes(home)
        + """
    : >closed.conf; mount --bind closed.conf /etc/fuse.conf
    refuses ada_notionfs mount --demo --allow-other ada/notion
    umount /etc/fuse.conf
    echo user_allow_other >open.conf; mount --bind open.conf /etc/fuse.conf
    ada_notionfs mount --demo --allow-other ada/notion
    bob grep -c . ada/notion/acme/product.md
    refuses bob sh -c 'echo x >>ada/notion/acme/product.md' 2>/dev/null
    refuses bob touch ada/notion/acme/product/new.md 2>/dev/null
    ada_notionfs umount ada/notion
    """
    )
    done = in_a_space_of_its_own(script, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--allow-other needs the line user_allow_other in /etc/fuse.conf" in done.stderr
    assert "other users of this machine can enter this mount" in done.stderr
