"""The origin: from the text that stands beside it to the generation that the hosts are to hold."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matrix_common.files import open_for_writing
from matrix_common.paths import SETTINGS_FILE
from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import (
    FOLDER,
    Generation,
    OriginFile,
    carried_texts,
    carries,
    next_generation,
)
from matrix_distributor.state.store import OriginState
from matrix_emitters import EmitterError
from matrix_emitters.bindings import check_options
from matrix_emitters.view import BindingOptions
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.ranges import fold
from matrix_grammar.reading import Reading, loads
from matrix_grammar.texts import real_path

from .program import program
from .removals import Removals, RemovalsNeedConsent, removals
from .templates import decoded, own_templates

if TYPE_CHECKING:
    from matrix_distributor.signing.signing import Signer


@dataclass(frozen=True)
class Candidate:
    """The generation that a text leads to. `new`: it is not in the state yet. `lost`: what it takes away."""

    fleet: Fleet
    generation: Generation
    new: bool
    lost: Removals

    @classmethod
    def in_force(cls, fleet: Fleet, generation: Generation) -> Candidate:
        """A generation that is in the state, and stays in force: it is not new and takes nothing away."""
        return cls(fleet, generation, new=False, lost=Removals((), (), len(fleet)))


@dataclass(frozen=True)
class Origin:
    """One MATRIX, and where its state lies. `author` stands in the manifests of new generations.

    `includes` are what the text may include beside what is below its folder. `templates` is the folder of own
    templates, relative to that of the MATRIX; its `*.j2` are texts too. With a `signer` every generation is signed,
    also one that is in the state already without its signature.
    """

    matrix: Path
    state: Path
    options: BindingOptions = field(default_factory=BindingOptions)
    author: str = ""
    signer: Signer | None = None
    templates: Path = Path("templates")
    includes: tuple[str, ...] = ()

    @property
    def settings(self) -> Path:
        """The settings beside the MATRIX, which travel with it."""
        return Path(real_path(str(self.matrix))).parent / SETTINGS_FILE

    @property
    def templates_folder(self) -> Path:
        """The folder of own templates, which travel with the MATRIX as well."""
        return Path(real_path(str(self.matrix))).parent / self.templates

    def candidate(self, reading: Reading, state: OriginState, now: datetime | None = None) -> Candidate:
        """The generation that these texts lead to; nothing is written.

        Raises MatrixError when the MATRIX, or the bindings made from it, have errors; DistributorError when it has no
        hosts.
        """
        fleet = fleet_of(reading)
        parent = state.current()
        texts = self.texts(reading)
        author = self.author or default_author()
        try:
            problems = check_options(fleet, self.options)
            if any(problem.severity == "error" for problem in problems):
                raise MatrixError(problems)
            generation = next_generation(
                fleet, texts, parent=parent, author=author, now=now or datetime.now(UTC), options=self.options,
                fleet_id=state.fleet_id(),
            )  # fmt: skip
        except EmitterError as error:
            raise DistributorError(f"the bindings cannot be made: {error}") from error
        lost = Removals((), (), len(fleet))
        if parent is not None and generation is not parent and state.relied_on():
            old = stored_fleet(parent)
            lost = removals(old, fleet) if old is not None else Removals((), ("what there was before",), 0)
        signed = self.signer.signed(generation) if self.signer is not None else generation
        return Candidate(fleet, signed, generation is not parent, lost)

    def take(
        self, reading: Reading, state: OriginState, *, accept_removals: bool = False, now: datetime | None = None
    ) -> Candidate:
        """The generation that these texts lead to, remembered in the state when it is new.

        Raises as `candidate` does, and RemovalsNeedConsent when the edit removes more than goes without asking.
        """
        with state.exclusive():
            candidate = self.candidate(reading, state, now)
            if candidate.lost.need_consent and not accept_removals:
                raise RemovalsNeedConsent(candidate.lost, fold(candidate.lost.hosts))
            if candidate.new:
                state.add(candidate.generation)
            elif self.signer is not None:
                state.sign(candidate.generation)
            state.prove(candidate.generation, self._maker)
        return candidate

    def is_in_force(self, reading: Reading, state: OriginState) -> bool:
        """Whether the newest generation was made from these texts by this very program, told without making it anew.

        False says nothing: `candidate` finds out. Raises DistributorError.
        """
        parent = state.current()
        return parent is not None and state.is_proved(parent, self._maker) and carries(parent, self.texts(reading))

    @property
    def _maker(self) -> str:
        return f"{program()} {self.options}"

    def number(self, reading: Reading, state: OriginState) -> int:
        """The number that the generation of these texts has, or would get; told by the texts, and nothing is made."""
        parent = state.current()
        if parent is None:
            return 1
        return parent.number + (not carries(parent, self.texts(reading)))

    def held(self, reading: Reading, generation: Generation) -> dict[str, bytes]:
        """What a generation holds of these texts, by the paths that they have here. Raises DistributorError."""
        contents = {f"{FOLDER}/{path}": content for path, content in generation.texts.items()}
        texts = carried_texts(self.texts(reading))
        return {str(text.path): contents[path] for path, text in texts.items() if path in contents}

    def being_written(self, reading: Reading) -> tuple[Path, ...]:
        """Those of these texts that somebody has open for writing, so that what was read may be half of them."""
        return tuple(text.path for text in self.texts(reading) if open_for_writing(text.path))

    def own_templates(self) -> dict[str, str]:
        """The own templates as they are now, by file name. Raises DistributorError."""
        return decoded(self.template_texts())

    def template_texts(self) -> list[OriginFile]:
        """The own templates as texts, by name. Raises DistributorError."""
        return own_templates(self.templates_folder, Path(real_path(str(self.matrix))).parent)

    def texts(self, reading: Reading) -> Sequence[OriginFile]:
        """What a generation of this reading carries: sources, settings, own templates. Raises DistributorError."""
        texts = [OriginFile(Path(source.path), source.content) for source in reading.sources]
        settings = self.settings
        try:
            texts.append(OriginFile(settings, settings.read_bytes()))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise DistributorError(f"cannot read {settings}: {error.strerror}") from error
        return [*texts, *self.template_texts()]


def fleet_of(reading: Reading) -> Fleet:
    """The Fleet of a reading. Raises MatrixError with everything that is wrong when it has errors."""
    if reading.fleet is None:
        raise MatrixError(reading.diagnostics)
    return reading.fleet


def stored_fleet(generation: Generation) -> Fleet | None:
    """The Fleet of a generation, from the texts that it carries; None when this version reads them no more."""
    texts = generation.texts
    matrix = generation.manifest.matrix.partition("/")[2]
    if matrix not in texts:
        return None
    try:
        return loads(texts[matrix], matrix, texts)
    except MatrixError:
        return None


def default_author() -> str:
    """`user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
