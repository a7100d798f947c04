"""On a host: the generation in force is what is answered from, and only when it is whole."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dmetad_server import EXAMPLE, eventually

from matrix_distributor.generation import OriginFile, next_generation
from matrix_grammar.reading import read, reads

NOW = datetime(2026, 4, 20, 12, 0, 0, tzinfo=UTC)


def generation(parent=None, edit: tuple[bytes, bytes] = (b"", b""), toml: bytes = b""):
    """A generation of the example, edited, as an origin makes it."""
    sources = [(source.path, source.content) for source in read(EXAMPLE).sources]
    texts = [OriginFile(Path(path), content.replace(*edit) if edit[0] else content) for path, content in sources]
    if toml:
        texts.append(OriginFile(EXAMPLE.parent / "matrix.toml", toml))
    fleet = reads(texts[0].content, str(EXAMPLE), {str(text.path): text.content for text in texts[1:]}).fleet
    assert fleet is not None
    return next_generation(fleet, texts, parent=parent, author="ops@adm1", now=NOW)


def install(root: Path, made) -> Path:
    """What a push runs on a host, by the very script that it runs."""
    staging = root / f"staging-{made.number}"
    staging.mkdir()
    subprocess.run(["tar", "-xzf", "-", "-C", str(staging)], input=made.archive, check=True)
    script = next(staging.rglob("install.sh"))
    folder = script.parent
    (root / "var/lib/dsas/generations").mkdir(parents=True, exist_ok=True)
    command = ["sh", str(script), "install", str(folder), str(made.number), made.digest, "w104", ""]
    subprocess.run(command, env={**os.environ, "DSAS_ROOT": str(root)}, check=True, capture_output=True)
    return root / "var/lib/dsas/generations" / made.manifest.directory


@pytest.fixture
def host(tmp_path: Path) -> Path:
    root = tmp_path / "host"
    root.mkdir()
    return root


def test_the_generation_in_force_is_answered_from(dmetad, host):
    made = generation()
    folder = install(host, made)
    server = dmetad(env={"DSAS_ROOT": str(host)})
    answer = server.get("/ps/node")
    assert answer.text == "DSAS_PS='w101 w102 w103 w104'\n"
    assert answer.headers["X-Matrix-Generation"] == made.manifest.directory == "1-" + made.digest[:12]
    assert answer.headers["Last-Modified"] == "Mon, 20 Apr 2026 12:00:00 GMT"
    assert server.get("/@manifest").status == 200
    assert (
        server.get("/@manifest.json").body.strip()
        == json.dumps(json.loads((folder / "manifest.json").read_bytes()), separators=(",", ":")).encode()
    )
    assert server.get("/@matrix").body == EXAMPLE.read_bytes()
    assert json.loads(server.get("/@generation.json").text)["generation"] == 1
    assert server.get("/@self/name.text").text == "w104\n"
    assert server.metric("generation") == 1


def test_the_next_generation_is_answered_from_once_it_is_in_force(dmetad, host):
    first = generation()
    install(host, first)
    server = dmetad(env={"DSAS_ROOT": str(host)})
    second = generation(first, (b"[WARN: fan alarm 4/12]", b"[STOP: moved]"))
    install(host, second)
    eventually(lambda: server.get("/ps/node.text").text == "w101\nw102\nw103\n")
    assert server.get("/@generation").text.startswith("DSAS_GENERATION='2'\n")


def test_variables_are_called_as_in_the_binding_of_that_site(dmetad, host):
    install(host, generation(toml=b'[sh]\nprefix = "SITE_"\n'))
    server = dmetad(env={"DSAS_ROOT": str(host)})
    assert server.get("/ps/node").text == "SITE_PS='w101 w102 w103 w104'\n"


@pytest.mark.parametrize("harm", ["text", "manifest", "current", "missing"])
def test_a_generation_that_is_not_whole_is_refused(dmetad, host, harm):
    first = generation()
    install(host, first)
    server = dmetad(env={"DSAS_ROOT": str(host)})
    second = generation(first, (b"[WARN: fan alarm 4/12]", b"[STOP: moved]"))
    whole = host.with_name("whole")
    whole.mkdir()
    folder = install(whole, second)
    target = host / "var/lib/dsas/generations" / folder.name
    folder.rename(target)
    record = f"{target.name} {second.digest}\n"
    if harm == "text":
        (target / "matrix/MATRIX").write_bytes(EXAMPLE.read_bytes() + b"\n# by hand\n")
    elif harm == "manifest":
        (target / "manifest.json").write_bytes((target / "manifest.json").read_bytes().replace(b"0644", b"0666", 1))
    elif harm == "current":
        record = "../../etc/passwd x\n"
    else:
        (target / "matrix/matrix.d/osk1.matrix").unlink()
    new = host / "var/lib/dsas/.new"
    new.write_text(record, encoding="ascii")
    new.rename(host / "var/lib/dsas/current")
    eventually(lambda: server.metric("failed_loads_total") > 0)
    assert server.get("/ps/node.text").text == "w101\nw102\nw103\nw104\n"
    assert f"not loaded, {first.manifest.directory} stays in force" in server.log


def test_a_host_without_a_generation_says_so_until_one_arrives(dmetad, host):
    server = dmetad(env={"DSAS_ROOT": str(host)}, loaded=False)
    assert server.get("/ps/node").status == 503
    install(host, generation())
    eventually(lambda: server.get("/ps/node").status == 200)


def test_the_settings_come_with_the_generation(dmetad, host):
    server = dmetad(env={"DSAS_ROOT": str(host)}, loaded=False)
    assert server.get("/ps/node").status == 503
    install(host, generation(toml=b'[dmetad]\nhost_name = ["meta"]\nlisten = ["192.0.2.1:80"]\n'))
    eventually(lambda: server.get("/ps/node").status == 421)
    assert server.get("/ps/node", Host="meta").status == 200
    assert "listen has changed: in force after a restart" not in server.log, "the option goes before it"


def test_settings_that_are_not_those_of_the_manifest_are_refused(dmetad, host):
    folder = install(host, generation(toml=b"[dmetad]\nrate = 0\n"))
    toml = next(folder.rglob("matrix.toml"))
    toml.chmod(0o644)
    toml.write_text('[dmetad]\nallow = ["0.0.0.0/0"]\n', encoding="utf-8")
    server = dmetad(env={"DSAS_ROOT": str(host)}, loaded=False)
    eventually(lambda: "matrix.toml is not what the manifest says" in server.log)
    assert server.get("/@ready").status == 503


def test_what_was_included_from_elsewhere_is_served_from_the_generations_own_copy(dmetad, host, tmp_path):
    """The path that the text names is one of the origin; on a host something else may stand there."""
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere/osk.matrix"
    other.write_text("[db]\n    osk1  10.9.0.1\n")
    (tmp_path / "site").mkdir()
    matrix = tmp_path / "site/MATRIX"
    matrix.write_text(f"@matrix 1\n@include {tmp_path}/elsewhere/*.matrix\n[ps]\n    w1  10.9.0.2\n")
    reading = read(matrix, [tmp_path / "elsewhere"])
    assert reading.fleet is not None
    texts = [OriginFile(Path(source.path), source.content) for source in reading.sources]
    install(host, next_generation(reading.fleet, texts, parent=None, author="ops@adm1", now=NOW))
    other.write_text("[db]\n    here1  10.9.0.9\n")
    server = dmetad(env={"DSAS_ROOT": str(host)})
    assert server.get("/db/node").text == "DSAS_DB='osk1'\n"
