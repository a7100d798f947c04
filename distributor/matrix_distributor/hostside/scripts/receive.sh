#!/bin/sh
# receive GENERATION DIGEST NAME: puts the generation in place whose archive comes on standard input. It runs as root for an
# account that is not trusted (sudoers lets it start this and nothing else as root), so it unpacks in a folder that only
# root can enter, plain files alone, judges them there, and leaves the rest to this host's own install. It never forces.
#
# In /etc/dsas: paths, patterns of what may be put in place, a line each; name, what the MATRIX calls this host. Where the
# host has perl all this is done by receive.pl, in fewer programs. Bounds of a stream, unpacked: 256 MiB, 20000 files, 30
# folders deep, 10 minutes; and 8 streams at once. Of these the index and the manifest are 16 MiB at most, the ancestors 1 MiB.
set -euf
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset DSAS_ROOT DSAS_DIR DSAS_SELF DSAS_REST TAR_OPTIONS POSIXLY_CORRECT GZIP CDPATH ENV BASH_ENV PERL5LIB PERLLIB PERL5OPT PERL5DB
newline='
'
generations=/var/lib/dsas/generations
most=268435456 # bytes
many=20000
seconds=600
long=16777216
longest_lineage=1048576

refuse() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >&2
    exit "$status"
}

too_much() {
    refuse 64 "what arrived is more than this host unpacks ($most bytes, $many files, 30 folders deep)"
}

[ $# -eq 3 ] || refuse 69 "usage: receive GENERATION DIGEST NAME"
case $1 in '' | 0* | *[!0-9]* | ??????????*) refuse 69 "$1 is no generation" ;; esac
case $2 in *[!0-9a-f]*) refuse 69 "this is no digest" ;; esac
[ "${#2}" -eq 64 ] || refuse 69 "this is no digest"
named=''
read -r named </etc/dsas/name || :
[ "$3" = "$named" ] || refuse 69 "this host was enrolled as $named, not under the name that was sent (matrix enroll)"
patterns=''
while IFS= read -r line; do
    [ -z "$line" ] || patterns=$patterns$line$newline
done </etc/dsas/paths
cd /
ulimit -f 1048576 # 512 MiB a file, which is more than a stream may be
# shellcheck disable=SC3045  # dash, bash and busybox know it
ulimit -t 300
case $patterns in
    *[?\\]* | *'['*) ;; # the shell alone reads such a pattern
    *)
        if [ -r /etc/dsas/receive.pl ] && command -v perl >/dev/null 2>&1 && command -v flock >/dev/null 2>&1; then
            exec perl /etc/dsas/receive.pl "$@"
        fi
        ;;
esac

# permitted PATH: whether one of the patterns lets it be put in place. What tells this host who it is is none of a generation's.
permitted() {
    case $1 in /etc/dsas.d/self | /etc/dsas.d/self/* | /etc/dsas.d/.self | /etc/dsas.d/.self/*) return 1 ;; esac
    IFS=$newline
    for pattern in $patterns; do
        # shellcheck disable=SC2254  # it is a pattern
        case $1 in $pattern) IFS=" 	$newline"; return 0 ;; esac
    done
    IFS=" 	$newline"
    return 1
}

# unpack FOLDER: standard input, which is looked through before any of it is unpacked: tar programs differ in what they do
# with links and with names that lead out.
unpack() {
    set -- "$1" "$1/.archive" "$1/.list"
    if command -v timeout >/dev/null 2>&1; then bounded="timeout $seconds"; else bounded=''; fi
    # shellcheck disable=SC2086  # words are wanted
    $bounded gzip -dc 2>/dev/null | head -c "$((most + 1))" >"$2"
    [ -z "$(find "$2" -size "+${most}c")" ] || too_much
    tar -tvf "$2" >"$3" 2>/dev/null || refuse 63 "the stream did not arrive whole"
    total=0 count=0
    while read -r kind _ size rest; do
        case $kind in -*) ;; *) refuse 69 "there is something in it that is no plain file" ;; esac
        case $rest in *' -> '* | *' link to '*) refuse 69 "there is something in it that is no plain file" ;; esac
        case $size in '' | *[!0-9]*) refuse 63 "the stream is of another kind" ;; ??????????*) too_much ;; esac
        total=$((total + size)) count=$((count + 1))
        if [ "$total" -gt "$most" ] || [ "$count" -gt "$many" ]; then too_much; fi
    done <"$3"
    tar -tf "$2" >"$3" 2>/dev/null || refuse 63 "the stream did not arrive whole"
    ! grep -qE '^/|(^|/)\.\.?(/|$)|//|/$' "$3" || refuse 69 "there is something in it that is no path"
    ! grep -qE '^([^/]*/){30}' "$3" || too_much
    tar -xof "$2" -C "$1" 2>/dev/null || refuse 63 "the stream did not arrive whole"
    rm -f "$2" "$3"
}

[ -d "$generations" ] || (umask 022 && mkdir -p "$generations")
cd "$generations"
set +f
for old in .tmp-*; do
    [ -d "$old" ] || continue
    kill -0 "${old#.tmp-}" 2>/dev/null || rm -rf "$old"
done
staging=$generations/.tmp-$$
rm -rf "$staging"
trap 'rm -rf "$staging"' EXIT
trap 'exit 75' HUP INT TERM
mkdir "$staging"
set -- "$1" "$2" "$3" .tmp-*
set -f
[ $# -le 11 ] || refuse 62 "too many streams arrive on this host at once"
unpack "$staging"

[ -z "$(find "$staging" ! -type d \( ! -type f -o -links +1 -o ! -user root \))" ] ||
    refuse 69 "there is something in it that is no plain file"
[ -z "$(find "$staging/index" "$staging/manifest.json" -size "+${long}c" 2>/dev/null)" ] || too_much
[ -z "$(find "$staging/lineage" -size "+${longest_lineage}c" 2>/dev/null)" ] || too_much
find "$staging" -type f -exec chmod 0644 {} +
printf '%s  index\n' "$2" | (cd "$staging" && sha256sum -c >/dev/null 2>&1) || refuse 63 "what arrived is not whole"
! grep -qvE '^[0-9a-f]{64} 0[4-7][45][45] [^[:cntrl:]]+$' "$staging/index" ||
    refuse 69 "a line of the index is not as it must be; every file has to be readable by all, and writable by root alone"
find "$staging" -mindepth 1 -type d -exec chmod 0755 {} +
expected=$(wc -l <"$staging/index")
[ "$(sort -u -k 3 "$staging/index" | wc -l)" -eq "$expected" ] || refuse 63 "the index names a file twice, or ends in the middle"
expected=$((expected + 4))
[ ! -f "$staging/manifest.json.sig" ] || expected=$((expected + 1))
while read -r _ mode path; do
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
cp -p /etc/dsas/install.sh "$staging/install.sh"
[ "$(find "$staging" -type f | wc -l)" -eq "$expected" ] || refuse 69 "there are files in it that its index does not name"
trap - EXIT HUP INT TERM
umask 022
exec sh /etc/dsas/install.sh install "$staging" "$1" "$2" "$3" -
