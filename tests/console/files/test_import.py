"""`matrix import`: a draft on standard output or in a file, and what was left on standard error."""

import inspect
import json
import os
import subprocess
import sys
import threading
from importlib import import_module

import pytest
from click.testing import CliRunner

from matrix_console.commands.import_ import NAMES
from matrix_console.main import matrix
from matrix_sources.kinds import KINDS
from matrix_sources.registry import DRAFT_KINDS

HOSTS = "127.0.0.1 localhost\n10.0.0.1 web1 www\n10.0.0.2 web2\n10.0.0.3 web3\n"
DRAFT = """\
# Drafted by matrix import hosts from {name}
@matrix 1

web1      10.0.0.1      alias=www
web[2-3]  10.0.0.[2-3]

# Not carried over:
# line 1: 127.0.0.1 localhost: every machine has this for itself
"""
TOLD = "{name}:1: not carried over: 127.0.0.1 localhost: every machine has this for itself\n"
SUM = "matrix: 3 hosts, 0 roles; 1 not carried over, 0 in another form"


def run(*arguments, stdin=None):
    return CliRunner().invoke(matrix, ["import", *map(str, arguments)], input=stdin)


@pytest.fixture
def hosts(tmp_path):
    path = tmp_path / "hosts"
    path.write_text(HOSTS)
    return path


def test_the_draft_goes_to_standard_output_and_what_was_left_to_standard_error(hosts):
    result = run("hosts", hosts)
    assert result.exit_code == 0
    assert result.stdout == DRAFT.format(name=hosts)
    assert result.stderr == f"{TOLD.format(name=hosts)}{SUM}\n"


def test_standard_input(tmp_path):
    result = run("hosts", "-", stdin=HOSTS)
    assert (result.exit_code, result.stdout) == (0, DRAFT.format(name="standard input"))


def test_the_draft_passes_check_and_is_as_fmt_would_have_it(hosts, tmp_path):
    output = tmp_path / "MATRIX"
    result = run("hosts", hosts, "-o", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"{SUM}; {output} is written: matrix check -f {output}\n")
    for verb in (["check", "--warnings-as-errors", "-f", output], ["fmt", "--check", output]):
        assert CliRunner().invoke(matrix, [*map(str, verb)]).exit_code == 0
    mask = os.umask(0)
    os.umask(mask)
    assert output.stat().st_mode & 0o777 == 0o666 & ~mask
    assert sorted(path.name for path in tmp_path.iterdir()) == ["MATRIX", "hosts"]


def test_a_file_that_is_there_is_replaced_only_when_asked(hosts, tmp_path):
    output = tmp_path / "MATRIX"
    output.write_text("mine")
    output.chmod(0o640)
    result = run("hosts", hosts, "-o", output)
    assert result.exit_code == 2
    assert result.stderr == f"matrix: {output} is already there; --force replaces it\n"
    assert output.read_text() == "mine"
    assert run("hosts", hosts, "-o", output, "--force").exit_code == 0
    assert output.read_text() == DRAFT.format(name=hosts)
    assert output.stat().st_mode & 0o777 == 0o640
    assert run("hosts", hosts, "-o", tmp_path / "new", "--force").exit_code == 0


def test_a_dangling_link_is_a_file_that_is_there(hosts, tmp_path):
    output = tmp_path / "MATRIX"
    output.symlink_to(tmp_path / "elsewhere")
    assert run("hosts", hosts, "-o", output).exit_code == 2
    assert not (tmp_path / "elsewhere").exists()


def test_two_at_once_never_overwrite_each_other(hosts, tmp_path, monkeypatch):
    """The file appears between the question and the answer: the link that would put the draft there fails."""
    output = tmp_path / "MATRIX"
    link = os.link

    def other_was_quicker(source, target):
        output.write_text("theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", other_was_quicker)
    assert run("hosts", hosts, "-o", output).exit_code == 2
    assert output.read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["MATRIX", "hosts"]


def test_a_full_disk_leaves_nothing(hosts, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("hosts", hosts, "-o", tmp_path / "MATRIX")
    assert result.exit_code == 2
    assert result.stderr.endswith("MATRIX: no space left on device; nothing is written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["hosts"]


def test_json_says_what_was_left(hosts, tmp_path):
    said = json.loads(run("hosts", hosts, "--json").stdout)
    left = {"line": 1, "text": "127.0.0.1 localhost", "reason": "every machine has this for itself", "changed": False}
    assert said == {
        "kind": "hosts", "source": str(hosts), "draft": DRAFT.format(name=hosts), "not_carried": [left]
    }  # fmt: skip
    output = tmp_path / "MATRIX"
    said = json.loads(run("hosts", hosts, "--json", "-o", output).stdout)
    assert said == {"kind": "hosts", "source": str(hosts), "output": str(output), "not_carried": [left]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\0b", "a NUL byte at offset 1: this is no text"),
        (b"10.0.0.1 a\n10.0.0.2 caf\xe9\n", ":2: byte 0xE9 is not UTF-8; convert it: iconv -f LATIN1 -t UTF-8"),
        (b"\xff\xfe1\x000\x00", "a NUL byte at offset 3: this is no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a NUL byte at offset 8: this is no text"),
    ],
)
def test_what_is_no_text_is_a_message(tmp_path, content, message):
    path = tmp_path / "bad"
    path.write_bytes(content)
    result = run("hosts", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"matrix: {path}{message if message[0] == ':' else ': ' + message}\n"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "no such file or directory"),
        (".", "is a directory"),
        ("/dev/zero", "more than 64 MB; is this the right file?"),
    ],
)
def test_what_cannot_be_read_is_a_message(path, message):
    result = run("hosts", path)
    assert (result.exit_code, result.stderr) == (1, f"matrix: {path}: {message}\n")


def test_a_text_that_is_not_of_its_kind_is_a_message(hosts):
    result = run("csv", hosts)
    assert result.exit_code == 1
    assert "no column names the hosts" in result.stderr
    result = run("ansible", "-", "--form", "yaml", stdin="a: [")
    assert result.exit_code == 1
    assert result.stderr.startswith("matrix: standard input: line 1: ")


FILES = {
    "keepalived": "vrrp_instance V {\n  state MASTER\n  interface eth0\n  priority 7\n}\n",
    "hosts": HOSTS,
    "ansible": "[web]\nweb1 ansible_host=10.0.0.1\n",
    "ssh_config": "Host web1\n  HostName 10.0.0.1\n  Port 7\n",
    "json": '{\n  "all": {\n    "hosts": {\n      "web1": {}\n    }\n  }\n}\n',
}


@pytest.mark.parametrize("kind", ["keepalived", "hosts", "ansible", "ssh_config"])
@pytest.mark.parametrize("other", FILES)
def test_a_file_of_another_kind_is_refused(kind, other):
    result = run(kind, *(["--form", "ini"] if kind == "ansible" else []), "-", stdin=FILES[other])
    if kind == other:
        assert result.exit_code == 0
    else:
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("matrix: standard input: line ")
        assert result.stderr.endswith("is this the right file?\n")


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert "web1  10.0.0.1" in run("csv", "-", stdin=b"\xef\xbb\xbfname,ip\nweb1,10.0.0.1\n").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hosts", "-", "--delimiter", ";"], "--delimiter is about csv, not hosts"),
        (["csv", "-", "--delimiter", ";;"], "--delimiter is one character, as ; or a tab"),
        (["genders", "-", "--form", "ini"], "--form is about ansible, not genders"),
        (["hosts", "-", "--force"], "--force says what may become of -o FILE, which is not given"),
        (
            ["hosts", "-", "-o", "nowhere/MATRIX"],
            "nowhere/MATRIX: no file can be made in nowhere: no such file or directory; nothing is written",
        ),
    ],
)
def test_wrong_usage(arguments, message):
    result = run(*arguments, stdin="")
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_unknown_kind_is_wrong_usage():
    result = run("puppet", "-")
    assert result.exit_code == 2
    assert "hosts" in result.stderr


def test_the_verb_knows_the_kinds_that_are_drafted():
    assert set(NAMES) == set(DRAFT_KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_reader_takes_the_options_of_its_kind(kind):
    module, _, function = kind.reader.partition(":")
    _, *parameters = inspect.signature(getattr(import_module(module), function)).parameters
    assert set(parameters) == {*(option.name for option in kind.options), *(["beside"] if kind.beside else [])}


def test_the_help_loads_no_reader():
    program = (
        "import sys; from matrix_console.commands import import_;"
        "print(sorted(name for name in sys.modules if name.startswith(('matrix_sources', 'matrix_grammar'))))"
    )
    paths = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", program], env=paths, capture_output=True, text=True, check=True)
    assert loaded.stdout == "['matrix_sources', 'matrix_sources.kinds', 'matrix_sources.kinds.kinds']\n"


def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(HOSTS,))
    writer.start()
    result = run("hosts", pipe)
    writer.join()
    assert result.stdout == DRAFT.format(name=pipe)


def test_yaml_is_imported_for_yaml_alone(hosts):
    code = (
        "import sys; from matrix_sources.registry import draft; draft('hosts', '', 'x'); print('yaml' in sys.modules)"
    )
    path = os.pathsep.join(path for path in sys.path if path)
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=True
    )
    assert result.stdout == "False\n"


def test_a_keepalived_conf_as_the_host_of_an_id_reads_it_with_names_from_a_hosts_file(tmp_path):
    names = tmp_path / "names"
    names.write_text("10.0.0.1 web1\n")
    conf = tmp_path / "keepalived.conf"
    conf.write_text("virtual_server 192.0.2.1 80 {\n@a lb_kind DR\n@b lb_kind TUN\nreal_server 10.0.0.1 80 {\n}\n}\n")
    result = run("keepalived", conf, "--config-id", "b", "--names", names)
    assert result.exit_code == 0
    assert "fwd=tun" in result.stdout
    assert "\n    web1  10.0.0.1\n" in result.stdout
    told = run("keepalived", conf).stderr
    assert f"{conf}:2: not carried over: @a lb_kind DR: for the config-id a alone\n" in told
    assert run("hosts", names, "--names", names).exit_code == 2
    assert run("keepalived", conf, "--names", tmp_path / "nowhere").exit_code == 1


def test_variables_of_ansible_in_files_of_their_own_are_told(tmp_path):
    inventory = tmp_path / "inventory"
    inventory.write_text("web1\n")
    assert "0 not carried over" in run("ansible", inventory).stderr
    (tmp_path / "group_vars").mkdir()
    result = run("ansible", inventory)
    told = "group_vars/: variables in files of their own, beside the inventory"
    assert f"{inventory}: not carried over: {told}\n" in result.stderr
    assert f"# {told}\n" in result.stdout


def test_a_folder_is_named_as_it_is_spelled(tmp_path):
    result = run("hosts", "-", "-o", str(tmp_path / "Folder/MATRIX"), stdin="10.0.0.1 a\n")
    assert result.exit_code == 2
    assert f"no file can be made in {tmp_path / 'Folder'}: no such file or directory;" in result.stderr
