"""What stays of a matrix.toml that comes from elsewhere, whatever its spelling."""

import tomllib

import pytest

from matrix_distributor.origin.disowning import disown

HOSTILE = [
    '[ssh]\nconfig = "c"\n',
    'ssh.config = "c"\n',
    'ssh = { config = "c", user = "u" }\n',
    '"ssh"."config" = "c"\n',
    "['ssh']\n'config' = 'c'\n",
    '[ssh]\nconfig = """\nc"""\n',
    "[ssh]\r\nconfig = 'c'\r\nuser = 'u'\r\n",
    '[ssh] # x\n  config   =   "c" # y\n',
    '[ "ssh" ]\n"\\u0063onfig" = "c"\n',
    'x = """\n"""\nssh.config = "c"\n',
    '[ssh]\nidentity = "k"\nknown_hosts = "k"\nhostkeys = "matrix"\n',
    '[sign]\nkey = "k"\nallowed_signers = "s"\n',
    '[push]\nidentity = "k"\nfanout = 2\n',
    'state = "/etc"\nself = "w9"\n',
    '[reflect.motd]\npath = "/etc/cron.d/x"\napply = "sh"\n',
    '[reflect]\nlimit = 3\nmotd.check = "sh"\n',
    "[reflect]\nmotd = {}\n",
    "[reflect.motd]\n",
    '[[reflect.motd]]\ncheck = "sh"\n',
    '[[allow]]\nprograms = ["/bin/sh"]\n[allow.more]\nx = 1\n',
    '[include]\nfolders = ["/"]\n',
    'unknown = 1\n[later.table]\nprogram = "sh"\n',
    '[push]\nauthor = """x\n[sign]\n"""\nidentity = "k"\n',
    '[bindings.files."/etc/dsas.conf"]\npath = "/root/.ssh/authorized_keys"\n',
    '[bindings.files]\n"/etc/dsas.conf" = { path = "/etc/cron.d/x", mode = "0644" }\n',
    'bindings.files."/etc/dsas.conf".path = "/etc/dsas.d/../cron.d/x"\n',
    'bindings.files."/etc/dsas.conf".mode = "0666"\n',
    'bindings = { files = { "/etc/dsas.conf" = { path = "/etc/profile.d/dsas.sh" } } }\n',
    "bindings.more = 1\n",
    "[ssh]\nuser = '''\nu'''\nconfig = [\n'c',\n]\n",
]


def leaves(table, before=()):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, (*before, key))
        else:
            yield ".".join((*before, key))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_spelling_slips_by(text):
    found = disown(text.encode())
    stays = list(leaves(tomllib.loads(found.content.decode())))
    assert set(stays) <= {"ssh.user", "push.fanout", "push.author", "reflect.limit"}
    assert "reflect" not in tomllib.loads(found.content.decode()) or set(
        tomllib.loads(found.content.decode())["reflect"]
    ) <= {"limit"}
    assert found.left_out
    every = {name for name in leaves(tomllib.loads(text)) if not name.startswith(("reflect.motd", "allow"))}
    assert every - set(stays) <= set(found.left_out)  # each is reported
    for line in text.replace("\r\n", "\n").splitlines():
        assert line in found.content.decode(), "what was left out can be taken back"


def test_what_is_data_stays_as_it_is():
    text = b"# of our site\n[push]\nretry = 2 # twice\n"
    text += b'[bindings.files."/etc/dsas.conf"]\npath = "/etc/dsas.x.conf"\n[dmetad]\nrate = 5.0\n'
    assert disown(text).content is text
    mixed = disown(text + b'[sign]\nkey = "k"\n')
    assert mixed.content.startswith(text)
    assert mixed.left_out == ("sign.key",)


@pytest.mark.parametrize("text", [b"\xff", b"[ssh\n", b"x = 1\x00", b"[a]\n" * 9, b"x=" + b"[" * 5000])
def test_what_is_not_toml_becomes_a_comment_as_a_whole(text):
    found = disown(text)
    assert tomllib.loads(found.content.decode()) == {}
    assert found.whole == "it is not TOML"


def test_what_is_too_large_to_go_through_becomes_a_comment_as_a_whole():
    found = disown(b'ssh.config = "c"\npush.author = """' + b"x\n" * 50_000 + b'"""\n')
    assert tomllib.loads(found.content.decode()) == {}
    assert "KiB" in found.whole
    found = disown(b'ssh.config = "c"\npush.author = """' + b"x\n" * 500 + b'"""\n')
    assert tomllib.loads(found.content.decode()) == {}
    assert found.whole == "its layout is not understood"


@pytest.mark.parametrize("text", ["a = " + "1" * 5000, ".".join(["a"] * 3000) + " = 1"])
def test_numbers_and_depths_without_end_are_no_toml(text):
    assert disown(text.encode()).whole == "it is not TOML"


def test_bindings_stay_where_bindings_are():
    text = b'[bindings.files."/etc/dsas.conf"]\npath = "/etc/dsas.d/x.conf"\nmode = "0444"\n'
    text += b'[bindings.files."/etc/dsas.py"]\n'
    assert disown(text).content is text
    mixed = disown(text + b'[sign]\nkey = "k"\n')
    assert (mixed.content.startswith(text), mixed.left_out) == (True, ("sign.key",))


def test_statements_of_many_lines_take_bounded_work():
    text = 'sign.key = "k"\n' + "".join(f"x{number} = [\n{'1,' * 40}\n" + "1,\n" * 390 + "]\n" for number in range(45))
    found = disown(text.encode())
    assert (tomllib.loads(found.content.decode()), found.whole) == ({}, "its layout is not understood")
