# FORALL: a command on every host, by the script run.sh, of which nothing outlives the connection.


work() { # HOST
    rm -f "$SCRATCH/late.$1" "$SCRATCH/in.$1" "$SCRATCH/cause.$1" "$SCRATCH/begun.$1"
    group_of "$1"
    remote "$run" "$GROUP" "$1" "$(dsas_roles "$1" | tr '\n' ' ' | sed 's/ $//')" "$(dsas_state "$1")" "$script_size" "$input_size"
    line="$LINE $words"
    if [ -n "$gather" ]; then
        bounded=1
        fed "$1" "$line" >"$SCRATCH/out.$1" 2>"$SCRATCH/err.$1"
        echo $? >"$SCRATCH/status.$1"
        if told_from "$SCRATCH/out.$1" begun; then
            : >"$SCRATCH/begun.$1"
            { head -c "$((skip - 1))" "$SCRATCH/out.$1" | without_word; tail -c "+$skip" "$SCRATCH/out.$1"; } >"$SCRATCH/rest.$1"
            mv "$SCRATCH/rest.$1" "$SCRATCH/out.$1"
        fi
    else
        state=$(dsas_state "$1")
        front=$1${state:+ $state}
        { { fed "$1" "$line"; echo $? >"$SCRATCH/status.$1"; } 2>&1 >&3 3>&- | shown_to label "$front" >&2; } 3>&1 | shown_to after_word "$1" "$front"
    fi
    [ -f "$SCRATCH/begun.$1" ] || not_begun "$1" "$(cat "$SCRATCH/status.$1")"
}

not_begun() { # HOST STATUS: that of its login, since none of the command is known
    case $2 in
        '') ;;
        0)
            echo 1 >"$SCRATCH/status.$1"
            echo "command: $silent" >"$SCRATCH/cause.$1"
            ;;
        *)
            said=''
            if [ -n "$gather" ]; then
                said=$(grep -a . "$SCRATCH/err.$1" | tail -n 1)
                said=${said:-$(tr -d '\0' <"$SCRATCH/out.$1" | grep . | tail -n 1 | cut -c 1-200)}
            fi
            printf '%s\n' "command: exit $2 before the command began${said:+ ($said)}" >"$SCRATCH/cause.$1"
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
                : >"$SCRATCH/begun.$1"
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
    mkfifo "$SCRATCH/in.$1" || return
    cat ${script:+"$SCRATCH/script"} ${input:+"$SCRATCH/stdin"} - <&9 >"$SCRATCH/in.$1" 2>/dev/null &
    feeder=$!
    reach "$1" "$2" 7<"$SCRATCH/in.$1"
    set -- $?
    kill "$feeder" 2>/dev/null
    return "$1"
}

told() { # HOSTS: who says what follows
    status=$(cat "$SCRATCH/status.${1%% *}")
    case $status in 0) tell "$(fold "$1"):" ;; *) tell "$(fold "$1") (exit $status):" ;; esac
}

whole() { # FILE: its lines, the last with an end
    cat "$1"
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then echo; fi
}

answered() { # HOST: whether its command ended by itself
    [ -s "$SCRATCH/status.$1" ] && [ -f "$SCRATCH/begun.$1" ] && [ ! -f "$SCRATCH/late.$1" ] && { [ ! -s "$SCRATCH/ssh.$1" ] || [ "$(cat "$SCRATCH/status.$1")" != 255 ]; }
}

gathered() {
    good_hosts=''
    for host in $targets; do
        case $(cat "$SCRATCH/result.$host" 2>/dev/null) in ok | failed) ;; *) continue ;; esac
        answered "$host" || continue
        { whole "$SCRATCH/out.$host"; whole "$SCRATCH/err.$host"; } >"$SCRATCH/all.$host"
        { cat "$SCRATCH/status.$host" "$SCRATCH/out.$host"; echo; cat "$SCRATCH/err.$host"; } >"$SCRATCH/key.$host"
        good_hosts="$good_hosts $host"
    done
    groups key >"$SCRATCH/groups"
    if [ -n "$against" ] && ! has "$good_hosts" "$against"; then
        say "FORALL: $against gave no output to compare with; all outputs follow"
        against=''
    fi
    while read -r same; do
        if has "$same" "$against"; then told "$same"; cat "$SCRATCH/all.$against"; fi
    done <"$SCRATCH/groups"
    while read -r same; do
        if has "$same" "$against"; then continue; fi
        told "$same"
        if [ -n "$against" ]; then
            diff -a -u "$SCRATCH/all.$against" "$SCRATCH/all.${same%% *}" | sed "1s|.*|--- $against|; 2s|.*|+++ $(fold "$same")|"
        else
            cat "$SCRATCH/all.${same%% *}"
        fi
    done <"$SCRATCH/groups"
}

carried() { # SCRIPT WORD...: its size, the interpreter that its first line names, with at most one argument
    [ -f "$1" ] && [ -r "$1" ] || usage "$1: no file that can be read"
    cat "$1" >"$SCRATCH/script" || exit 2
    script_size=$(($(wc -c <"$SCRATCH/script")))
    with=sh more=''
    case $(head -c 4 "$SCRATCH/script" | tr -d '\0') in
        "$(printf '\177')ELF") with='' ;;
        '#!'*)
            first=$(sed -n '1s/^#![[:space:]]*//p' "$SCRATCH/script" | sed 's/[[:space:]]*$//')
            with=${first%%[[:space:]]*}
            more=${first#"$with"}
            more=${more#"${more%%[![:space:]]*}"}
            with=${with:-sh}
            ;;
    esac
    quote "$with" && words=$QUOTED
    quote "$more" && words="$words $QUOTED"
}

main() {
    words='' script_size=- input_size=-
    if [ -n "$script" ]; then
        carried "$1"
        shift
    elif [ $# -eq 1 ]; then
        words='sh -c'
    fi
    for each do quote "$each" && words="$words $QUOTED"; done
    if [ -n "$input" ]; then
        cat >"$SCRATCH/stdin" || exit 2
        input_size=$(($(wc -c <"$SCRATCH/stdin")))
    fi
    everywhere 3600
    [ -z "$gather" ] || shown_to gathered
    of ok && count $HOSTS
    if [ "$COUNT" -gt 0 ]; then finish "$COUNT ok"; else finish ''; fi
    exit "$STATUS"
}
