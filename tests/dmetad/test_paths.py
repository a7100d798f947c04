"""Every path, in every form, by every method: what is answered for the example."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from asking import curl
from dmetad_server import EXAMPLE

from matrix_dmetad.answers.documents import lines

pytestmark = pytest.mark.needs("curl", "dash")

ROLES = [
    "lv",
    "ps",
    "db",
    "cache",
    "lv.master",
    "lv.backup",
    "db.master",
    "db.slave",
    "mx",
    "ntp",
    "log",
    "vpn",
    "xen",
    "adm",
]
VIP = ["203.0.113.80:80", "203.0.113.80:443"]
PS = {"check": "http:/alive.html", "fwd": "dr", "sched": "wlc", "vip": VIP}
W104 = {
    "name": "w104", "fullname": "w104.example.jp", "address": "10.6.1.104", "addresses": ["10.6.1.104"],
    "site": "tky1", "rack": "A01", "state": "WARN", "reason": "fan alarm 4/12", "roles": ["ps", "cache"], "note": "",
    "in_service": True, "properties": {"os": "debian", "ssh.user": "root"},
}  # fmt: skip
W104_SH = [
    "DSAS_HOST='w104'", "DSAS_HOST_IN_SERVICE='true'", "DSAS_HOST__NAME='w104'",
    "DSAS_HOST__FULLNAME='w104.example.jp'",
    "DSAS_HOST__ADDRESS='10.6.1.104'", "DSAS_HOST__ADDRESSES='10.6.1.104'", "DSAS_HOST__SITE='tky1'",
    "DSAS_HOST__RACK='A01'", "DSAS_HOST__STATE='WARN'", "DSAS_HOST__REASON='fan alarm 4/12'",
    "DSAS_HOST__ROLES='ps cache'", "DSAS_HOST__NOTE=''", "DSAS_HOST__OS='debian'", "DSAS_HOST__SSH_USER='root'",
]  # fmt: skip
CACHE_W104 = {"state": "WARN", "reason": "fan alarm 4/12", "in_service": True,
              "properties": {"weight": 5, "os": "debian", "ssh.user": "root"}}  # fmt: skip
CACHE_W105 = {"state": "STOP", "reason": "disk, back 4/20", "in_service": False,
              "properties": {"weight": 5, "os": "debian", "ssh.user": "root"}}  # fmt: skip
PLACE_104 = {"address": "10.6.1.104", "site": "tky1", "rack": "A01"}
PLACE_105 = {"address": "10.6.1.105", "site": "tky1", "rack": "A01"}

# path and query: the value, and the lines of sh
ANSWERS: dict[str, tuple[object, list[str]]] = {
    "/": (ROLES, [f"DSAS_ROLES='{' '.join(ROLES)}'"]),
    "/ps/node": (["w101", "w102", "w103", "w104"], ["DSAS_PS='w101 w102 w103 w104'"]),
    "/ps/node?all": (["w101", "w102", "w103", "w104", "w105"], ["DSAS_PS__ALL='w101 w102 w103 w104 w105'"]),
    "/ps/all": (["w101", "w102", "w103", "w104", "w105"], ["DSAS_PS__ALL='w101 w102 w103 w104 w105'"]),
    "/ps/node?all=no": (["w101", "w102", "w103", "w104"], ["DSAS_PS='w101 w102 w103 w104'"]),
    "/ps/vip": (VIP, ["DSAS_PS__VIP='203.0.113.80:80", "203.0.113.80:443'"]),
    "/ps/vip?site=tky1": (VIP, ["DSAS_PS__VIP='203.0.113.80:80", "203.0.113.80:443'"]),
    "/ps/sched": ("wlc", ["DSAS_PS__SCHED='wlc'"]),
    "/ps/meaning": ("page servers", ["DSAS_PS__MEANING='page servers'"]),
    "/ps/weight": (
        {"w101": 10, "w102": 10, "w103": 10}, ["DSAS_PS__WEIGHT='w101 10", "w102 10", "w103 10'"],
    ),
    "/ps/weight?all": (
        {"w101": 10, "w102": 10, "w103": 10, "w105": 5},
        ["DSAS_PS__WEIGHT='w101 10", "w102 10", "w103 10", "w105 5'"],
    ),
    "/ps/weight?per=role&default=7": ("7", ["DSAS_PS__WEIGHT='7'"]),
    "/ps/sched?per=host": (
        dict.fromkeys(["w101", "w102", "w103", "w104"], "wlc"),
        ["DSAS_PS__SCHED='w101 wlc", "w102 wlc", "w103 wlc", "w104 wlc'"],
    ),
    "/cache/reason?all": (
        {"w104": "fan alarm 4/12", "w105": "disk, back 4/20"},
        ["DSAS_CACHE__REASON='w104 fan alarm 4/12", "w105 disk, back 4/20'"],
    ),
    "/cache/address": ({"w104": "10.6.1.104"}, ["DSAS_CACHE__ADDRESS='w104 10.6.1.104'"]),
    "/ps": (
        {"name": "ps", "meaning": "page servers", "parent": None, "node": ["w101", "w102", "w103", "w104"],
         "properties": PS},
        ["DSAS_PS='w101 w102 w103 w104'", "DSAS_PS__MEANING='page servers'", "DSAS_PS__CHECK='http:/alive.html'",
         "DSAS_PS__FWD='dr'", "DSAS_PS__SCHED='wlc'", "DSAS_PS__VIP='203.0.113.80:80", "203.0.113.80:443'"],
    ),
    "/cache?all&recursive": (
        {"name": "cache", "meaning": "", "parent": None, "node": ["w104", "w105"], "properties": {},
         "hosts": {"w104": {**PLACE_104, **CACHE_W104}, "w105": {**PLACE_105, **CACHE_W105}}},
        ["DSAS_CACHE__ALL='w104 w105'", "DSAS_CACHE__MEANING=''", "DSAS_CACHE__WEIGHT='w104 5", "w105 5'"],
    ),
    "/db.master": (
        {"name": "db.master", "meaning": "", "parent": "db", "node": ["db1"],
         "properties": {"check": "tcp", "vip": ["10.6.0.30:3306"]}},
        ["DSAS_DB_MASTER='db1'", "DSAS_DB_MASTER__MEANING=''", "DSAS_DB_MASTER__CHECK='tcp'",
         "DSAS_DB_MASTER__VIP='10.6.0.30:3306'"],
    ),
    "/front/node": (["lv1", "lv2", "w101", "w102", "w103", "w104"], ["DSAS_FRONT='lv1 lv2 w101 w102 w103 w104'"]),
    "/front/weight": (
        {"w101": 10, "w102": 10, "w103": 10}, ["DSAS_FRONT__WEIGHT='w101 10", "w102 10", "w103 10'"],
    ),
    "/calm": (
        {"name": "calm", "selector": "ps!cache", "node": ["w101", "w102", "w103"], "properties": {}},
        ["DSAS_CALM='w101 w102 w103'"],
    ),
    "/@host/w104": (W104, W104_SH),
    "/@host/W104.example.jp": (W104, W104_SH),
    "/@self": (W104, W104_SH),
    "/@host/w104?role=cache": (
        {**W104, "properties": {"weight": 5, "os": "debian", "ssh.user": "root"}},
        [*W104_SH[:-2], "DSAS_HOST__WEIGHT='5'", *W104_SH[-2:]],
    ),
    "/@host/w105?recursive&role=cache": (
        {"name": "w105", "fullname": "w105.example.jp", "address": "10.6.1.105", "addresses": ["10.6.1.105"],
         "site": "tky1", "rack": "A01", "state": "STOP", "reason": "disk, back 4/20", "roles": ["ps", "cache"],
         "note": "", "in_service": False, "properties": {"weight": 5, "os": "debian", "ssh.user": "root"},
         "in_roles": {"ps": {**CACHE_W105, "properties": {"weight": 5, **PS, "os": "debian", "ssh.user": "root"}},
                      "cache": CACHE_W105}},
        ["DSAS_HOST='w105'", "DSAS_HOST_IN_SERVICE='false'", "DSAS_HOST__NAME='w105'",
         "DSAS_HOST__FULLNAME='w105.example.jp'", "DSAS_HOST__ADDRESS='10.6.1.105'",
         "DSAS_HOST__ADDRESSES='10.6.1.105'",
         "DSAS_HOST__SITE='tky1'", "DSAS_HOST__RACK='A01'", "DSAS_HOST__STATE='STOP'",
         "DSAS_HOST__REASON='disk, back 4/20'", "DSAS_HOST__ROLES='ps cache'", "DSAS_HOST__NOTE=''",
         "DSAS_HOST__WEIGHT='5'", "DSAS_HOST__OS='debian'", "DSAS_HOST__SSH_USER='root'"],
    ),
    "/@host/mail1/addresses": (
        ["10.6.4.1", "2001:db8:4::1"], ["DSAS_HOST__ADDRESSES='10.6.4.1", "2001:db8:4::1'"],
    ),
    "/@host/w101/state": (None, ["DSAS_HOST__STATE=''"]),
    "/@self/ipmi?default=none": ("none", ["DSAS_HOST__IPMI='none'"]),
    "/@self/roles": (["ps", "cache"], ["DSAS_HOST__ROLES='ps cache'"]),
    "/@select?q=ps%26WARN": (["w104"], ["DSAS_HOST='w104'"]),
    "/@select?q=w%5B101-102%5D,db1": (["w101", "w102", "db1"], ["DSAS_HOST='w101 w102 db1'"]),
    "/@state/STOP": (["w105"], ["DSAS_STATE='w105'"]),
    "/@state/DRAIN": ([], ["DSAS_STATE=''"]),
    "/@groups": (["front", "calm"], ["DSAS_GROUPS='front calm'"]),
    "/@sites": (["tky1"], ["DSAS_SITES='tky1'"]),
    "/@states": (
        {"WARN": {"in_service": True, "meaning": "in service, but look at it"},
         "STOP": {"in_service": False, "meaning": "out of service"},
         "DRAIN": {"in_service": False, "meaning": "finishing its sessions"}},
        ["DSAS_STATES='WARN STOP DRAIN'"],
    ),
}  # fmt: skip

PROBLEMS = {
    "/pss/node": (404, "unknown-role-or-group", ["ps"]),
    "/ps/nodes": (404, "unknown-property", ["node", "note", "roles"]),
    "/ps/weight?per=role": (404, "no-value", []),
    "/ps/vip?site=tky2": (404, "unknown-site", ["tky1"]),
    "/ps/node/x": (404, "unknown-path", []),
    "/@host/w106": (404, "unknown-host", ["w105", "w104", "w103"]),
    "/@host/w104/wieght": (404, "unknown-property", ["weight"]),
    "/@host/w104/ipmi": (404, "no-value", []),
    "/@host/w104?role=cash": (404, "unknown-role", ["cache"]),
    "/@host": (404, "unknown-path", []),
    "/@state/STOPP": (404, "unknown-state", ["STOP"]),
    "/@hots/w104": (404, "unknown-path", ["@host"]),
    "/@manifest": (404, "no-manifest", []),
    "/@select": (400, "bad-parameter", []),
    "/@select?q=ps%26%26lv": (400, "bad-selector", []),
    "/@select?q=nosuch": (404, "unknown-in-selector", []),
    "/ps/node?al": (400, "unknown-parameter", ["all"]),
    "/ps/node?site=tky1&site=tky1": (400, "bad-query", []),
    "/ps/node?all=perhaps": (400, "bad-parameter", []),
    "/ps/node?role=ps": (400, "unknown-parameter", []),
    "/ps/node?q=w101": (400, "unknown-parameter", []),
    "/?q=w101": (400, "unknown-parameter", []),
    "/?from=2": (400, "unknown-parameter", []),
    "/ps/node?wait=soon": (400, "bad-parameter", []),
    "/%ff": (400, "bad-encoding", []),
    "/ps/node?q=%ff": (400, "bad-encoding", []),
}
TYPES = {
    "sh": "text/x-shellscript; charset=utf-8", "text": "text/plain; charset=utf-8", "json": "application/json",
    "yaml": "application/yaml", "html": "text/html; charset=utf-8",
}  # fmt: skip


def with_format(path: str, form: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}format={form}"


def with_suffix(path: str, form: str) -> str:
    before, mark, query = path.partition("?")
    return f"{before}.{form}{mark}{query}"


def expected(path: str, form: str) -> str:
    value, shell = ANSWERS[path]
    if form == "sh":
        return "".join(line + "\n" for line in shell)
    if form == "text":
        return "".join(line + "\n" for line in lines(value))
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


@pytest.mark.parametrize("asking", ["suffix", "format", "accept"])
@pytest.mark.parametrize("form", ["sh", "text", "json", "yaml"])
def test_every_path_is_answered_in_every_form(example, form, asking):
    spelled = {"suffix": with_suffix, "format": with_format, "accept": lambda path, form: path}[asking]
    accept = [f"Accept: {TYPES[form]}"] if asking == "accept" else []
    replies = curl([example.url + spelled(path, form) for path in ANSWERS], *accept)
    wrong = []
    for path, reply in zip(ANSWERS, replies, strict=True):
        assert (reply.status, reply.headers["content-type"]) == (200, TYPES[form]), path
        got = reply.body.decode()
        same = yaml.safe_load(got) == ANSWERS[path][0] if form == "yaml" else got == expected(path, form)
        if not same:
            wrong.append(f"{path}: {got!r}, should be {ANSWERS[path][0] if form == 'yaml' else expected(path, form)!r}")
    assert not wrong, "\n".join(wrong)


def test_sh_is_what_curl_gets_without_asking(example):
    for path, reply in zip(ANSWERS, curl([example.url + path for path in ANSWERS]), strict=True):
        assert (reply.body.decode(), reply.headers["content-type"]) == (expected(path, "sh"), TYPES["sh"])


@pytest.mark.parametrize("form", ["sh", "text", "json", "yaml", "html"])
def test_head_says_what_get_would(example, form):
    urls = [example.url + with_format(path, form) for path in ANSWERS]
    for path, get, head in zip(ANSWERS, curl(urls), curl(urls, method="HEAD"), strict=True):
        assert (head.status, head.body) == (get.status, b""), path
        changing = {"date", "etag", "content-length"} if form == "html" else {"date"}
        assert {k: v for k, v in head.headers.items() if k not in changing} == {
            k: v for k, v in get.headers.items() if k not in changing
        }, path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_get_and_head_is_done(example, method):
    for form in TYPES:
        for reply in curl([example.url + with_format(path, form) for path in [*ANSWERS, "/nosuch"]], method=method):
            assert reply.status == 405
            assert reply.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("form", ["sh", "text", "json", "yaml"])
def test_every_mistake_is_named_in_every_form(example, form):
    replies = curl([example.url + path for path in PROBLEMS], f"Accept: {TYPES[form]}")
    for (path, (status, code, nearest)), reply in zip(PROBLEMS.items(), replies, strict=True):
        assert reply.status == status, (path, reply.body)
        if form in ("json", "yaml"):
            problem = (json.loads if form == "json" else yaml.safe_load)(reply.body)
            assert (problem["status"], problem["code"], problem["nearest"]) == (status, code, nearest), path
            kind = "application/problem+json" if form == "json" else "application/yaml"
            assert reply.headers["content-type"] == kind
        else:
            assert all(f" {near}" in reply.body.decode() for near in nearest), path
        if form == "text":
            assert reply.body.count(b"\n") == 1


def test_a_mistake_in_sh_is_said_by_eval_which_then_fails(example):
    script = f'eval "$(curl -s {example.url}/pss/node)" || echo "failed: $?"'
    done = subprocess.run(["dash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "failed: 1\n"
    assert done.stderr == "dmetad: unknown role or group pss; did you mean ps?\n"


def test_an_answer_is_evaluated_by_dash(example):
    script = f'eval "$(curl -s {example.url}/ps/node)"; for host in $DSAS_PS; do printf "<%s>" "$host"; done'
    done = subprocess.run(["dash", "-euc", script], capture_output=True, text=True, check=True)
    assert done.stdout == "<w101><w102><w103><w104>"


def test_hostile_values_stay_values_in_dash(dmetad, tmp_path):
    reason = 'x\'; echo RUN; $(echo RUN) `echo RUN` ${IFS} \\ "q" é'
    quoted = reason.replace("\\", "\\\\").replace('"', '\\"')
    matrix = tmp_path / "MATRIX"
    matrix.write_text(f'[ps] sched="{quoted}"\n  w1 10.0.0.1 [STOP: "{quoted}"]\n', encoding="utf-8")
    server = dmetad("-f", str(matrix))
    script = f"""eval "$(curl -s {server.url}/@host/w1)"; eval "$(curl -s {server.url}/ps)"
        printf '%s|%s' "$DSAS_HOST__REASON" "$DSAS_PS__SCHED" """
    done = subprocess.run(["dash", "-euc", script], capture_output=True, check=True)
    assert done.stdout.decode() == json.loads(server.get("/@host/w1/reason.json").text) + "|" + reason
    assert b"RUN" in done.stdout


def test_the_text_of_the_matrix_is_there_as_it_is(example):
    main, included, other = curl(
        [example.url + path for path in ("/@matrix", "/@matrix/matrix.d/osk1.matrix", "/@matrix?format=json")],
        "Accept: */*",
    )
    assert main.body == EXAMPLE.read_bytes()
    assert included.body == Path(EXAMPLE.parent / "matrix.d/osk1.matrix").read_bytes()
    assert main.headers["content-type"] == TYPES["text"]
    assert (other.status, json.loads(other.body)["detail"]) == (406, "there are text, html")


def test_a_form_that_does_not_exist_is_refused_with_those_that_do(example):
    for reply in curl([example.url + "/ps/node"], "Accept: image/png") + curl([example.url + "/ps/node?format=xml"]):
        assert reply.status == 406
        assert b"there are sh, text, json, yaml, html" in reply.body


def test_a_suffix_comes_before_a_parameter_and_that_before_the_header(example):
    first, second = curl(
        [example.url + "/ps/node.json?format=yaml", example.url + "/ps/node?format=yaml"], "Accept: text/plain"
    )
    assert (first.headers["content-type"], second.headers["content-type"]) == ("application/json", "application/yaml")
