# DIFFALL: whether a file or a tree is the same on all hosts as here, or as on most of them.

work() { # HOST
    rm -f "$SCRATCH/cause.$1" "$SCRATCH/late.$1"
    answered_base=.$dest
    ask "$1" tree ".$dest"
}

key_of() { # FACTS: what makes two versions equal
    awk -v modes="$modes" '{ print $1, $2, $5 (modes != "" && $2 != "link" ? " " $3 " " $4 : "") }' "$1"
}

presences() { # hosts that answered by what they have: `there` with $SCRATCH/key.HOST, `absent`, `unreadable`
    of ok && there='' absent='' unreadable=''
    for host in $HOSTS; do
        facts=$SCRATCH/held.$host.facts
        if grep -q '^[^ ]* unreadable ' "$facts"; then unreadable="$unreadable $host"
        elif [ ! -s "$facts" ]; then absent="$absent $host"
        else
            there="$there $host"
            key_of "$facts" >"$SCRATCH/key.$host"
        fi
    done
}

comparing='
function what(o, t) {
    if (o == "") return "there as well"
    if (t == "") return "missing"
    split(o, ours, " "); split(t, theirs, " ")
    if (ours[1] != theirs[1]) return "a " theirs[1] " instead of a " ours[1]
    if (ours[1] == "link") return ours[4] == theirs[4] ? "" : "points to " shown(place(theirs[4])) " instead of " shown(place(ours[4]))
    if (ours[4] != theirs[4]) return "content"
    if (ENVIRON["MODES"] != "" && (ours[2] != theirs[2] || ours[3] != theirs[3])) return theirs[2] " " shown_line(theirs[3]) " instead of " ours[2] " " shown_line(ours[3])
    return ""
}
part == 1 { one[$1] = $2 " " $3 " " $4 " " $5; next }
{ two[$1] = $2 " " $3 " " $4 " " $5; if (!($1 in one)) one[$1] = "" }
END {
    for (name in one) {
        w = what(one[name], two[name])
        if (w == "") continue
        split(one[name] " - - - -", ours, " "); split(two[name] " - - - -", theirs, " ")
        print (name == "-" ? "" : name) "\t" name "\t" w "\t" ours[4] "\t" theirs[4] "\t" shown(ENVIRON["DESTHEX"] (name == "-" ? "" : "2f" name))
    }
}'

differences() { # HOSTS FACTS NAME HOST: how their version differs from the reference, which a host has, or nobody but we
    first=${1%% *} theirs_name=$(fold "$1")
    MODES=$modes DESTHEX=$desthex awk "$bytes$comparing" part=1 "$2" part=2 "$SCRATCH/held.$first.facts" | sort | cut -f 2- >"$SCRATCH/differing"
    listed=0
    while IFS='	' read -r name what ours theirs path <&5; do
        listed=$((listed + 1))
        [ "$listed" -le 50 ] || continue
        if [ "$what" != content ]; then
            tell "    $path: $what"
            continue
        fi
        if [ -n "$4" ]; then fetched "$4" "$name" "$ours"; else here_at "$name" && small; fi
        old=$CONTENT
        fetched "$first" "$name" "$theirs"
        unified "$old" "$CONTENT" "$3:$path" "$theirs_name:$path"
    done 5<"$SCRATCH/differing"
    if [ "$listed" -gt 50 ]; then tell "    and $((listed - 50)) more names"; fi
}

majority() { # the version that more hosts have than any other, and more than have nothing, in `most`; no such: nothing
    read -r most <"$SCRATCH/groups" || most=''
    second=$(sed -n 2p "$SCRATCH/groups")
    count $most && size=$COUNT
    count $second && next=$COUNT
    count $absent
    if [ "$size" -eq "$next" ] || [ "$COUNT" -gt "$size" ]; then most=''; fi
}

report() { # each version once, the one of most hosts first, and how it differs from the reference; `same` and `differ`
    same='' differ='' holder=''
    if [ -n "$vote" ]; then
        majority
        with=$(fold "$most") reference=$SCRATCH/held.${most%% *}.facts holder=${most%% *} likeness=$most
        if [ -z "$most" ] && [ -n "$second" ]; then
            echo 'no majority; compared with the first:'
            read -r likeness <"$SCRATCH/groups"
            with=$(fold "$likeness") reference=$SCRATCH/held.${likeness%% *}.facts holder=${likeness%% *}
        fi
    else
        with=here reference=$SCRATCH/here most=yes
    fi
    if [ -f "$reference" ]; then key_of "$reference" >"$SCRATCH/wanted"; fi
    while read -r group <&6; do
        if [ ! -f "$reference" ]; then
            tell "$(fold "$group"): there, and not on most hosts"
            differ="$differ $group"
        elif cmp -s "$SCRATCH/wanted" "$SCRATCH/key.${group%% *}"; then
            tell "$(fold "$group"): same"
            if [ -n "$most" ]; then same="$same $group"; else differ="$differ $group"; fi
        else
            differ="$differ $group"
            tell "$(fold "$group"): differ from $with"
            [ -n "$brief" ] || differences "$group" "$reference" "$with" "$holder"
        fi
    done 6<"$SCRATCH/groups"
    [ -z "$absent" ] || tell "$(fold "$absent"): absent"
    [ -z "$unreadable" ] || tell "$(fold "$unreadable"): unreadable"
}

main() {
    if [ -n "$vote" ]; then
        case $1 in /*) ;; *) usage "$1 is no absolute path, as --vote needs it" ;; esac
    fi
    places "$1"
    if [ -z "$vote" ]; then
        here
        if [ -n "$tree" ]; then grep -v '^[^ ]* other ' "$SCRATCH/here" >"$SCRATCH/whole" && mv "$SCRATCH/whole" "$SCRATCH/here"; fi
    fi
    desthex=$(printf %s "${dest%/}" | od -An -v -tx1 | tr -d ' \n')
    everywhere 120
    presences
    good_hosts=$there
    groups key >"$SCRATCH/groups"
    report >"$SCRATCH/report"
    shown_to cat "$SCRATCH/report"
    line=''
    for part in "same:$same" "differ:$differ" "absent:$absent" "unreadable:$unreadable"; do
        count ${part#*:}
        [ "$COUNT" = 0 ] || line="${line:+$line, }$COUNT ${part%%:*}"
    done
    finish "$line"
    if [ "$STATUS" = 0 ] && [ -n "$unreadable" ]; then STATUS=3; fi
    if [ "$STATUS" = 0 ] && [ -n "$differ$absent" ]; then STATUS=1; fi
    exit "$STATUS"
}
