"""What `--keep` adds: the fleet stays, and the person is told what to try."""

from __future__ import annotations

import shlex
import signal
import sys
from pathlib import Path

from .story import Story


def commands(story: Story) -> tuple[str, ...]:
    """Commands that work as they stand, in any shell, while the fleet runs."""
    folder = story.stage.folder / "site-of-the-heir"
    matrix = shlex.quote(str(Path(sys.executable).with_name("matrix")))
    settings = story.heir()
    exports = " ".join(f"{key}={shlex.quote(value)}" for key, value in settings.items())
    root = story.stage.root("mail1")
    return (
        f"export {exports}",
        f"cd {shlex.quote(str(folder))}",
        f"{matrix} show",
        f"{matrix} query 'ps&UP'",
        f"$EDITOR MATRIX; {matrix} push",
        f"{matrix} status --live",
        f"{matrix} watch",
        f"ssh -F {shlex.quote(str(story.stage.folder / 'site_ssh_config'))} db2 'cat $DSAS_ROOT/etc/dsas.conf'",
        f"DSAS_DIR={root}/etc/dsas.d sh -c '. {root}/etc/dsas.conf; dsas_hosts \"ps&UP\"'",
    )


def keep_running(story: Story) -> None:
    """Print the commands, and wait for Ctrl-C."""
    story.tell.say("\nThe fleet stays until Ctrl-C. To try, in another terminal:\n")
    for line in commands(story):
        story.tell.say(f"  {line}")
    while True:
        signal.pause()
