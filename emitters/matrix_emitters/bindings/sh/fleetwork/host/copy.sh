# SYNCALL on a host, which stages, verifies and switches over.
# shellcheck shell=sh disable=SC1007,SC1010,SC1091,SC2015,SC2046,SC2034,SC2154,SC2317
# After ground.sh: copy.sh GROUP HOST ROLES STATE SUM .FOLDER, with an archive on standard input.
#
# It unpacks what comes in a staging folder of its own, .dsas.XXXXXX beside the place of the files, so that each can be put in
# place by a rename; verifies it; and runs its `go`, which is written in the words of switch.sh. GROUP is 0 under sudo, where this
# shell leads no process group. SUM is a line for sha256sum -c, about all there is or about the list `sums`. .FOLDER is the folder
# of everything with a dot in front. "dsas 1 done" says that all was done. Statuses, by which the caller knows the stage:
#   70 staging: a folder cannot be entered or written   71 stopped by a signal   72 --check (switch.sh)
#   73 --then (switch.sh)   74 switch (switch.sh)   75 transfer: what came is not whole
#
# `stage` is the staging folder and `stage_way` the way to it that nobody else can change: where others can change the folder, it
# is the open descriptor 5, and what lies in the staging folder is reached by that alone.
umask go-w; LC_ALL=C; export LC_ALL DSAS_HOST="$2" DSAS_ROLES="$3" DSAS_STATE="$4"
group=$1; sum=$5; base=$6
[ "$group" = 0 ] || group=-$$

# alive PID: whether a process of that number is one of ours, since numbers are given anew.
alive() {
    kill -0 "$1" 2>/dev/null && { [ ! -r "/proc/$1/cmdline" ] || tr "\\0" " " <"/proc/$1/cmdline" | grep -q dsas; }
}

# private: whether this stands in a folder of this login's that nobody else can enter (in hex 4?c0 is 0700 of a folder).
private() {
    case $(stat -c %u:%g:%f:%d .) in
        "$my_id:"*:4?c0:*) ;;
        *) false ;;
    esac
}

# over FOLDER: whether who made that staging folder is gone; one without a number yet is given a minute.
over() {
    if [ -f "$1/pid" ]; then
        ! alive "$(cat "$1/pid")"
    else
        [ -n "$(find "$1" -prune -mmin +1 2>/dev/null)" ]
    fi
}

tidy() {
    if [ "$stage_way" = "$stage" ]; then
        rm -rf "$stage"
    else
        cd -P /proc/self/fd/5 && rm -rf ./* ./.dsas-* && rmdir "../${stage##*/}"
    fi 2>/dev/null
}

cd -P "${DSAS_ROOT:-}/" || no 70 "the root folder cannot be entered"
top=$PWD
# The folder may not be there yet: the staging folder lies in the nearest one above it that is.
ancestor=$base
until [ -d "$ancestor" ]; do ancestor=${ancestor%/*}; done
ancestor=${ancestor%/}
far=${ancestor#.}; far=${far:-/}
alone=1; watcher=; stage=
if lone . "${ancestor#.}"; then
    ancestor=${top%/}${ancestor#.}
else
    [ -d /proc/self/fd ] || no 70 "/proc is not there, and somebody else can change what leads to $far, or lies in it: mount it, or send the file by itself where perl is"
    walk "$ancestor" ""
    ancestor=$folder
fi
# What those left who were killed is cleared first.
if [ -n "$alone" ]; then
    for entry in "${ancestor%/}"/.dsas.??????; do
        if [ -d "$entry" ] && over "$entry"; then rm -rf "$entry"; fi
    done
    stage=$(mktemp -d "${ancestor%/}/.dsas.XXXXXX") || no 70 "nothing can be written in $far"
    stage_way=$stage
    cd "$stage" || no 70 "nothing can be written in $far"
else
    for entry in .dsas.??????; do
        if [ -L "$entry" ]; then continue; fi
        (
            cd -P "./$entry" && private && there=$(where) && [ "${there%??}" = "${ancestor%/}/$entry" ] && over . && {
                [ -f pid ] && rm -rf ./* ./.dsas-*
                rmdir "../$entry"
            }
        ) 2>/dev/null
    done
    stage=$(mktemp -d ./.dsas.XXXXXX) || no 70 "nothing can be written in $far"
    stage=${ancestor%/}/${stage#./}
    cd -P "./${stage##*/}" && private && there=$(where) && [ "${there%??}" = "$stage" ] && [ -z "$(ls -A)" ] && exec 5<. || no 70 "somebody else changes $far meanwhile"
    stage_way=/proc/$$/fd/5
fi
trap "tidy; [ -z \"\$watcher\" ] || kill \"\$watcher\"" EXIT
trap "exit 71" HUP INT TERM PIPE
echo $$ >pid || no 70 "nothing can be written in $far"
gzip -dc | tar -xpomf - || {
    set -- $(df -Pk . | tail -n 1)
    [ "${4:-1}" = 0 ] && no 75 "No space left on device in $far"
    no 75 "the stream did not arrive whole"
}
printf "%b\n" "$sum" | sha256sum -c >/dev/null 2>&1 && {
    if [ -f sums ]; then sha256sum -c sums >/dev/null 2>&1; fi
} && [ -f go ] || no 75 "the stream did not arrive whole"
. ./go
echo; echo dsas 1 done; exit 0
