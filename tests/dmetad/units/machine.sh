#!/bin/sh
# usage: machine.sh FOLDER REPOSITORY PYTHON-PREFIX PACKAGES
# A machine of its own for the units: namespaces, a root in memory with this machine's /usr to read, systemd as its
# first process. FOLDER holds units/ (to be installed) and becomes /out there. Ends when systemd does.
set -eu
if [ "${5:-}" != inside ]; then
    mkdir "$1/root" "$1/cgroup"
    mount -t cgroup2 cgroup2 "$1/cgroup"
    mine=$1/cgroup/dmetad-units-$$
    mkdir "$mine"
    # A process in the new group, so that its namespace of groups begins there.
    sh -c 'echo $$ >"$0/cgroup.procs"; exec unshare -mpfiunC --kill-child sh "$@" inside' "$mine" "$0" "$@" || true
    find "$mine" -depth -type d -exec rmdir {} +
    exit
fi
cd "$1/root"
mount -t tmpfs -o mode=755 tmpfs .
cd "$1/root"
mkdir -p usr etc/systemd/system var tmp run proc sys dev out old opt/matrix opt/python opt/packages opt/bin
for name in bin sbin lib lib32 lib64; do
    [ ! -L "/$name" ] || ln -s "usr/$name" "$name"
done
read_only() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
read_only /usr usr
read_only "$2" opt/matrix
read_only "$3" opt/python
read_only "$4" opt/packages
mount --bind "$1" out
for file in passwd group nsswitch.conf ld.so.cache alternatives; do
    [ ! -e "/etc/$file" ] || cp -a "/etc/$file" etc/
done
: >etc/machine-id
cp -R "$1/units/." etc/systemd/system/
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
pivot_root . old
umount -l old
exec env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system --unit=probe.target \
    --log-target=console --show-status=false
