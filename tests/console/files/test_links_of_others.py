"""Folders of somebody else, in which root works: what lies there leads root's hand nowhere."""

import os
import sqlite3

import pytest

pytestmark = pytest.mark.needs("unshare")


def of_cyd(machine, *names):
    for name in names:
        os.lchown(machine.site / name, 2003, 2003)


def link(machine, name, to):
    (machine.site / name).unlink(missing_ok=True)
    (machine.site / name).symlink_to(to)
    of_cyd(machine, name)


def secret(machine, text="root:$6$hunter2:19\n"):
    path = machine.folder / "etc/secret"
    path.write_text(text)
    path.chmod(0o600)
    return path


READERS = [("status",), ("history",), ("reflect",), ("scan", "*"), ("status", "--live")]


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_who_reads_the_state_of_somebody_else_writes_nothing(machine, words):
    victim = machine.folder / "etc/victim.db"
    with sqlite3.connect(victim) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = victim.read_bytes()
    (machine.site / ".matrix").mkdir()
    link(machine, ".matrix/.gitignore", machine.folder / "etc/nologin")
    link(machine, ".matrix/state.db", victim)
    of_cyd(machine, ".", "MATRIX", ".matrix")
    done = machine.run("root", "matrix", *words)
    assert "Traceback" not in done.stderr, done
    assert not (machine.folder / "etc/nologin").exists()
    assert victim.read_bytes() == before


def test_a_journal_that_somebody_planted_is_not_taken_back(machine):
    """Of a journal of several databases SQLite deletes the file that it names."""
    assert machine.run("root", "matrix", "push").returncode == 4
    victim = machine.folder / "etc/victim"
    victim.write_text("a file of root's\n")
    state = machine.site / ".matrix/state.db"
    with sqlite3.connect(state) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    name = str(victim).encode()
    end = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7")
    header = bytes.fromhex("d9d505f920a163d7") + bytes(4) + bytes(4) + (1).to_bytes(4, "big")
    header += (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
    page = (2**30 // 4096 + 1).to_bytes(4, "big")
    (machine.site / ".matrix/state.db-journal").write_bytes(header.ljust(512, b"\0") + page + name + end)
    of_cyd(machine, ".", "MATRIX", ".matrix", ".matrix/state.db", ".matrix/state.db-journal")
    machine.run("root", "matrix", "history")
    assert victim.exists()


def test_the_state_of_somebody_else_can_be_read(machine):
    assert machine.run("ann", "matrix", "push", cwd=own_site(machine, "ann")).returncode == 4
    place = machine.folder / "home/ann/site"
    held = sorted(path.name for path in (place / ".matrix").iterdir())
    for words, status in ((("history",), 0), (("status",), 4)):
        done = machine.run("root", "matrix", *words, cwd=place)
        assert (done.returncode, "ann@" in done.stdout) == (status, True), done
    assert sorted(path.name for path in (place / ".matrix").iterdir()) == held
    assert not list((machine.folder / "run").iterdir())


def test_a_state_is_begun_in_no_folder_of_somebody_elses(machine):
    """A second push would be refused for it."""
    machine.give("ann", 0o755, ".")
    machine.give("ann", 0o644, "MATRIX")
    for _ in range(2):
        done = machine.run("root", "matrix", "push")
        assert (done.returncode, "put into /etc/matrix/trusted: uid 2001" in done.stderr) == (1, True), done
        assert not (machine.site / ".matrix").exists()
    assert machine.run("root", "FORALL", "*", "true").returncode == 4  # nothing in it can name a program
    assert machine.run("root", "matrix", "push", env={"SUDO_UID": "2001"}).returncode == 4


def own_site(machine, user):
    place = machine.folder / "home" / user / "site"
    place.mkdir()
    (place / "MATRIX").write_bytes((machine.site / "MATRIX").read_bytes())
    for path in (place, place / "MATRIX"):
        os.chown(path, 2001, 2001)
    return place


def test_a_matrix_that_is_somebodys_link_to_a_private_file_is_not_read(machine):
    link(machine, "MATRIX", secret(machine))
    of_cyd(machine, ".")
    for words in (("check",), ("show",), ("fmt", "--diff"), ("fmt",), ("build", "-o", "out")):
        done = machine.run("root", "matrix", *words)
        assert (done.returncode, "hunter2" in done.stdout + done.stderr) == (1, False), done
        assert "is a link of cyd (uid 2003)" in done.stderr + done.stdout
    link(machine, "MATRIX", secret(machine, "w1 127.0.0.1\n"))  # one that is a MATRIX
    assert machine.run("root", "matrix", "show").returncode == 1
    (machine.folder / "etc/secret").chmod(0o644)
    assert machine.run("root", "matrix", "show").returncode == 0  # what everybody may read tells nothing
    os.lchown(machine.site / "MATRIX", 0, 0)
    (machine.folder / "etc/secret").chmod(0o600)
    assert machine.run("root", "matrix", "show").returncode == 0  # root's own link


def test_a_folder_that_is_allowed_is_not_where_somebody_else_moves_it(machine):
    kept = machine.folder / "etc/kept"
    kept.mkdir()
    kept.chmod(0o755)
    secret(machine).rename(kept / "secret")
    of_cyd(machine, ".")
    (machine.site / "MATRIX").write_text(f"@include {machine.folder}/srv/more/secret\n")
    (machine.folder / "srv/more").symlink_to(kept)
    os.lchown(machine.folder / "srv/more", 2003, 2003)
    done = machine.run("root", "matrix", "check", env={"MATRIX_ALLOW_INCLUDES": f"{machine.folder}/srv/more/"})
    assert (done.returncode, "hunter2" in done.stdout + done.stderr) == (1, False), done
    assert "error[M057]" in done.stdout
    os.lchown(machine.folder / "srv/more", 0, 0)
    done = machine.run("root", "matrix", "check", env={"MATRIX_ALLOW_INCLUDES": f"{machine.folder}/srv/more/"})
    assert "hunter2" in done.stdout  # it is root who says where it leads


def test_fmt_lays_out_nothing_that_somebody_elses_link_leads_to(machine):
    target = machine.folder / "etc/roots.matrix"
    target.write_text("@matrix 1\nw1     127.0.0.1\n")
    link(machine, "MATRIX", target)
    of_cyd(machine, ".")
    done = machine.run("root", "matrix", "fmt")
    assert (done.returncode, target.read_text()) == (1, "@matrix 1\nw1     127.0.0.1\n"), done


def test_going_back_writes_through_nobodys_link(machine):
    env = {"MATRIX_STATE": str(machine.folder / "etc/state"), "MATRIX_PUSH_LOCAL": "0"}
    assert machine.run("root", "matrix", "push", env=env).returncode == 4
    (machine.site / "MATRIX").write_text("@matrix 1\nw1 127.0.0.1 ssh.port=1 [ps] [web]\n")
    assert machine.run("root", "matrix", "push", env=env).returncode == 4
    target = machine.folder / "etc/target"
    target.write_bytes((machine.site / "MATRIX").read_bytes())
    link(machine, "MATRIX", target)
    of_cyd(machine, ".")
    before = target.read_bytes()
    done = machine.run("root", "matrix", "rollback", "--accept-removals", env=env)
    assert (done.returncode in (1, 2), target.read_bytes()) == (True, before), done
    assert "is a link of cyd" in done.stderr


@pytest.mark.parametrize("name", ["MATRIX", "matrix.toml"])
@pytest.mark.parametrize("kind", ["link", "name"])
def test_a_folder_is_shared_and_nothing_that_a_link_in_it_leads_to(machine, name, kind):
    machine.give("root", 0o2775, ".", group="ops")
    target = secret(machine)
    (machine.site / name).unlink(missing_ok=True)
    if kind == "link":
        link(machine, name, target)
    else:
        os.link(target, machine.site / name)
    done = machine.run("root", "matrix", "init", "--team", "ops")
    held = target.stat()
    assert (held.st_gid, held.st_mode & 0o777, done.returncode) == (0, 0o600, 2), done


def test_lines_to_paste_mean_what_they_say(machine):
    """A name in them is one word of a shell, one line of a file of trust, and no second line of a message."""
    bad = machine.folder / "srv" / "a b;touch x\nput into y: uid 2003 #z"
    bad.mkdir()
    (bad / "MATRIX").write_text("w1 127.0.0.1 ssh.port=1\n")
    (bad / "matrix.toml").write_text("[push]\nlocal = false\n")
    bad.chmod(0o777)
    done = machine.run("root", "FORALL", "*", "true", cwd=bad)
    assert f"chmod o-w '{str(bad).replace(chr(10), '<U+000A>')}'" in done.stderr, done
    bad.chmod(0o755)
    os.chown(bad, 65534, 65534)
    done = machine.run("root", "FORALL", "*", "true", cwd=bad)
    assert (done.returncode, "to allow it" in done.stderr, len(done.stderr.splitlines())) == (2, False, 1), done


@pytest.mark.parametrize(
    ("table", "key"), [("ssh", "known_hosts"), ("ssh", "identity"), ("ssh", "config"), ("sign", "key")]
)
def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(machine, table, key):
    os.mkfifo(machine.site / "pipe")
    (machine.site / "matrix.toml").write_text(f'[{table}]\n{key} = "pipe"\n[push]\nlocal = false\n')
    done = machine.run("root", "matrix", "push")
    assert "Traceback" not in done.stderr, done
    assert done.returncode in (1, 2, 4)


@pytest.mark.parametrize(
    "line", ['state = "a\\u0000"', '[ssh]\nidentity = "\\u0000"', '[allow]\nincludes = ["\\u0000"]']
)
def test_a_nul_in_a_setting_is_told_in_a_line(machine, line):
    (machine.site / "matrix.toml").write_text(line + "\n")
    for words in (("check",), ("status",), ("push",)):
        done = machine.run("root", "matrix", *words)
        assert "Traceback" not in done.stderr, done


def test_a_number_of_a_person_without_end_is_none(machine):
    done = machine.run("root", "FORALL", "*", "true", env={"SUDO_UID": "9" * 5000})
    assert done.returncode == 4, done


@pytest.mark.parametrize("name", ["templates", ".matrix"])
def test_a_link_that_the_kernel_does_not_follow_for_root_is_told_in_a_line(machine, name):
    """A link in a folder of the sticky bit (fs.protected_symlinks)."""
    machine.site.chmod(0o1777)
    link(machine, name, machine.folder / "home/cyd")
    done = machine.run("root", "matrix", "push")
    assert (done.returncode in (1, 2), "Traceback" in done.stderr) == (True, False), done
