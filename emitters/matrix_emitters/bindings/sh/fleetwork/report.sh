# What is told: states, folded names, groups of hosts, the line at the end.

flag() { # HOST: its state and reason, as people see them, in $FLAG
    FLAG=$(dsas_state "$1")
    reason=$(dsas_reason "$1")
    safe "$FLAG${reason:+: $reason}" && FLAG=$SAFE
}

has() { case " $1 " in *" $2 "*) ;; *) false ;; esac; }

of() { # RESULT: its hosts in $HOSTS
    HOSTS=''
    for host in $targets; do
        became=''
        { read -r became <"$SCRATCH/result.$host"; } 2>/dev/null || : # no cat(1): a Ctrl-C ends it as well
        if [ "$became" = "$1" ]; then HOSTS="$HOSTS $host"; fi
    done
}

count() { COUNT=$#; }

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
        cause=$(cat "$SCRATCH/cause.$host")
        printf '%s\t%s\n' "$host" "${cause#*: }"
    done | alike | awk -F '\t' '{ if ($2 ~ /^[A-Z][a-z]/) $2 = tolower(substr($2, 1, 1)) substr($2, 2); print $1 "\t" $2 }' | told_as ': '
}

flags_of() { # HOST...: those that have a state, with it
    for host do
        flag "$host"
        if [ -n "$FLAG" ]; then printf '%s\t%s\n' "$host" "$FLAG"; fi
    done
}

finish() { # WORDS-OF-THE-GOOD: the line at the end; the exit status in $STATUS
    line=$1
    of unreachable && unreachable=$HOSTS && of interrupted && ended=$HOSTS && of 'not begun' && begun=$HOSTS && of ok && good=$HOSTS
    failed=''
    for host in $targets; do
        case $(cat "$SCRATCH/result.$host" 2>/dev/null) in failed | unreachable) failed="$failed $host" ;; esac
    done
    for part in "failed:$failed" "interrupted:$ended" "not begun:$begun"; do
        if [ -n "${part#*:}" ]; then count ${part#*:} && line="$line, $COUNT ${part%%:*} ($(because ${part#*:}))"; fi
    done
    if [ -n "$skipped" ]; then count $skipped && line="$line, $COUNT skipped ($(flags_of $skipped | alike | told_as ' '))"; fi
    flags_of $targets >"$SCRATCH/flags"
    if [ -s "$SCRATCH/flags" ]; then line="$line, $(wc -l <"$SCRATCH/flags" | tr -d ' ') flagged ($(alike <"$SCRATCH/flags" | told_as ' '))"; fi
    case $self in '') ;; *)
        case $(cat "$SCRATCH/result.$self" 2>/dev/null) in '' | 'not begun') ;; *) line="$line, this machine, without SSH: $self" ;; esac ;;
    esac
    line=${line#, }
    say "${line:-no hosts}"
    STATUS=0
    if [ -n "$failed$ended$begun" ]; then STATUS=3; fi
    if [ "$STATUS" = 3 ] && [ -z "$good$ended" ] && [ "$failed" = "$unreachable" ]; then STATUS=4; fi
    if [ -n "$by_name" ] && [ -z "$targets" ]; then STATUS=4; fi
}

groups() { # PREFIX: of good_hosts, those with equal files $SCRATCH/PREFIX.HOST in one line each, the largest group first
    for host in $good_hosts; do
        printf '%s\t%s\n' "$(cksum <"$SCRATCH/$1.$host")" "$host"
    done | awk -F '\t' '!($1 in hosts) { order[++n] = $1; hosts[$1] = $2; size[$1] = 1; next }
        { hosts[$1] = hosts[$1] " " $2; size[$1]++ }
        END { for (i = 1; i <= n; i++) print size[order[i]], hosts[order[i]] }' | sort -s -k 1,1nr | cut -d ' ' -f 2-
}
