"""Every habit of saving, by the real programs, with one daemon that is told of edits by events alone."""

import os
import pty
import select
import shutil
import subprocess
import time

import pytest
from matrix_parts import require

VIM = {
    "as it comes": "set nobackup",
    "backup by rename": "set backup writebackup backupcopy=no",
    "backup by copy": "set backup writebackup backupcopy=yes",
    "no backup at all": "set nobackup nowritebackup",
    "undo and swap files beside it": "set undofile undodir=. directory=.",
}


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def on_terminal(command, keys, cwd):
    """Run a program on a terminal of its own, with these keys pressed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe(command[0], command, {**os.environ, "TERM": "vt100", "HOME": str(cwd.parent)})
    select.select([terminal], [], [], 15)  # until it draws for the first time: keys before that would be signals
    for key in keys:
        settle(terminal)
        os.write(terminal, key.encode())
    end = time.monotonic() + 15
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        assert time.monotonic() < end, f"{command} did not end"
        settle(terminal)
    os.close(terminal)
    assert ended[1] == 0


def settle(terminal):
    """Read what the program draws, until it has nothing more to draw."""
    while select.select([terminal], [], [], 0.15)[0]:
        try:
            if not os.read(terminal, 65536):
                return
        except OSError:  # EIO: it has ended
            time.sleep(0.02)
            return


def changed(site, new):
    """Write the text with another weight beside the MATRIX, for programs that carry files."""
    path = site.folder.parent / "elsewhere"
    path.write_text(site.matrix.read_text().replace(f"weight={site.weight('w1')}", f"weight={new}"))
    return path


def vim(settings):
    def save(site, old, new):
        require("vim")
        # -X -N -u NONE: without a display, a person's own settings, or vi's habits; -es: commands, as `ex` has them.
        run("vim", "-X", "-N", "-u", "NONE", "-es", "-c", settings, "-c", f"%s/weight={old}$/weight={new}/", "-c", "wq",
            site.matrix.name, cwd=site.folder)  # fmt: skip

    return save


def nano(*options):
    def save(site, old, new):
        require("nano")
        keys = ["\x1c", f"weight={old}\r", f"weight={new}\r", "A", "\x0f", "\r", "\x18"]
        on_terminal(["nano", "--ignorercfiles", *options, site.matrix.name], keys, site.folder)

    return save


def emacs(settings):
    def save(site, old, new):
        require("emacs")
        edit = f'(progn {settings} (find-file "MATRIX") (replace-string "weight={old}" "weight={new}") (save-buffer))'
        run("emacs", "--batch", "-Q", "--eval", edit, cwd=site.folder)

    return save


def sed(site, old, new):
    run("sed", "-i", f"s/weight={old}$/weight={new}/", "MATRIX", cwd=site.folder)


def perl(site, old, new):
    run("perl", "-pi.orig", "-e", f"s/weight={old}$/weight={new}/", "MATRIX", cwd=site.folder)


def git_checkout(site, old, new):
    def git(*words):
        run("git", "-c", "user.name=ann", "-c", "user.email=ann@example.jp", *words, cwd=site.folder)

    if not (site.folder / ".git").exists():
        git("init", "-q")
    git("add", "MATRIX")
    git("commit", "-qm", "before", "--allow-empty")
    git("checkout", "-qb", f"weight-{new}")
    work = site.folder.parent / "clone"
    run("git", "clone", "-q", str(site.folder), str(work), cwd=site.folder.parent)
    (work / "MATRIX").write_text(changed(site, new).read_text())
    run("git", "-c", "user.name=ann", "-c", "user.email=ann@example.jp", "commit", "-qam", "edit", cwd=work)
    run("git", "fetch", "-q", str(work), "HEAD", cwd=site.folder)
    git("checkout", "-q", "FETCH_HEAD")
    shutil.rmtree(work)


def rsync(*options):
    def save(site, old, new):
        run("rsync", "-c", *options, str(changed(site, new)), str(site.matrix), cwd=site.folder)

    return save


def cp(*options):
    def save(site, old, new):
        run("cp", *options, str(changed(site, new)), str(site.matrix), cwd=site.folder)

    return save


def mv(site, old, new):
    run("mv", str(changed(site, new)), str(site.matrix), cwd=site.folder)


def tee(site, old, new):
    run("sh", "-c", 'tee MATRIX <"$1" >/dev/null', "sh", str(changed(site, new)), cwd=site.folder)


def append(site, old, new):
    run("sh", "-c", f"sed -i '$d' MATRIX; printf '    w2  192.0.2.2  weight={new}\\n' >>MATRIX", cwd=site.folder)


def link_of_file(site, old, new):
    release = site.folder.parent / f"release-{new}"
    changed(site, new).rename(release)
    run("ln", "-sfn", str(release), "MATRIX", cwd=site.folder)


HABITS = {
    **{f"vim, {name}": vim(settings) for name, settings in VIM.items()},
    "nano": nano(),
    "nano with backup": nano("--backup"),
    "emacs": emacs(""),
    "emacs, backup by copying": emacs("(setq backup-by-copying t)"),
    "emacs, precious file": emacs("(setq file-precious-flag t)"),
    "sed -i": sed,
    "perl -i": perl,
    "git checkout": git_checkout,
    "rsync": rsync(),
    "rsync --inplace": rsync("--inplace"),
    "cp": cp(),
    "cp --remove-destination": cp("--remove-destination"),
    "mv": mv,
    "tee": tee,
    "sed -i, then >>": append,
    "ln -sfn": link_of_file,
}


@pytest.mark.parametrize("habit", HABITS)
def test_a_save_reaches_every_host(running, habit):
    weight = running.weight("w1")
    for _ in range(2):  # a second save finds what the first one left behind
        HABITS[habit](running, weight, weight + 1)
        weight += 1
        running.await_weight(weight)
    if running.matrix.is_symlink():
        text = running.matrix.read_text()
        running.matrix.unlink()
        running.matrix.write_text(text)
    assert not running.events("text-wrong"), "no half-saved text was ever read"
