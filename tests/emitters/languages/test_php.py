from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from language_drivers import printed

from matrix_emitters.bindings import build
from matrix_emitters.view import BindingOptions, FileOptions
from matrix_grammar.reading import load, loads

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"


def php(root: Path, program: str, *switches: str) -> str:
    """Runs a program beside the binding; gives what it prints, and demands silence otherwise."""
    script = root.parent / "script.php"
    script.write_text(f"<?php declare(strict_types=1); $etc = '{root}/etc'; {program}")
    return printed("php", "-d", "error_reporting=-1", "-d", "display_errors=stderr", *switches, str(script))


@pytest.fixture
def root(install, tmp_path_factory, monkeypatch):
    return install(load(EXAMPLE), "php")


def test_the_array_holds_what_pages_ask_most(root):
    program = """$dsas = require "$etc/dsas.php"; $again = require "$etc/dsas.php";
        echo json_encode([$dsas === $again, $dsas['roles']['ps'], $dsas['groups']['calm'], $dsas['state'],
            $dsas['address']['w101'], $dsas['address']['vpn.example.net'], count($dsas['address']), $dsas['sites']]);"""
    same, role, group, state, address, named, count, sites = json.loads(php(root, program))
    assert same
    assert role == {
        "meaning": "page servers",
        "parent": None,
        "in_service": ["w101", "w102", "w103", "w104"],
        "out": ["w105"],
        "properties": {
            "sched": "wlc",
            "fwd": "dr",
            "check": "http:/alive.html",
            "vip": ["203.0.113.80:80", "203.0.113.80:443"],
        },
    }
    assert group == {"selector": "ps!cache", "in_service": ["w101", "w102", "w103"], "out": []}
    assert state == {
        "w104": {"state": "WARN", "reason": "fan alarm 4/12"},
        "w105": {"state": "STOP", "reason": "disk, back 4/20"},
    }
    assert (address, named, count, sites) == ("10.6.1.101", "vpn.example.net", 13, ["tky1"])


def test_the_class_may_be_required_more_than_once(root):
    program = (
        'require "$etc/dsas.d/Fleet.php"; require "$etc/dsas.d/Fleet.php"; echo DSAS\\Fleet::load()->generation();'
    )
    assert php(root, program) == "41"


def test_a_page_may_make_the_fleet_from_the_array_it_has(root):
    program = """require "$etc/dsas.d/Fleet.php"; $fleet = new DSAS\\Fleet(require "$etc/dsas.php");
        echo implode(' ', $fleet->hosts('ps&WARN')), ' ', $fleet->getIn('w104', 'cache', 'weight') + 1;"""
    assert php(root, program) == "w104 6"


def test_an_array_of_another_format_is_refused(root):
    program = """require "$etc/dsas.d/Fleet.php";
        try { new DSAS\\Fleet(['format' => 2]); } catch (DSAS\\Error $e) { echo $e->getMessage(); }"""
    assert php(root, program) == "DSAS: this class knows format 1, not that of the array it was given"


def test_wrong_names_throw_with_the_nearest_names(root):
    program = """require "$etc/dsas.d/Fleet.php";
        try { DSAS\\Fleet::load()->serving('pss'); } catch (DSAS\\UnknownName $e) { echo $e->getMessage(); }"""
    assert php(root, program) == "DSAS: unknown role or group 'pss'; did you mean ps?"


def test_more_than_one_default_is_a_mistake(root):
    program = """require "$etc/dsas.d/Fleet.php";
        try { DSAS\\Fleet::load()->get('w101', 'os', 1, 2); } catch (ArgumentCountError $e) { echo 'refused'; }"""
    assert php(root, program) == "refused"


def test_a_host_whose_name_is_a_number_stays_text(install):
    root = install(loads("[ps]\n  10 192.0.2.1 weight=3\n  7 192.0.2.2 [STOP]\n"), "php")
    program = """require "$etc/dsas.d/Fleet.php"; $fleet = DSAS\\Fleet::load();
        echo json_encode([$fleet->hosts(), $fleet->serving('ps'), $fleet->hosts('ps'), $fleet->get('10', 'weight'),
            $fleet->hosts('[7-10/3]'), (require "$etc/dsas.php")['address']['10']]);"""
    assert json.loads(php(root, program)) == [["10", "7"], ["10"], ["10", "7"], 3, ["10", "7"], "192.0.2.1"]


def test_nothing_is_printed_and_php_finds_no_mistake(root):
    for path in ("etc/dsas.php", "etc/dsas.d/Fleet.php"):
        assert php(root, f'require "{root}/{path}";') == ""
        assert subprocess.run(["php", "-l", str(root / path)], capture_output=True, timeout=30).returncode == 0
        assert (root / path).read_bytes().startswith(b"<?php\n")
        assert b"?>" not in (root / path).read_bytes()


def test_opcache_keeps_it_and_sees_a_new_generation(root, tmp_path_factory):
    cache = tmp_path_factory.mktemp("opcache")
    settings = {"enable_cli": 1, "file_cache": cache, "file_cache_only": 1, "file_update_protection": 0}
    switches = [f"-dopcache.{setting}={value}" for setting, value in settings.items()]
    program = """echo (require "$etc/dsas.php")['generation'];"""
    assert php(root, program, *switches) == "41"
    assert len(list(cache.rglob("dsas.php.bin"))) == 1
    path = root / "etc/dsas.php"
    path.write_bytes(path.read_bytes().replace(b"'generation' => 41", b"'generation' => 42"))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert php(root, program, *switches) == "42"


def test_the_class_finds_the_array_where_the_site_put_it(tmp_path):
    options = BindingOptions(files={"/etc/dsas.php": FileOptions("/srv/www/conf/dsas.php")})
    for artifact in build(load(EXAMPLE), 41, options, only=["php"]):
        path = tmp_path / artifact.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)
    ran = subprocess.run(
        ["php", "-r", f"require '{tmp_path}/etc/dsas.d/Fleet.php'; echo DSAS\\Fleet::load()->generation();"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ran.stdout == "41"
