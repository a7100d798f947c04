"""The state's database: generations, what each host was last found to hold, and what became of each push.

SQLite in WAL mode: `matrix status` reads while the daemon writes.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from matrix_common.lifetime import Closing
from matrix_common.trust import UntrustedError
from matrix_distributor.generation.archive import LARGEST
from matrix_distributor.generation.generation import FOLDER, Generation
from matrix_distributor.generation.lineage import IN_FULL
from matrix_distributor.hosts.outcome import Outcome
from matrix_emitters.artifacts import Artifact, Manifest, ManifestError

from .copied import Copied
from .enrolments import Enrolments
from .errors import StateError, damaged, guarded, understood, unwritable
from .folder import FILE_NAME, close_to_others, is_ours, make
from .host_records import HostRecords
from .life import Life
from .records import HostRecord, Past, unpacked
from .reflections import ReflectRecords
from .schema import VERSION, prepare, strange_entry

KEPT_WHOLE = 10
"""So many of the last generations are kept with all files; of older ones the texts, from which they can be made."""


class OriginState(Closing):
    """The origin's memory. Not to be shared between threads; any number of processes may open it."""

    def __init__(self, folder: Path, site: Path | None = None) -> None:
        """Open the state in `folder`, making both when they are not there. Raises StateError.

        `site` is the folder of the MATRIX, when it is not the one above.
        """
        self.path = folder / FILE_NAME
        self._copied: Copied | None = None
        try:
            make(folder, site)
        except UntrustedError as error:
            raise StateError(str(error)) from error
        except OSError as error:
            raise StateError(f"cannot make the folder of the state, {folder}: {error.strerror}") from error
        with self._guarded():
            self._db = sqlite3.connect(self.path, timeout=15, isolation_level=None)
            self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            version = prepare(self._db)
            strange = "" if version > VERSION else strange_entry(self._db)
        if version > VERSION or strange:
            self._db.close()
            if strange:
                raise damaged(self.path, strange)
            raise StateError(f"{self.path} is of version {version}, this program knows {VERSION}: use a newer one")
        close_to_others(folder)

    @classmethod
    def to_read(cls, folder: Path, site: Path | None = None) -> OriginState:
        """The state in `folder` for who reads alone: a copy of somebody else's, and of one on a disk without room.

        Raises StateError.
        """
        if is_ours(folder, site):
            try:
                return cls(folder, site)
            except StateError:
                if not unwritable(folder):
                    raise
        try:
            copied = Copied(folder)
        except OSError as error:
            raise StateError(f"the state in {folder} cannot be read: {error.strerror}") from error
        try:
            state = cls(copied.folder)
        except StateError as error:
            copied.remove()
            raise StateError(str(error).replace(str(copied.folder), str(folder))) from error
        state._copied = copied
        return state

    @property
    def reflections(self) -> ReflectRecords:
        """What is known of reflected files on hosts."""
        return ReflectRecords(self._db, self._understood, self.exclusive)

    @property
    def life(self) -> Life:
        """What the daemon said of itself."""
        return Life(self._db, self._understood, self.exclusive)

    @property
    def enrolments(self) -> Enrolments:
        """By which program hosts were enrolled."""
        return Enrolments(self._db, self._understood, self.exclusive)

    @property
    def _host_records(self) -> HostRecords:
        return HostRecords(self._db, self._understood, self.exclusive)

    def close(self) -> None:
        """Close the database."""
        self._db.close()
        if self._copied is not None:
            self._copied.remove()

    def _guarded(self) -> AbstractContextManager[None]:
        return guarded(self.path)

    def _understood(self) -> AbstractContextManager[None]:
        return understood(self.path)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A transaction that no other process writes beside; nothing of it stays when it is left by an exception."""
        with self._guarded():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """All that is read here was so at the same time, whatever others write meanwhile. Nothing is written here."""
        with self._guarded():
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            with self._guarded():
                self._db.execute("ROLLBACK")

    def current(self) -> Generation | None:
        """The newest generation, with all its files; None when there is none yet."""
        number = self.current_number()
        return self.generation(number) if number else None

    def current_number(self) -> int:
        """The number of the newest generation; 0 when there is none yet."""
        with self._understood():
            return int(self._db.execute("SELECT max(number) FROM generations").fetchone()[0] or 0)

    def fleet_id(self) -> str:
        """The fleet's id, as the newest generation that names one does: an older program makes such as name none."""
        with self._guarded():
            rows = self._db.execute("SELECT manifest FROM generations ORDER BY number DESC LIMIT ?", (IN_FULL,))
            return next(filter(None, (_manifest(raw).fleet for (raw,) in rows if b'"fleet"' in raw)), "")

    def generation(self, number: int) -> Generation:
        """A generation with those of its files that are still kept. Raises StateError when it is not known."""
        with self._understood():
            row = self._db.execute(
                "SELECT manifest, ancestors, signature FROM generations WHERE number = ?", (number,)
            ).fetchone()
            if row is None:
                raise StateError(f"generation {number} is not in the history (matrix history)")
            manifest = _manifest(row[0])
            files = self._files("number = ?", (number,))
            modes = {file.path: file.mode for file in manifest.files}
            artifacts = tuple(Artifact(path, modes[path], content) for path, content in files.items())
            if not isinstance(row[2], bytes):
                raise TypeError(f"the signature of generation {number} is none")
            pairs = (line.split() for line in row[1].splitlines())
            return Generation(manifest, artifacts, tuple((int(n), digest) for n, digest in pairs), row[2])

    def _files(self, which: str, values: tuple[object, ...]) -> dict[str, bytes]:
        """Contents by path, as far as they are kept; a condition tells which."""
        query = f"SELECT path, packed FROM files JOIN contents USING (sha256) WHERE {which} ORDER BY path"  # noqa: S608 - own
        return unpacked(self._db.execute(query, values))

    def whole(self, number: int, digest: str) -> Generation | None:
        """The generation of that number, if it is the one of that digest and all of its files are kept."""
        try:
            found = self.generation(number)
        except StateError:
            return None
        return found if found.digest == digest and len(found.artifacts) == len(found.manifest.files) else None

    def add(self, generation: Generation) -> None:
        """Remember a generation, and let go of what is too old. Raises StateError when its number is taken."""
        ancestors = "".join(f"{number} {digest}\n" for number, digest in generation.ancestors)
        with self._understood():
            taken = self._db.execute(
                "SELECT manifest FROM generations WHERE number = ?", (generation.number,)
            ).fetchone()
            if taken is not None:
                if _manifest(taken[0]).digest == generation.digest:
                    return
                raise StateError(f"the state has another generation {generation.number} already")
            self._db.execute(
                "INSERT INTO generations VALUES (?, ?, ?, ?)",
                (generation.number, generation.manifest.to_json(), ancestors, generation.signature),
            )
            for artifact in generation.artifacts:
                self._db.execute(
                    "INSERT OR IGNORE INTO contents VALUES (?, ?)",
                    (artifact.sha256, zlib.compress(artifact.content)),
                )
                self._db.execute(
                    "INSERT INTO files VALUES (?, ?, ?)", (generation.number, artifact.path, artifact.sha256)
                )
            past = generation.number - KEPT_WHOLE
            self._db.execute("DELETE FROM files WHERE number <= ? AND path NOT LIKE ?", (past, FOLDER + "/%"))
            # The lineage of each is longer than that of the one before.
            self._db.execute("UPDATE generations SET ancestors = '' WHERE number = ?", (past,))
            self._db.execute("DELETE FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM files)")

    def prove(self, generation: Generation, program: str) -> None:
        """Remember that this program makes this generation of its texts, within a transaction that is open."""
        if self.is_proved(generation, program):
            return
        self._db.execute("CREATE TABLE IF NOT EXISTS proof (place INTEGER PRIMARY KEY CHECK (place = 1), made TEXT)")
        self._db.execute("INSERT OR REPLACE INTO proof VALUES (1, ?)", (f"{generation.digest} {program}",))

    def is_proved(self, generation: Generation, program: str) -> bool:
        """Whether this program was the last to make the newest generation, and it was this one."""
        with self._understood():
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'proof'").fetchone():
                return False
            row = self._db.execute("SELECT made FROM proof").fetchone()
            return row is not None and row[0] == f"{generation.digest} {program}"

    def sign(self, generation: Generation) -> None:
        """Remember the signature of a generation that is known already."""
        with self._guarded():
            self._db.execute(
                "UPDATE generations SET signature = ? WHERE number = ?", (generation.signature, generation.number)
            )

    def history(self, limit: int = -1) -> list[Past]:
        """The last generations (all with -1), the newest first."""
        with self._guarded():
            rows = self._db.execute(
                "SELECT number, manifest FROM generations ORDER BY number DESC LIMIT ?", (limit,)
            ).fetchall()
        with self._understood():
            return [self._past(number, _manifest(raw)) for number, raw in rows]

    def _past(self, number: int, manifest: Manifest) -> Past:
        prefix = FOLDER + "/"
        with self._understood():
            datetime.fromisoformat(manifest.time)
            files = self._files("number = ? AND path LIKE ?", (number, prefix + "%"))
        texts = {path.removeprefix(prefix): content for path, content in files.items()}
        return Past(
            number, manifest.digest, manifest.parent, manifest.time, manifest.author,
            manifest.matrix.removeprefix(prefix), texts, manifest.fleet,
        )  # fmt: skip

    def note(self, outcomes: Iterable[Outcome], wanted: int, now: datetime) -> None:
        """Remember what became of hosts when generation `wanted` was pushed to them, or looked for on them."""
        with self.exclusive():
            self.note_within(outcomes, wanted, now)

    def note_within(self, outcomes: Iterable[Outcome], wanted: int, now: datetime) -> None:
        """The same within a transaction that is open."""
        self._host_records.note(outcomes, wanted, now)

    def hosts(self) -> dict[str, HostRecord]:
        """The last that is known of every host, by name."""
        return self._host_records.hosts()

    def relied_on(self) -> bool:
        """Whether a host may hold a generation: not where pushes were tried, and none of them ever came through."""
        return self._host_records.relied_on()

    def aimed(self) -> int:
        """The number of the newest generation that hosts were brought to, or asked for; 0 when there is none yet."""
        return self._host_records.aimed()

    def held(self) -> dict[str, tuple[int, str]]:
        """Number and digest of the generation that each host was last known to hold, by its name."""
        return self._host_records.held()


def _manifest(raw: bytes) -> Manifest:
    try:
        return Manifest.from_json(raw)
    except ManifestError as error:
        raise ValueError(f"a manifest is not whole: {error}") from error
