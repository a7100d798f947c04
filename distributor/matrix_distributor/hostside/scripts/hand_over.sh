# Hands a `go` over to reflect.sh.
# shellcheck shell=sh disable=SC1007,SC2154
# It goes with switch.sh. Its own statuses are those of reflect.sh: 62, 64, 73, 76.
hand_over() { # NAME LIMIT LINE
    unwatch
    [ -L "./$1" ] && no 74 "$PWD/$1 has become a symbolic link"
    [ -d "./$1" ] && no 74 "$PWD/$1 is a folder"
    trap : HUP INT TERM PIPE
    work apply "$@"
    # A killed one (128 and the signal) says nothing of what it has done: a second one finds out, and undoes it.
    [ "$result" -le 128 ] || work undo "$@"
    [ ! -f "$stage_way/said" ] || cat "$stage_way/said" >&2
    [ "$result" -ne 0 ] || { echo && echo dsas 1 done; }
    exit "$result"
}
work() { # apply|undo NAME LIMIT LINE: by reflect.sh, which nothing that happens to this shell ends
    verb=$1; shift; leader=; ! command -v setsid >/dev/null 2>&1 || leader=setsid
    $leader sh "$stage_way/reflect.sh" "$verb" "$stage" "$own" "$$" "$@" >/dev/null 2>&1 </dev/null &
    worker=$!
    while :; do wait "$worker"; result=$?; [ "$result" -gt 128 ] && kill -0 "$worker" 2>/dev/null || break; done
}
