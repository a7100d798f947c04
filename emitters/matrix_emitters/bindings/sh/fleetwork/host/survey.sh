# Tells what files a host has.
# shellcheck shell=sh disable=SC1007,SC2015,SC2016,SC2154
# survey.sh FORMAT [top PATH] MODE WORD..., where FORMAT is for stat(1), and MODE
#   names PATH...   these paths
#   stream DIGEST   the paths on standard input, NUL between them, compressed; "same" where the sorted report has that sha256
#   tree PATH       all that lies below it
#   more PATH...    is how it calls itself by xargs(1), from its own text in DSAS_SURVEY
#
# A report has lines, and `~` at its end:
#   S <FORMAT> NAME      what is there, and a line of sha256sum for each file
#   O HEX DIGEST <FORMAT>  the same where sha256sum and stat would write the name in another way (backslash, control characters)
#   L HEX TARGET-HEX     a symbolic link
#   U HEX                what cannot be looked at
#   R                    the login is root; T MODE OWNER: of the folder PATH
# Statuses: 65 a tool is missing, 70 the root folder cannot be entered.
LC_ALL=C; export LC_ALL
form=$1; what=$2; shift 2
cd "${DSAS_ROOT:-}/" || exit 70

hex() { od -An -v -tx1 | tr -d " \n"; }
name() { printf %s "$1" | hex; }

# odd FILE: the line O of a file.
odd() {
    digest=-; [ -f "$1" ] && digest=$(sha256sum <"$1" 2>/dev/null) || digest=-
    printf "O %s %s %s\n" "$(name "$1")" "${digest%% *}" "$(stat -L -c "$form" "$1")"
}

# gone FILE: says U where it may be there, in a folder that cannot be entered.
gone() {
    folder=${1%/*}
    until [ -e "$folder" ]; do
        case $folder in
            */*) folder=${folder%/*} ;;
            *) break ;;
        esac
    done
    [ -x "$folder" ] || printf "U %s\n" "$(name "$1")"
}

# see FILE...: the lines of these, by one stat(1) and one sha256sum(1) for all. What they are asked about is gathered behind the
# words that are given, which are dropped then: POSIX sh has no other list.
see() {
    given=$#
    for file do
        if [ -L "$file" ]; then
            printf "L %s %s\n" "$(name "$file")" "$(readlink -n "$file" | hex)"
        elif [ -e "$file" ]; then
            case $file in
                *\\*|*[[:cntrl:]]*) odd "$file" ;;
                *) set -- "$@" "$file" ;;
            esac
        else
            gone "$file"
        fi
    done
    shift "$given"
    [ $# -eq 0 ] && return
    stat -c "S $form %n" "$@" 2>/dev/null
    given=$#
    for file do [ -f "$file" ] && set -- "$@" "$file"; done
    shift "$given"
    [ $# -eq 0 ] || sha256sum "$@" 2>/dev/null
}

all() { xargs -0 -n 400 sh -c "$DSAS_SURVEY" sh "$form" more && echo "~"; }

# begin TOOL...: what it needs beside the two that it always needs, and the word by which an answer begins.
begin() {
    for tool in stat sha256sum "$@"; do
        command -v "$tool" >/dev/null 2>&1 || { echo "dsas: this host has no $tool" >&2; exit 65; }
    done
    echo dsas 1 begin
}
end() { echo; echo dsas 1 end; }

root() {
    if [ -O / ]; then echo R; fi
    [ -z "$top_path" ] || top "$top_path"
}
top() {
    if [ -d "$1" ]; then
        stat -L -c "T %f %U:%G" "$1"
    elif [ -e "$1" ] || [ -L "$1" ]; then
        stat -c "T %f %U:%G" "$1"
    fi
}

top_path=
if [ "$what" = top ]; then top_path=$1; what=$2; shift 2; fi
case $what in
    more) see "$@" ;;
    names)
        begin
        root
        see "$@"; echo "~"
        end ;;
    stream)
        begin xargs sort gzip
        root
        report=$(gzip -dc | all | sort)
        digest=$(printf "%s\n" "$report" | sha256sum)
        if [ "${digest%% *}" = "$1" ]; then echo same; else printf "%s\n" "$report" | gzip -c; fi
        end ;;
    tree)
        begin find xargs sort gzip
        if [ -d "$1" ]; then
            top "$1"
            { find "$1/" -mindepth 1 -print0 2>/dev/null || :; } | all | sort | gzip -c
        elif [ -L "$1" ] && [ -f "$1" ]; then
            odd "$1"; echo "~"
        else
            see "$1"; echo "~"
        fi
        end ;;
esac
exit 0
