"""Whose files count: real users and groups, in a machine of the test's own, whose lists of them are its own too.

Each case runs `matrix` in a mount namespace in which /etc/passwd, /etc/group, /etc/matrix and the homes are the test's.
"""

import os
import subprocess

import pytest
from users_machine import USERS

pytestmark = pytest.mark.needs("unshare")

ACTS = [
    ("FORALL", "*", "true"),
    ("DIFFALL", "*", "--", "/etc/hostname"),
    ("SYNCALL", "*", "--", "/etc/hostname:/tmp/x"),
    ("matrix", "push"),
    ("matrix", "push", "--dry-run"),
    ("matrix", "enroll", "*", "--key", "/etc/hostname"),
    ("matrix", "watch"),
    ("matrix", "reflect", "hosts", "--apply"),
    ("matrix", "reflect", "hosts"),
    ("matrix", "rollback"),
    ("matrix", "adopt", "w1"),
    ("matrixd",),
]


@pytest.mark.parametrize("words", ACTS, ids=" ".join)
def test_files_of_somebody_else_in_the_working_folder_run_nothing(machine, words):
    machine.programs()
    machine.give("nobody", 0o755, ".")
    machine.give("nobody", 0o644, "MATRIX", "matrix.toml", "c")
    done = machine.run("root", *words)
    assert not machine.ran
    assert (done.returncode, "belongs to nobody (uid 65534)" in done.stderr) == (2, True), done
    assert f"put into /etc/matrix/trusted: folder {machine.site}" in done.stderr
    assert not (machine.site / ".matrix").exists()


def test_live_status_logs_in_and_a_status_does_not(machine):
    assert machine.run("root", "matrix", "push", env={"MATRIX_PUSH_LOCAL": "0"}).returncode == 4
    machine.programs()
    machine.give("nobody", 0o644, "matrix.toml", "c")
    assert machine.run("root", "matrix", "status", "--live").returncode == 2
    assert machine.run("root", "matrix", "status").returncode == 4
    assert machine.run("root", "matrix", "history").returncode == 0
    assert not machine.ran


READS = [
    ("check",),
    ("show",),
    ("get", "w1", "ssh.port"),
    ("query", "ps"),
    ("build", "-o", "{out}"),
    ("diff", "MATRIX"),
    ("fmt",),
]


@pytest.mark.parametrize("words", READS, ids=lambda words: words[0])
def test_reading_is_never_refused_and_runs_nothing(machine, words):
    machine.programs()
    machine.give("nobody", 0o777, ".")
    machine.give("nobody", 0o666, "MATRIX", "matrix.toml", "c")
    done = machine.run("root", "matrix", *(word.format(out=machine.folder / "out") for word in words))
    assert (done.returncode, machine.ran) == (0, False), done


@pytest.mark.parametrize("name", ["c", "templates", "templates/a.j2", ".matrix", ".matrix/state.db"])
def test_what_matrix_toml_names_counts_as_itself_does(machine, name):
    machine.programs()
    (machine.site / "templates").mkdir()
    (machine.site / "templates/a.j2").write_text("x")
    assert machine.run("root", "matrix", "push").returncode == 4  # all is root's, and w1 is away
    assert machine.ran
    machine.mark.unlink()
    machine.give("cyd", 0o700 if (machine.site / name).is_dir() else 0o644, name)
    done = machine.run("root", "matrix", "push")
    assert (done.returncode, machine.ran) == (2, False), done
    assert "belongs to cyd (uid 2003)" in done.stderr
    assert "put into /etc/matrix/trusted: uid 2003" in done.stderr


def test_an_included_ssh_config_counts_as_the_one_that_includes_it(machine):
    (machine.site / "matrix.toml").write_text('[ssh]\nconfig = "c"\n')
    (machine.site / "c").write_text(f"Include {machine.site}/d\n")
    (machine.site / "d").write_text(f'Match exec "echo ran >>{machine.mark}"\n')
    machine.give("cyd", 0o644, "d")
    done = machine.run("root", "FORALL", "*", "true")
    assert (done.returncode, machine.ran, f"{machine.site}/d: it belongs to cyd" in done.stderr) == (2, False, True), (
        done
    )


@pytest.mark.parametrize("name", ["matrix.toml", "c", "."])
def test_what_everybody_may_write_is_refused(machine, name):
    machine.programs()
    (machine.site / name).chmod(0o777)
    done = machine.run("root", "FORALL", "*", "true")
    assert (done.returncode, machine.ran) == (2, False)
    place = machine.site if name == "." else machine.site / name
    assert f"everybody may write it: chmod o-w {place}" in done.stderr
    subprocess.run(["chmod", "o-w", place], check=True)
    assert machine.run("root", "FORALL", "*", "true").returncode == 4


def test_the_null_device_names_no_program_though_everybody_may_write_it(machine):
    toml = machine.site / "matrix.toml"
    toml.write_text('[ssh]\nconfig = "/dev/null"\nknown_hosts = "/dev/null"\nagent = false\n')
    assert machine.run("root", "FORALL", "*", "true").returncode == 4
    toml.write_text('[ssh]\nconfig = "/dev/zero"\nagent = false\n')
    assert machine.run("root", "FORALL", "*", "true").returncode == 2


def test_in_a_sticky_folder_nobody_replaces_what_is_anothers(machine):
    machine.programs()
    machine.site.chmod(0o1777)
    assert machine.run("root", "FORALL", "*", "true").returncode == 4
    (machine.site / "c").rename(machine.folder / "etc/c")
    (machine.site / "c").symlink_to(machine.folder / "etc/c")
    os.lchown(machine.site / "c", 2003, 2003)  # whoever made the link chose what it leads to
    done = machine.run("root", "FORALL", "*", "true")
    assert (done.returncode, "belongs to cyd" in done.stderr) == (2, True)


def team(machine):
    machine.programs()
    machine.give("root", 0o2775, ".", group="ops")
    machine.give("root", 0o664, "MATRIX", "matrix.toml", "c", group="ops")


def test_a_folder_of_a_team_works_with_a_notice_that_carries_the_line(machine):
    team(machine)
    for user in ("ann", "bob", "root"):
        done = machine.run(user, "matrix", "push", umask="002")
        assert done.returncode == 4, done
        place = "/etc/matrix/trusted" if user == "root" else f"{machine.folder}/home/{user}/.config/matrix/trusted"
        for verb, status in (("check", 0), ("status", 4)):
            told = machine.run(user, "matrix", verb)
            assert told.returncode == status, told
            assert told.stdout.count(f"the next release refuses {machine.site}: group ops may write it") == 1
            assert f"put into {place}: group ops\n" in told.stdout
    assert machine.run("ann", "matrix", "check", "--warnings-as-errors").returncode == 1
    assert '"paste": "group ops"' in machine.run("ann", "matrix", "check", "--format", "json").stdout
    assert '"paste": "group ops"' in machine.run("ann", "matrix", "status", "--json").stdout


def test_with_the_line_all_of_the_team_may_write_and_own(machine):
    team(machine)
    machine.give("ann", 0o664, "matrix.toml", "c")
    done = machine.run("bob", "FORALL", "*", "true")
    assert done.returncode == 4, done  # what the team may write, its members may have written
    machine.give("ann", 0o2775, ".")
    done = machine.run("bob", "FORALL", "*", "true")
    assert done.returncode == 2
    assert "bob/.config/matrix/trusted: group ops" in done.stderr, done
    (machine.folder / "etc/matrix/trusted").write_text("# the team\ngroup ops\n")
    for user in ("ann", "bob", "cyd", "root"):
        done = machine.run(user, "FORALL", "*", "true")
        assert (done.returncode, "notice" in done.stderr) == (4, False), done
        assert machine.run(user, "matrix", "check").stdout.count("next release") == 0
    machine.give("matrix", 0o664, "matrix.toml")
    done = machine.run("bob", "FORALL", "*", "true")
    assert (done.returncode, "uid 2009" in done.stderr) == (2, True)


def test_the_state_of_a_team_is_the_teams(machine):
    team(machine)
    (machine.folder / "etc/matrix/trusted").write_text("group ops\n")
    for user in ("ann", "bob", "ann"):
        assert machine.run(user, "matrix", "push", umask="077").returncode == 4
    held = (machine.site / ".matrix").stat()
    assert (held.st_mode & 0o7777, held.st_gid) == (0o2770, 2100)
    assert (machine.site / ".matrix/state.db").stat().st_mode & 0o777 == 0o660


def test_a_checkout_under_umask_002_is_its_owners_alone(machine):
    machine.programs()
    machine.give("ann", 0o775, ".", group="ann")
    machine.give("ann", 0o664, "MATRIX", "matrix.toml", "c", group="ann")
    assert machine.run("ann", "FORALL", "*", "true").returncode == 4
    assert "next release" not in machine.run("ann", "matrix", "check").stdout
    groups = machine.folder / "etc/group"
    groups.write_text(groups.read_text().replace("ann:x:2001:\n", "ann:x:2001:bob\n"))
    assert "group ann may write it" in machine.run("ann", "matrix", "check").stdout


def test_under_sudo_the_files_of_the_person_count(machine):
    machine.programs()
    machine.give("ann", 0o755, ".")
    machine.give("ann", 0o644, "MATRIX", "matrix.toml", "c")
    assert machine.run("root", "FORALL", "*", "true", env={"SUDO_UID": "2001"}).returncode == 4
    assert machine.ran
    assert machine.run("root", "FORALL", "*", "true", env={"SUDO_UID": "2002"}).returncode == 2


def test_in_a_container_the_owner_outside_is_let_in_by_number(machine):
    machine.programs()
    for name in (".", "MATRIX", "matrix.toml", "c"):
        os.chown(machine.site / name, 1000, 1000)  # nobody of that number in the container
    done = machine.run("root", "FORALL", "*", "true")
    assert (done.returncode, machine.ran) == (2, False)
    assert "it belongs to uid 1000;" in done.stderr
    assert "put into /etc/matrix/trusted: uid 1000" in done.stderr
    (machine.folder / "etc/matrix/trusted").write_text("uid 1000\n")
    assert machine.run("root", "FORALL", "*", "true").returncode == 4


def unit(machine, *words):
    """As PrivateUsers=yes of systemd: root and the user of the unit are shown as themselves, all others as nobody."""
    program = (
        "import os,sys,ctypes,subprocess\n"
        "r,w=os.pipe(); g,h=os.pipe()\n"
        "pid=os.fork()\n"
        "if pid==0:\n"
        " ctypes.CDLL(None).unshare(0x10000000); os.write(w,b'x'); os.read(g,1)\n"
        " os.execvp('setpriv','setpriv --reuid 2009 --regid 2009 --clear-groups'.split()+sys.argv[1:])\n"
        "os.read(r,1)\n"
        "for name in ('uid_map','gid_map'):\n"
        " open(f'/proc/{pid}/{name}','w').write('0 0 1\\n2009 2009 1\\n')\n"
        "os.write(h,b'x'); sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))\n"
    )
    script = machine.folder / "run/unit.py"
    script.write_text(program)
    USERS["unit"] = (0, "root")
    try:
        (machine.folder / "home/unit").mkdir(exist_ok=True)
        return machine.run("unit", "python", script, *machine.program(words[0]), *words[1:])
    finally:
        del USERS["unit"]


def test_under_private_users_root_is_root_and_others_are_vouched_for_by_folder(machine):
    machine.programs()
    (machine.site / "matrix.toml").write_text('[ssh]\nconfig = "c"\n[push]\nlocal = false\n')
    assert unit(machine, "FORALL", "*", "true").returncode == 4
    machine.give("root", 0o2775, ".", group="ops")
    done = unit(machine, "matrix", "check")
    assert f"put into {machine.folder}/home/unit/.config/matrix/trusted: folder {machine.site}" in done.stdout, done
    assert unit(machine, "FORALL", "*", "true").returncode == 4
    machine.give("ann", 0o664, "matrix.toml", group="ops")
    done = unit(machine, "FORALL", "*", "true")
    assert (done.returncode, f"trusted: folder {machine.site}" in done.stderr) == (2, True), done
    (machine.folder / "etc/matrix/trusted").write_text(f"uid 65534\ngroup ops\nfolder {machine.site}\n")
    assert unit(machine, "FORALL", "*", "true").returncode == 4
    (machine.folder / "etc/matrix/trusted").write_text("uid 65534\n")  # would be everybody
    done = unit(machine, "FORALL", "*", "true")
    assert (done.returncode, "/etc/matrix/trusted:1: no line of it" in done.stderr) == (2, True)


def test_a_file_of_trust_that_others_may_write_does_not_count(machine):
    machine.programs()
    machine.give("cyd", 0o644, "matrix.toml")
    trusted = machine.folder / "etc/matrix/trusted"
    trusted.write_text("uid 2003\n")
    assert machine.run("root", "FORALL", "*", "true").returncode == 4
    for mode, uid in ((0o666, 0), (0o644, 2003)):
        trusted.chmod(mode)
        os.chown(trusted, uid, 0)
        done = machine.run("root", "FORALL", "*", "true")
        assert (done.returncode, "/etc/matrix/trusted does not count" in done.stderr) == (2, True), done
    os.chown(trusted, 0, 0)
    trusted.chmod(0o644)
    trusted.parent.chmod(0o777)
    assert machine.run("root", "FORALL", "*", "true").returncode == 2


def test_what_says_whom_to_believe_gives_a_notice(machine):
    (machine.site / "matrix.toml").write_text('[ssh]\nknown_hosts = "k"\nconfig = "c"\n[push]\nlocal = false\n')
    (machine.site / "c").write_text("")
    (machine.site / "k").write_text("")
    machine.give("cyd", 0o644, "k")
    assert machine.run("root", "FORALL", "*", "true").returncode == 4
    told = machine.run("root", "matrix", "check").stdout
    assert f"the next release refuses {machine.site}/k: it belongs to cyd (uid 2003)" in told


@pytest.mark.needs("setfacl")
def test_an_access_control_list_is_looked_at_too(machine):
    machine.programs()
    subprocess.run(["setfacl", "-m", "u:2003:rw,m::rw", machine.site / "matrix.toml"], check=True)
    done = machine.run("ann", "matrix", "check")
    assert "cyd (uid 2003) may write it" in done.stdout, done


def test_init_shares_a_folder_with_a_team_and_writes_the_line(machine):
    (machine.site / "MATRIX").unlink()
    done = machine.run("root", "matrix", "init", "--team", "ops")
    assert done.returncode == 0, done
    assert (machine.folder / "etc/matrix/trusted").read_text() == "group ops\n"
    held = machine.site.stat()
    assert (held.st_mode & 0o7777, held.st_gid) == (0o2775, 2100)
    assert machine.run("root", "matrix", "init", "--team", "ops").returncode == 0
    assert (machine.folder / "etc/matrix/trusted").read_text() == "group ops\n"
    assert "next release" not in machine.run("bob", "matrix", "check").stdout
    done = machine.run("bob", "matrix", "init", "new", "--team", "ops")
    assert (machine.folder / "home/bob/.config/matrix/trusted").read_text() == "group ops\n", done
    done = machine.run("root", "matrix", "init", "--team", "opps")
    assert (done.returncode, "there is no group opps" in done.stderr) == (2, True)
