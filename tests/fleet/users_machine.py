"""A machine of a test's own, in a mount namespace: users, groups, homes and /etc/matrix are its."""

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
ENTRIES = {"matrix": "main", "matrixd": "matrixd", "FORALL": "forall", "SYNCALL": "syncall", "DIFFALL": "diffall"}
USERS = {
    "root": (0, "root"),
    "ann": (2001, "ann"),
    "bob": (2002, "bob"),
    "cyd": (2003, "cyd"),
    "matrix": (2009, "matrix"),
}
GROUPS = {"root": (0, ""), "ann": (2001, ""), "bob": (2002, ""), "cyd": (2003, ""), "matrix": (2009, "")}
GROUPS |= {"ops": (2100, "ann,bob,cyd"), "nogroup": (65534, "")}


class Machine:
    """A machine with these users: `run` is a command of one of them, `site` a folder for all."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site, self.mark = folder, folder / "srv" / "site", folder / "run" / "ran"
        self.shown = {  # where every user reaches it, wherever it lies
            folder / "python": Path(sys.base_prefix),
            folder / "house": HOUSE,
            folder / "libraries": Path(sysconfig.get_path("purelib")),
        }
        self.python = folder / "python/bin" / f"python3.{sys.version_info.minor}"
        for name in ("etc", "etc/matrix", "home", "srv", "srv/site", "run", *(at.name for at in self.shown)):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)
        (folder / "run").chmod(0o1777)
        (folder / "srv").chmod(0o1777)
        lines = [
            f"{name}:x:{uid}:{GROUPS[group][0]}::{folder}/home/{name}:/bin/sh" for name, (uid, group) in USERS.items()
        ]
        lines.append("nobody:x:65534:65534::/:/bin/sh")
        (folder / "etc/passwd").write_text("\n".join(lines) + "\n")
        (folder / "etc/group").write_text("".join(f"{name}:x:{gid}:{who}\n" for name, (gid, who) in GROUPS.items()))
        for name, (uid, group) in USERS.items():
            (folder / "home" / name).mkdir()
            os.chown(folder / "home" / name, uid, GROUPS[group][0])
        (self.site / "MATRIX").write_text("@matrix 1\nw1 127.0.0.1 ssh.port=1 [ps]\n")

    def program(self, name):
        """What starts Python, or one of the commands."""
        if name == "python":
            return [self.python]
        start = f"import sys; from matrix_console.main import {ENTRIES[name]} as start; sys.argv[0] = {name!r}; start()"
        return [self.python, "-c", start]

    def run(self, user, *words, env=None, cwd=None, umask="022", wrap=""):
        """A command of `matrix`, or of its sisters, as that user."""
        uid, group = USERS[user]
        binds = "".join(
            f"mount --bind {shlex.quote(str(self.folder / 'etc' / name))} /etc/{name}; " for name in ("passwd", "group")
        )
        binds += "".join(f"mount --bind {shlex.quote(str(place))} {at}; " for at, place in self.shown.items())
        trusted = shlex.quote(str(self.folder / "etc/matrix"))
        become = f"setpriv --reuid {uid} --regid {GROUPS[group][0]} --init-groups"
        command = shlex.join(map(str, (*self.program(words[0]), *words[1:])))
        script = (
            f"set -e; {binds}mount --bind {trusted} /etc/matrix; "
            f"cd {shlex.quote(str(cwd or self.site))}; umask {umask}; exec {become} {wrap} {command}"
        )
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home" / user),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join(
                map(str, (*(self.folder / "house" / package for package in PACKAGES), self.folder / "libraries"))
            ),
            **(env or {}),
        }
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def give(self, user, mode, *names, group=None):
        """Files of the site to a user, with a mode."""
        for name in names:
            path = self.site / name
            os.chown(path, USERS[user][0] if user in USERS else 65534, GROUPS[group][0] if group else -1)
            path.chmod(mode)

    def programs(self):
        """A matrix.toml whose ssh_config names a program, which tells that it ran."""
        (self.site / "matrix.toml").write_text('[ssh]\nconfig = "c"\n[push]\nlocal = false\n')
        (self.site / "c").write_text(
            f'Match exec "echo ran >>{self.mark}"\nHost *\nProxyCommand sh -c "echo ran >>{self.mark}"\n'
        )

    @property
    def ran(self):
        return self.mark.exists()
