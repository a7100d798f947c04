# Goes to a folder step by step, and tells whether others can change what leads there.
# shellcheck shell=sh disable=SC1007,SC2034,SC2154,SC2164
# It stands before copy.sh and fetch.sh. `top` is the root folder of this host, and `alone` is not empty as long as nobody else than root and
# this login could have changed anything on the way.
#
# All scripts of this folder are sent in a shorter form than they are written in: ../../assembly.py says how and why.

# no STATUS WORDS: ends with a status that tells the stage (70 staging, 74 switch, 75 transfer), and says why.
no() { echo "dsas: $2" >&2; exit "$1"; }

# Who this login is. Below a root of its own (`-O /`) root counts as 0 without asking, which saves a program.
my_id=0; my_group=0
[ -O / ] || {
    id_words=$(id)
    my_id=${id_words#uid=}; my_id=${my_id%%[(]*}
    my_group=${id_words#*gid=}; my_group=${my_group%%[(]*}
}

# ours FACTS: whether only root and this login can change what lies in the folder of these facts, uid:gid:mode:device as stat
# gives them, the mode in hex: 4??? is a folder, and [014589cd] and [02468ace] are digits without the bit for writing. A folder
# that the login's own group may write is its own too, unless the login is root.
ours() {
    case $1 in
        "0:"*:4?[02468ace][014589cd]:*|"$my_id:"*:4?[02468ace][014589cd]:*) ;;
        "$my_id:$my_group":4??[014589cd]:*) [ "$my_id" != 0 ] ;;
        *) false ;;
    esac
}

# only FOLDER...: whether all of them are there and are ours; by one program for all.
only() {
    left=$#
    for facts in $(stat -c %u:%g:%f:%d "$@" 2>/dev/null); do
        ours "$facts" || return 1
        left=$((left - 1))
    done
    [ "$left" = 0 ]
}

# lone FOLDER PATH: whether FOLDER and each folder on the PATH below it is ours, and none a link.
lone() {
    path=$1; rest=${2#/}
    set -- "$path"
    while [ -n "$rest" ]; do
        path=${path%/}/${rest%%/*}
        set -- "$@" "$path"
        case $rest in
            */*) rest=${rest#*/} ;;
            *) rest= ;;
        esac
    done
    only "$@"
}

# where: the folder that this stands in, as the kernel knows it. A name may end in a line end, which $( ) takes away: hence
# the dot, and ${...%??} wherever this is read.
where() { readlink /proc/self/cwd && echo .; }

# walk .PATH [make]: goes there from `top`, and makes what is missing if so asked. Links are followed where nobody else can change
# them; in a folder that others can change, a link is followed only if it belongs to the owner of a sticky folder. Sets
# `folder`, where this is now, `facts` of it, and `made` when the last step was made; empties `alone` where it is not ours.
walk() {
    links=0; goal=${1#.}; rest=$goal
    cd -P "$top" || no 70 "the root folder cannot be entered"
    while [ -n "$rest" ]; do
        step=${rest%%/*}
        case $rest in
            */*) rest=${rest#*/} ;;
            *) rest= ;;
        esac
        case $step in ""|.) continue ;; esac
        closed=1
        facts=$(stat -c %u:%g:%f:%d .)
        ours "$facts" || { closed=; alone=; }
        if [ -n "$closed" ] && [ -L "./$step" ]; then
            target=$(readlink "./$step" && echo .)
            rest=${target%??}/$rest
            case $target in /*) cd / ;; esac
            links=$((links + 1))
            [ "$links" -le 40 ] || no 70 "too many symbolic links lead to $goal"
            continue
        fi
        made=
        [ -z "$2" ] || [ -e "./$step" ] || { mkdir "./$step" && made=1; } || no 74 "$goal cannot be entered"
        folder=$(where); folder=${folder%??}
        cd -P "./$step" || no 70 "$goal cannot be entered"
        [ -n "$closed" ] && continue
        # Somebody may have put a link there just now: is this still the folder of that name?
        there=$(where)
        [ "${there%??}" = "${folder%/}/$step" ] && continue
        case $facts in
            *:4?[02468ace][014589cd]:*) [ "$(stat -c %u .)" = "${facts%%:*}" ] ;;
            *) false ;;
        esac || no 70 "$folder/$step is no folder, or a symbolic link that somebody else can change: name the folder it leads to"
    done
    facts=$(stat -c %u:%g:%f:%d .)
    ours "$facts" || alone=
    folder=$(where); folder=${folder%??}
}
