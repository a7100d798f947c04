# The words in which a `go` says what is to be put in place.
# shellcheck shell=sh disable=SC1007,SC2015,SC2034,SC2154
# copy.sh runs the `go`: each line of it calls one of these functions (go.py and syncall.sh write them).
# Statuses: 70 staging, 72 --check, 73 --then, 74 switch (what is in place could not be replaced).
#
# `stage` is the staging folder of copy.sh, `stage_way` the way to it that nobody else can change; `group` and `watcher` are its
# too. A folder is `own` when only root and the login can change what leads there and lies in it; `alone` says so of the folder
# of everything, `base`. In any other no name is believed twice: what is to stand there is made in `stage_way` and renamed, and
# folders are entered, then looked at. `spot` is where this stands, `dev` the device of the staging folder, once it was asked;
# `soft` is empty where owners have to be given, else only root gives them; `moves` is what mv(1) says of itself.
#
# It is sent as it stands, with short names (registers.py) and without comments that have a line of their own.
cd "$top" || no 70 "the root folder cannot be entered"
watch() { # [SECONDS]: ends all when nobody listens any more, or the time is over; `unwatch`, or the end, ends it
    : >"$stage_way/watched"
    (
        trap "" PIPE; exec 2>/dev/null; seconds=0
        while sleep 1 >/dev/null; do
            [ -e "$stage_way/watched" ] || exit 0 # a signal that comes right after the fork may be lost
            echo || break; seconds=$((seconds + 1)); [ "$seconds" -ne "${1:--1}" ] || break
        done
        trap "" TERM HUP; kill -s TERM -- "$group"; sleep 2; tidy; kill -s KILL -- "$group"
    ) &
    watcher=$!
}
unwatch() { rm -f "$stage_way/watched"; [ -z "$watcher" ] || kill "$watcher"; watcher=; }
told() { # OWN LINE: runs what the user asked for; in / where others can change the folder, since programs read what lies where they start
    ([ -n "$1" ] || cd /; exec sh -c "$2" >&2 </dev/null 5<&- 6<&-)
}
check() { # INDEX NAME COMMAND
    mkdir "$stage_way/n$1" && mv "$stage_way/$1" "$stage_way/n$1/$2" || no 70 "the staged file cannot be moved"
    DSAS_STAGED=$stage_way/n$1/$2; export DSAS_STAGED
    told "$alone" "$3" || no 72 "${asked:---check} ended with status $?; nothing was changed"
    mv "$stage_way/n$1/$2" "$stage_way/$1" || no 70 "the staged file cannot be moved"
}
enter() { # the folder of everything: links on the way to it are the user's own
    own=$alone dev='' made=''
    if [ -n "$alone" ]; then
        cd "$top" && { [ -d "$1" ] || { mkdir -p "$1" && made=1; }; } && cd -P "$1" || no 74 "${1#.} cannot be entered"
        base=$PWD
    else
        walk "$1" make
        exec 6<. && base=$folder spot=$folder || no 74 "${1#.} cannot be entered"
    fi
}
fresh() { [ -z "$made" ] || chmod 0700 . || no 74 "the mode of $base cannot be set"; } # right after `enter`: nobody looks in before all is done
top_is() { # OWNER MODE ANY: of the folder of everything, where it was made, or of any
    [ -n "$made$3" ] || return 0
    again
    [ -z "$1" ] || ! may_own || chown "$1" . || no 74 "the owner of $base cannot be set"
    chmod "$2" . || no 74 "the mode of $base cannot be set"
}
again() { if [ -n "$alone" ]; then cd "$base"; else cd -P /proc/self/fd/6; fi || no 74 "$base cannot be entered"; }
here() { spot=$(where) && spot=${spot%??} && [ "$spot" = "$1" ]; }
into() { # a folder in it, never through a symbolic link
    own=$alone
    if [ -n "$own" ] && lone "$base" "$1"; then
        cd -P "$base/$1" || no 74 "$base/$1 cannot be entered"
    else
        own=''
        again
        cd -P "./$1" && here "${base%/}/$1" || no 74 "$base/$1 is no folder, or lies behind a symbolic link"
        facts=$(stat -c :%d .)
    fi
    same || no 74 "$base/$1 is another file system: copy it by itself"
}
same() { # whether rename(2) can bring staged files here
    [ -n "$dev" ] || dev=$(stat -c %d "$stage_way/.")
    [ "${facts##*:}" = "$dev" ]
}
top_level() {
    own=$alone spot=$base
    again
    [ "$PWD" = "${stage%/*}" ] || { facts=$(stat -c :%d .) && same; } || no 74 "$base is another file system"
}
rename() { # FROM TO, never through a link that TO has become, nor, where rename(2) cannot (a bind mount), by what writes through one
    case ${moves:=$(mv --version 2>/dev/null)} in *GNU*) trouble=$(mv -fT "$1" "$2" 2>&1) && return ;; esac # copies into a new file
    ! command -v perl >/dev/null || { perl -e 'rename $ARGV[0], $ARGV[1] or die "$!\n"' "$1" "$2"; return; }
    case $moves in *GNU*) ;; *) moves=other && trouble=$(renamed "$1" "$2" 2>&1) && return ;; esac
    case $trouble in *nvalid* | *nrecognized* | *sage:*) no 74 "somebody else can change $PWD, where mv(1) needs -T: install perl, or coreutils" ;; esac
    printf '%s\n' "$trouble" >&2
    return 1
}
renamed() { # FROM TO: by another name in this folder, since ln(1) never copies; busybox replaces no link to a folder
    new_name=./${stage##*/}.new
    ln -T "$1" "$new_name" || return
    mv -fT "$new_name" "$2" || { [ -L "$2" ] && rm -f "$2" && mv -fT "$new_name" "$2"; } || { rm -f "$new_name"; return 1; }
    rm -f "$new_name" "$1"
}
keep() {
    if [ -z "$own" ]; then
        [ -e "./$1" ] || [ -L "./$1" ] || return 0
        ln "./$1" "$stage_way/kept" && rename "$stage_way/kept" "./$1~" && rm -f "$stage_way/kept" || no 74 "no backup of $PWD/$1 can be made"
    elif [ -e "./$1" ] || [ -L "./$1" ]; then
        [ -d "./$1~" ] && no 74 "$PWD/$1~ is a folder"
        ln -f "./$1" "./$1~" 2>/dev/null || cp -p "./$1" "./$1~" || no 74 "no backup of $PWD/$1 can be made"
    fi
}
put() { # INDEX NAME
    if [ -z "$own" ]; then rename "$stage_way/$1" "./$2" || no 74 "$PWD/$2 cannot be replaced"
    elif [ -L "./$2" ] && [ -d "./$2" ]; then mv -fT "$stage_way/$1" "./$2" || no 74 "$PWD/$2 cannot be replaced"
    elif [ -d "./$2" ]; then no 74 "$PWD/$2 is a folder"
    else mv -f "$stage_way/$1" "./$2" || no 74 "$PWD/$2 cannot be replaced"
    fi
}
link() { # INDEX NAME TARGET
    ln -s "$3" "$stage_way/$1" || no 70 "no symbolic link can be made"
    put "$1" "$2"
}
folder() { [ -d "./$1" ] || mkdir "./$1" || no 74 "$PWD/$1 cannot be made"; }
within() { # NAME COMMAND...: run in that folder of a folder that others can change
    name=$1; shift
    (up=$spot; cd -P "./$name" && here "${up%/}/$name" && "$@" .)
}
mode() { # MODE NAME
    if [ -z "$own" ]; then within "$2" chmod "$1"
    else
        [ -L "./$2" ] && no 74 "$PWD/$2 has become a symbolic link"
        chmod "$1" "./$2"
    fi || no 74 "the mode of $PWD/$2 cannot be set"
}
may_own() { [ -z "$soft" ] || [ -O / ]; }
owner() { # OWNER NAME
    may_own || return 0
    if [ -z "$own" ]; then within "$2" chown "$1"; else chown -h "$1" "./$2"; fi || no 74 "the owner of $PWD/$2 cannot be set"
}
anew() { # SHA256 BYTES OWNER MODE NAME: owner (empty: as it is) and mode of a file that has its content; where others could have put any file there, of a copy
    set -- "$1" "$3" "$4" "$5" "$2"
    if [ -z "$own" ]; then
        ln "./$4" "$stage_way/was" && [ -f "$stage_way/was" ] && [ ! -L "$stage_way/was" ] && head -c "$5" "$stage_way/was" >"$stage_way/copy" && # its owner may make it longer meanwhile
            printf '%s  %s\n' "$1" "$stage_way/copy" | sha256sum -c >/dev/null 2>&1 || no 74 "$PWD/$4 cannot be read, or was changed meanwhile"
        if [ -n "$2" ]; then staged_owner "$2" copy
        elif [ "$my_id" = 0 ]; then
            case $3 in 0*) ;; *) no 74 "whose $PWD/$4 is to be, with mode $3, has to be said: --owner" ;; esac
            (cd "$stage_way" && chown "$(stat -c %u:%g was)" copy) || no 70 "the owner of $PWD/$4 cannot be kept"
        fi
        rm -f "$stage_way/was"
        staged_mode "$3" copy
        put copy "$4"
    else
        [ -z "$2" ] || owner "$2" "$4"
        mode "$3" "$4"
    fi
}
gone() { rm -f "./$1" || no 74 "$PWD/$1 cannot be removed"; }
folder_gone() { rmdir "./$1" 2>/dev/null || :; }
staged_owner() { may_own || return 0; new_owner=$1; shift; (cd "$stage_way" && chown "$new_owner" "$@") || no 70 "the owner $new_owner cannot be set"; }
staged_mode() { bits=$1; shift; (cd "$stage_way" && chmod "$bits" "$@") || no 70 "the mode $bits cannot be set"; }
owe() { : >"$stage_way/owed" && put owed "$1"; } # NAME: a file that says that --then is to be run, until it went well
paid() { # NAME: --then may have taken the folder away, and the mode that it has now may forbid its owner to write in it
    (top_level && { rm -f "./$1" || { bits=$(stat -c %a .) && chmod u+w . && rm -f "./$1"; chmod "0$bits" .; }; }) 2>/dev/null || :
}
then_run() { told "$own" "$1" || no 73 "--then ended with status $?; the files are in place, and the next SYNCALL of them with --then runs it again"; }
