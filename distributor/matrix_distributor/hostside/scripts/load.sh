#!/bin/sh
# load: loads every binding of the generation in force once. The gate starts it as nobody, by sudo: what a binding does then
# it does with the rights of nobody, and for 60 seconds of the processor at most.
set -euf
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset DSAS_ROOT DSAS_DIR DSAS_SELF CDPATH ENV BASH_ENV
cd /
# shellcheck disable=SC3045  # dash, bash and busybox know it
ulimit -t 60
exec sh /etc/dsas/install.sh load
