"""Settings: matrix.toml beside the MATRIX, below the environment `MATRIX_…`, below the command line."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from matrix_common.paths import SETTINGS_FILE, at_home
from matrix_common.settings import Setting, SettingsError, declared, from_environment, given, setting, tables_of
from matrix_common.trust import Judge, Trusted, Verdict

__all__ = ["SETTINGS_FILE", "Settings", "SettingsError", "known", "load", "load_judged"]


INCLUDES = "MATRIX_ALLOW_INCLUDES"
"""The variable of `allow.includes`."""

OF_HOSTS = ("programs", "httpd_include", "httpd_root", "httpd_env")
"""The settings under `[allow]` that are about hosts."""

ENTRIES = "reflect.NAME"
"""The tables below `[reflect]`, each of which is an entry of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `push_fanout` is `fanout` under `[push]` in matrix.toml, MATRIX_PUSH_FANOUT in the environment.

    Relative paths of matrix.toml are relative to it, those of the environment to the working directory. Times are
    in seconds.
    """

    state: Path = setting(Path(".matrix"), "folder of the origin's own state, beside the MATRIX")
    self: str = setting("", "name of this machine in the MATRIX; empty: found by its addresses")

    sh_prefix: str = setting("DSAS_", "prefix of every name of the sh binding; may be empty")

    bindings_files: Mapping[str, Any] = setting(
        MappingProxyType({}),
        'path and mode of bindings on hosts: `"/etc/dsas.conf" = { path = "…", mode = "0644" }`',
    )

    allow_includes: tuple[str, ...] = setting(
        (), "folders and files that a text may `@include`, in addition to files below the folder of the MATRIX"
    )
    allow_programs: tuple[str, ...] = setting(
        (), "programs on hosts, or folders of them (`/usr/local/lib/checks/`), that `check=misc:` may run"
    )
    allow_httpd_include: tuple[str, ...] = setting(
        (), "files on hosts, or folders of them, that `httpd.include` may name"
    )
    allow_httpd_root: tuple[str, ...] = setting((), "folders on hosts that `httpd.root` may name, or one below them")
    allow_httpd_env: tuple[str, ...] = setting((), "variables that `httpd.env` may set")

    ssh_config: Path | None = setting(None, "OpenSSH client configuration; default: ~/.ssh/config")
    ssh_identity: Path | None = setting(None, "private key to log in with; default: ~/.ssh and the agent")
    ssh_known_hosts: Path | None = setting(None, "known_hosts; default: ~/.ssh/known_hosts")
    ssh_hostkeys: Literal["known_hosts", "matrix"] = setting(
        "known_hosts",
        "which host key counts if both have one: `known_hosts`, or `matrix` for `ssh.hostkey` of the MATRIX",
    )
    ssh_user: str = setting("", "user to log in as if neither the MATRIX nor ssh_config has one")
    ssh_agent: bool = setting(True, "ask a running ssh-agent for keys")
    ssh_connect_timeout: float = setting(10.0, "time limit of connect, key exchange and login, each")
    ssh_command_timeout: float = setting(60.0, "time limit of one command on a host")

    push_fanout: int = setting(32, "number of hosts that a push works on at once")
    push_retry: int = setting(1, "how often a push tries a failed host again")
    push_sudo: bool = setting(False, "install through `sudo -n` if the login is not root")
    push_local: bool = setting(True, "install without SSH on this machine, if it is a host of the MATRIX")
    push_host_limit: int = setting(0, "push to at most this number of hosts; 0: no limit")
    push_account: str = setting(
        "", "log in with this account, which `matrix enroll` makes; empty: as ssh.user and others set it"
    )
    push_identity: Path | None = setting(None, "private key of that account; default: ssh.identity")
    push_author: str = setting("", "author of generations; empty: user@host")

    sign_key: Path | None = setting(
        None, "ed25519 key that signs generations, or its public half if the agent has the key; unset: no signature"
    )
    sign_allowed_signers: Path | None = setting(
        None,
        "file of those who may sign: `matrix enroll` installs it on hosts, `matrix adopt` checks it; see ssh-keygen(1)",
    )

    hosts_fanout: int = setting(64, "number of hosts that FORALL, SYNCALL and DIFFALL work on at once")

    reflect_templates: Path = setting(Path("templates"), "folder of own templates (`*.j2`), beside the MATRIX")
    reflect_pause: float = setting(5.0, "wait between two hosts, after a file was applied")
    reflect_probe: bool = setting(True, "stop if a VIP accepts no connection any more after the change of a host")
    reflect_limit: float = setting(60.0, "time limit of a check, and of an apply, on a host")
    reflect_entries: Mapping[str, Any] = setting(
        MappingProxyType({}),
        "one configuration: its hosts, path, check and apply; see docs/reflection.md",
    )

    watch_quiet: float = setting(0.3, "how long a text must stay unchanged before it is read")
    watch_patience: float = setting(
        2.0, "the same for a text that may be incomplete: it has fewer lines, no line end, or changed without an event"
    )
    watch_poll: float = setting(15.0, "time between two looks at the text, even without events")
    watch_retry: float = setting(5.0, "first wait before a failed host is tried again; doubles, with jitter")
    watch_retry_max: float = setting(300.0, "longest wait before a failed host is tried again")
    watch_verify: float = setting(300.0, "time between two questions to a host about its generation and files")
    watch_repair: bool = setting(False, "restore files that were changed by hand on a host")
    watch_metrics: str = setting("", "loopback address and port of the daemon's Prometheus metrics; empty: none")
    watch_metrics_names: tuple[str, ...] = setting(
        (), "accepted `Host` names in requests for the daemon's metrics, in addition to loopback"
    )


def known() -> Iterator[Setting]:
    """Every setting of the commands, in the order of Settings."""
    for item in declared(Settings):
        yield item._replace(key=ENTRIES) if item.field == "reflect_entries" else item


def load(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings for the MATRIX in `folder`, for who reads alone. Raises SettingsError as `load_judged` does."""
    return load_judged(folder, Judge(Trusted(frozenset())), environment)[0]


def load_judged(folder: Path, judge: Judge, environment: Mapping[str, str] = os.environ) -> tuple[Settings, Verdict]:
    """The settings for the MATRIX in `folder`, and the verdict on the very matrix.toml that they were read from.

    Those of dmetad, which it reads by itself, are checked here as well.

    Raises:
        SettingsError: a key or value in matrix.toml or in the environment is not right.
    """
    path = folder / SETTINGS_FILE
    tables, verdict = _tables(path, judge)
    spoken = bool(tables) or any(name.startswith("MATRIX_") for name in environment)
    settings = list(known()) if spoken else []  # looking at every type takes as long as a small MATRIX
    if "dmetad" in tables:
        from matrix_dmetad import check_settings

        check_settings(tables.pop("dmetad"), path)
    reflected = _entries(tables)
    values = (
        {"reflect_entries": reflected}
        | given(settings, tables, path, folder)
        | from_environment(settings, environment, Path.cwd())
    )
    result = Settings(**values)
    own = {name: folder / getattr(result, name) for name in ("state", "reflect_templates")}
    allowed = tuple(str(folder / at_home(each)) for each in result.allow_includes)
    return dataclasses.replace(result, **own, allow_includes=allowed), verdict


def _entries(tables: dict[str, Any]) -> Mapping[str, Any]:
    """The tables below `[reflect]`, taken out of it."""
    section = tables.get("reflect")
    if not isinstance(section, dict):
        return MappingProxyType({})
    names = [name for name, value in section.items() if isinstance(value, dict)]
    return MappingProxyType({name: section.pop(name) for name in names})


def _tables(path: Path, judge: Judge) -> tuple[dict[str, Any], Verdict]:
    try:
        content, verdict = judge.read(path)
        return tables_of(content.decode("utf-8"), path), verdict
    except FileNotFoundError:
        return {}, Verdict()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
