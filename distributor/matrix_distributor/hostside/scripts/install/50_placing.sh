# Puts the files of a generation in place: beside their places first, then by one rename right after another.
#
# clear_slots: removes what installs that were cut off left; make_slots: a slot for each of `folders`.
clear_slots() {
    IFS=$newline
    set --
    for folder in $left $folders; do
        slot_of "$folder"
        made_in=${made_in%/.[0-9]*}
        [ ! -d "$made_in" ] || set -- "$@" "$made_in"
    done
    IFS=" 	$newline"
    [ $# -eq 0 ] || rm -rf "$@"
}

make_slots() {
    IFS=$newline
    set --
    for folder in $folders; do
        slot_of "$folder"
        set -- "$@" "${made_in%/.[0-9]*}" "$made_in"
    done
    IFS=" 	$newline"
    # shellcheck disable=SC2174  # only the slots themselves are to be closed to others
    mkdir -p -m 700 "$@" || refuse 64 "cannot make folders beside the files"
    [ -n "$others" ] || return 0
    IFS=$newline
    for folder in $folders; do
        IFS=" 	$newline"
        ! is_other "$folder" || check_other "$folder"
        IFS=$newline
    done
    IFS=" 	$newline"
}

# fill FOLDER: brings a copy of every file to the disk, beside its place. Nothing of it is in force yet.
fill() {
    source=$1
    IFS=" 	$newline"
    read_mounts
    IFS=$newline
    for folder in $folders; do
        set --
        for path in $paths; do
            ! mounted "$path" || refuse 64 "something is mounted on $path"
            [ ! -d "$root$path" ] || [ -L "$root$path" ] || refuse 64 "there is a folder in the place of $path"
            [ "${path%/*}" != "$folder" ] || set -- "$@" "$source/root$path"
        done
        slot_of "$folder"
        cp -p "$@" "$made_in/" || refuse 64 "cannot copy the files beside their places"
        give "$made_in" "$@"
    done
    set -- "$home/pending" "$source/index"
    for path in $paths; do
        slot_of "${path%/*}"
        set -- "$@" "$made_in/${path##*/}"
    done
    sync "$@" || refuse 64 "cannot bring the files to the disk"
    IFS=" 	$newline"
}

# give FOLDER FILES: files that were made there become root's where the folder has made them another group's.
give() {
    IFS=$newline
    made=$1
    shift
    [ -O / ] || return 0
    for file; do
        file=$made/${file##*/}
        { [ -O "$file" ] && [ -G "$file" ] && [ -G / ]; } || chown 0:0 "$file" || refuse 64 "the owner of $file cannot be set"
    done
}

# place: puts the files of all slots in force, one rename right after another.
place() {
    IFS=$newline
    for folder in $folders; do
        set --
        slot_of "$folder"
        for path in $paths; do
            [ "${path%/*}" != "$folder" ] || set -- "$@" "$made_in/${path##*/}"
        done
        if is_other "$folder"; then
            (
                enter make || exit 64
                for file; do bring "$file" || exit 64; done
            ) || refuse 64 "cannot put files in place in $folder"
            continue
        fi
        mv -f "$@" "$root$folder/" || refuse 64 "cannot put files in place in $folder"
    done
    IFS=" 	$newline"
}

# sweep: removes the slots, what was in place before and is not of this generation (and says so in `removed`), and the
# oldest generations.
sweep() {
    removed='' doomed=''
    find_doomed
    IFS=$newline
    # shellcheck disable=SC2086  # a path a line
    set -- $doomed
    for folder in $folders; do
        slot_of "$folder"
        set -- "$@" "${made_in%/.[0-9]*}"
    done
    for path in $stray; do
        case $paths in *"$newline$path$newline"*) continue ;; esac
        if is_other "${path%/*}"; then
            (enter && { [ -f "./${path##*/}" ] || [ -L "./${path##*/}" ]; } && rm -f "./${path##*/}") 2>/dev/null || continue
            removed=${removed}removed\ $path$newline
        elif [ -f "$root$path" ] || [ -L "$root$path" ]; then
            set -- "$@" "$root$path"
            removed=${removed}removed\ $path$newline
        fi
    done
    IFS=" 	$newline"
    rm -rf "$@"
}

# find_doomed: adds to `doomed`, a path a line, the oldest generations beyond those that are kept.
find_doomed() {
    set +f
    set -- "$generations"/[0-9]*-*
    set -f
    surplus=$(($# - kept))
    while [ "$surplus" -gt 0 ]; do
        oldest='' least=''
        for folder; do
            number=${folder##*/}
            number=${number%%-*}
            case $number in *[!0-9]*) continue ;; esac
            [ "${folder##*/}" != "$in_force" ] || continue
            case $newline$doomed in *"$newline$folder$newline"*) continue ;; esac
            if [ -z "$oldest" ] || [ "$number" -lt "$least" ]; then oldest=$folder least=$number; fi
        done
        [ -n "$oldest" ] || return 0
        doomed=$doomed$oldest$newline
        surplus=$((surplus - 1))
    done
}

# put_in_place NAME DIGEST: the generation that read_index has read. Until its end a power cut leaves the record of it in
# `pending`, by which whoever comes next completes it.
put_in_place() {
    in_force=$1
    split_folders
    printf '%s %s\n' "$1" "$2" >>"$home/pending"
    clear_slots
    make_slots
    fill "$generations/$1"
    place
    sweep
    sound "$home/install.sh" || {
        script_from=$generations/$1
        [ ! -f "$staging/install.sh" ] || script_from=$staging # that of a generation which was kept already
        cp "$script_from/install.sh" "$home/.install.sh"
        [ -n "$staging" ] || chmod 0755 "$home/.install.sh"
        mv -f "$home/.install.sh" "$home/install.sh"
    }
    put_right
    printf '%s %s\n' "$1" "$2" >"$home/.current"
    mv -f "$home/.current" "$home/current"
    : >"$home/pending"
    rest_and_settle "$1"
}
