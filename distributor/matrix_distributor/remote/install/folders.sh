# A folder that files are put into may be somebody else's, who can put anything in the place of anything there, at any moment.
# What is put there is made in a slot beside the first folder on the way to it that nobody else can change; then the folder is
# entered step by step, and what is done in it is done by plain names.

# split_folders: finds out which of `folders` and `left` are not ours alone, or lie in one that is not; sets `others`, a line
# for each: the folder, the last folder on the way to it that is ours alone, and where it lies when links are resolved, with
# tabs between. It takes one program where there is none of them.
split_folders() {
    others='' me=root
    [ -O / ] || me=$(id -u)
    IFS=$newline
    # shellcheck disable=SC2086  # a folder a line
    set -- $folders ${left:-}
    looked_at='' ways=$newline
    for folder; do add_ways "$root$folder"; done
    [ ! -f "$home/lock" ] || ways=$ways$home/lock$newline
    look_at_ways
    case $looked_at in *"$newline$home/lock$newline"*) chmod 0600 "$home/lock" ;; esac # of an install before this one
    [ -z "$looked_at" ] || for folder; do
        case $newline$others in *"$newline$folder	"*) continue ;; esac
        way=$root$folder hops=0
        while find_open; do
            if [ ! -L "$open" ]; then
                others=$others$folder'	'${open%/*}/'	'$way$newline
                break
            fi
            hops=$((hops + 1))
            to=$(cd -P "$open" 2>/dev/null && pwd -P) || break
            [ "$hops" -lt 20 ] || break
            way=$to${way#"$open"} ways=$newline
            add_ways "$way"
            look_at_ways
        done
    done
    IFS=" 	$newline"
}

# add_ways FOLDER: adds it and all above it, below the root of this host, to `ways`.
add_ways() {
    step=$1
    while [ -n "$step" ] && [ "$step" != "$root" ]; do
        case $ways in *"$newline$step$newline"*) break ;; esac
        ways=$ways$step$newline
        step=${step%/*}
    done
}

# look_at_ways: adds to `looked_at` those that are links, or that somebody else than root and who installs can change. Where a
# folder has an access list, the bit of the group is set for whoever may write.
look_at_ways() {
    # shellcheck disable=SC2086  # a folder a line
    found=$(find $ways -prune \( -type l -o ! -user root ! -user "$me" -o -perm -2 -o -perm -20 \
        -o -type f -name lock -perm -4 \) 2>/dev/null) || :
    looked_at=$looked_at$newline$found$newline
    [ -n "${looked_at#"$newline$newline"}" ] || looked_at=''
}

# find_open: sets `open` to the first folder on the `way` that is a link or not ours alone; false where there is none.
find_open() {
    open='' step=$way
    while [ -n "$step" ] && [ "$step" != "$root" ]; do
        case $looked_at in *"$newline$step$newline"*) open=$step ;; esac
        step=${step%/*}
    done
    [ -n "$open" ]
}

# is_other FOLDER: whether it is one of `others`; sets `number`, `base` and `way` of it then.
is_other() {
    case $newline$others in *"$newline$1	"*) ;; *) return 1 ;; esac
    number=0
    while IFS='	' read -r found base way; do
        number=$((number + 1))
        base=${base%/}
        [ "$found" != "$1" ] || return 0
    done <<END
$others
END
    return 1
}

# slot_of FOLDER: sets `made_in`, where files for a folder are made.
slot_of() {
    made_in=$root$1/$slot
    ! is_other "$1" || made_in=${base:-/}/$slot/.$number
}

# enter [MAKE]: makes the folder at `way`, below `base`, the working folder, and its missing parts first if so asked.
enter() {
    cd -P "${base:-/}" || return 1
    at=$(pwd -P)
    at=${at%/}
    IFS=/
    # shellcheck disable=SC2086  # a step a word
    set -- "${1:-}" ${way#"$base"/}
    IFS=" 	$newline"
    make=$1
    shift
    for step; do
        at=$at/$step
        if [ ! -e "./$step" ] && [ ! -L "./$step" ]; then
            [ -n "$make" ] || return 1
            mkdir "./$step" || return 1
        fi
        if ! cd -P "./$step" 2>/dev/null || [ "$(pwd -P)" != "$at" ]; then
            refuse 64 "on the way to $way $step is a link that somebody else than root can change:" \
                "name the folder itself in bindings.files"
        fi
    done
}

# check_other FOLDER: whether files can be put into this one of `others` without perl, which can in any.
check_other() {
    cure="others than root can change $root$1, and without perl files are put there only"
    slot_of "$1"
    : >"$made_in/.a"
    mv -fT "$made_in/.a" "$made_in/.b" 2>/dev/null || refuse 64 "$cure with a mv that knows -T: install perl, or coreutils"
    (
        enter make || refuse 64 "cannot make $root$1"
        devices=$(stat -c %d . "$made_in") || refuse 64 "$cure with stat: install perl"
        [ "${devices%%"$newline"*}" = "${devices#*"$newline"}" ] ||
            refuse 64 "$cure from the same file system: install perl, or choose another place in bindings.files"
    ) || exit $?
}

# see_others: has what is in place in `others` seen by links in a folder of our own, where it stays what it is; `seen_at PATH`
# sets `at` to where a file is to be read then.
see_others() {
    [ -O "$home" ] || { others=''; return 0; } # who is not root reads with no more rights than its own
    split_folders
    IFS=$newline
    for path in $paths; do
        is_other "${path%/*}" || continue
        IFS=" 	$newline"
        set -- "${base:-/}/.dsas-seen-$$"
        [ -d "$1" ] || mkdir -m 700 "$1" || refuse 64 "cannot make a folder in ${base:-/}"
        case $seen in *"$newline$1$newline"*) ;; *) seen=$seen$newline$1$newline ;; esac
        [ -d "$1${path%/*}" ] || mkdir -p "$1${path%/*}"
        (enter && ln "./${path##*/}" "$1$path") 2>/dev/null || :
        [ ! -L "$1$path" ] || rm -f "$1$path"
        IFS=$newline
    done
    IFS=" 	$newline"
}

seen_at() {
    at=$root$1
    ! is_other "${1%/*}" || at=${base:-/}/.dsas-seen-$$$1
    [ -f "$at" ] || at=/nothing
}
