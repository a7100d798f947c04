"""Command lines that name hosts first: `HOSTS WORD…`, or `HOST… -- WORD…`."""

from __future__ import annotations

from typing import Any

import click


class HostsFirst(click.Command):
    """A command that takes hosts, then words.

    Before `--` stand the hosts, one selector or several, with options anywhere among them; without `--` the first word
    is the selector. With `ends_at_word` options end at the first word after the hosts, so that the rest belongs to
    the command that is run: `FORALL ps uptime -a` gives `-a` to uptime. The function is given `hosts` and `words`.
    """

    ends_at_word = False
    words_are = "WORD..."

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """As the user is to type it."""
        return ["[OPTIONS]", f"HOSTS {self.words_are}  |  [OPTIONS] HOST... --", self.words_are]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell options, hosts and words apart."""
        if "--" in args:
            place = args.index("--")
            options, hosts = self._split(ctx, args[:place], interspersed=True)
            words = args[place + 1 :]
        elif self.ends_at_word:
            options, rest = self._split(ctx, args, interspersed=False)
            hosts = rest[:1]
            more, words = self._split(ctx, rest[1:], interspersed=False)
            options += more
        else:
            options, rest = self._split(ctx, args, interspersed=True)
            hosts, words = rest[:1], rest[1:]
        super().parse_args(ctx, options)
        ctx.params["hosts"], ctx.params["words"] = tuple(hosts), tuple(words)
        return []

    def _split(self, ctx: click.Context, args: list[str], *, interspersed: bool) -> tuple[list[str], list[str]]:
        """Options with their values, and the rest; without `interspersed` all after the first word is the rest."""
        parser = self.make_parser(ctx)
        parser.allow_interspersed_args = interspersed
        if not interspersed:
            _, rest, _ = parser.parse_args(list(args))
            return args[: len(args) - len(rest)], rest
        options: list[str] = []
        words: list[str] = []
        parser.allow_interspersed_args = False
        while args:
            _, rest, _ = parser.parse_args(list(args))
            options += args[: len(args) - len(rest)]
            words += rest[:1]
            args = rest[1:]
        return options, words


class CommandLast(HostsFirst):
    """Hosts, then a command whose own options are left alone."""

    ends_at_word = True
    words_are = "COMMAND..."


def positive(_ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """A time in seconds that must not be below zero; 0 stands for no bound."""
    if value is not None and value < 0:
        raise click.BadParameter("a time cannot be below zero", param=parameter)
    return value


def share(value: str | None, hosts: int) -> int:
    """`3` or `10%` of the hosts, at least one; 0 for None. Raises BadParameter for anything else."""
    if value is None:
        return 0
    number = value.removesuffix("%")
    if not number.isdigit() or int(number) == 0:
        raise click.BadParameter(f"{value!r} is neither a number of hosts nor a share of them such as 10%")
    if value.endswith("%"):
        return max(1, hosts * int(number) // 100)
    return int(number)


def common(function: Any) -> Any:
    """The options that all three have."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def paced(function: Any) -> Any:
    """The options of the two that change hosts in waves."""
    for option in reversed(_PACED):
        function = option(function)
    return function


_PACED = [
    click.option("--rolling", metavar="N|N%", help="Work on N hosts at a time; stop after the first failure."),
    click.option(
        "--pause", type=float, default=0.0, callback=positive, metavar="SECONDS", help="Wait between two waves."
    ),
]

_COMMON = [
    click.option("-a", "--all", "all_", is_flag=True, help="Include hosts out of service."),
    click.option("-x", "--exclude", multiple=True, metavar="SELECTOR", help="Exclude these hosts."),
    click.option("--fanout", type=click.IntRange(1), metavar="N", help="Work on N hosts at once."),
    click.option(
        "--timeout",
        type=float,
        callback=positive,
        metavar="SECONDS",
        help="Limit for each host, with connecting; 0: no limit.",
    ),
    click.option("--total", type=float, callback=positive, metavar="SECONDS", help="Limit for the whole run."),
    click.option("--retry", type=click.IntRange(0), default=0, metavar="N", help="Try unreached hosts N times again."),
    click.option("--sudo", is_flag=True, help="Work as root on the hosts, through `sudo -n`."),
    click.option("--ssh-here", is_flag=True, help="Use ssh for this machine as well."),
    click.option("--accept-new", is_flag=True, help="Accept the key of a host without a known key."),
    click.option("--json", "json_", is_flag=True, help="Print JSON."),
]
