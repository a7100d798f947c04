"""Settings: matrix.toml beside the MATRIX, below the environment `MATRIX_…`, below the command line."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

FILE_NAME = "matrix.toml"


class SettingsError(Exception):
    """A setting that is not known or not of its type; says where, and what would be right."""


def setting(default: Any, meaning: str) -> Any:
    """A field of Settings with what it means, for the documentation."""
    return field(default_factory=lambda: default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `push_fanout` is `fanout` under `[push]` in matrix.toml, MATRIX_PUSH_FANOUT in the environment.

    Relative paths of matrix.toml are relative to it, those of the environment to the working directory. Times are
    in seconds.
    """

    state: Path = setting(Path(".matrix"), "folder of the origin's own state, beside the MATRIX")
    self: str = setting("", "the host of the MATRIX that this machine is; empty: found by its name and addresses")

    sh_prefix: str = setting("DSAS_", "what every name of the sh binding starts with; may be empty")

    bindings_files: Mapping[str, Any] = setting(
        MappingProxyType({}),
        'where bindings lie and with which mode: `"/etc/dsas.conf" = { path = "…", mode = "0644" }`',
    )

    ssh_config: Path | None = setting(None, "OpenSSH client configuration; ~/.ssh/config when not set")
    ssh_identity: Path | None = setting(None, "private key to log in with; ~/.ssh and the agent when not set")
    ssh_known_hosts: Path | None = setting(None, "known_hosts; ~/.ssh/known_hosts when not set")
    ssh_user: str = setting("", "user to log in as where neither the MATRIX nor ssh_config says one")
    ssh_agent: bool = setting(True, "ask a running ssh-agent for keys")
    ssh_connect_timeout: float = setting(10.0, "time for connect, key exchange and login, each")
    ssh_command_timeout: float = setting(60.0, "time for one command on a host")

    push_fanout: int = setting(32, "hosts that are worked on at once")
    push_retry: int = setting(1, "how often a host that failed is tried again within a push")
    push_sudo: bool = setting(False, "install through `sudo -n` where the login is not root")
    push_local: bool = setting(True, "install on this machine too when it is a host of the MATRIX")
    push_host_limit: int = setting(0, "push to at most so many hosts; 0: no limit")
    push_account: str = setting(
        "", "log in as this account, which `matrix enroll` makes; empty: as ssh.user and others say"
    )
    push_identity: Path | None = setting(None, "private key of that account; ssh.identity when not set")
    push_author: str = setting("", "author of generations; empty: user@host")

    sign_key: Path | None = setting(None, "private ed25519 key that signs generations; not signed when not set")
    sign_allowed_signers: Path | None = setting(
        None, "who may sign: given to hosts by `matrix enroll`, asked by `matrix adopt`; see ssh-keygen(1)"
    )

    hosts_fanout: int = setting(64, "hosts that FORALL, SYNCALL and DIFFALL speak to at once")

    watch_quiet: float = setting(0.3, "wait for this long without a further change before reading")
    watch_poll: float = setting(15.0, "look at the text this often whatever events say")
    watch_retry: float = setting(5.0, "first wait before a host that failed is tried again; doubles, with jitter")
    watch_retry_max: float = setting(300.0, "longest wait before a host that failed is tried again")
    watch_verify: float = setting(300.0, "ask each host this often what it holds")
    watch_repair: bool = setting(False, "put files right that were changed by hand on a host")
    watch_metrics: str = setting("", "loopback address and port of the daemon's Prometheus metrics; empty: none")


@dataclass(frozen=True, slots=True)
class Known:
    """One setting as it is written: its dotted key, its environment variable, type, default and meaning."""

    field: str
    key: str
    variable: str
    type: Any
    default: Any
    meaning: str


def known() -> Iterator[Known]:
    """Every setting there is, in the order of Settings."""
    types, defaults = get_type_hints(Settings), Settings()
    for item in dataclasses.fields(Settings):
        key = item.name.replace("_", ".", 1)
        yield Known(
            item.name,
            key,
            "MATRIX_" + item.name.upper(),
            types[item.name],
            getattr(defaults, item.name),
            item.metadata["meaning"],
        )


def load(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings for the MATRIX in `folder`.

    Raises:
        SettingsError: a key or value in matrix.toml or in the environment is not right.
    """
    settings = {item.key: item for item in known()}
    values: dict[str, Any] = {}
    path = folder / FILE_NAME
    for key, raw in _flat(_toml(path), tables={item.key for item in settings.values() if _is_table(item)}):
        if key not in settings:
            import difflib

            near = difflib.get_close_matches(key, settings, n=3)
            cure = f"; did you mean {' or '.join(near)}?" if near else ""
            raise SettingsError(f"{path}: there is no setting {key}{cure}")
        values[settings[key].field] = _typed(settings[key], raw, f"{path}: {key}", folder)
    for item in settings.values():
        if item.variable in environment and not _is_table(item):
            raw = environment[item.variable]
            values[item.field] = _typed(item, _parsed(item.type, raw), f"${item.variable}", Path.cwd())
    result = Settings(**values)
    return result if result.state.is_absolute() else dataclasses.replace(result, state=folder / result.state)


def _toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error


def _is_table(item: Known) -> bool:
    """Whether the setting is a table of its own, which has no variable in the environment."""
    return get_origin(item.type) is Mapping


def _flat(table: Mapping[str, Any], tables: set[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested tables under dotted keys, down to the settings that are tables themselves."""
    for key, value in table.items():
        if isinstance(value, dict) and prefix + key not in tables:
            yield from _flat(value, tables, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _parsed(kind: Any, raw: str) -> Any:
    """A value of the environment as TOML would give it; what cannot be read stays text, and fails by its type."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if kind is bool:
        return words.get(raw.lower(), raw)
    try:
        return kind(raw) if kind in (int, float) else raw
    except ValueError:
        return raw


def _typed(item: Known, raw: Any, where: str, base: Path) -> Any:
    if _is_table(item):
        if not isinstance(raw, dict):
            raise SettingsError(f"{where}: {raw!r} is not a table")
        return MappingProxyType(raw)
    kinds = get_args(item.type) or (item.type,)
    if Path in kinds and isinstance(raw, str):
        return base / Path(raw).expanduser()
    if float in kinds and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if type(raw) not in kinds:
        wanted = {int: "a whole number", float: "a number", bool: "true or false"}.get(kinds[0], "a text")
        raise SettingsError(f"{where}: {raw!r} is not {wanted}")
    if isinstance(raw, int | float) and raw < 0:
        raise SettingsError(f"{where}: {raw} is below zero")
    return raw
