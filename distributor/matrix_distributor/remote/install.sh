#!/bin/sh
# Puts a generation of the MATRIX in place on this host. Needs POSIX sh, and coreutils or busybox; no agent, no Python.
#
#   install.sh install STAGING GENERATION DIGEST NAME FORCE   from the unpacked folder STAGING; an origin calls this
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
# is put in place that none of them has signed. No generation reaches /etc/dsas itself.
# A line on standard output that starts with "dsas 1" answers; mistakes go to standard error, with one of these statuses:
#   60 the host has a newer generation   61 it has another origin's   62 another install runs   63 not whole
#   64 cannot be put in place            65 a tool is missing         66 nothing to work on     67 does not load
#   68 not signed by one whom this host trusts
set -euf
umask 022
LC_ALL=C
export LC_ALL
newline='
'
IFS=" 	$newline"
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}

root=${DSAS_ROOT:-}
home=$root/var/lib/dsas
generations=$home/generations
signers=$root/etc/dsas/allowed_signers
slot=.dsas-new # a folder beside the target, so that putting a file in place is a rename within one file system
kept=5
lock_wait=30 # seconds
staging='' locked=''

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

# One install at a time. The kernel frees flock's lock when its holder dies; without flock the holder's id tells.
take_lock() {
    turns=0
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$home/lock"
        until flock -n 9; do await_turn; done
        return
    fi
    until ln -s "$$" "$home/lock.pid" 2>/dev/null; do
        holder=$(readlink "$home/lock.pid") || holder=
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            # Moved aside first: of two that find it stale one alone gets it, and sees whether it is still that one.
            mv -f "$home/lock.pid" "$home/lock.$$" 2>/dev/null || continue
            [ "$(readlink "$home/lock.$$")" = "$holder" ] || mv -f "$home/lock.$$" "$home/lock.pid"
            rm -f "$home/lock.$$"
        else
            await_turn
        fi
    done
    locked=$home/lock.pid
}

await_turn() {
    turns=$((turns + 1))
    [ "$turns" -le "$lock_wait" ] || refuse 62 "another install is running on this host"
    sleep 1
}

# check_record: whether `name` and `digest` belong together as "N-DIGEST12 DIGEST"; empties both when not.
check_record() {
    case $digest in *[!0-9a-f]*) digest= ;; esac
    case ${name%%-*} in '' | *[!0-9]*) digest= ;; esac
    if [ "${#digest}" -ne 64 ] || [ "$name" != "${name%%-*}-${digest%"${digest#????????????}"}" ]; then
        name='' digest=''
        return 1
    fi
}

read_current() {
    name='' digest=''
    [ ! -r "$home/current" ] || read -r name digest <"$home/current" || :
    check_record
}

# check_places INDEX: what judges a generation is out of its reach.
check_places() {
    while read -r _ _ path; do
        case $path in
            /etc/dsas/* | /var/lib/dsas/* | */../* | */.. | */./* | *//*)
                refuse 63 "$path is no place for a file of a generation"
                ;;
        esac
    done <"$1"
}

# placed INDEX: sets `paths`, those of an index that are put in place, and `folders`, theirs, inner ones first.
placed() {
    paths=$newline folders=$newline
    while read -r _ _ path; do
        case $path in /*) ;; *) continue ;; esac
        paths=$paths$path$newline
        case $folders in
            *"$newline${path%/*}$newline"*) ;;
            *) folders=$newline${path%/*}$folders ;;
        esac
    done <"$1"
}

# The sums_… functions print lines for sha256sum -c: of a generation in its own folder; of its files in their places, or
# in the slots beside these.
sums_of_generation() {
    printf '%s  %s\n' "$2" "$1/index"
    while read -r sum _ path; do
        case $path in
            /*) printf '%s  %s\n' "$sum" "$1/root$path" ;;
            *) printf '%s  %s\n' "$sum" "$1/$path" ;;
        esac
    done <"$1/index"
}

sums_in_place() {
    printf '%s  %s\n' "$2" "$1/index"
    while read -r sum _ path; do
        case $path in /*) printf '%s  %s\n' "$sum" "$root${path%/*}$3/${path##*/}" ;; esac
    done <"$1/index"
}

whole() {
    [ -r "$1/index" ] && [ -r "$1/lineage" ] && [ -r "$1/manifest.json" ] &&
        sums_of_generation "$1" "$2" | sha256sum -c >/dev/null 2>&1
}

# agrees FOLDER DIGEST NUMBER: whether manifest.json, which is what is signed, speaks of that generation.
agrees() {
    said=$(sed -n -e 's/^  "generation": \([0-9]*\),$/\1/p' -e 's/^  "digest": "\([0-9a-f]*\)",$/\1/p' "$1/manifest.json")
    [ "$said" = "$3$newline$2" ]
}

# judge FOLDER DIGEST NUMBER: sets `verdict` to why the generation in a folder may not be put in place here, if so.
judge() {
    verdict=''
    if ! agrees "$@"; then
        verdict="manifest.json is not that of generation $3"
    elif [ ! -e "$signers" ] && [ ! -L "$signers" ]; then
        return 0
    elif ! command -v ssh-keygen >/dev/null 2>&1; then
        verdict="this host has allowed_signers, but no ssh-keygen to check generation $3 with"
    elif [ ! -f "$1/manifest.json.sig" ]; then
        verdict="generation $3 is not signed, and this host wants that ($signers)"
    elif ! ssh-keygen -Y verify -f "$signers" -I matrix -n matrix -s "$1/manifest.json.sig" \
        <"$1/manifest.json" >/dev/null 2>&1; then
        verdict="generation $3 is not signed by one whom this host trusts ($signers)"
    fi
}

# judged NAME DIGEST: whether the generation kept under that name may be in place.
judged() {
    judge "$generations/$1" "$2" "${1%%-*}"
    [ -z "$verdict" ]
}

in_place() {
    sums_in_place "$1" "$2" "$3" | sha256sum -c >/dev/null 2>&1
}

# differing FOLDER DIGEST: "drift PATH" for each file that is not in place as the generation says.
differing() {
    sums_in_place "$1" "$2" '' | sha256sum -c 2>/dev/null | while IFS= read -r line; do
        case $line in
            *': FAILED'*)
                line=${line%: FAILED*}
                printf 'drift %s\n' "${line#"$root"}"
                ;;
        esac
    done
}

author_of() {
    sed -n 's/^  "author": "\(.*\)",$/\1/p' "$1/manifest.json" 2>/dev/null || :
}

# A generation may follow the one in force if that is among its ancestors, or older than all ancestors that it names.
check_lineage() {
    here=${name%%-*} verdict=''
    if [ "$generation" -lt "$here" ]; then
        verdict=60
    elif [ "$generation" -eq "$here" ]; then
        [ "$wanted" = "$digest" ] || verdict=61
    else
        while read -r number ancestor; do
            [ "$number" != "$here" ] || [ "$ancestor" = "$digest" ] || verdict=61
        done <"$staging/lineage"
    fi
    [ -n "$verdict" ] || return 0
    mine="generation $here (${name#*-}, by $(author_of "$generations/$name"))"
    theirs="generation $generation (${target#*-}, by $(author_of "$staging"))"
    [ "$verdict" -ne 60 ] || refuse 60 "this host has $mine, newer than $theirs"
    refuse 61 "two origins: this host has $mine, which is no ancestor of $theirs"
}

# recall: sets `stray`, the paths that the generation in force and installs that were cut off may have put in place, and
# `left`, the folders where these may have left a slot.
recall() {
    stray=$newline left=$newline
    for record in current pending; do
        [ -r "$home/$record" ] || continue
        while read -r name digest; do
            check_record || continue
            folder=$generations/$name
            printf '%s  %s\n' "$digest" "$folder/index" | sha256sum -c >/dev/null 2>&1 || continue
            placed "$folder/index"
            stray=$stray$paths left=$left$folders
        done <"$home/$record"
    done
}

# clear_slots: removes what installs that were cut off left; make_slots: a slot in each of `folders`.
clear_slots() {
    IFS=$newline
    set --
    for folder in $left $folders; do
        [ ! -d "$root$folder/$slot" ] || set -- "$@" "$root$folder/$slot"
    done
    IFS=" 	$newline"
    [ $# -eq 0 ] || rm -rf "$@"
}

make_slots() {
    IFS=$newline
    set --
    for folder in $folders; do set -- "$@" "$root$folder/$slot"; done
    IFS=" 	$newline"
    # shellcheck disable=SC2174  # only the slots themselves are to be closed to others
    mkdir -p -m 700 "$@" || refuse 64 "cannot make folders beside the files"
}

# fill FOLDER DIGEST: brings a copy of every file to the disk, beside its place. Nothing of it is in force yet.
fill() {
    source=$1
    IFS=$newline
    for folder in $folders; do
        set --
        for path in $paths; do
            [ ! -d "$root$path" ] || refuse 64 "there is a folder in the place of $path"
            [ "${path%/*}" != "$folder" ] || set -- "$@" "$source/root$path"
        done
        cp -p "$@" "$root$folder/$slot/" || refuse 64 "cannot copy the files beside their places"
    done
    set -- "$home/pending" "$source/index"
    for path in $paths; do set -- "$@" "$root${path%/*}/$slot/${path##*/}"; done
    sync "$@" || refuse 64 "cannot bring the files to the disk"
    IFS=" 	$newline"
}

# place: puts the files of all slots in force, one rename right after another.
place() {
    IFS=$newline
    for folder in $folders; do
        set --
        for path in $paths; do
            [ "${path%/*}" != "$folder" ] || set -- "$@" "$root$folder/$slot/${path##*/}"
        done
        mv -f "$@" "$root$folder/" || refuse 64 "cannot put files in place in $folder"
    done
    set --
    for folder in $folders; do set -- "$@" "$root$folder/$slot"; done
    IFS=" 	$newline"
    rmdir "$@"
}

# remove_stray: removes what was in place before and is not of this generation; says so in `removed`.
remove_stray() {
    set -- rm -f
    removed=''
    IFS=$newline
    for path in $stray; do
        case $paths in *"$newline$path$newline"*) continue ;; esac
        [ -e "$root$path" ] || [ -L "$root$path" ] || continue
        set -- "$@" "$root$path"
        removed=${removed}removed\ $path$newline
    done
    IFS=" 	$newline"
    [ $# -eq 2 ] || "$@"
}

# put_in_place NAME DIGEST
put_in_place() {
    printf '%s %s\n' "$1" "$2" >>"$home/pending"
    placed "$generations/$1/index"
    clear_slots
    make_slots
    fill "$generations/$1" "$2"
    in_place "$generations/$1" "$2" "/$slot" || refuse 64 "the copies beside the places differ from what arrived"
    place
    remove_stray
    cmp -s "$generations/$1/install.sh" "$home/install.sh" || {
        cp "$generations/$1/install.sh" "$home/.install.sh"
        mv -f "$home/.install.sh" "$home/install.sh"
    }
    printf '%s %s\n' "$1" "$2" >"$home/.current"
    mv -f "$home/.current" "$home/current"
    : >"$home/pending"
    prune "$1"
    compile
}

# The name of this host in the MATRIX, for bindings that ask who they are.
write_self() {
    here=''
    [ ! -r "$root/etc/dsas.d/self" ] || read -r here <"$root/etc/dsas.d/self" || :
    [ "$here" != "$1" ] || return 0
    mkdir -p "$root/etc/dsas.d"
    printf '%s\n' "$1" >"$root/etc/dsas.d/.self"
    mv -f "$root/etc/dsas.d/.self" "$root/etc/dsas.d/self"
}

# prune NAME: removes the oldest generations, never the one of that name.
prune() {
    in_force=$1
    while :; do
        set +f
        set -- "$generations"/[0-9]*-*
        set -f
        [ $# -gt "$kept" ] || return 0
        oldest='' least=''
        for folder; do
            number=${folder##*/}
            number=${number%%-*}
            case $number in *[!0-9]*) continue ;; esac
            [ "${folder##*/}" != "$in_force" ] || continue
            if [ -z "$oldest" ] || [ "$number" -lt "$least" ]; then oldest=$folder least=$number; fi
        done
        [ -n "$oldest" ] || return 0
        rm -rf "$oldest"
    done
}

# Python takes a compiled file by its source's time and size unless it carries a hash. In the background, since it is slow;
# where there is a compiled file already, which has a hash, a moment later, when edits that follow at once are through.
compile() {
    command -v python3 >/dev/null 2>&1 || return 0
    gently=
    ! command -v nice >/dev/null 2>&1 || gently=nice$newline-n${newline}19 # as IFS has it below
    IFS=$newline
    for path in $paths; do
        case $path in */dsas.py) ;; *) continue ;; esac
        set +f
        set -- "$root${path%/*}"/__pycache__/dsas.*.pyc
        set -f
        (
            exec 9>&-
            if [ -e "$1" ]; then
                sleep 3
                IFS=' ' read -r newest _ <"$home/current" && [ "$newest" = "$in_force" ] || exit 0
            fi
            exec $gently python3 -I -c 'import sys, py_compile as p
p.compile(sys.argv[1], invalidation_mode=p.PycInvalidationMode.CHECKED_HASH)' "$root$path"
        ) </dev/null >/dev/null 2>&1 &
    done
    IFS=" 	$newline"
}

answer() {
    printf 'dsas 1 %s %s %s\n' "${name%%-*}" "$digest" "$1"
}

install_generation() {
    staging=$1 generation=$2 wanted=$3 self=$4 force=$5
    target=$generation-${wanted%"${wanted#????????????}"}
    require cmp cp mkdir mv rm rmdir sed sha256sum sync
    whole "$staging" "$wanted" || refuse 63 "what arrived is not the whole of generation $generation"
    check_places "$staging/index"
    judge "$staging" "$wanted" "$generation"
    [ -z "$verdict" ] || refuse 68 "$verdict"
    take_lock
    if read_current; then
        if [ "$name" = "$target" ] && [ ! -s "$home/pending" ] && whole "$generations/$name" "$digest" &&
            in_place "$generations/$name" "$digest" '' && judged "$name" "$digest"; then
            write_self "$self"
            answer same
            return
        fi
        [ "$force" = force ] || check_lineage
    fi
    recall
    if ! whole "$generations/$target" "$wanted" || ! judged "$target" "$wanted"; then
        [ ! -e "$generations/$target" ] || rm -rf "${generations:?}/$target"
        mv "$staging" "$generations/$target"
    fi
    put_in_place "$target" "$wanted"
    write_self "$self"
    name=$target digest=$wanted
    printf '%s' "$removed"
    answer installed
}

repair() {
    require cmp cp mkdir mv rm rmdir sha256sum sync
    [ -d "$generations" ] || refuse 66 "no generation was ever installed here"
    take_lock
    found='' verdict=''
    # The newest install that was cut off goes before the generation in force.
    if [ -r "$home/pending" ]; then
        while read -r name digest; do
            if check_record && whole "$generations/$name" "$digest" && judged "$name" "$digest"; then
                found="$name $digest"
            fi
        done <"$home/pending"
    fi
    if [ -z "$found" ] && read_current && whole "$generations/$name" "$digest" && judged "$name" "$digest"; then
        found="$name $digest"
    fi
    [ -n "$found" ] || [ -z "$verdict" ] || refuse 68 "$verdict"
    [ -n "$found" ] || refuse 66 "there is no whole generation on this host; the next push brings one"
    recall
    name=${found% *} digest=${found#* }
    target=$name wanted=$digest
    put_in_place "$target" "$wanted"
    name=$target digest=$wanted
    printf '%s' "$removed"
    answer repaired
}

query() {
    require sha256sum
    if ! read_current; then
        printf 'dsas 1 0 - none\n'
    elif [ -s "$home/pending" ]; then
        answer partial
    elif [ ! -r "$generations/$name/index" ]; then
        answer broken
    elif [ -e "$signers" ] && ! judged "$name" "$digest"; then
        answer unsigned
    elif in_place "$generations/$name" "$digest" ''; then
        answer whole
    else
        differing "$generations/$name" "$digest"
        answer drift
    fi
}

need_current() {
    if ! read_current || [ ! -r "$generations/$name/index" ]; then
        refuse 66 "there is no generation in force on this host"
    fi
}

# Loads each binding in its own language, where the host has that language; none may print anything.
load() {
    need_current
    placed "$generations/$name/index"
    IFS=$newline
    for path in $paths; do
        file=$root$path
        # shellcheck disable=SC2016  # each is for its own language to expand
        case $path in
            */dsas.conf) set -- sh -euc '. "$1"' sh "$file" ;;
            */dsas.pl) set -- perl -e 'require $ARGV[0]' "$file" ;;
            */dsas.php) set -- php -r 'require $argv[1];' "$file" ;;
            */dsas.py) set -- python3 -I -B -c 'import sys; sys.path[:0] = sys.argv[1:]; import dsas' "${file%/*}" ;;
            */dsas.rb) set -- ruby -e 'require ARGV[0]' "$file" ;;
            */dsas.js) set -- node -e 'require(process.argv[1])' "$file" ;;
            *) continue ;;
        esac
        command -v "$1" >/dev/null 2>&1 || continue
        said=$(DSAS_DIR=$root/etc/dsas.d "$@" 2>&1) || refuse 67 "$path does not load: $said"
        [ -z "$said" ] || refuse 67 "$path prints when it is loaded: $said"
    done
    IFS=" 	$newline"
    answer loaded
}

send_files() {
    need_current
    placed "$generations/$name/index"
    set --
    IFS=$newline
    for path in $paths; do
        [ ! -f "$root$path" ] || set -- "$@" ".$path"
    done
    [ $# -gt 0 ] || set -- -T /dev/null
    tar -czf - -C "$root/" "$@"
}

trap '[ ! -d "$staging" ] || rm -rf "$staging"; [ -z "$locked" ] || rm -f "$locked"' EXIT
trap 'exit 75' HUP INT TERM
trap '' PIPE
case ${1:-} in
    install)
        shift
        install_generation "$@"
        ;;
    repair) repair ;;
    query) query ;;
    load) load ;;
    export)
        need_current
        tar -czf - -C "$generations/$name" .
        ;;
    files) send_files ;;
    *) refuse 66 "usage: install.sh install|repair|query|load|export|files" ;;
esac
