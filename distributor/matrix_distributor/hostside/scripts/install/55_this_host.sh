# Who this host is, for bindings that ask; and what can wait until it has come to rest.
#
# read_names: sets `here`, who this host takes itself for, and `named`, what the install in force has called it.
read_names() {
    here='' named=''
    [ ! -r "$root/etc/dsas.d/self" ] || read -r here <"$root/etc/dsas.d/self" || :
    [ ! -r "$home/name" ] || read -r named <"$home/name" || :
}

# The name of this host in the MATRIX, for bindings that ask who they are.
write_self() {
    read_names
    [ "$named" = "$1" ] || printf '%s\n' "$1" >"$home/name"
    if [ "$here" = "$1" ]; then
        wrong file 0644 /etc/dsas.d/self
        [ -n "$why" ] || return 0
    fi
    ! is_other /etc/dsas.d || refuse 64 "others than root can change $root/etc/dsas.d, and this host has no perl: chown it to root"
    mkdir -p "$root/etc/dsas.d"
    [ ! -d "$root/etc/dsas.d/self" ] || [ -L "$root/etc/dsas.d/self" ] || refuse 64 "there is a folder in the place of /etc/dsas.d/self"
    # Somebody whose folder it was may have left a link there.
    for file in self .self; do
        file=$root/etc/dsas.d/$file
        if [ -L "$file" ] || [ -d "$file" ]; then rm -rf "$file"; fi
    done
    printf '%s\n' "$1" >"$root/etc/dsas.d/.self"
    mv -f "$root/etc/dsas.d/.self" "$root/etc/dsas.d/self"
}

# settle NAME: what can wait, if that generation is still the one in force: that the renames, the records and the
# generation's own copy reach the disk, which those who go on after a power cut can do without, and that Python compiles its
# binding.
settle() {
    if ! read_current || [ "$name" != "$1" ]; then return 0; fi
    source=$generations/$name
    read_index "$source"
    left='' && split_folders
    IFS=$newline
    set -- "$home" "$generations" "$source"
    for folder in $folders; do
        is_other "$folder" || set -- "$@" "$root$folder"
    done
    for file in $files; do set -- "$@" "$source/$file"; done
    sync "$@" || :
    for path in $paths; do
        ! is_other "${path%/*}" || continue
        case $path in */dsas.py) compile "$root$path" ;; esac
    done
    IFS=" 	$newline"
}

# rest_and_settle NAME: settles in the background, when the host has come to rest. Edits that follow go before it, and only the
# last of them is settled.
rest_and_settle() {
    (
        exec 9>&-
        sleep "$rest"
        settle "$1"
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
