# The name of this host in the MATRIX, for bindings that ask who they are.
write_self() {
    here=''
    [ ! -r "$root/etc/dsas.d/self" ] || read -r here <"$root/etc/dsas.d/self" || :
    [ "$here" != "$1" ] || return 0
    mkdir -p "$root/etc/dsas.d"
    printf '%s\n' "$1" >"$root/etc/dsas.d/.self"
    mv -f "$root/etc/dsas.d/.self" "$root/etc/dsas.d/self"
}

# settle FOLDER: what can wait until the host has come to rest, in the background: that the renames, the records and the
# generation's own copy reach the disk, which those who go on after a power cut can do without, and that Python compiles its
# binding. Edits that follow go before it, and only the last of them is settled.
settle() {
    source=$1
    (
        exec 9>&-
        sleep "$rest"
        read -r newest _ <"$home/current" && [ "$newest" = "${source##*/}" ] || exit 0
        IFS=$newline
        set -- "$home" "$generations" "$source"
        for folder in $folders; do set -- "$@" "$root$folder"; done
        for file in $files; do set -- "$@" "$source/$file"; done
        sync "$@" || :
        for path in $paths; do
            case $path in */dsas.py) compile "$root$path" ;; esac
        done
    ) </dev/null >/dev/null 2>&1 &
}

# compile PATH: Python takes a compiled file by its source's time and size unless it carries a hash.
compile() {
    command -v python3 >/dev/null 2>&1 || return 0
    set -- python3 -I -c 'import sys, py_compile as p
p.compile(sys.argv[1], invalidation_mode=p.PycInvalidationMode.CHECKED_HASH)' "$1"
    ! command -v nice >/dev/null 2>&1 || set -- nice -n 19 "$@"
    "$@"
}
