"""Diagnostics of meaning: lines that are well formed, but contradict others, the types of properties, or good sense."""

from __future__ import annotations

from typing import Final

from .code import Code

CODES: Final = (
    Code(
        "M030",
        "two different values for one thing",
        (
            "What a MATRIX says of a host or role may stand in several lines, but not differently. Both "
            "places are shown."
        ),
        wrong=("w1  10.0.0.1  weight=10\nw1  weight=20\n"),
        right=("w1  10.0.0.1  weight=10\nw1  [web]\n"),
    ),
    Code(
        "M031",
        "value that is not of its type",
        "The type of a property is built in or declared with `@property`.",
        wrong="w1  10.0.0.1  weight=heavy\n",
        right="w1  10.0.0.1  weight=10\n",
    ),
    Code(
        "M032",
        "property given twice",
        ("A key given twice in one place makes a list, which a property that is declared without `list` cannot be."),
        wrong="w1  10.0.0.1  weight=10  weight=20\n",
        right="w1  10.0.0.1  weight=10\n",
    ),
    Code(
        "M033",
        "undeclared property",
        "With `@strict` every property must be built in or declared, so that no mistyped one passes.",
        wrong=("@strict\nw1  10.0.0.1  floor=3\n"),
        right=("@strict\n@property floor int\nw1  10.0.0.1  floor=3\n"),
    ),
    Code(
        "M034",
        "undeclared property close to a declared one",
        "It is most likely a slip. If it is meant, declare it.",
        wrong="w1  10.0.0.1  weigth=10\n",
        right="w1  10.0.0.1  weight=10\n",
        severity="warning",
    ),
    Code(
        "M035",
        "host declared twice",
        (
            "The line that gives a host's address (or `-`) declares it, and only one line can. Names are "
            "compared without case. Lines that only add to a host give no address."
        ),
        wrong=("w1  10.0.0.1\nW1  10.0.0.2\n"),
        right=("w1  10.0.0.1\nw2  10.0.0.2\n"),
    ),
    Code(
        "M036",
        "address of two hosts",
        "An address belongs to one host, however it is spelled.",
        wrong=("w1  2001:db8::1\nw2  2001:DB8:0::1\n"),
        right=("w1  2001:db8::1\nw2  2001:db8::2\n"),
    ),
    Code(
        "M037",
        "host that is declared nowhere",
        (
            "A line without an address adds to a host that another line declares. So a mistyped name "
            "never becomes a new host."
        ),
        wrong=("web1  10.0.0.1\nwbe1  [cache]\n"),
        right=("web1  10.0.0.1\nweb1  [cache]\n"),
    ),
    Code(
        "M038",
        "name that is kept",
        (
            "The bindings keep some names for themselves (`$DSAS_ALL`, `$DSAS_SELF` …), and properties "
            "cannot have the names of what a host is anyway (`name`, `address`, `site`, `state` …). "
            "`rack` may stand on the declaring line of a host."
        ),
        wrong="w1  10.0.0.1  [all]\n",
        right="w1  10.0.0.1  [every]\n",
    ),
    Code(
        "M039",
        "declared twice, differently",
        "A property or state is declared once, or each time the same. `WARN` and `STOP` are built in.",
        wrong=("@property floor int\n@property floor text\nw1  10.0.0.1\n"),
        right=("@property floor int\nw1  10.0.0.1\n"),
    ),
    Code(
        "M041",
        "groups that need themselves",
        "The selectors of groups may name other groups, but not in a circle.",
        wrong=("@group a = b\n@group b = a\nw1  10.0.0.1\n"),
        right=("@group a = b\n@group b = w1\nw1  10.0.0.1\n"),
    ),
    Code(
        "M042",
        "group defined twice",
        "A group has one selector; a second one for the same name would silently win or lose.",
        wrong=("@group a = w1\n@group a = *\nw1  10.0.0.1\n"),
        right=("@group a = w1\n@group b = *\nw1  10.0.0.1\n"),
    ),
    Code(
        "M043",
        "one name for two things",
        ("Roles, groups and hosts share one name space, so that a name in a selector can mean one thing only."),
        wrong=("cache  10.0.0.1\nw1  10.0.0.2  [cache]\n"),
        right=("cache1  10.0.0.1  [cache]\nw1  10.0.0.2  [cache]\n"),
    ),
    Code(
        "M044",
        "names that meet in the bindings",
        (
            "In the bindings names are upper case with `-` and `.` as `_`, so `mx-in` and `mx.in` would "
            "be the same variable."
        ),
        wrong=("w1  10.0.0.1  [mx-in]\nw2  10.0.0.2  [mx.in]\n"),
        right=("w1  10.0.0.1  [mx-in]\nw2  10.0.0.2  [mx-out]\n"),
    ),
    Code(
        "M045",
        "VIP with no host in service",
        "The load balancer would have nobody to send traffic to.",
        wrong=("[web] vip=192.0.2.1:80\n    w1  10.0.0.1  [STOP]\n"),
        right=("[web] vip=192.0.2.1:80\n    w1  10.0.0.1  [WARN]\n"),
        severity="warning",
    ),
    Code(
        "M046",
        "role close to one with a header",
        ("A tag names a role that has no header, but whose name is close to one that has. It is most likely a slip."),
        wrong=("[cache]\n    w1  10.0.0.1\nw2  10.0.0.2  [cahce]\n"),
        right=("[cache]\n    w1  10.0.0.1\nw2  10.0.0.2  [cache]\n"),
        severity="warning",
    ),
    Code(
        "M047",
        "host that is named like an address",
        "The first word of a line is the name of a host. Most likely it is missing here.",
        wrong="10.0.0.1  -\n",
        right="w1  10.0.0.1\n",
        severity="warning",
    ),
    Code(
        "M048",
        "unknown host in a property",
        "The value of a property of type `host`, as `on`, is a host that the MATRIX declares.",
        wrong=("xen1  10.0.0.1\nw1  10.0.0.2  on=xne1\n"),
        right=("xen1  10.0.0.1\nw1  10.0.0.2  on=xen1\n"),
    ),
    Code(
        "M049",
        "control character in a quoted string",
        ("It is kept, and reaches every program that reads the value. Reports of `matrix` show it as `<U+001B>`."),
        wrong='w1  10.0.0.1  "\x1b[2J"\n',
        right='w1  10.0.0.1  "clear"\n',
        severity="warning",
    ),
    Code(
        "M050",
        "role given twice on one line",
        "It means the same as once; perhaps another role was meant.",
        wrong="w1  10.0.0.1  [mx] [mx]\n",
        right="w1  10.0.0.1  [mx]\n",
        severity="warning",
    ),
    Code(
        "M052",
        "host that is named like another's full name",
        (
            "A name without a dot gets the `@domain` behind it; a name with a dot is full already. Two "
            "hosts cannot have the same."
        ),
        wrong=("@domain example.jp\nw1  10.0.0.1\nw1.example.jp  10.0.0.2\n"),
        right=("@domain example.jp\nw1  10.0.0.1\nw2.example.jp  10.0.0.2\n"),
    ),
    Code(
        "M054",
        "guest that stands on itself",
        ("`on` names the host that a guest runs on; that one may be a guest too, but not of its own guest."),
        wrong=("w1  10.0.0.1  on=w2\nw2  10.0.0.2  on=w1\n"),
        right=("w1  10.0.0.1  on=w2\nw2  10.0.0.2\n"),
    ),
    Code(
        "M055",
        "VIP of two roles",
        "Two roles have the same address and port. Only one of them can have the traffic, unless one is proto=udp.",
        wrong=("[web] vip=192.0.2.1:80\n    w1  10.0.0.1\n[img] vip=192.0.2.1:80\n    i1  10.0.0.2\n"),
        right=("[web] vip=192.0.2.1:80\n    w1  10.0.0.1\n[img] vip=192.0.2.1:81\n    i1  10.0.0.2\n"),
        severity="warning",
    ),
)
