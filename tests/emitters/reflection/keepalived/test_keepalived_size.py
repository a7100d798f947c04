"""A keepalived.conf of the size that DSAS had: 40 VIPs, 400 real servers, more than 2,600 lines, and valid."""

from __future__ import annotations

import sys
from pathlib import Path

from balancing import keepalived_says, value, words
from reflecting import made

from matrix_sources.keepalived import parse_keepalived

sys.path.insert(0, str(Path(__file__).parents[4] / "benchmarks" / "reflection"))  # the MATRIX that is measured as well


def test_forty_vips_and_four_hundred_real_servers(tmp_path: Path) -> None:
    from dsas import dsas

    found = made("keepalived", dsas())
    for one in found:
        assert one.findings == ()
        text = one.content.decode()
        assert len(text.splitlines()) > 2_600
        parsed = parse_keepalived(text)
        assert not parsed.leftovers
        servers = parsed.each("virtual_server")
        assert len(servers) == 40
        assert sum(len(server.each("real_server")) for server in servers) == 400
        vips = {server.arguments[0] for server in servers}
        carried = [line for block in parsed.each("vrrp_instance") for key in
                   ("virtual_ipaddress", "virtual_ipaddress_excluded") for line in words(block, key)]  # fmt: skip
        assert {line.partition("/")[0] for line in carried if not line.startswith(("fe80", "169.254."))} == vips
        result = keepalived_says(one, tmp_path)
        assert result.returncode == 0, result.stderr[-2000:]
    masters = [
        [value(block, "state") for block in parse_keepalived(one.content.decode()).each("vrrp_instance")]
        for one in found
    ]
    assert masters == [["MASTER", "MASTER"], ["BACKUP", "BACKUP"]]
