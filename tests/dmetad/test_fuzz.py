from __future__ import annotations

import pytest
from dmetad_fuzz import GROWTH, fuzz
from dmetad_server import EXAMPLE


@pytest.mark.parametrize("seed", [7])
def test_hostile_requests_find_no_failure_no_traceback_and_no_growth(dmetad, seed):
    server = dmetad("-f", str(EXAMPLE), "--rate", "0", "--longest-wait", "0.02")
    first = fuzz(server.port, 600, seed)
    before = server.resident
    findings = fuzz(server.port, 1_400, seed + 1)
    assert not first.wrong + findings.wrong
    assert findings.statuses[200] > 50
    assert findings.statuses[404] > 50
    assert findings.statuses[400] > 50
    assert server.resident - before < GROWTH
    assert server.get("/ps/node").text == "DSAS_PS='w101 w102 w103 w104'\n"
    assert "Traceback" not in server.log
