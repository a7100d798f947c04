#!/bin/sh
# reflect.sh apply|undo STAGING WAITS NAME LIMIT LINE, in the folder of the file NAME: puts STAGING/new in its place and has
# it applied by LINE; when that fails or takes longer than LIMIT seconds, the old file is put back and applied again.
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
verb=$1 staging=$2 waits=$3 name=$4 limit=$5 line=$6
here=$PWD
journal=.dsas-$name
leader=''
! command -v setsid >/dev/null 2>&1 || leader=setsid
trap : HUP INT TERM PIPE
trap 'kill -0 "$waits" 2>/dev/null || rm -rf "$staging"' EXIT

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

# alive PID: a process of that number that is one of ours, since numbers are given anew, and the dead may wait for init.
alive() {
    kill -0 "$1" 2>/dev/null && { [ ! -r "/proc/$1/cmdline" ] || tr '\0' ' ' <"/proc/$1/cmdline" | grep -q dsas; }
}

# Nothing that runs LINE outlives LIMIT; what it leaves running when it is done, as a daemon, is none of our business.
carry_out() {
    [ -n "$line" ] || return 0
    rm -f "$staging/late"
    (cd / && exec $leader sh -c "$line") >>"$staging/said" 2>&1 </dev/null &
    job=$!
    # shellcheck disable=SC2016  # the inner shell expands it
    $leader sh -c 'sleep "$1"; : >"$2"; kill -s TERM -- "$3"; sleep 2; kill -s KILL -- "$3"' \
        sh "$limit" "$staging/late" "${leader:+-}$job" >/dev/null 2>&1 </dev/null &
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
    mv "$journal" "$staging/settled" || rm -rf "$journal"
}

# unproved: whether the file in place is one that was put there and never applied, the one before it being kept.
unproved() {
    { [ -e "$journal/old" ] || [ -e "$journal/none" ]; } && [ -f "./$name" ] && [ -f "$journal/new" ] &&
        grep -qxF "$(digest "./$name")" "$journal/new"
}

unwritable() {
    end 64 "nothing can be written in $here"
}

# undo WHY
undo() {
    unproved || { settled; end 64 "$1; nothing was changed"; }
    if [ -e "$journal/old" ]; then
        # mv(1) may refuse when both are one file still, since the mode alone was to change
        mv -f "$journal/old" "./$name" || cmp -s "$journal/old" "./$name" ||
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
    mkdir "$staging/$journal" || unwritable
    echo "$$" >"$staging/$journal/pid" || unwritable
    digest "$staging/new" >"$staging/$journal/new" || unwritable
    if [ -e "./$name" ] || [ -L "./$name" ]; then
        ln "./$name" "$staging/$journal/old" 2>/dev/null || cp -p "./$name" "$staging/$journal/old" ||
            end 64 "the old file cannot be kept"
    else
        : >"$staging/$journal/none" || unwritable
    fi
    ! mv "$staging/$journal" . 2>/dev/null || return 0
    [ -d "$journal" ] || unwritable
    holder=''
    [ ! -r "$journal/pid" ] || read -r holder <"$journal/pid" || :
    [ -z "$holder" ] || ! alive "$holder" || end 62 "another one is putting $name in place on this host"
    if unproved; then
        cat "$staging/$journal/new" >>"$journal/new" || unwritable
        mv -f "$staging/$journal/pid" "$journal/pid" || unwritable
    else
        rm -rf "$journal"
        mv "$staging/$journal" . || unwritable
    fi
}

echo "$$" >"$staging/pid"
if [ "$verb" = undo ]; then
    stop_running
    if [ -d "$journal" ]; then
        undo "it was killed on the host"
    elif [ -d "$staging/settled" ]; then
        journal=$staging/settled
        ! grep -qxF "$(digest "./$name")" "$journal/new" || exit 0
        end 73 "it was killed on the host, when the old file was back"
    fi
    end 64 "it was killed on the host; nothing was changed"
fi
sync "$staging/new" || end 64 "cannot bring the file to the disk"
begin
mv -f "$staging/new" "./$name" || undo "it cannot be put in place"
carry_out
failed=$?
[ "$failed" -eq 0 ] || undo "its apply $(how "$failed")"
settled
exit 0
