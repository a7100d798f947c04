#!/bin/sh
# All that the key of the origin may start on this host: the forced command of its line in authorized_keys. It runs as an
# account that owns nothing. What arrives goes on to `receive`, which runs as root, and lies nowhere before that.
#
#   dsas query|files|export                install.sh answers, with the rights of this account
#   dsas load                              every binding is loaded as nobody; what they print or do tells nothing here
#   dsas install GENERATION DIGEST NAME    the archive of a generation on standard input
#
# Anything else ends with status 69. Before an answer that is text stands "enrolled MARK", by which program this was enrolled.
set -euf
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset DSAS_ROOT DSAS_DIR DSAS_SELF TAR_OPTIONS CDPATH ENV BASH_ENV
IFS=' '

refuse() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >&2
    exit "$status"
}

# Bindings are text that this account may have brought itself: they run as somebody who may start nothing as root, and
# their status alone comes back.
load() {
    [ -r /var/lib/dsas/current ] || refuse 66 "there is no generation in force on this host"
    status=0
    sudo -n -u nobody /etc/dsas/load </dev/null >/dev/null 2>&1 || status=$?
    case $status in
        0) ;;
        67) refuse 67 "a binding does not load; on the host, \`sudo -u nobody /etc/dsas/load\` tells which" ;;
        *) refuse 69 "bindings cannot be loaded as nobody on this host: \`sudo -n -u nobody /etc/dsas/load\` fails" ;;
    esac
    read -r name digest </var/lib/dsas/current
    printf 'dsas 1 %s %s loaded\n' "${name%%-*}" "$digest"
}

# enrolled: says what the enrolment left as its last file; nothing where it did not come to its end.
enrolled() {
    if read -r mark 2>/dev/null </etc/dsas/enrolled; then printf 'enrolled %s\n' "$mark"; fi
}

# shellcheck disable=SC2086  # words are wanted; names of files are not expanded (set -f)
set -- ${SSH_ORIGINAL_COMMAND:-}
case "$#:$*" in
    '2:dsas query')
        enrolled
        exec sh /etc/dsas/install.sh query
        ;;
    '2:dsas files' | '2:dsas export') exec sh /etc/dsas/install.sh "$2" ;;
    '2:dsas load')
        enrolled
        load
        ;;
    '5:dsas install '*)
        enrolled
        exec sudo -n /etc/dsas/receive "$3" "$4" "$5"
        ;;
    *) refuse 69 "this account takes a generation and answers for it, nothing else" ;;
esac
