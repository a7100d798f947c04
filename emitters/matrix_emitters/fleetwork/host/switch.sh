cd "$top" || no 70 "the root folder cannot be entered"
watch() { # [SECONDS]: ends all when nobody listens any more, or the time is over; `unwatch`, or the end, ends it
    : >"$s/watched"
    (
        trap "" PIPE; exec 2>/dev/null; n=0
        while sleep 1 >/dev/null; do
            [ -e "$s/watched" ] || exit 0 # a signal that comes right after the fork may be lost
            echo || break; n=$((n + 1)); [ "$n" -ne "${1:--1}" ] || break
        done
        trap "" TERM HUP; kill -s TERM -- "$g"; sleep 2; rm -rf "$s"; kill -s KILL -- "$g"
    ) &
    w=$!
}
unwatch() { rm -f "$s/watched"; [ -z "$w" ] || kill "$w"; w=; }
check() { # INDEX NAME COMMAND
    mkdir "$s/n$1" && mv "$s/$1" "$s/n$1/$2" || no 70 "the staged file cannot be moved"
    DSAS_STAGED=$s/n$1/$2; export DSAS_STAGED
    sh -c "$3" >&2 </dev/null || no 72 "${asked:---check} ended with status $?; nothing was changed"
    mv "$s/n$1/$2" "$s/$1" || no 70 "the staged file cannot be moved"
}
enter() { # the folder of everything: links on the way to it are the user's own
    cd "$top" && { [ -d "$1" ] || mkdir -p "$1"; } && cd -P "$1" || no 74 "${1#.} cannot be entered"
    base=$PWD; dev=
}
into() { # a folder in it, never through a symbolic link
    cd -P "$base/$1" && [ "$PWD" = "${base%/}/$1" ] || no 74 "$base/$1 is no folder, or lies behind a symbolic link"
    same || no 74 "$base/$1 is another file system: copy it by itself"
}
same() { # whether rename(2) can bring staged files here
    [ "$PWD" = "${s%/*}" ] && return
    [ -n "$dev" ] || dev=$(stat -c %d "$s")
    [ "$(stat -c %d .)" = "$dev" ]
}
top_level() {
    cd "$base" && same || no 74 "$base cannot be entered, or is another file system"
}
keep() {
    if [ -e "./$1" ] || [ -L "./$1" ]; then
        [ -d "./$1~" ] && no 74 "$PWD/$1~ is a folder"
        ln -f "./$1" "./$1~" 2>/dev/null || cp -p "./$1" "./$1~" || no 74 "no backup of $PWD/$1 can be made"
    fi
}
put() { # INDEX NAME
    if [ -L "./$2" ] && [ -d "./$2" ]; then mv -fT "$s/$1" "./$2" || no 74 "$PWD/$2 cannot be replaced"
    elif [ -d "./$2" ]; then no 74 "$PWD/$2 is a folder"
    else mv -f "$s/$1" "./$2" || no 74 "$PWD/$2 cannot be replaced"
    fi
}
link() { # INDEX NAME TARGET
    ln -s "$3" "$s/$1" || no 70 "no symbolic link can be made"
    put "$1" "$2"
}
folder() { [ -d "./$1" ] || mkdir "./$1" || no 74 "$PWD/$1 cannot be made"; }
mode() { # MODE NAME
    [ -L "./$2" ] && no 74 "$PWD/$2 has become a symbolic link"
    chmod "$1" "./$2" || no 74 "the mode of $PWD/$2 cannot be set"
}
may_own() { [ -z "$soft" ] || [ -O / ]; }
owner() { may_own || return 0; chown -h "$1" "./$2" || no 74 "the owner of $PWD/$2 cannot be set"; }
gone() { rm -f "./$1" || no 74 "$PWD/$1 cannot be removed"; }
folder_gone() { rmdir "./$1" 2>/dev/null || :; }
staged_owner() { may_own || return 0; o=$1; shift; (cd "$s" && chown "$o" "$@") || no 70 "the owner $o cannot be set"; }
staged_mode() { o=$1; shift; (cd "$s" && chmod "$o" "$@") || no 70 "the mode $o cannot be set"; }
then_run() { sh -c "$1" >&2 </dev/null || no 73 "--then ended with status $?; the files are in place"; }
