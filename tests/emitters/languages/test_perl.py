from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from language_drivers import printed

from matrix_grammar.reading import load

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"


@pytest.fixture
def perl(install):
    """Runs a program with the example's binding as $DSAS; gives what it prints, and demands silence otherwise."""
    path = install(load(EXAMPLE), "perl") / "etc/dsas.pl"

    def run(program: str, *switches: str, **environment: str) -> str:
        return printed("perl", "-w", *switches, "-e", f"my $DSAS = '{path}'; {program}", **environment)

    run.path = path
    return run


def test_required_twice_it_says_nothing_and_is_true_both_times(perl):
    assert perl("print require $DSAS; print require $DSAS; print do $DSAS; print scalar DSAS::serving('ps')") == "1114"


def test_nothing_of_the_host_program_changes(perl):
    program = """
        use strict; use warnings; use feature 'state'; local $_ = 'mine'; local $/ = 'x'; local $, = '-';
        local $\\ = "!";
        require $DSAS; my @found = DSAS::hosts('ps&WARN'); state $mine = DSAS::state('w104');
        print $_, $/, @found, $mine;
    """
    assert perl(program) == "mine-x-w104-WARN!"


def test_it_is_read_as_bytes_whatever_perl_is_told_about_unicode(perl):
    for unicode in ("0", "SDAL", "D"):
        assert perl("require $DSAS; print DSAS::note('mail1')", PERL_UNICODE=unicode) == "one machine, three roles"


def test_it_works_under_taint_checks(perl):
    assert perl("require $DSAS; print DSAS::get_in('w104', 'cache', 'weight')", "-T") == "5"


def test_no_file_stays_open(perl):
    counted = "my $n = () = glob '/proc/self/fd/*'; "
    assert perl(counted + "require $DSAS; my $after = () = glob '/proc/self/fd/*'; print $after - $n") == "0"


def test_a_list_is_a_list_or_a_reference_as_the_context_wants(perl):
    program = "require $DSAS; my @vips = DSAS::role_get('ps', 'vip'); my $vips = DSAS::role_get('ps', 'vip'); "
    assert perl(program + 'print "@vips @{$vips}"') == " ".join(["203.0.113.80:80 203.0.113.80:443"] * 2)


def test_a_wrong_name_dies_where_it_is_asked_with_the_nearest_names(perl):
    died = perl("require $DSAS;\n#line 12 script\neval { DSAS::serving('pss') }; print $@")
    assert died.startswith("DSAS: unknown role or group 'pss'; did you mean ps? at script line 12.")


def test_perl_itself_and_perlcritic_find_nothing(perl):
    for command in (["perl", "-wc"], ["perlcritic", "--gentle", "--quiet"]):
        assert subprocess.run([*command, str(perl.path)], capture_output=True, timeout=60).returncode == 0, command


def test_it_needs_no_more_than_perl_5_10(perl):
    ran = subprocess.run(["perlver", str(perl.path)], capture_output=True, text=True, timeout=60, check=True)
    assert "v5.10.0" in ran.stdout
