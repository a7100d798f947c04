# What is told: states, folded names, groups of hosts, the line at the end.

flag() { # HOST: its state and reason, as people are shown it, in F
    F=$(dsas_state "$1")
    reason=$(dsas_reason "$1")
    safe "$F${reason:+: $reason}" && F=$H
}

has() { case " $1 " in *" $2 "*) ;; *) false ;; esac; }

of() { # RESULT: its hosts, in L
    L=''
    for host in $targets; do
        became=''
        { read -r became <"$T/result.$host"; } 2>/dev/null || : # no cat(1): a Ctrl-C ends it as well
        if [ "$became" = "$1" ]; then L="$L $host"; fi
    done
}

count() { C=$#; }

label() { # NAME: whole lines of standard input with it in front
    while IFS= read -r line || [ -n "$line" ]; do printf '%s: %s\n' "$1" "$line"; done
}

folding='
function close_run() { if (shown != "") inner = inner (inner == "" ? "" : ",") (first == last ? first : first "-" last) }
{
    literal = $0; number = ""
    if (match($0, /[0-9]+[^0-9]*$/)) {
        tail = substr($0, RSTART); number = tail; sub(/[^0-9]*$/, "", number)
        literal = substr($0, 1, RSTART - 1) "\t" substr(tail, length(number) + 1)
    }
    if (!(literal in rows)) order[++n] = literal
    rows[literal] = rows[literal] " " number
}
END {
    for (i = 1; i <= n; i++) {
        split(order[i], part, "\t"); count = split(rows[order[i]], numbers, " "); inner = shown = ""
        for (k = 1; k <= count; k++) {
            if (shown != "" && numbers[k] + 0 == last + 1 && (length(numbers[k]) == length(last) || substr(first, 1, 1) != "0") && substr(numbers[k], 1, 1) != (substr(first, 1, 1) == "0" ? "x" : "0")) { last = numbers[k]; continue }
            close_run(); first = last = shown = numbers[k]
        }
        close_run()
        printf "%s%s", (i > 1 ? "," : ""), part[1] (count > 1 ? "[" inner "]" : inner) part[2]
    }
}'
fold() { # NAMES: w[101-103,105], by their last number
    printf '%s\n' $1 | awk "$folding"
}

alike() { # lines HOST TAB TEXT: hosts of a text folded in one line, HOSTS TAB TEXT, in the order of the first
    awk -F '\t' '!($2 in hosts) { order[++n] = $2; hosts[$2] = $1; next } { hosts[$2] = hosts[$2] " " $1 }
        END { for (i = 1; i <= n; i++) print hosts[order[i]] "\t" order[i] }'
}

told_as() { # GAP, and lines as of `alike`: w[101-102]: exit 1; w104: connection refused
    gap=''
    while IFS='	' read -r names text; do
        printf '%s%s%s%s' "$gap" "$(fold "$names")" "$1" "$text"
        gap='; '
    done
}

because() { # HOST...: by cause without its stage, which begins small unless it is an abbreviation
    for host do
        cause=$(cat "$T/cause.$host")
        printf '%s\t%s\n' "$host" "${cause#*: }"
    done | alike | awk -F '\t' '{ if ($2 ~ /^[A-Z][a-z]/) $2 = tolower(substr($2, 1, 1)) substr($2, 2); print $1 "\t" $2 }' | told_as ': '
}

flags_of() { # HOST...: those that have a state, with it
    for host do
        flag "$host"
        if [ -n "$F" ]; then printf '%s\t%s\n' "$host" "$F"; fi
    done
}

finish() { # WORDS-OF-THE-GOOD: the line at the end, and the exit status in S
    line=$1
    of unreachable && unreachable=$L && of interrupted && ended=$L && of 'not begun' && begun=$L && of ok && good=$L
    failed=''
    for host in $targets; do
        case $(cat "$T/result.$host" 2>/dev/null) in failed | unreachable) failed="$failed $host" ;; esac
    done
    for part in "failed:$failed" "interrupted:$ended" "not begun:$begun"; do
        if [ -n "${part#*:}" ]; then count ${part#*:} && line="$line, $C ${part%%:*} ($(because ${part#*:}))"; fi
    done
    if [ -n "$skipped" ]; then count $skipped && line="$line, $C skipped ($(flags_of $skipped | alike | told_as ' '))"; fi
    flags_of $targets >"$T/flags"
    if [ -s "$T/flags" ]; then line="$line, $(wc -l <"$T/flags" | tr -d ' ') flagged ($(alike <"$T/flags" | told_as ' '))"; fi
    case $self in '') ;; *)
        case $(cat "$T/result.$self" 2>/dev/null) in '' | 'not begun') ;; *) line="$line, this machine, without SSH: $self" ;; esac ;;
    esac
    line=${line#, }
    say "${line:-no hosts}"
    S=0
    if [ -n "$failed$ended$begun" ]; then S=3; fi
    if [ "$S" = 3 ] && [ -z "$good$ended" ] && [ "$failed" = "$unreachable" ]; then S=4; fi
    if [ -n "$by_name" ] && [ -z "$targets" ]; then S=4; fi
}

groups() { # PREFIX: of good_hosts, those with equal files $T/PREFIX.HOST in one line each, the largest group first
    for host in $good_hosts; do
        printf '%s\t%s\n' "$(cksum <"$T/$1.$host")" "$host"
    done | awk -F '\t' '!($1 in hosts) { order[++n] = $1; hosts[$1] = $2; size[$1] = 1; next }
        { hosts[$1] = hosts[$1] " " $2; size[$1]++ }
        END { for (i = 1; i <= n; i++) print size[order[i]], hosts[order[i]] }' | sort -s -k 1,1nr | cut -d ' ' -f 2-
}
