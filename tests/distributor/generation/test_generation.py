"""Generations: numbered, named by their content, made only when something is different."""

import dataclasses
import gzip
import io
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from matrix_distributor import DistributorError
from matrix_distributor.generation import OriginFile, next_generation
from matrix_distributor.generation.archive import check_path, index, unpack
from matrix_emitters.artifacts import Artifact, Manifest
from matrix_grammar.reading import loads

TEXT = b"@matrix 1\nw1 10.0.0.1 [ps]\nw2 10.0.0.2 [ps]\n"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make(text=TEXT, parent=None, now=NOW, texts=None):
    fleet = loads(text)
    texts = texts or [OriginFile(Path("/site/MATRIX"), text)]
    return next_generation(fleet, texts, parent=parent, author="ann@adm1", now=now, fleet_id="a" * 32)


def test_the_first_is_number_one_without_a_parent():
    first = make()
    assert (first.number, first.manifest.parent, first.manifest.author) == (1, "", "ann@adm1")
    assert first.manifest.time == "2026-03-01T12:00:00Z"
    assert first.texts == {"MATRIX": TEXT}


def test_the_same_texts_lead_to_the_same_generation():
    first = make()
    assert make(parent=first, now=NOW + timedelta(days=1)) is first


def test_another_text_makes_the_next_which_names_its_ancestors():
    first = make()
    second = make(TEXT + b"w3 10.0.0.3 [ps]\n", first)
    third = make(TEXT + b"w4 10.0.0.4 [ps]\n", second)
    assert (second.number, second.manifest.parent) == (2, first.digest)
    assert third.ancestors == ((2, second.digest), (1, first.digest))


def test_time_goes_forward_even_when_the_clock_does_not():
    first = make()
    second = make(TEXT + b"w3 10.0.0.3 [ps]\n", first, now=NOW - timedelta(days=400))
    assert second.manifest.time == "2026-03-01T12:00:01Z"


def test_the_same_input_gives_the_same_bytes():
    assert make().archive == make().archive


def test_includes_and_settings_travel_relative_to_their_common_folder():
    texts = [
        OriginFile(Path("/site/a/MATRIX"), TEXT),
        OriginFile(Path("/site/a/matrix.d/x.matrix"), b"\n"),
        OriginFile(Path("/site/shared/y.matrix"), b"#\n"),
        OriginFile(Path("/site/a/matrix.toml"), b"# settings\n"),
    ]
    made = make(texts=texts)
    assert set(made.texts) == {"a/MATRIX", "a/matrix.d/x.matrix", "shared/y.matrix", "a/matrix.toml"}
    assert made.manifest.matrix == "matrix/a/MATRIX"


def test_nothing_is_made_from_an_empty_matrix():
    with pytest.raises(DistributorError, match="no hosts"):
        make(b"@matrix 1\n# nothing yet\n")


def test_an_archive_comes_back_as_what_it_was_made_from():
    first = make()
    second = make(TEXT + b"w3 10.0.0.3 [ps]\n", first)
    assert unpack(second.archive) == (second.manifest, second.artifacts, ((1, first.digest),), b"")


def test_the_digest_is_that_of_the_index():
    import hashlib

    first = make()
    assert hashlib.sha256(index(first.manifest.files)).hexdigest() == first.digest


def test_an_archive_in_which_a_file_differs_is_not_taken():
    first = make()
    other = Artifact("/etc/dsas.conf", 0o644, b"something else\n")
    artifacts = [other if a.path == other.path else a for a in first.artifacts]
    with pytest.raises(DistributorError, match=r"dsas\.conf is not what the manifest says"):
        unpack(dataclasses.replace(first, artifacts=tuple(artifacts)).archive)


def test_an_archive_in_which_a_file_is_missing_is_not_taken():
    first = make()
    with pytest.raises(DistributorError, match="is missing"):
        unpack(dataclasses.replace(first, artifacts=first.artifacts[1:]).archive)


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no tar", mtime=0), make().archive[:500]])
def test_what_is_no_archive_is_said_to_be_none(data):
    with pytest.raises(DistributorError):
        unpack(data)


def test_links_and_devices_in_an_archive_are_not_followed():
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        link = tarfile.TarInfo("manifest.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(DistributorError, match="no manifest"):
        unpack(raw.getvalue())


@pytest.mark.parametrize(
    "path",
    ["", "/dsas.conf", "/etc/../x/y", "/etc/./x", "/etc//x", "/etc/x/", "/etc/a\nb", "/etc/a\\b", " /etc/x", "/etc/x ",
     "/etc/.hidden", "/var/lib/dsas/current", "/var/lib/dsas", "/etc/dsas", "/etc/dsas.d/self", "/etc/dsas.d/self/x",
     "root/etc/x", "manifest.json", "index", "../x", "/etc/\x1b[31m"],
)  # fmt: skip
def test_paths_that_would_leave_their_folder_or_confuse_a_shell_are_refused(path):
    with pytest.raises(DistributorError):
        check_path(path)


@pytest.mark.parametrize("path", ["/etc/dsas.conf", "/etc/a b/ü.conf", "matrix/MATRIX"])
def test_other_paths_are_carried(path):
    check_path(path)


def test_a_manifest_author_cannot_break_its_line():
    made = next_generation(
        loads(TEXT), [OriginFile(Path("/site/MATRIX"), TEXT)], parent=None, author='x"\n"evil": "\\', now=NOW
    )
    assert Manifest.from_json(made.manifest.to_json()).author == "x' 'evil': '/"
