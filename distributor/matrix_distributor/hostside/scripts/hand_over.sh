hand_over() { # NAME LIMIT LINE
    unwatch
    [ -L "./$1" ] && no 74 "$PWD/$1 has become a symbolic link"
    [ -d "./$1" ] && no 74 "$PWD/$1 is a folder"
    trap : HUP INT TERM PIPE
    work apply "$@"
    [ "$r" -le 128 ] || work undo "$@"
    [ ! -f "$S/said" ] || cat "$S/said" >&2
    [ "$r" -ne 0 ] || { echo && echo dsas 1 done; }
    exit "$r"
}
work() { # apply|undo NAME LIMIT LINE: by reflect.sh, which nothing that happens to this shell ends
    v=$1; shift; l=; ! command -v setsid >/dev/null 2>&1 || l=setsid
    $l sh "$S/reflect.sh" "$v" "$s" "$own" "$$" "$@" >/dev/null 2>&1 </dev/null &
    p=$!
    while :; do wait "$p"; r=$?; [ "$r" -gt 128 ] && kill -0 "$p" 2>/dev/null || break; done
}
