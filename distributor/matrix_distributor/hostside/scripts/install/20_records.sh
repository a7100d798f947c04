# The records of generations, the index of one, and the sums of files: asked of one sha256sum for all.
#
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

# read_index FOLDER: reads the index of the generation in a folder. Sets `paths`, what is put in place, and `folders`,
# theirs, inner ones first; `modes`, "file MODE PATH" of each; `files`, each file's path within the folder, and
# `kept_modes` of these; and lines for sha256sum -c about `files` and `paths`: `file_sums` and `path_sums`.
read_index() {
    index_of=$1
    paths=$newline folders=$newline modes='' kept_modes='' files='' file_sums='' path_sums=''
    while read -r sum mode path; do
        case $path in
            /*)
                file=root$path
                paths=$paths$path$newline
                modes="${modes}file $mode $path$newline"
                path_sums=$path_sums$newline$sum\ \ $root$path
                case $folders in
                    *"$newline${path%/*}$newline"*) ;;
                    *) folders=$newline${path%/*}$folders ;;
                esac
                ;;
            *) file=$path ;;
        esac
        files=$files$file$newline
        kept_modes="${kept_modes}file $mode ${1#"$root"}/$file$newline"
        file_sums=$file_sums$newline$sum\ \ $1/$file
    done <"$1/index"
}

# check_sums LINES: whether every file has the sum that is told for it.
check_sums() {
    sha256sum -c >/dev/null 2>&1 <<END
$1
END
}

# whole FOLDER DIGEST: whether a generation is all there in its folder. Reads its index.
whole() {
    [ -r "$1/index" ] && [ -r "$1/lineage" ] && [ -r "$1/manifest.json" ] || return 1
    read_index "$1"
    check_sums "$2  $1/index$file_sums"
}

# in_place FOLDER DIGEST: whether the files of the generation that was read last are where they are to be put.
in_place() {
    see_others
    path_sums_seen
    check_sums "$2  $1/index$path_sums" && as_made
}

# path_sums_seen: has `path_sums` tell of files alone, since others may never end, and of what was seen in the folders of others; of
# each file there no more is read than one byte beyond what it should be, since its owner may make it as long as he likes.
path_sums_seen() {
    sums=$path_sums path_sums=''
    while read -r sum path; do
        [ -n "$path" ] || continue
        path=${path#"$root"}
        seen_at "$path"
        path_sums=$path_sums$newline$sum\ \ $at
        if [ "$at" = /nothing ] || ! is_other "${path%/*}"; then continue; fi
        size=$(wc -c <"$index_of/root$path")
        head -c "$((size + 1))" <"$at" >"${base:-/}/.dsas-seen-$$/.part"
        mv -f "${base:-/}/.dsas-seen-$$/.part" "$at"
    done <<END
$sums
END
}

# recall: reads the records of the generation in force and of installs that were cut off; sets `record_sums`, what to ask
# sha256sum -c about their indexes, before these are believed.
recall() {
    record_sums=''
    for record in current pending; do
        [ -r "$home/$record" ] || continue
        while read -r name digest; do
            if check_record && [ -r "$generations/$name/index" ]; then
                record_sums=$record_sums$newline$digest\ \ $generations/$name/index
            fi
        done <"$home/$record"
    done
}

# examine LINES: asks sha256sum about these files; `sound FILE` is whether one has its sum.
examine() {
    said=$(sha256sum -c 2>/dev/null <<END
$1
END
    ) || :
    said=$newline$said$newline
}

sound() {
    case $said in *"$newline$1: OK$newline"*) ;; *) return 1 ;; esac
}

# believe: sets `stray`, the paths that the generations of sound records may have put in place, and `left`, the folders
# where they may have left a slot. Keeps what read_index has set.
believe() {
    set -- "$paths" "$folders" "$files" "$file_sums" "$index_of"
    stray=$newline left=$newline before=
    while read -r _ index; do
        if [ "$index" = "$before" ] || ! sound "$index"; then continue; fi
        before=$index
        read_index "${index%/index}"
        stray=$stray$paths left=$left$folders
    done <<END
$record_sums
END
    paths=$1 folders=$2 files=$3 file_sums=$4 index_of=$5
}
