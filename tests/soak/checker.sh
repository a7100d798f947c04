#!/bin/sh
# What a host's own programs do, for as long as the host has power: source the binding and ask it, again and again.
# Every digest that was ever seen of a file goes to /root/seen, what went wrong to /root/bad, a line a look to /root/looks.
set -u
files='/etc/dsas.conf /etc/dsas.d/dsas.sh /etc/dsas.json /etc/dsas.py'
before=
while :; do
    now=
    for file in $files; do
        [ ! -e "$file" ] || now="$now
$(sha256sum "$file")"
    done
    [ "$now" = "$before" ] || printf '%s\n' "$now" >>/root/seen
    before=$now
    if [ -e /etc/dsas.conf ]; then
        # shellcheck disable=SC2016  # for the inner shell to expand
        said=$(sh -euc '. /etc/dsas.conf; [ "$DSAS_GENERATION" -gt 0 ]; [ -n "$DSAS_ALL" ]; dsas_roles h1 >/dev/null' 2>&1) ||
            printf 'status %s: %s\n' "$?" "$said" >>/root/bad
        [ -z "$said" ] || printf 'said: %s\n' "$said" >>/root/bad
        echo >>/root/looks
    fi
    sleep 0.05
done
