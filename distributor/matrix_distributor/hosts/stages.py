"""The stages in which work on a host can fail, each at length: what it is, why it fails, what to look at."""

from __future__ import annotations

STAGES: dict[str, str] = {
    "resolve": """\
The host's name is turned into an address: HostName of ssh_config, else the address of the MATRIX,
else the name server. An address in the MATRIX makes hosts independent of the name server.""",
    "connect": """\
A TCP connection to the host, through its jump hosts (ProxyJump) if it has any. Refused: nothing
listens on that port. No answer: the host is down, or a firewall drops the packets.
ssh.connect_timeout says how long it may take.""",
    "banner": """\
The first line that sshd sends. When it does not come, something else listens there, sshd is stuck,
or the host has no memory or no place left for connections (MaxStartups).""",
    "key exchange": """\
Both sides agree on algorithms and keys for the connection. It fails where they have none in common,
or where the network loses large packets (MTU).""",
    "host key": """\
The host shows its key, which is compared with known_hosts (also hashed names, [host]:port, @revoked
and @cert-authority lines). ssh.hostkey of the MATRIX counts where known_hosts knows neither a key nor
an authority for the host; with hostkeys = "matrix" under [ssh] in matrix.toml wherever it is given.
matrix scan shows for each host what it shows, what known_hosts knows and what the MATRIX gives.
unknown: nothing is known of this host. Compare the fingerprint with the host's own, read there:
    ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
then run again with --accept-new, or write the key as ssh.hostkey in the MATRIX.
changed: another key is known. Either the host was installed anew, or somebody else answers in its
place. No option lets a changed key in: once you know that it was installed anew,
    matrix scan --replace HOST
takes the key that the MATRIX gives over into known_hosts, after showing both; where it gives none,
remove the old key where the message says that it is written (ssh-keygen -R HOST), and let the new
one in as an unknown one (matrix scan --accept-new HOST).
revoked: a @revoked line names this very key. Give the host a new one.""",
    "login": """\
The host checks one of your keys. The message names the user and the keys that were tried: those of
ssh_config (IdentityFile), ssh.identity, and the agent's. On the host, look at authorized_keys and
its owner and mode, and at the log of sshd.""",
    "command": """\
The host runs a command. It may hang in a login script, on a full disk or a dead mount;
ssh.command_timeout says how long it may take.""",
    "query": """\
The host is asked which generation it holds, by its own /var/lib/dsas/install.sh.""",
    "install": """\
The host unpacks a generation, checks every sha256 and puts the files in place by rename. What fails
before that changes nothing: no room, a read-only disk, a missing tool, a stream that was cut, a
generation that the host refuses. What is cut off after it is completed by the next push, or on the
host by
    sh /var/lib/dsas/install.sh repair""",
    "load": """\
A canary loads every binding in its own language. One that does not load, or prints something, keeps
the generation from all other hosts.""",
    "canary": """\
The host was left alone because one that went before it did not come through (matrix push --canary).""",
    "stop": """\
The push or the daemon was told to end before this host's turn, or while it was worked on.""",
    "survey": """\
The host is asked what it has in the place of a file (SYNCALL, matrix reflect). A folder or a
symbolic link there is not replaced.""",
    "stage": """\
Files are put into a folder beside their places before anything is changed. It fails where that folder
cannot be entered or written, where somebody else can change what leads to it, or where mode or owner
cannot be set; nothing was changed.""",
    "transfer": """\
Files are sent and staged beside their places, and every sha256 is checked. No room on the disk, or
a line that was cut; nothing was changed.""",
    "check": """\
A reflected file (or one of SYNCALL --check) is checked on the host, by the real program, before
anything is changed. The message has what the program said. It may lack what it needs on that host:
an interface, a certificate, a file that is included.""",
    "removals": """\
A reflected file would take all members of a VIP away, or more than half of those that the host has
in its file now. If that is meant: --accept-removals.""",
    "busy": """\
Another run is putting the same file in place on the host at this moment.""",
    "switch": """\
The file could not be put in its place: the folder cannot be written, or is of another file system.
What was there still is.""",
    "then": """\
The files of SYNCALL are in place, and the command of --then failed. The next SYNCALL of them with
--then runs it again.""",
    "copy": """\
SYNCALL ended on the host without saying in which stage: the message has what its programs, or its
login shell, said.""",
    "enroll": """\
matrix enroll prepares the host for an account of least privilege. The message has what the host lacks,
or what is in the way there.""",
    "files": """\
The host sends the files that are in place, for matrix push --diff. Nothing is changed.""",
    "export": """\
The host sends its generation in force, for matrix adopt. Nothing is changed.""",
    "killed": """\
What put a reflected file in place was killed on the host. The next matrix reflect --apply goes on: it
puts the new file in place, or the old one back.""",
    "apply": """\
The file took its place, and the line that applies it failed, or took longer than reflect.limit. The
one before was put back and applied, and no further host was begun.""",
    "undo": """\
As apply, but the file before could not be put back, or could not be applied either: what runs on
that host, and whether it runs, is to be looked at now.""",
    "probe": """\
The file was applied, and then a VIP took no connection any more that it took before, asked from the
origin. The file is in force on that host, and no further host was begun.""",
}
"""By the name of a stage as outcomes have it."""
