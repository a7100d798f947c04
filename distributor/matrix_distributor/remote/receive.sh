#!/bin/sh
# receive FOLDER GENERATION DIGEST NAME: puts in place what the gate has unpacked in /var/lib/dsas/incoming/FOLDER. It runs
# as root for an account that is not trusted (sudoers lets it start this and nothing else), so it copies what arrived out of
# that account's reach, judges the copy, and leaves the rest to this host's own install.sh. It never forces.
#
# In /etc/dsas: paths, patterns of what may be put in place, a line each; name, what the MATRIX calls this host.
set -euf
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset DSAS_ROOT DSAS_DIR DSAS_SELF TAR_OPTIONS CDPATH ENV BASH_ENV
generations=/var/lib/dsas/generations

refuse() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >&2
    exit "$status"
}

[ $# -eq 4 ] || refuse 69 "usage: receive FOLDER GENERATION DIGEST NAME"
case $1 in '' | *[!0-9]*) refuse 69 "no such folder" ;; esac
case $2 in '' | *[!0-9]* | ??????????*) refuse 69 "$2 is no generation" ;; esac
case $3 in *[!0-9a-f]*) refuse 69 "this is no digest" ;; esac
[ "${#3}" -eq 64 ] || refuse 69 "this is no digest"
named=''
read -r named </etc/dsas/name || :
[ "$4" = "$named" ] || refuse 69 "this host was enrolled as $named, not under the name that was sent (matrix enroll)"

# permitted PATH: whether one of the patterns lets it be put in place. What tells this host who it is is none of a generation's.
permitted() {
    case $1 in /etc/dsas.d/self | /etc/dsas.d/self/* | /etc/dsas.d/.self | /etc/dsas.d/.self/*) return 1 ;; esac
    while IFS= read -r pattern; do
        # shellcheck disable=SC2254  # it is a pattern
        [ -z "$pattern" ] || case $1 in $pattern) return 0 ;; esac
    done </etc/dsas/paths
    return 1
}

[ -d "$generations" ] || mkdir -p "$generations"
cd "$generations"
set +f
for old in .tmp-*; do
    [ -d "$old" ] || continue
    kill -0 "${old#.tmp-}" 2>/dev/null || rm -rf "$old"
done
set -f
staging=$generations/.tmp-$$
rm -rf "$staging"
trap 'rm -rf "$staging"' EXIT
trap 'exit 75' HUP INT TERM
mkdir "$staging"
cp -RP "/var/lib/dsas/incoming/$1/." "$staging/" || refuse 64 "cannot copy what arrived"

# From here on nobody else can change it.
[ -z "$(find "$staging" ! -type f ! -type d)" ] || refuse 69 "there is something in it that is neither file nor folder"
printf '%s  index\n' "$3" | (cd "$staging" && sha256sum -c >/dev/null 2>&1) || refuse 63 "what arrived is not whole"
! grep -qvE '^[0-9a-f]{64} 0[4-7][45][45] [^[:cntrl:]]+$' "$staging/index" ||
    refuse 69 "a line of the index is not as it must be; every file has to be readable by all, and writable by root alone"
find "$staging" -type d -exec chmod 0755 {} +
find "$staging" -type f -exec chmod 0644 {} +
expected=4
[ ! -f "$staging/manifest.json.sig" ] || expected=5
while read -r _ mode path; do
    expected=$((expected + 1))
    case $path in
        */../* | */./* | */.. | */. | *//*) refuse 69 "$path is no path" ;;
        /*)
            permitted "$path" || refuse 69 "$path is no place that this host lets be written (/etc/dsas/paths)"
            file=$staging/root$path
            ;;
        matrix/*) file=$staging/$path ;;
        *) refuse 69 "$path is no path of a generation" ;;
    esac
    [ -f "$file" ] || refuse 63 "$path did not arrive"
    [ "$mode" = 0644 ] || chmod "$mode" "$file"
done <"$staging/index"
cp /etc/dsas/install.sh "$staging/install.sh"
[ "$(find "$staging" -type f | wc -l)" -eq "$expected" ] || refuse 69 "there are files in it that its index does not name"
trap - EXIT HUP INT TERM
exec sh /etc/dsas/install.sh install "$staging" "$2" "$3" "$4" -
