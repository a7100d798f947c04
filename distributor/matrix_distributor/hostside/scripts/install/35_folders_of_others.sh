# Puts files into folders that others can change.
#
# What is put into a folder that somebody else can change is made in a slot beside the last folder on the way to it that
# is ours alone; then the folder is entered step by step, and what is done in it is done by plain names.

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
    case ${moves:=$(mv --version 2>/dev/null)} in *GNU*) ;; *) moves=other ;; esac
    (
        enter make || refuse 64 "cannot make $root$1"
        devices=$(stat -c %d . "$made_in") || refuse 64 "$cure with stat: install perl"
        if [ "${devices%%"$newline"*}" != "${devices#*"$newline"}" ] ||
            { [ "$moves" = other ] && ! { ln -T "$made_in/.b" "./$slot-$$" && rm -f "./$slot-$$"; } 2>/dev/null; }; then
            refuse 64 "$cure from the same file system: install perl, or choose another place in bindings.files"
        fi
    ) || exit $?
}

# bring FILE: puts it into the working folder, which is one of `others`. Where rename(2) cannot, as to a bind mount, mv copies:
# that of coreutils into a new file, but busybox's through a link that stands there; ln never does.
bring() {
    case $moves in *GNU*) mv -fT "$1" "./${1##*/}"; return ;; esac
    set -- "$1" "./${1##*/}" "./$slot-$$"
    ln -T "$1" "$3" || return 1
    mv -fT "$3" "$2" 2>/dev/null || { [ -L "$2" ] && rm -f "$2" && mv -fT "$3" "$2"; } || { rm -f "$3"; return 1; }
    rm -f "$3" "$1"
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
