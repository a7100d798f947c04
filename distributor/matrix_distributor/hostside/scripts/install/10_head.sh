#!/bin/sh
# Puts a generation of the MATRIX in place on this host. Needs POSIX sh, and coreutils or busybox; no agent, no Python.
#
#   install.sh install STAGING GENERATION DIGEST NAME FORCE [SUM]
#                         from the unpacked folder STAGING; an origin calls this; SUM is the sha256 of this script
#   install.sh repair     finish an install that was cut off, or put right what was changed; may be called by hand
#   install.sh query      which generation is in force, and which files in place differ from it
#   install.sh load       load every binding once in its own language
#   install.sh export     the generation in force as tar.gz on standard output
#   install.sh files      its files as they are in place, as tar.gz on standard output
#
# Every path stands under ${DSAS_ROOT:-}. In /var/lib/dsas:
#   generations/N-DIGEST12/  index ("sha256 mode path" a line; its own sha256 is the digest), manifest.json and the SSH
#                            signature over it, manifest.json.sig, lineage, this script, and the files: those to be put
#                            in place under root/, the others beside it
#   current                  "N-DIGEST12 DIGEST" of the generation in force
#   pending                  the same, a line for each install that began to put files in place and did not end
# Where this host has /etc/dsas/allowed_signers (see ssh-keygen(1); principal and namespace are "matrix"), no generation
# is put in place that none of them has signed. No generation reaches /etc/dsas itself, nor the name of this host. One that is
# of another fleet than the one in force, or does not descend from it, is refused unless forced.
# A line on standard output that starts with "dsas 1" answers; mistakes go to standard error, with one of these statuses:
#   60 the host has a newer generation   61 it has another origin's   62 another install runs   63 not whole
#   64 cannot be put in place            65 a tool is missing         66 nothing to work on     67 does not load
#   68 not signed by one whom this host trusts

# Starting a program is what an install spends its time on, so the shell itself does what it can do in a few lines, and
# what is left is asked of one call for all files. Here-documents feed it, since a pipe would take a process more.
set -euf
umask 022
LC_ALL=C
export LC_ALL
newline='
'
tab='	'
IFS=" $tab$newline"
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}

root=${DSAS_ROOT:-}
home=$root/var/lib/dsas
generations=$home/generations
signers=$root/etc/dsas/allowed_signers
slot=.dsas-new # a folder beside the target, so that putting a file in place is a rename within one file system
kept=5
reach=10000 # ancestors that a generation may name
lock_wait=30 # seconds
rest=${DSAS_REST:-10} # seconds without another edit, until what can wait is done
staging='' locked='' seen='' others='' left='' moves='' facts='' mounts='' me=0 index_of=''

refuse() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >&2
    exit "$status"
}

require() {
    for tool; do
        command -v "$tool" >/dev/null 2>&1 || refuse 65 "this host has no $tool"
    done
}
