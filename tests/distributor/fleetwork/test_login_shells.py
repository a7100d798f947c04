"""Login shells that run nothing, and login shells that talk: what is reported of such hosts is so."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fleet_faces import bring, call_face, last
from sshd_fleet import SshdFleet

from matrix_distributor.conversation import Output, Reach
from matrix_distributor.dialogue import Target
from matrix_distributor.enroll import Enrollment, enroll
from matrix_distributor.fleetwork import FleetworkOutcome, Job, Session
from matrix_distributor.fleetwork.copy import CopyOptions, scan
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.origin import from_host
from matrix_distributor.push import deliver, differences, inspect
from matrix_distributor.reflect.applying import ApplyOptions, apply_dialogue
from matrix_distributor.reflect.outcome import ReflectOutcome
from matrix_distributor.transport import Pool, SSHOptions
from matrix_emitters.artifacts import Artifact
from matrix_emitters.reflection.model import Configuration, Reflected
from matrix_grammar import Fleet

Give = Callable[[str], None]

NOISY = """\
#!/bin/sh
printf 'Welcome \\037\\213\\010 \\0\\377 '; head -c 20000 /dev/zero; seq 3000; printf 'no end of line: '
echo "stty: 'standard input': Inappropriate ioctl for device" >&2
/bin/bash "$@"
s=$?
printf 'Goodbye\\nno end of line'
echo goodbye >&2
exit $s
"""

SILENT = {
    "status 0": "#!/bin/sh\nexit 0\n",
    "says what it was sent": '#!/bin/sh\nprintf "%s\\n" "$@"\n',
    "a greeting alone": "#!/bin/sh\necho Welcome; echo hello >&2\n",
    **{f"status {n}": f"#!/bin/sh\nexit {n}\n" for n in (1, 9, 60, 62, 66, 69, 70, 72, 73, 74, 75, 76, 137)},
}
"""Login shells that run nothing."""

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqEVTCTZkPVgTIRVPZmRHkTEE5sBuiTc4bpkbG5XnPD ann@adm1"


@pytest.fixture
def shell(hosts: SshdFleet) -> Iterator[Give]:
    """Give root of h5 another login shell."""
    passwd = hosts.read("h5", "/etc/passwd")

    def give(script: str) -> None:
        hosts.write("h5", "/etc/shell", script.encode())
        hosts.path("h5", "/etc/shell").chmod(0o755)
        hosts.write("h5", "/etc/passwd", passwd.replace(b":/root:/bin/bash", b":/root:/etc/shell"))

    yield give
    hosts.write("h5", "/etc/passwd", passwd)
    assert (
        hosts.run("h5", "sh", "-c", "rm -rf /etc/shell /etc/noise /srv/host/* /root/.bashrc /etc/dsas*").returncode == 0
    )


@pytest.fixture
def reach(hosts: SshdFleet) -> Iterator[Reach]:
    with Pool(SSHOptions(config=hosts.ssh_config)) as pool:
        yield Reach(pool)


def target(hosts: SshdFleet) -> Target:
    return Target("h5", hosts.address("h5"))


def of(outcomes: Iterator[FleetworkOutcome]) -> tuple[str, str]:
    (outcome,) = outcomes
    return outcome.result, outcome.stage


def reflected(reach: Reach, hosts: SshdFleet, fleet: Fleet, content: bytes = b"motd\n") -> ReflectOutcome:
    entry = Configuration("motd", "motd.j2", path="/etc/noise/motd", apply="echo applied; echo applied >&2")
    wanted = Reflected(entry, ("h5",), content)
    dialogue = apply_dialogue(fleet.host("h5"), wanted, ApplyOptions(limit=10), lambda *_: "")
    ((_, outcome),) = reach([(target(hosts), dialogue)])
    assert isinstance(outcome, ReflectOutcome)
    return outcome


def generation() -> object:
    made = (Artifact("/etc/dsas.conf", 0o644, b"DSAS_GENERATION=1\n"), Artifact("matrix/MATRIX", 0o644, b"@matrix 1\n"))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return assemble_generation(made, 1, "matrix/MATRIX", parent=None, author="ann@adm1", now=now)


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT)
def test_a_login_shell_that_runs_nothing_is_reported_and_nothing_is_taken_for_done(
    hosts: SshdFleet,
    fleet: Fleet,
    session: Session,
    reach: Reach,
    here: Path,
    shell: Give,
    script: str,
) -> None:
    (here / "t/in").mkdir(parents=True)
    (here / "f").write_bytes(b"content\n")
    (here / "t/in/f").write_bytes(b"content\n")
    shell(script)
    assert of(session.copy("h5", scan(f"{here}/f:/srv/host/f"))) == ("failed", "survey")
    assert of(session.copy("h5", scan(f"{here}/t/:/srv/host/t/"))) == ("failed", "survey")
    assert of(session.copy("h5", scan(f"{here}/f:/srv/host/f"), CopyOptions(then="true"))) == ("failed", "survey")
    (ran,) = session.run("h5", "touch /srv/host/ran; echo ran")
    assert (ran.result, ran.status) == ("failed", None), "the status of a login is none of the command"
    silent = "exit 0" in script or "exit" not in script
    assert ("did not answer" in ran.cause, "before the command began" in ran.cause) == (silent, not silent)
    held = list(session.held(session.choose("h5"), "/srv/host/f"))
    assert (held[0].result, held[0].stage, held[0].presence) == ("failed", "survey", "unknown")
    outcome = reflected(reach, hosts, fleet)
    assert (outcome.result, outcome.stage, outcome.change) == ("failed", "survey", "")
    (enrolled,) = enroll(Enrollment((KEY,)), [target(hosts)], reach)
    assert (enrolled.status, enrolled.stage) == ("failed", "enroll")
    made = generation()
    (found,) = inspect(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert (found.result, found.stage) == ("failed", "query")
    (pushed,) = deliver(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert (pushed.result, pushed.stage) == ("failed", "install")
    (untold,) = differences(made, [target(hosts)], reach).untold  # type: ignore[arg-type]
    assert (untold.host, untold.result) == ("h5", "failed")
    for told in (held[0].cause, outcome.cause, enrolled.cause):
        assert ("did not answer" in told and "login shell" in told) == ("exit 0" in script or "exit" not in script)


def test_of_a_copy_the_word_of_the_script_counts_and_not_the_status(
    hosts: SshdFleet, fleet: Fleet, here: Path, shell: Give
) -> None:
    """A login shell that answers questions, and runs nothing that changes something."""
    (here / "f").write_bytes(b"content\n")
    for status in (0, 72, 73, 74):
        shell(f'#!/bin/sh\ncase $2 in *DSAS_SURVEY*) exec /bin/sh "$@" ;; esac\nexit {status}\n')
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=30) as session:
            outcomes = session.copy("h5", scan(f"{here}/f:/srv/host/f"), CopyOptions(then="echo then"))
            assert of(outcomes) == ("failed", "copy")
        with Pool(SSHOptions(config=hosts.ssh_config)) as pool:
            outcome = reflected(Reach(pool), hosts, fleet)
        assert (outcome.result, outcome.stage, outcome.change) == ("failed", "install", ""), outcome
    assert not hosts.exists("h5", "/srv/host/f")


@pytest.mark.needs("sudo")
def test_a_login_shell_that_talks_hurts_nobody(
    hosts: SshdFleet, fleet: Fleet, session: Session, reach: Reach, here: Path, shell: Give
) -> None:
    for number in range(100):
        (here / f"t/{number % 5}").mkdir(parents=True, exist_ok=True)
        (here / f"t/{number % 5}/{number}").write_bytes(b"content %d\n" % number)
    (here / "f").write_bytes(b"content\n")
    hosts.write("h5", "/srv/host/f", b"other\n")
    shell(NOISY)
    for word, changes in (
        (f"{here}/f:/srv/host/f", 1),
        (f"{here}/f:/srv/host/new", 1),
        (f"{here}/t/:/srv/host/t/", 106),  # the folder of the tree, too
    ):
        for expected in (changes, 0):
            (outcome,) = session.copy("h5", scan(word))
            assert (str(outcome.trouble), len(outcome.changes)) == ("", expected), word
    (outcome,) = session.copy("h5", scan(f"{here}/f:/srv/host/other"), CopyOptions(check="true", then="echo then"))
    assert (str(outcome.trouble), len(outcome.changes)) == ("", 1)
    (ran,) = session.run("h5", "echo ran; echo err >&2; exit 3")
    assert (ran.status, ran.stdout.count(b"dsas"), ran.stderr.count(b"err\n")) == (3, 0, 1)
    assert b"3000\nno end of line: ran\nGoodbye\n" in ran.stdout
    live = list(session.run_on(session.choose("h5"), Job(("echo ran; sleep 0.1; printf '\\0\\n'",)), live=True))
    told = b"".join(event.chunk for event in live if isinstance(event, Output) and event.stream == "stdout")
    assert told == ran.stdout.replace(b"ran\n", b"ran\n\0\n")
    (held,) = session.held(session.choose("h5"), "/srv/host/t")
    assert (held.presence, len(held.held)) == ("there", 106)
    digest = scan(f"{here}/f:/x").entries[0].digest
    assert session.fetch({"h5": [("/srv/host/f", digest)]}) == {digest: b"content\n"}
    assert [reflected(reach, hosts, fleet).change for _ in range(2)] == ["new", "same"]
    assert reflected(reach, hosts, fleet, b"another\n").change == "content"
    made = generation()
    (pushed,) = deliver(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert pushed.result == "updated"
    (found,) = inspect(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert found.result == "current"
    assert from_host(target(hosts), reach).digest == pushed.digest
    assert differences(made, [target(hosts)], reach).changes == ()  # type: ignore[arg-type]
    (enrolled,) = enroll(Enrollment((KEY,)), [target(hosts)], reach, dry=True)
    assert (enrolled.status, enrolled.cause) == ("planned", "")


def test_a_login_shell_that_talks_much_is_asked_at_length(
    hosts: SshdFleet, fleet: Fleet, session: Session, reach: Reach, here: Path, shell: Give
) -> None:
    """More than a file is held back for while it is not known whether the host needs it."""
    shell('#!/bin/sh\nhead -c 1000000 /dev/zero | tee /dev/stderr\necho\nexec /bin/bash "$@"\n')
    for content in (b"new\n", b"other\n"):
        (here / "f").write_bytes(content)
        for changes in (1, 0):
            (outcome,) = session.copy("h5", scan(f"{here}/f:/srv/host/f"))
            assert (str(outcome.trouble), len(outcome.changes)) == ("", changes)
        assert hosts.read("h5", "/srv/host/f") == content
        assert reflected(reach, hosts, fleet, content).result == "ok"
    hosts.run("h5", "find", "/var/lib/dsas", "-mindepth", "1", "-delete")
    (pushed,) = deliver(generation(), [target(hosts)], reach)  # type: ignore[arg-type]
    assert pushed.good


def test_what_a_login_shell_shows_of_an_earlier_answer_is_none(hosts: SshdFleet, reach: Reach, shell: Give) -> None:
    """As one that shows the end of a log, in which a session was written down."""
    earlier = f"drift /etc/dsas.py: mode 0600\nbefore 4\ndsas 1 7 {'a' * 64} drift"
    shell(f"#!/bin/sh\necho '{earlier}'\nexec /bin/bash \"$@\"\n")
    hosts.run("h5", "find", "/var/lib/dsas", "-mindepth", "1", "-delete")
    made = generation()
    (pushed,) = deliver(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert (pushed.result, pushed.generation, pushed.drift) == ("updated", 1, ())
    (found,) = inspect(made, [target(hosts)], reach)  # type: ignore[arg-type]
    assert (found.result, found.generation, found.drift) == ("current", 1, ())
    assert from_host(target(hosts), reach).digest == pushed.digest


@pytest.mark.parametrize("kind", ["dash", "bash", "busybox"])
def test_the_sh_functions_report_the_same(hosts: SshdFleet, fleet: Fleet, shell: Give, kind: str) -> None:
    bring(hosts, fleet, "")
    hosts.run("h1", "sh", "-c", "mkdir -p /srv/host/t/a; echo x >/srv/host/t/a/x; echo one >/srv/host/f")

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return call_face(hosts, kind, *words, stdin="")

    shell(NOISY)
    for word in ("/srv/host/f", "/srv/host/t"):
        assert last(call("SYNCALL", "h5", word)) == "1 changed"
        assert last(call("SYNCALL", "h5", word)) == "1 same"
        assert last(call("DIFFALL", "h5", word)) == "1 same"
    assert "h5: ran\n" in call("FORALL", "h5", "echo ran").stdout
    gathered = call("FORALL", "-g", "h[4-5]", "echo ran; printf 'a\\0b\\n'").stdout
    assert "h4:\nran\na\0b\n" in gathered
    assert "3000\nno end of line: ran\na\0b\nGoodbye\n" in gathered
    assert "dsas" not in gathered
    hosts.write("h1", "/srv/host/f", b"two\n")
    assert "-one\n+two" in call("SYNCALL", "-n", "h5", "/srv/host/f").stdout
    for script in (SILENT["status 0"], SILENT["says what it was sent"], SILENT["status 73"]):
        shell(script)
        for verb in ("SYNCALL", "DIFFALL"):
            done = call(verb, "h5", "/srv/host/f")
            assert done.returncode == 3
            assert "h5: survey: it ended with status " in done.stderr
        for option in ("-g", "-a"):
            done = call("FORALL", option, "h[4-5]", "touch /srv/host/ran")
            assert last(done).startswith("1 ok, 1 failed (h5: "), done.stderr
            why = "exit 73 before the command began" if "exit 73" in script else "did not answer"
            assert why in done.stderr
            assert "(exit 73)" not in done.stdout
            assert not hosts.exists("h5", "/srv/host/ran")
    shell('#!/bin/sh\ncase $2 in *DSAS_SURVEY*) exec /bin/sh "$@" ;; esac\nexit 0\n')
    done = call("SYNCALL", "--then", "echo then", "h5", "/srv/host/f")
    assert (done.returncode, done.stdout) == (3, "")
    assert "h5: copy: it ended with status 0 but did not answer" in done.stderr
