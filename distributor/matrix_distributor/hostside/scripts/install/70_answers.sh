# Answers `query`, `load`, `export` and `files`.
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
    else
        read_index "$generations/$name"
        see_others
        path_sums_seen
        kept_sums
        examine "$digest  $generations/$name/index$kept_sums$path_sums"
        boss
        see_facts
        read_mounts
        condition=whole
        tell_drift
        tell_self
        kept_well || condition=broken
        answer "$condition"
    fi
}

# tell_drift: how what is in place differs from what is to be there: "why WORDS", and "drift PATH". Sets `condition` then.
tell_drift() {
    while read -r kind mode path; do
        [ -n "$path" ] || continue
        wrong "$kind" "$mode" "$path"
        seen_at "$path"
        case $why in
            '' | mode* | owner* | something*)
                case $newline$own$newline in *"$newline$kind $mode $path$newline"*) at='' ;; esac
                if [ -n "$at" ] && ! sound "$at"; then
                    if [ -r "$root$path" ]; then why="other content${why:+, $why}"; else why=${why:-"cannot be read"}; fi
                fi
                ;;
        esac
        [ -n "$why" ] || continue
        condition=drift
        printf 'why %s\ndrift %s\n' "$why" "$path"
    done <<END
$modes
$own
END
}

# kept_sums: sets `kept_sums`, lines for sha256sum -c about the files of the generation that was read last, as they are kept: those
# that may be read.
kept_sums() {
    kept_sums=''
    while read -r sum file; do
        [ ! -r "$file" ] || kept_sums=$kept_sums$newline$sum\ \ $file
    done <<END
$file_sums
END
}

# kept_well: whether the generation's own copy is whole, as far as that was asked.
kept_well() {
    [ -e "$generations/$name/lineage" ] && [ -e "$generations/$name/manifest.json" ] || return 1
    sound "$generations/$name/index" || return 1
    while read -r _ file; do
        [ -n "$file" ] || continue
        if [ ! -e "$file" ] || { [ -r "$file" ] && ! sound "$file"; }; then return 1; fi
    done <<END
$file_sums
END
}

# tell_self: where bindings take this host for another one.
tell_self() {
    read_names
    if [ -z "$named" ] || [ "$here" = "$named" ]; then return 0; fi
    wrong file 0644 /etc/dsas.d/self
    [ -z "$why" ] || return 0
    condition=drift
    printf 'why says %s\ndrift /etc/dsas.d/self\n' "${here:+that this is }${here:-nothing}"
}

need_current() {
    if ! read_current || [ ! -r "$generations/$name/index" ]; then
        refuse 66 "there is no generation in force on this host"
    fi
}

# Loads each binding in its own language, where the host has that language; none may print anything.
load() {
    need_current
    read_index "$generations/$name"
    left='' && split_folders
    IFS=$newline
    for path in $paths; do
        file=$root$path
        # Where somebody else can change what is in place, that would run with the rights of who asks.
        ! is_other "${path%/*}" || file=$generations/$name/root$path
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
    read_index "$generations/$name"
    see_others
    from=$root
    if [ -n "$others" ]; then # tar of busybox reads from one folder
        from=$home/.seen-$$ seen=$seen$newline$home/.seen-$$
        ulimit -f 131072 # 64 MiB a file, which is more than an origin takes
        mkdir -m 700 "$from" || refuse 64 "cannot make a folder in $home"
    fi
    IFS=$newline
    set --
    for path in $paths; do
        seen_at "$path"
        [ "$at" != /nothing ] || continue
        if [ "$from" != "$root" ]; then
            mkdir -p "$from${path%/*}"
            cp "$at" "$from$path" || continue
        fi
        set -- "$@" ".$path"
    done
    [ $# -gt 0 ] || set -- -T /dev/null
    tar -czf - -C "$from/" "$@"
}
