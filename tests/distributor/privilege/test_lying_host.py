"""What a host that has been taken over can do to the origin by what it answers."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matrix_distributor import DistributorError
from matrix_distributor.dialogue import Reply, Target
from matrix_distributor.generation.archive import index
from matrix_distributor.generation.generation import assemble_generation
from matrix_distributor.origin import from_host
from matrix_distributor.push import PushOptions, deliver
from matrix_distributor.signing import check_signature
from matrix_emitters.artifacts import Artifact, ManifestFile


class Liar:
    """A host that gives the same answer to everything."""

    def __init__(self, stdout: bytes, status: int = 0, stderr: bytes = b"") -> None:
        self._reply = Reply(status, stdout, stderr, 0.01)

    def __call__(self, pairs):
        for target, dialogue in pairs:
            try:
                next(dialogue)
                while True:
                    dialogue.send(self._reply)
            except StopIteration as end:
                yield target, end.value


TARGET = Target("w1", "192.0.2.1")


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\0" * 1000, b"\x1b]0;owned\x07\x1b[2J", b"dsas 1 1 " + b"0" * 64 + b" whole\n",
        b"dsas 1 99999 - whole\n", b"drift /\x1b[31m\n" * 2000 + b"dsas 1 1 DIGEST drift\n",
        b"dsas 1 " + b"9" * 5000 + b" " + b"0" * 64 + b" whole\n", b"drift /\x1b[31m\n" * 1000, b"\xff\xfe" * 100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [0, 1, 60, 137])
def test_no_answer_makes_it_current_or_ends_the_push(generation, answer, status):
    first = generation(1)
    answer = answer.replace(b"DIGEST", first.digest.encode())
    (outcome,) = deliver(first, [TARGET], Liar(answer, status, answer), PushOptions(repair=False))
    assert not outcome.good
    assert all(c.isprintable() for c in outcome.cause), "nothing of it moves the cursor of a terminal"


def archive(manifest: bytes, contents: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as made:
        for name, content in {"manifest.json": manifest, **contents}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return raw.getvalue()


@pytest.mark.parametrize("path", ["matrix/../../evil", "/etc/../../evil", "matrix//evil", "../evil"])
def test_a_copy_that_would_write_elsewhere_is_not_adopted(generation, path):
    honest = generation(1)
    file = ManifestFile(path, 0o644, 1, hashlib.sha256(b"x").hexdigest())
    digest = hashlib.sha256(index([file])).hexdigest()
    manifest = replace(honest.manifest, files=(file,), digest=digest).to_json()
    with pytest.raises(DistributorError, match=r"no path|no place|keeps the name"):
        from_host(TARGET, Liar(archive(manifest, {path: b"x", f"root{path}": b"x"})))


def test_a_forged_copy_is_adopted_only_by_those_who_ask_for_no_signature(generation, tmp_path):
    evil = assemble_generation(
        (Artifact("matrix/MATRIX", 0o644, b"@matrix 1\nw1 10.6.6.6 [ps]\n"),), 9, "matrix/MATRIX", parent=generation(1),
        author="ann@adm1", now=datetime.now(UTC),
    )  # fmt: skip
    taken = from_host(TARGET, Liar(evil.archive))
    (tmp_path / "signers").write_text("")
    with pytest.raises(DistributorError, match="is not signed"):
        check_signature(taken, tmp_path / "signers")
