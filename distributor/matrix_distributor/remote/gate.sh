#!/bin/sh
# All that the key of the origin may start on this host: the forced command of its line in authorized_keys. It runs as an
# account that owns nothing but the folder "incoming"; what arrives there is judged by `receive`, which runs as root.
#
#   dsas query|load|files|export           install.sh answers, with the rights of this account
#   dsas install GENERATION DIGEST NAME    the archive of a generation on standard input
#
# Anything else ends with status 69.
set -euf
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset DSAS_ROOT DSAS_DIR DSAS_SELF TAR_OPTIONS CDPATH ENV BASH_ENV
IFS=' '
incoming=/var/lib/dsas/incoming

refuse() {
    printf 'dsas: this account takes a generation and answers for it, nothing else\n' >&2
    exit 69
}

# shellcheck disable=SC2086  # words are wanted; names of files are not expanded (set -f)
set -- ${SSH_ORIGINAL_COMMAND:-}
case "$#:$*" in
    '2:dsas query' | '2:dsas load' | '2:dsas files' | '2:dsas export')
        exec sh /etc/dsas/install.sh "$2"
        ;;
    '5:dsas install '*) ;;
    *) refuse ;;
esac

set +f
for into in "$incoming"/*; do
    [ -d "$into" ] || continue
    kill -0 "${into##*/}" 2>/dev/null || rm -rf "$into"
done
set -f
into=$incoming/$$
rm -rf "$into"
trap 'rm -rf "$into"' EXIT
trap 'exit 75' HUP INT TERM
mkdir "$into"
ulimit -f 1048576 # 512 MiB a file
tar -xzof - -C "$into" || { [ $? = 127 ] && exit 65 || exit 63; }
sudo -n /etc/dsas/receive "$$" "$3" "$4" "$5"
