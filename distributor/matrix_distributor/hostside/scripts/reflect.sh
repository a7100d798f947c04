#!/bin/sh
# reflect.sh apply|undo STAGING OWN WAITS NAME LIMIT LINE, in the folder of the file NAME: puts STAGING/new in its place and has
# it applied by LINE; when that fails or takes longer than LIMIT seconds, the old file is put back and applied again.
#
# OWN is empty where others than root and the login can change that folder: then STAGING is the open descriptor 5, the folder
# is 6, and no name in it is believed twice.
#
# It is started in a session of its own, and comes to one of these two ends whether or not the process WAITS, which started
# it, is still there. With `undo` the old file is put back, since one that was to apply was killed.
#
# While a file is in place that was not applied yet there is .dsas-NAME beside it: pid, who works on it; new, the sha256 of
# what was put in place, a line each time; and old, the file before that, or none. It appears and disappears as a whole.
# Whoever comes next after a kill or a power cut goes on from it, so that the file that comes back is one that was applied.
# What is to be told is left in STAGING/said. Statuses:
#   62 another one works on that file   64 cannot be put in place, nothing was changed
#   73 could not be applied, the old file is back   76 as 73, but the old file could not be put back or applied either
set -uf
LC_ALL=C
export LC_ALL
verb=$1 staging=$2 own=$3 waits=$4 name=$5 limit=$6 line=$7
here=$PWD
folder=${staging##*/}
[ -n "$own" ] || staging=/proc/$$/fd/5
journal=.dsas-$name
held=''
leader=''
! command -v setsid >/dev/null 2>&1 || leader=setsid
trap : HUP INT TERM PIPE
# shellcheck disable=SC2317  # the trap calls it
tidy() {
    if [ -n "$own" ]; then rm -rf "$staging"; else (cd -P /proc/self/fd/5 && rm -rf ./* ./.dsas-* && rmdir "../$folder"); fi
}
trap 'kill -0 "$waits" 2>/dev/null || tidy' EXIT

end() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >>"$staging/said"
    exit "$status"
}

digest() {
    set -- "$(sha256sum <"$1")"
    printf '%s\n' "${1%% *}"
}

# standing: the sha256 of the file in place; nothing of what is no file.
standing() {
    [ -f "./$name" ] || return
    if [ -n "$own" ]; then digest "./$name"; return; fi
    ln "./$name" "$staging/seen" || return
    [ ! -f "$staging/seen" ] || [ -L "$staging/seen" ] || digest "$staging/seen"
    rm -f "$staging/seen"
}

# place FROM: puts a file in place, whatever stands there.
place() {
    if [ -n "$own" ]; then mv -f "$1" "./$name"; return; fi
    # Where rename(2) cannot, as to a bind mount, mv copies: that of coreutils into a new file, busybox's through a link.
    case $(mv --version 2>/dev/null) in
        *GNU*) mv -fT "$1" "./$name" 2>/dev/null && return ;;
    esac
    if command -v perl >/dev/null 2>&1; then
        perl -e 'rename $ARGV[0], $ARGV[1] or die "$!\n"' "$1" "./$name"
        return
    fi
    ln -T "$1" "./$folder.new" || end 64 "somebody else can change $here: perl has to be there, or coreutils"
    if mv -fT "./$folder.new" "./$name" || { [ -L "./$name" ] && rm -f "./$name" && mv -fT "./$folder.new" "./$name"; }; then
        rm -f "./$folder.new" "$1"
        return
    fi
    rm -f "./$folder.new"
    return 1
}

# kept: whether there is a journal; `held` is the way to it. One that somebody else has put there is not touched.
kept() {
    if [ -n "$own" ]; then
        held=$journal
        [ -d "$journal" ]
        return
    fi
    [ -z "$held" ] || return 0
    [ -e "./$journal" ] || [ -L "./$journal" ] || return 1
    { cd -P "./$journal" && [ "$(readlink /proc/self/cwd)" = "${here%/}/$journal" ]; } || foreign
    case $(stat -c %u:%f .) in "$(id -u):4"?[02468ace][014589cd]) ;; *) foreign ;; esac
    exec 7<.
    held=/proc/$$/fd/7
    cd -P /proc/self/fd/6 || end 64 "$here cannot be entered"
}
foreign() {
    cd /
    end 64 "$here/$journal was put there by somebody else: remove it"
}

# alive PID: a process of that number that is one of ours, since numbers are given anew, and the dead may wait for init.
alive() {
    kill -0 "$1" 2>/dev/null && { [ ! -r "/proc/$1/cmdline" ] || tr '\0' ' ' <"/proc/$1/cmdline" | grep -q dsas; }
}

# Nothing that runs LINE outlives LIMIT; what it leaves running when it is done, as a daemon, is none of our business.
carry_out() {
    [ -n "$line" ] || return 0
    rm -f "$staging/late"
    (cd / && exec $leader sh -c "$line" 5<&- 6<&- 7<&-) >>"$staging/said" 2>&1 </dev/null &
    job=$!
    # shellcheck disable=SC2016  # the inner shell expands it
    $leader sh -c 'sleep "$1"; : >"$2"; kill -s TERM -- "$3"; sleep 2; kill -s KILL -- "$3"' \
        sh "$limit" "$staging/late" "${leader:+-}$job" >/dev/null 2>&1 </dev/null 5<&- 6<&- 7<&- &
    timer=$!
    echo "${leader:+-}$job ${leader:+-}$timer" >"$staging/running"
    result=129
    while [ "$result" -gt 128 ]; do # a signal ends the waiting, not what is waited for
        wait "$job"
        result=$?
        kill -0 "$job" 2>/dev/null || break
    done
    if [ -e "$staging/late" ]; then
        wait "$timer"
        return 124
    fi
    { kill -s KILL -- "${leader:+-}$timer" || kill -s KILL "$timer"; } 2>/dev/null
    return "$result"
}

# What one that was killed has left running.
stop_running() {
    [ -r "$staging/running" ] || return 0
    read -r job timer <"$staging/running"
    kill -s KILL -- "$timer" "$job" 2>/dev/null
}

# how STATUS: in words
how() {
    if [ "$1" -eq 124 ]; then
        printf 'did not end within %s s' "$limit"
    else
        printf 'ended with status %s' "$1"
    fi
}

settled() {
    if [ -n "$own" ]; then
        mv "$journal" "$staging/settled" || rm -rf "$journal"
    elif kept; then
        mkdir "$staging/settled" && cat "$held/new" >"$staging/settled/new"
        forget
    fi
}
forget() { # first what makes it count
    rm -f "$held/old" "$held/none" && rm -f "$held/new" "$held/pid" && rmdir "./$journal"
    held=''
}

# unproved: whether the file in place is one that was put there and never applied, the one before it being kept.
unproved() {
    kept && { [ -e "$held/old" ] || [ -L "$held/old" ] || [ -e "$held/none" ]; } && [ -f "$held/new" ] &&
        was=$(standing) && [ -n "$was" ] && grep -qxF "$was" "$held/new"
}

unwritable() {
    end 64 "nothing can be written in $here"
}

# undo WHY
undo() {
    unproved || { settled; end 64 "$1; nothing was changed"; }
    if [ -e "$held/old" ] || [ -L "$held/old" ]; then
        # mv(1) may refuse when both are one file still, since the mode alone was to change
        place "$held/old" || [ "$(stat -c %d:%i "$held/old")" = "$(stat -c %d:%i "./$name")" ] ||
            end 76 "$1; the old file could not be put back, the new one is in place"
        back="the old file is back in place"
    else
        rm -f "./$name" || end 76 "$1; the new file could not be removed"
        back="there was no file before, and there is none now"
    fi
    carry_out
    again=$?
    settled
    [ -n "$line" ] || end 73 "$1; $back"
    [ "$again" -eq 0 ] || end 76 "$1; $back, but applying that $(how "$again")"
    end 73 "$1; $back, and applied"
}

# Under its final name only when it is whole; a folder that is there already is left alone by rename(2).
begin() {
    mkdir -m 700 "$staging/$journal" || unwritable
    echo "$$" >"$staging/$journal/pid" || unwritable
    digest "$staging/new" >"$staging/$journal/new" || unwritable
    if [ -e "./$name" ] || [ -L "./$name" ]; then
        ln "./$name" "$staging/$journal/old" 2>/dev/null ||
            { [ -n "$own" ] && cp -p "./$name" "$staging/$journal/old"; } || end 64 "the old file cannot be kept"
    else
        : >"$staging/$journal/none" || unwritable
    fi
    ! mv "$staging/$journal" . 2>/dev/null || return 0
    kept || unwritable
    holder=''
    [ ! -r "$held/pid" ] || read -r holder <"$held/pid" || :
    [ -z "$holder" ] || ! alive "$holder" || end 62 "another one is putting $name in place on this host"
    if unproved; then
        cat "$staging/$journal/new" >>"$held/new" || unwritable
        mv -f "$staging/$journal/pid" "$held/pid" || unwritable
    else
        if [ -n "$own" ]; then rm -rf "$journal"; else forget; fi
        mv "$staging/$journal" . || unwritable
    fi
}

echo "$$" >"$staging/pid"
if [ "$verb" = undo ]; then
    stop_running
    if kept; then
        undo "it was killed on the host"
    elif [ -d "$staging/settled" ]; then
        journal=$staging/settled
        ! grep -qxF "$(standing)" "$journal/new" || exit 0
        end 73 "it was killed on the host, when the old file was back"
    fi
    end 64 "it was killed on the host; nothing was changed"
fi
sync "$staging/new" || end 64 "cannot bring the file to the disk"
begin
place "$staging/new" || undo "it cannot be put in place"
carry_out
failed=$?
[ "$failed" -eq 0 ] || undo "its apply $(how "$failed")"
settled
exit 0
