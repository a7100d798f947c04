"""An Apache of our own: its configuration below a folder, with the modules that generated texts need."""

from __future__ import annotations

import subprocess
from pathlib import Path

from reflecting import SURROUNDINGS

from matrix_emitters.reflection.model import Reflected

MODULES = (
    *("authz_core", "authz_host", "env", "dir", "info", "ssl"),
    *("proxy", "proxy_http", "proxy_balancer", "slotmem_shm", "lbmethod_byrequests", "lbmethod_bybusyness"),
    *("lbmethod_bytraffic", "proxy_fcgi", "proxy_ajp"),
)
OWN = """
ServerName own.example.jp
ErrorLog ${APACHE_LOG_DIR}/error.log
PidFile ${APACHE_PID_FILE}
Mutex file:${APACHE_LOCK_DIR} default
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
"""


class Apache:
    """`APACHE_CONFDIR` is the folder, as apache2ctl of Debian wants it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.staged = folder / "staged"
        for name in ("LOG_DIR", "LOCK_DIR", "RUN_DIR"):
            (folder / name).mkdir()
        names = ("LOG_DIR", "PID_FILE", "LOCK_DIR", "RUN_DIR")
        (folder / "envvars").write_text("".join(f"export APACHE_{name}={folder}/{name}\n" for name in names))
        modules = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in MODULES]
        (folder / "apache2.conf").write_text(f"ServerRoot {folder}\n{OWN}{''.join(modules)}")
        self.surroundings = {**SURROUNDINGS, "APACHE_CONFDIR": str(folder)}

    def check(self, reflected: Reflected) -> subprocess.CompletedProcess[str]:
        """Runs the entry's own check line over a text."""
        self.staged.write_bytes(reflected.content)
        return self._run(reflected.entry.check.replace("%s", f'"{self.staged}"'))

    def understood(self, reflected: Reflected) -> str:
        """The directives of a text as Apache took them, but for those that it obeys while it reads (`Define`)."""
        self.staged.write_bytes(reflected.content)
        dumped = self._run(f'apache2ctl -t -D DUMP_CONFIG -c "Include {self.staged}"').stdout
        return dumped.partition(f"# In file: {self.staged}\n")[2]

    def start(self, port: int) -> subprocess.Popen[str]:
        """Serve what is staged on loopback, in the foreground, until it is ended."""
        settings = f'-d {self.folder} -c "Listen 127.0.0.1:{port}" -c "Include {self.staged}"'
        line = f". {self.folder}/envvars && exec apache2 -X {settings}"  # not apache2ctl, which stays in between
        return subprocess.Popen(["sh", "-c", line], env=self.surroundings, text=True, stderr=subprocess.PIPE)

    def _run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=self.surroundings, check=False)
