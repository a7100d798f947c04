"""Any host's copy makes an origin; and going back to an earlier generation."""

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
from datetime import UTC, datetime

import pytest

from matrix_distributor import DistributorError
from matrix_distributor.dialogue import Target
from matrix_distributor.generation.archive import pack
from matrix_distributor.origin import (
    Origin,
    RemovalsNeedConsent,
    former,
    from_folder,
    from_host,
    restoration,
    restore,
    write_texts,
)
from matrix_distributor.state import OriginState
from matrix_emitters.artifacts import Artifact
from matrix_grammar.reading import read

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def one(fleet, generation):
    made = fleet("w1")
    made.push(generation(1))
    return made


def test_a_host_gives_its_generation_over_ssh(one, generation):
    assert from_host(Target("w1", "192.0.2.1"), one) == generation(1)


@pytest.mark.parametrize("place", ["", "var/lib/dsas"])
def test_a_host_gives_it_from_its_own_files(one, generation, place):
    assert from_folder(one.hosts["w1"].root / place) == generation(1)


def test_ancestors_come_along_so_that_the_line_goes_on(one, generation):
    second = generation(2, generation(1))
    one.push(second)
    assert from_folder(one.hosts["w1"].root).lineage == second.lineage


def test_a_copy_that_is_not_whole_is_not_taken(one, generation):
    folder = one.hosts["w1"].root / "var/lib/dsas/generations" / generation(1).manifest.directory
    (folder / "matrix/MATRIX").write_text("w1 10.0.0.66 [ps]\n")
    with pytest.raises(DistributorError, match="matrix/MATRIX is not what the manifest says"):
        from_folder(one.hosts["w1"].root)
    with pytest.raises(DistributorError, match="another host"):
        from_host(Target("w1", "192.0.2.1"), one)


def test_a_host_without_a_generation_says_so(fleet, tmp_path):
    with pytest.raises(DistributorError, match="no generation"):
        from_host(Target("w1", "192.0.2.1"), fleet("w1"))
    with pytest.raises(DistributorError, match="no generation"):
        from_folder(tmp_path)


def test_a_host_that_is_away_is_named_with_the_cause(one):
    one.away = {"w1"}
    with pytest.raises(DistributorError, match="w1: connect: Connection refused"):
        from_host(Target("w1", "192.0.2.1"), one)


def test_the_texts_are_written_and_nothing_is_overwritten(generation, tmp_path):
    adopted = write_texts(generation(1), tmp_path / "new")
    matrix = adopted.matrix
    assert matrix.read_bytes() == generation(1).texts["MATRIX"]
    assert (adopted.files, adopted.left_out) == ((matrix,), ())
    write_texts(generation(1), tmp_path / "new")
    matrix.write_text("mine\n")
    with pytest.raises(DistributorError, match="is there already"):
        write_texts(generation(1), tmp_path / "new")
    assert matrix.read_text() == "mine\n"


def test_who_the_former_origin_was_is_not_taken_over(generation, tmp_path):
    made = generation(1, extra={"matrix/matrix.toml": b'self = "adm1"\n[push]\nretry = 2\n'})
    adopted = write_texts(made, tmp_path)
    assert '\n# self = "adm1"\n[push]\nretry = 2\n' in (tmp_path / "matrix.toml").read_text()
    assert adopted.left_out == (f"{tmp_path}/matrix.toml: self is a comment now",)


def test_a_generation_brings_no_name_that_begins_with_a_dot(generation, tmp_path):
    hidden = (".git/config", ".matrix/state.db", "d/.x/y", ".envrc")
    made = generation(1, extra={f"matrix/{name}": b"[core]\n" for name in hidden} | {"matrix/d/a.matrix": b""})
    adopted = write_texts(made, tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "MATRIX", "d/a.matrix",
    ]  # fmt: skip
    assert len(adopted.left_out) == len(hidden)
    assert all("begins with a dot" in line for line in adopted.left_out)


def test_a_generation_brings_no_settings_under_a_name_that_a_file_system_takes_for_theirs(generation, tmp_path):
    made = generation(
        1, extra={"matrix/Matrix.TOML": b'[ssh]\nconfig = "c"\n', "matrix/\u200c.git/config": b"[core]\n"}
    )
    adopted = write_texts(made, tmp_path)
    assert b"\nconfig" not in (tmp_path / "Matrix.TOML").read_bytes()
    assert not (tmp_path / "\u200c.git").exists()
    assert len(adopted.left_out) == 2


def test_a_name_that_no_file_can_have_is_told_in_a_line(generation, tmp_path):
    with pytest.raises(DistributorError, match="cannot write"):
        write_texts(generation(1, extra={f"matrix/{'x' * 300}": b""}), tmp_path)


def bomb(name, size, kind=tarfile.REGTYPE, headers=None):
    """A tar.gz whose one member is zeros."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        member = tarfile.TarInfo(name)
        member.size, member.type = size, kind
        member.pax_headers = headers or {}
        file.write(member.tobuf(tarfile.PAX_FORMAT if headers else tarfile.GNU_FORMAT))
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
        file.write(bytes(1024))
    return packed.getvalue()


def members(*heads):
    """A tar.gz of members that say what follows of themselves: kind and content of each."""
    raw = b""
    for kind, content in heads:
        member = tarfile.TarInfo("x")
        member.type, member.size = kind, len(content)
        raw += member.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)
    return gzip.compress(raw + bytes(1024), mtime=0)


def sparse():
    """78 KB that tell of a sparse file in 20,000,000 parts, as tarfile would keep them in memory."""
    told = b"20 GNU.sparse.name=x\n"
    for key, value in (("major", 1), ("minor", 0), ("realsize", 9)):
        told += b"%d GNU.sparse.%s=%d\n" % (16 + len(key), key.encode(), value)
    return members((b"x", told), (b"0", b"20000000\n" + b"0\n" * 40_000_000))


BOMBS = {
    "names of names": lambda: members(*[(b"L", b"x\0")] * 5000, (b"0", b"")),
    "headers of headers": lambda: members(*[(b"x", b"9 path=x\n")] * 5000, (b"0", b"")),
    "a number without end": lambda: members((b"x", b"0" * 200_000 + b" "), (b"0", b"")),
    "a sparse file in parts": sparse,
    "a manifest of many parts": lambda: pack(
        [Artifact("manifest.json", 0o644, b"[" + b"{}," * 40_000_000 + b"{}]")], 0
    ),
    "one large file": lambda: bomb("matrix/MATRIX", 300 * 2**20),
    "a long name": lambda: bomb("././@LongLink", 300 * 2**20, tarfile.GNUTYPE_LONGNAME),
    "an extended header": lambda: bomb("x", 300 * 2**20, tarfile.XHDTYPE),
    "a sparse file": lambda: bomb("matrix/MATRIX", 0, headers={"GNU.sparse.map": "0,1", "GNU.sparse.size": str(2**40)}),
    "many files": lambda: pack([Artifact(f"f{n}", 0o644, b"") for n in range(20_100)], 0),
    "many larger ones": lambda: pack([Artifact(f"f{n}", 0o644, bytes(2**20)) for n in range(140)], 0),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_an_archive_is_not_unpacked_beyond_what_a_generation_can_be(kind):
    archive = BOMBS[kind]()
    program = (
        "import resource, sys\n"
        "from matrix_distributor import DistributorError\n"
        "from matrix_distributor.generation.archive import unpack\n"
        "from matrix_emitters.artifacts import ManifestError\n"
        "try: unpack(sys.stdin.buffer.read())\n"
        "except (DistributorError, ManifestError) as error: print(error)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], input=archive, capture_output=True, env=environment, check=True, timeout=60
    )
    said, peak = done.stdout.decode().splitlines()
    assert re.search("not the archive of a generation|is no generation|a manifest of more than 8 MiB", said)
    assert int(peak) < 700  # MiB; the bound itself, twice while it is joined, and the program


@pytest.fixture
def site(tmp_path):
    (tmp_path / "MATRIX").write_text("@matrix 1\n@include d/*.matrix\nw1 10.0.0.1 [ps]\n")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.matrix").write_text("a1 10.0.1.1 [ps]\n")
    return Origin(tmp_path / "MATRIX", tmp_path / ".matrix", author="ann@adm1")


def go_back(site, state, number=None, **options):
    present = [site.matrix.parent / source.path for source in read(site.matrix).sources]
    plan = restoration(site, former(state, number), present, current=state.current(), **options)
    return restore(plan, site.state, NOW)


def test_going_back_restores_the_texts_and_makes_a_new_generation(site, tmp_path):
    with OriginState(site.state) as state:
        first = site.take(read(site.matrix), state).generation
        site.matrix.write_text(site.matrix.read_text().replace("[ps]", "[ps] [WARN: fan]"))
        (tmp_path / "d/b.matrix").write_text("b1 10.0.2.1 [ps]\n")
        site.take(read(site.matrix), state)
        kept = go_back(site, state, accept_removals=True)
        third = site.take(read(site.matrix), state, accept_removals=True).generation
    assert (third.number, third.texts) == (3, first.texts)
    assert not (tmp_path / "d/b.matrix").exists(), "it would be included again"
    saved = [path.read_text() for path in kept.rglob("*") if path.is_file()]
    assert any("fan" in text for text in saved)
    assert any("b1" in text for text in saved)


def test_going_back_that_removes_many_hosts_waits_for_a_person(site):
    with OriginState(site.state) as state:
        site.take(read(site.matrix), state)
        site.matrix.write_text(site.matrix.read_text() + "x1 10.0.3.1 [mx]\n")
        site.take(read(site.matrix), state)
        with pytest.raises(RemovalsNeedConsent):
            go_back(site, state)
        assert "x1" in site.matrix.read_text()


def test_a_text_that_does_not_parse_now_can_be_gone_back_from(site):
    with OriginState(site.state) as state:
        first = site.take(read(site.matrix), state).generation
        site.matrix.write_text(site.matrix.read_text().replace("[ps]", "[ps] [WARN]"))
        site.take(read(site.matrix), state)
        site.matrix.write_text("[[[\n")
        go_back(site, state, 1)
        assert site.matrix.read_bytes() == first.texts["MATRIX"]


def test_there_must_be_something_to_go_back_to(site):
    with OriginState(site.state) as state:
        site.take(read(site.matrix), state)
        with pytest.raises(DistributorError, match="no generation to go back to"):
            former(state, None)
        with pytest.raises(DistributorError, match="current one"):
            former(state, 1)
        with pytest.raises(DistributorError, match="not in the history"):
            former(state, 7)


def test_going_back_to_what_was_adopted_brings_no_name_that_begins_with_a_dot(site, generation, tmp_path):
    extra = {"matrix/.git/config": b"[core]\n", "matrix/.envrc": b"", "matrix/Matrix.toml": b'[ssh]\nconfig = "c"\n'}
    with OriginState(site.state) as state:
        adopted = generation(1, extra=extra)
        state.add(adopted)
        site.matrix.unlink()
        write_texts(adopted, tmp_path)
        site.matrix.write_text("@matrix 1\nw9 10.0.0.9 [ps]\n")
        site.take(read(site.matrix), state, accept_removals=True)
        go_back(site, state, 1, accept_removals=True)
    assert site.matrix.read_bytes() == adopted.texts["MATRIX"]
    assert not (tmp_path / ".git").exists()
    assert not (tmp_path / ".envrc").exists()
    assert b"\nconfig" not in (tmp_path / "Matrix.toml").read_bytes()


def test_a_text_of_ones_own_that_begins_with_a_dot_comes_back(site, tmp_path):
    site.matrix.write_text("@matrix 1\n@include .more\n@include .d/a.matrix\n")
    (tmp_path / ".more").write_text("w1 10.0.0.1 [ps]\n")
    (tmp_path / ".d").mkdir()
    (tmp_path / ".d/a.matrix").write_text("a1 10.0.1.1 [ps]\n")
    with OriginState(site.state) as state:
        site.take(read(site.matrix), state)
        (tmp_path / ".more").write_text("w1 10.0.0.2 [ps]\n")
        (tmp_path / ".d/a.matrix").write_text("a1 10.0.1.2 [ps]\n")
        site.take(read(site.matrix), state)
        go_back(site, state)
    assert (tmp_path / ".more").read_text() == "w1 10.0.0.1 [ps]\n"
    assert (tmp_path / ".d/a.matrix").read_text() == "a1 10.0.1.1 [ps]\n"
