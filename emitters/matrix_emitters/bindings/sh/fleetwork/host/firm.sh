# Finds where a folder of one's own stays one's own.
# shellcheck shell=sh disable=SC1007,SC2034
# It stands before run.sh, and in fleet.sh.

# firm FOLDER: whether nobody else than root and this login can take away what this login makes in it: it and all above it
# belong to one of the two, and are closed to others or sticky ([2367abef] is a digit with that bit). Sets `place`, the folder
# without links.
firm() {
    my_user=0
    [ -O / ] || { my_user=$(id); my_user=${my_user#uid=}; my_user=${my_user%%[(]*}; }
    place=$(cd -P "$1" 2>/dev/null && pwd -P) || return 1
    rest=${place#/}; prefix=
    set -- /
    while [ -n "$rest" ]; do
        prefix=$prefix/${rest%%/*}
        set -- "$@" "$prefix"
        case $rest in
            */*) rest=${rest#*/} ;;
            *) rest= ;;
        esac
    done
    left=$#
    for facts in $(stat -c %u:%f "$@" 2>/dev/null); do
        case $facts in
            "0:"4?[02468ace][014589cd]|"$my_user:"4?[02468ace][014589cd]|"0:"4[2367abef]??|"$my_user:"4[2367abef]??) left=$((left - 1)) ;;
            *) return 1 ;;
        esac
    done
    [ "$left" = 0 ]
}

# shared: sets `place`, where a folder of one's own can be made: TMPDIR, else /tmp; false where others can change what lies there.
shared() {
    place=/tmp
    if [ -n "${TMPDIR:-}" ]; then
        firm "$TMPDIR" && return
        place=/tmp
    fi
    # The usual /tmp is known without asking stat.
    { [ -O / ] && [ -O /tmp ] && [ -k /tmp ]; } || firm /tmp
}
