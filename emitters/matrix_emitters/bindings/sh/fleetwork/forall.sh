# FORALL: a command on every host, by the script run.sh, of which nothing outlives the connection.


work() { # HOST
    rm -f "$T/late.$1" "$T/in.$1" "$T/cause.$1" "$T/begun.$1"
    group_of "$1"
    remote "$run" "$G" "$1" "$(dsas_roles "$1" | tr '\n' ' ' | sed 's/ $//')" "$(dsas_state "$1")" "$script_size" "$input_size"
    line="$L $words"
    if [ -n "$gather" ]; then
        bounded=1
        fed "$1" "$line" >"$T/out.$1" 2>"$T/err.$1"
        echo $? >"$T/status.$1"
        if told_from "$T/out.$1" begun; then
            : >"$T/begun.$1"
            { head -c "$((skip - 1))" "$T/out.$1" | without_word; tail -c "+$skip" "$T/out.$1"; } >"$T/rest.$1"
            mv "$T/rest.$1" "$T/out.$1"
        fi
    else
        state=$(dsas_state "$1")
        front=$1${state:+ $state}
        { { fed "$1" "$line"; echo $? >"$T/status.$1"; } 2>&1 >&3 3>&- | shown_to label "$front" >&2; } 3>&1 | shown_to after_word "$1" "$front"
    fi
    [ -f "$T/begun.$1" ] || not_begun "$1" "$(cat "$T/status.$1")"
}

not_begun() { # HOST STATUS: that of its login, since none of the command is known
    case $2 in
        '') ;;
        0)
            echo 1 >"$T/status.$1"
            echo "command: $silent" >"$T/cause.$1"
            ;;
        *)
            said=''
            if [ -n "$gather" ]; then
                said=$(grep -a . "$T/err.$1" | tail -n 1)
                said=${said:-$(tr -d '\0' <"$T/out.$1" | grep . | tail -n 1 | cut -c 1-200)}
            fi
            printf '%s\n' "command: exit $2 before the command began${said:+ ($said)}" >"$T/cause.$1"
            ;;
    esac
}

without_word() { # what stands before the word by which run.sh begins: the line of it has no end then
    LC_ALL=C awk -v cr="$(printf '\r')" '{ if (NR > 1) print last; last = $0 } END { sub(cr "$", "", last); printf "%s", substr(last, 1, length(last) - 12) }'
}

after_word() { # HOST NAME: as `label`, without the word by which run.sh begins; that it came is noted
    while IFS= read -r line || [ -n "$line" ]; do
        case ${line%"$(printf '\r')"} in
            *'dsas 1 begun')
                : >"$T/begun.$1"
                line=${line%'dsas 1 begun'*}
                if [ -n "$line" ]; then printf '%s: %s\n' "$2" "$line"; fi
                break
                ;;
        esac
        printf '%s: %s\n' "$2" "$line"
    done
    label "$2"
}

fed() { # HOST LINE: with what it is to read, after which its input stays open: its end tells the host that nobody waits
    if [ -z "$script$input" ]; then
        reach "$1" "$2" 7<&9
        return
    fi
    mkfifo "$T/in.$1" || return
    cat ${script:+"$T/script"} ${input:+"$T/stdin"} - <&9 >"$T/in.$1" 2>/dev/null &
    feeder=$!
    reach "$1" "$2" 7<"$T/in.$1"
    set -- $?
    kill "$feeder" 2>/dev/null
    return "$1"
}

told() { # HOSTS: who says what follows
    status=$(cat "$T/status.${1%% *}")
    case $status in 0) tell "$(fold "$1"):" ;; *) tell "$(fold "$1") (exit $status):" ;; esac
}

whole() { # FILE: its lines, the last with an end
    cat "$1"
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then echo; fi
}

answered() { # HOST: whether its command ended by itself
    [ -s "$T/status.$1" ] && [ -f "$T/begun.$1" ] && [ ! -f "$T/late.$1" ] && { [ ! -s "$T/ssh.$1" ] || [ "$(cat "$T/status.$1")" != 255 ]; }
}

gathered() {
    good_hosts=''
    for host in $targets; do
        case $(cat "$T/result.$host" 2>/dev/null) in ok | failed) ;; *) continue ;; esac
        answered "$host" || continue
        { whole "$T/out.$host"; whole "$T/err.$host"; } >"$T/all.$host"
        { cat "$T/status.$host" "$T/out.$host"; echo; cat "$T/err.$host"; } >"$T/key.$host"
        good_hosts="$good_hosts $host"
    done
    groups key >"$T/groups"
    if [ -n "$against" ] && ! has "$good_hosts" "$against"; then
        say "FORALL: $against gave no output to compare with; all outputs follow"
        against=''
    fi
    while read -r same; do
        if has "$same" "$against"; then told "$same"; cat "$T/all.$against"; fi
    done <"$T/groups"
    while read -r same; do
        if has "$same" "$against"; then continue; fi
        told "$same"
        if [ -n "$against" ]; then
            diff -a -u "$T/all.$against" "$T/all.${same%% *}" | sed "1s|.*|--- $against|; 2s|.*|+++ $(fold "$same")|"
        else
            cat "$T/all.${same%% *}"
        fi
    done <"$T/groups"
}

carried() { # SCRIPT WORD...: its size, the interpreter that its first line names, with at most one argument
    [ -f "$1" ] && [ -r "$1" ] || usage "$1: no file that can be read"
    cat "$1" >"$T/script" || exit 2
    script_size=$(($(wc -c <"$T/script")))
    with=sh more=''
    case $(head -c 4 "$T/script" | tr -d '\0') in
        "$(printf '\177')ELF") with='' ;;
        '#!'*)
            first=$(sed -n '1s/^#![[:space:]]*//p' "$T/script" | sed 's/[[:space:]]*$//')
            with=${first%%[[:space:]]*}
            more=${first#"$with"}
            more=${more#"${more%%[![:space:]]*}"}
            with=${with:-sh}
            ;;
    esac
    quote "$with" && words=$R
    quote "$more" && words="$words $R"
}

main() {
    words='' script_size=- input_size=-
    if [ -n "$script" ]; then
        carried "$1"
        shift
    elif [ $# -eq 1 ]; then
        words='sh -c'
    fi
    for each do quote "$each" && words="$words $R"; done
    if [ -n "$input" ]; then
        cat >"$T/stdin" || exit 2
        input_size=$(($(wc -c <"$T/stdin")))
    fi
    everywhere 3600
    [ -z "$gather" ] || shown_to gathered
    of ok && count $L
    if [ "$C" -gt 0 ]; then finish "$C ok"; else finish ''; fi
    exit "$S"
}
