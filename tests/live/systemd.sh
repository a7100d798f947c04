#!/bin/sh
# systemd.sh FOLDER PYTHON PATHS…: a real systemd as process 1 of namespaces of its own, with /etc, /var/lib and /opt of
# its own, in which FOLDER/etc-matrix and FOLDER/var-lib-matrix lie where matrixd.service expects them, and PYTHON (a
# prefix) and PATHS (of its modules), which may be hidden from an ordinary user, under /opt. Units come from FOLDER/units.
set -eu
folder=$1 python=$2
shift 2
private=$folder/private
mkdir "$private"
mount -t tmpfs tmpfs "$private"
for place in etc var/lib opt usr/local; do
    layer=$private/$(echo "$place" | tr / -)
    mkdir -p "$layer/up" "$layer/work"
    mount -t overlay overlay -o "lowerdir=/$place,upperdir=$layer/up,workdir=$layer/work" "/$place"
done
grep -q ^matrix: /etc/passwd ||
    useradd --system --home-dir /var/lib/matrix --no-create-home --shell /usr/sbin/nologin matrix
mkdir -p /etc/matrix /var/lib/matrix /opt/matrix/python
mount --bind "$folder/etc-matrix" /etc/matrix
mount --bind "$folder/var-lib-matrix" /var/lib/matrix
mount --bind "$python" /opt/matrix/python
number=0 paths=
for path; do
    number=$((number + 1))
    mkdir "/opt/matrix/$number"
    mount --bind "$path" "/opt/matrix/$number"
    paths=$paths:/opt/matrix/$number
done
mkdir -p /usr/local/bin
cat >/usr/local/bin/matrixd <<END
#!/bin/sh
LD_LIBRARY_PATH=/opt/matrix/python/lib PYTHONHOME=/opt/matrix/python PYTHONPATH=${paths#:} exec /opt/matrix/python/bin/python3 -c '
import sys
from matrix_console.main import matrixd
sys.exit(matrixd())' "\$@"
END
chmod 0755 /usr/local/bin/matrixd
umount -R -l /sys/fs/cgroup 2>/dev/null || : # so that systemd mounts its own
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
unset NOTIFY_SOCKET
export container=unshare SYSTEMD_UNIT_PATH="$folder/units"
exec /lib/systemd/systemd --system --unit=test.target --log-target=null --show-status=no
