#!/bin/sh
# Install what the tests need of the machine (tests/parts.txt), or what a benchmark needs (benchmarks/parts.txt): as root
# with apt, otherwise name what is missing and stop. With commands behind the list, only those parts of it.
# With MATRIX_TEST_PARTS=available the tests go on without, and say at the end what was not tested.
# usage: scripts/parts.sh [LIST [COMMAND …]]
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin
list=${1:-tests/parts.txt}
[ $# -eq 0 ] || shift
wanted=" $* "
who=${list%/parts.txt}

missing() {
    while read -r package command file _; do
        case $package in '' | '#'*) continue ;; esac
        case $wanted in '  ' | *" $command "*) ;; *) continue ;; esac
        command -v "$command" >/dev/null && [ -e "${file:-/}" ] || printf '%s ' "$package"
    done <"$list"
}

# Packages of daemons start them when they are installed, which the tests do not need and nobody asked for: while apt
# runs, a policy forbids it (deb-systemd-invoke and invoke-rc.d ask /usr/sbin/policy-rc.d). One that is there already stays.
POLICY=/usr/sbin/policy-rc.d

stay_stopped() {
    policy=
    if [ ! -e "$POLICY" ]; then
        policy=ours
        trap may_start EXIT
        trap 'exit 130' HUP INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$POLICY"
        chmod 755 "$POLICY"
    fi
}

may_start() {
    [ "$policy" != ours ] || rm -f "$POLICY"
    policy=
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
[ "$who ${MATRIX_TEST_PARTS:-}" != "tests available" ] || exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    printf 'parts: installing %s\n' "$lacking" >&2
    log=$(mktemp)
    stay_stopped
    # Small images of Debian leave /usr/share/doc out of every package; the samples there, which tests read, are asked for.
    # shellcheck disable=SC2086  # a list of package names
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        -o 'DPkg::Options::=--path-include=/usr/share/doc/*/samples/*' install -y -qq --no-install-recommends --reinstall $lacking; } \
        >"$log" 2>&1; then
        cat "$log" >&2
    fi
    rm -f "$log"
    may_start
    lacking=$(missing)
    [ -n "$lacking" ] || exit 0
fi
printf 'parts: missing for the %s: %s\n' "$who" "$lacking" >&2
printf 'parts: as root: apt-get install %s\n' "$lacking" >&2
[ "$who" != tests ] || printf 'parts: or MATRIX_TEST_PARTS=available make test, which leaves out what needs them\n' >&2
exit 1
