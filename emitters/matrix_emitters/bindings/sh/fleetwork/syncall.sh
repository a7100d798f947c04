# SYNCALL: a file or a tree on every host, staged, verified and put in place by copy.sh and switch.sh.

ordering='{ key = ""; for (i = 1; i < length($1); i += 2) { c = substr($1, i, 2); key = key (c == "2f" ? "00" : c) } print key, $0 }'

entries() { # what hosts are to have, in $SCRATCH/entries: NUMBER NAME KIND MODE OWNER DIGEST, each folder before what is in it
    if [ -z "$tree" ]; then sed "s/^-/$(printf %s "${dest##*/}" | od -An -v -tx1 | tr -d ' \n')/" "$SCRATCH/here" >"$SCRATCH/own"; else cat "$SCRATCH/here" >"$SCRATCH/own"; fi
    mine=''
    if [ "$(id -u)" = 0 ]; then mine=1; fi
    awk "$ordering" "$SCRATCH/own" | sort | cut -d ' ' -f 2- |
        MODE=$mode OWNER=$owner MINE=$mine awk '$2 == "other" { next } {
            if ($2 == "file" && ENVIRON["MODE"] != "") $3 = ENVIRON["MODE"]
            if (ENVIRON["OWNER"] != "") $4 = ENVIRON["OWNER"]
            else if (ENVIRON["MINE"] == "" || $4 ~ /UNKNOWN/) $4 = "-"
            print ++n, $0
        }' >"$SCRATCH/entries"
    awk "$bytes"'$2 == "other" { print shown($1) }' "$SCRATCH/own" | while IFS= read -r line; do
        say "SYNCALL: ${source%/}/$line is neither file, folder nor link, and is left out"
    done
}

comparing='
function at(name) { return shown(ENVIRON["BASEHEX"] (name == "-" ? "" : "2f" name)) }
part == 1 { kind[$1] = $2; perm[$1] = $3; own[$1] = $4; sum[$1] = $5; next }
{
    n = $1; name = $2; was = kind[name]; before = was == "file" ? sum[name] : "-"; o = own[name]
    if ($5 !~ /:/) sub(/:.*/, "", o)
    if (was == "") print "new", n, name, "-"
    else if (was == "unreadable") print "! " at(name) " cannot be read on the host"
    else if ($3 == "folder" && was != "folder") print "! " at(name) " is a " was " on the host, and a folder here: it is not followed or replaced"
    else if ($3 != "folder" && was == "folder") print "! " at(name) " is a folder on the host, and a " $3 " here: it is not replaced"
    else if ($3 == "link") { if (was != "link" || sum[name] != $6) print "link", n, name, before }
    else if ($3 == "file" && (was != "file" || sum[name] != $6)) print "content", n, name, before
    else if (perm[name] != $4 || ($5 != "-" && ENVIRON["GIVE"] != "" && o != $5)) {
        if (name != "-" || ENVIRON["TOP"] != "") print "mode", n, name, before
        else { mine = " " $5; print "kept", n, name, perm[name] " " own[name] " there, " $4 ($5 == "-" ? "" : mine) " here" }
    }
}'

leftover='
part == 1 { wanted[$2]; if (ENVIRON["BACKUP"] != "") wanted[$2 "7e"]; next }
$1 == "-" || $1 in wanted || substr($1, 1, 12) == "2e647361732e" { next }
{ depth = 0; for (i = 1; i < length($1); i += 2) if (substr($1, i, 2) == "2f") depth++; print depth, $1, $2 }'

differences() { # HOST: what would have to change, in $SCRATCH/changes.HOST; false when that cannot be
    answered_base=.${base%/}
    if [ -n "$tree" ]; then ask "$1" top "$answered_base" stream -; else ask "$1" names ".$dest" ${then:+".${base%/}/$mark"}; fi || return
    give=$root$owner
    BASEHEX=$basehex GIVE=$give TOP=$settop awk "$bytes$comparing" part=1 "$SCRATCH/held.$1.facts" part=2 "$SCRATCH/entries" >"$SCRATCH/both.$1"
    grep '^! ' "$SCRATCH/both.$1" >"$SCRATCH/against.$1"
    if [ -s "$SCRATCH/against.$1" ]; then
        more=$(($(wc -l <"$SCRATCH/against.$1") - 1))
        cause=$(head -n 1 "$SCRATCH/against.$1")
        if [ "$more" -gt 0 ]; then cause="$cause (and $more more)"; fi
        fails "$1" survey "${cause#! }"
        return 1
    fi
    sed -n 's/^kept [^ ]* - //p' "$SCRATCH/both.$1" >"$SCRATCH/kept.$1"
    grep -v '^kept ' "$SCRATCH/both.$1" >"$SCRATCH/changes.$1" || :
    if [ -z "$delete" ]; then still_owed "$1"; return; fi
    ask "$1" tree ".$base" || return
    BACKUP=$backup awk "$leftover" part=1 "$SCRATCH/entries" part=2 "$SCRATCH/held.$1.facts" | sort -k 1,1nr -k 2,2 |
        awk '{ print "deleted", ($3 == "folder" ? "folder" : "file"), $2, "-" }' >>"$SCRATCH/changes.$1"
    still_owed "$1"
}

still_owed() { # HOST: where nothing is to be changed, whether --then is to be run, since it did not go well before
    if [ -z "$then" ] || [ -s "$SCRATCH/changes.$1" ] || ! grep -q "^$markhex " "$SCRATCH/held.$1.facts"; then return 0; fi
    echo "then 0 $thenhex -" >"$SCRATCH/changes.$1"
}

writing='
function folder_of(name,   i) { for (i = length(name) - 1; i > 0; i -= 2) if (substr(name, i, 2) == "2f") return substr(name, 1, i - 1); return "" }
function own_name(name,   i) { for (i = length(name) - 1; i > 0; i -= 2) if (substr(name, i, 2) == "2f") return quoted(unhex(substr(name, i + 2))); return quoted(unhex(name)) }
function at(name,   f) {
    f = folder_of(name)
    if (f == stands) return
    stands = f
    print f == "" ? "top_level" : "into " quoted(unhex(f))
}
function is_put(i) { return what[i] != "deleted" && what[i] != "then" && what[i] != "mode" && kind[num[i]] != "folder" }
part == 1 { kind[$1] = $3; perm[$1] = $4; own[$1] = $5; sum[$1] = $6; next }
part == 2 { size[$1] = $2; next }
{ what[++n] = $1; num[n] = $2; name[n] = $3 }
END {
    print "soft=" (ENVIRON["OWNER"] != "" ? "" : 1)
    print "enter " ENVIRON["ENTER"]
    if (n && what[1] == "new" && name[1] == "-") print "fresh"
    for (i = 1; i <= n; i++) if (is_put(i) && kind[num[i]] == "file") {
        if (own[num[i]] != "-") print "staged_owner " quoted(own[num[i]]) " " num[i]
        print "staged_mode " perm[num[i]] " " num[i]
    }
    if (ENVIRON["CHECK"] ENVIRON["THEN"] != "") print "watch"
    if (ENVIRON["CHECK"] != "") for (i = 1; i <= n; i++)
        if (is_put(i) && kind[num[i]] == "file") print "check " num[i] " " own_name(name[i]) " " ENVIRON["CHECK"]
    if (ENVIRON["THEN"] != "") { print "top_level"; print "owe " ENVIRON["MARK"] }
    stands = "/"
    for (i = 1; i <= n; i++) if (what[i] == "new" && kind[num[i]] == "folder" && name[i] != "-") { at(name[i]); print "folder " own_name(name[i]) }
    for (i = 1; i <= n; i++) if (is_put(i)) {
        at(name[i])
        if (ENVIRON["BACKUP"] != "" && what[i] != "new") print "keep " own_name(name[i])
        if (kind[num[i]] == "file") print "put " num[i] " " own_name(name[i])
        else print "link " num[i] " " own_name(name[i]) " " quoted(unhex(sum[num[i]]))
    }
    for (i = 1; i <= n; i++) if (what[i] == "deleted") { at(name[i]); print (num[i] == "folder" ? "folder_gone " : "gone ") own_name(name[i]) }
    for (i = n; i > 0; i--) if (what[i] == "mode" || (what[i] == "new" && kind[num[i]] == "folder")) {
        if (name[i] == "-") {
            print "top_is " quoted(own[num[i]] == "-" ? "" : own[num[i]]) " 0" perm[num[i]] " " (what[i] == "mode" ? 1 : Q Q)
            continue
        }
        at(name[i])
        if (kind[num[i]] == "file") {
            print "anew " sum[num[i]] " " size[num[i]] " " quoted(own[num[i]] == "-" ? "" : own[num[i]]) " " perm[num[i]] " " own_name(name[i])
            continue
        }
        if (own[num[i]] != "-") print "owner " quoted(own[num[i]]) " " own_name(name[i])
        print "mode 0" perm[num[i]] " " own_name(name[i])
    }
    if (ENVIRON["THEN"] != "") print "then_run " ENVIRON["THEN"] "\npaid " ENVIRON["MARK"]
}'

go_script() { # HOST: what brings the changes about, in the words of switch.sh
    printf '%s' "$switch"
    quote ".$base" && enter=$QUOTED
    line='' after='' owed=''
    if [ -n "$check" ]; then quote "$check_line" && line=$QUOTED; fi
    if [ -n "$then" ]; then quote "$then" && after=$QUOTED && quote "$mark" && owed=$QUOTED; fi
    awk 'part == 1 { file[$1] = $3 == "file"; next } $1 == "mode" && file[$2] { print $2, $3 }' \
        part=1 "$SCRATCH/entries" part=2 "$SCRATCH/changes.$1" | while read -r number name; do
        [ -n "$tree" ] || name=-
        here_at "$name"
        echo "$number $(($(wc -c <"$CONTENT")))"
    done >"$SCRATCH/sizes.$1"
    OWNER=$owner ENTER=$enter MARK=$owed CHECK=$line THEN=$after BACKUP=$backup \
        awk "$bytes$writing" part=1 "$SCRATCH/entries" part=2 "$SCRATCH/sizes.$1" part=3 "$SCRATCH/changes.$1"
}

record() { # NAME FILE: a file as tar has it (ustar), with mode 600, as its own member of a gzip stream
    size=$(($(wc -c <"$2")))
    octal=$(printf '%011o' "$size")
    [ "${#octal}" -eq 11 ] || return 1
    case $1 in go) sum=2715 digits=$octal ;; sums) sum=2957 digits=$octal ;; *) sum=2501 digits=$1$octal ;; esac
    while [ -n "$digits" ]; do # the sum of all bytes of the header: 2501 are those that are always the same
        rest=${digits#?}
        sum=$((sum + 48 + ${digits%"$rest"}))
        digits=$rest
    done
    {
        printf '%s' "$1" && head -c $((100 - ${#1})) /dev/zero
        printf '0000600\0%s\0%s\0%s\0%s\0%06o\0 0' 0000000 0000000 "$octal" 00000000000 "$sum"
        head -c 100 /dev/zero && printf 'ustar\00000' && head -c 247 /dev/zero
        cat "$2"
        head -c $(((512 - size % 512) % 512)) /dev/zero
    } | gzip -c
}

member() { # NUMBER NAME: the file here, compressed once for all hosts, in $SCRATCH/member.NUMBER; false when it cannot be
    if mkdir "$SCRATCH/making.$1" 2>/dev/null; then
        here_at "$2"
        if record "$1" "$CONTENT" >"$SCRATCH/part.$1" && [ -s "$SCRATCH/part.$1" ]; then mv "$SCRATCH/part.$1" "$SCRATCH/member.$1"; else : >"$SCRATCH/failed.$1"; fi
    fi
    until [ -f "$SCRATCH/member.$1" ]; do
        [ ! -f "$SCRATCH/failed.$1" ] || return 1
        sleep 0.1 2>/dev/null || sleep 1
    done
}

payload() { # HOST: everything that it lacks, and what to do with it; the sum of all sums in `sums`
    go_script "$1" >"$SCRATCH/go.$1"
    awk 'part == 1 { kind[$1] = $3; sum[$1] = $6; next } ($1 == "new" || $1 == "content") && kind[$2] == "file" { print $2, $3, sum[$2] }' \
        part=1 "$SCRATCH/entries" part=2 "$SCRATCH/changes.$1" >"$SCRATCH/sent.$1"
    {
        echo "$(sha256sum <"$SCRATCH/go.$1" | cut -d ' ' -f 1)  go"
        awk '{ print $3 "  " $1 }' "$SCRATCH/sent.$1"
    } >"$SCRATCH/sums.$1"
    sums=$(sha256sum <"$SCRATCH/sums.$1")
    record sums "$SCRATCH/sums.$1" >"$SCRATCH/payload.$1" && record go "$SCRATCH/go.$1" >>"$SCRATCH/payload.$1" || return
    while read -r number name _; do
        [ -n "$tree" ] || name=-
        member "$number" "$name" || return
    done <"$SCRATCH/sent.$1"
}

stream() { # HOST: what it is sent
    cat "$SCRATCH/payload.$1"
    while read -r number _; do cat "$SCRATCH/member.$number"; done <"$SCRATCH/sent.$1"
    head -c 1024 /dev/zero | gzip -c
}

work() { # HOST
    rm -f "$SCRATCH/cause.$1" "$SCRATCH/late.$1"
    differences "$1" || return
    if [ ! -s "$SCRATCH/changes.$1" ] || [ -n "$dry" ]; then return; fi
    if ! payload "$1"; then fails "$1" transfer 'a file here cannot be sent: it is gone, or larger than 8 GiB'; return; fi
    group_of "$1"
    remote "$copy" "$GROUP" "$1" "$(dsas_roles "$1" | tr '\n' ' ' | sed 's/ $//')" "$(dsas_state "$1")" "${sums%% *}  sums" ".$base"
    stream "$1" 2>/dev/null | reach "$1" "$LINE" >"$SCRATCH/out.$1" 2>"$SCRATCH/err.$1" 7<&0
    set -- "$1" $?
    echo "$2" >"$SCRATCH/status.$1"
    rm -f "$SCRATCH/payload.$1" "$SCRATCH/go.$1"
    case $2 in 0) ;; 255) ! [ -s "$SCRATCH/ssh.$1" ] || return ;; esac
    stage=''
    if [ "$2" != 0 ] || ! grep -qx 'dsas 1 done' "$SCRATCH/out.$1"; then failing "$1" "$2"; fi
    case $stage in '' | check | then) grep -v '^dsas: ' "$SCRATCH/err.$1" | shown_to label "$1" ;; esac
}

failing() { # HOST STATUS: the stage and the cause that the host gave; without words of its own no status says a stage
    cause=$(sed -n 's/^dsas: //p' "$SCRATCH/err.$1" | tail -n 1)
    case ${cause:+$2} in
        70) stage=stage ;;
        71) stage=stop ;;
        72) stage=check ;;
        73) stage='then' ;;
        74) stage=switch ;;
        75) stage=transfer ;;
        *) stage=copy ;;
    esac
    said=''
    case $stage:$2 in
        check:* | then:* | *:0) ;;
        *)
            grep -v '^dsas: ' "$SCRATCH/err.$1" | grep -v 'Exiting with failure status' | grep . >"$SCRATCH/said.$1"
            said=$(grep -E 'No space left|Read-only|Permission denied|not permitted|not found' "$SCRATCH/said.$1" | tail -n 1)
            said=${said:-$(tail -n 1 "$SCRATCH/said.$1")}
            case $cause in *"$said"*) said='' ;; esac
            ;;
    esac
    if [ -n "$cause$said" ]; then cause=$cause${said:+${cause:+ (}$said${cause:+)}}; else status=$2 && cause=$(unanswered "$SCRATCH/out.$1" "$SCRATCH/err.$1"); fi
    fails "$1" "$stage" "$cause"
}

listing='
part == 1 { entry[$1] = 1; next }
{ key = $2 " " $3 " " $4 " " $5; if (!(key in hosts)) { order[++n] = key; hosts[key] = $1 } else hosts[key] = hosts[key] " " $1 }
END {
    for (i = 1; i <= n; i++) {
        h = hosts[order[i]]
        if (!(h in told)) sets[++m] = h
        if (++told[h] > 20 && ENVIRON["DRY"] == "") continue
        split(order[i], part_of, " ")
        print h "\t" part_of[1] "\t" part_of[3] "\t" part_of[4] "\t" shown(ENVIRON["BASEHEX"] (part_of[3] == "-" ? "" : "2f" part_of[3]))
    }
    for (i = 1; i <= m; i++) if (told[sets[i]] > 20 && ENVIRON["DRY"] == "") print sets[i] "\tmore\t" told[sets[i]] - 20 "\t\t"
}'

list() { # what changed, equal changes once with their hosts folded; in a dry run with the differences of texts
    of ok
    for host in $HOSTS; do
        if [ -s "$SCRATCH/changes.$host" ]; then sed "s/^/$host /" "$SCRATCH/changes.$host"; fi
    done >"$SCRATCH/all_changes"
    DRY=$dry BASEHEX=$basehex awk "$bytes$listing" "$SCRATCH/all_changes" >"$SCRATCH/listed"
    while IFS='	' read -r names what name before path <&5; do
        folded=$(fold "$names")
        case $what in more) tell "$folded: and $name more"; continue ;; esac
        tell "$folded: $what $path"
        if [ -n "$dry" ] && [ "$what" = content ]; then
            old=''
            if [ "$before" != - ]; then fetched_at "${names%% *}" "$name" "$before" && old=$CONTENT; fi
            if [ -n "$tree" ]; then here_at "$name"; else here_at -; fi
            ours=$CONTENT
            small
            unified "$old" "$CONTENT" "$folded:$path" "$ours"
        fi
    done 5<"$SCRATCH/listed"
    safe "${base:-/}" && safe_base=$SAFE
    of ok
    for host in $HOSTS; do sed "s/^/$host	/" "$SCRATCH/kept.$host"; done | alike >"$SCRATCH/all_kept"
    while IFS='	' read -r names kept; do
        tell "$(fold "$names"): kept $safe_base: $kept (--top sets it)"
    done <"$SCRATCH/all_kept"
}

fetched_at() { # HOST NAME DIGEST: of a single file the name is that of `dest` itself
    if [ -n "$tree" ]; then fetched "$1" "$2" "$3"; else fetched "$1" - "$3"; fi
}

main() {
    places "$1"
    here
    [ -z "$delete" ] || [ -n "$tree" ] || usage '--delete is for trees, and a file was given'
    [ -z "$settop" ] || [ -n "$tree" ] || usage '--top is for trees, and a file was given'
    base=$dest
    if [ -z "$tree" ]; then
        case $dest in /) usage "$1: / cannot be a file" ;; esac
        base=${dest%/*}
        base=${base:-/}
    fi
    basehex=$(printf %s "${base%/}" | od -An -v -tx1 | tr -d ' \n')
    entries
    mark=.dsas.then thenhex=- # in the folder of everything from before the switch until --then went well
    if [ -z "$tree" ]; then
        thenhex=$(printf %s "${dest##*/}" | od -An -v -tx1 | tr -d ' \n')
        if [ ${#thenhex} -le 488 ]; then mark=$mark-${dest##*/}; else mark=$mark-$(printf %s "${dest##*/}" | sha256sum | cut -c 1-64); fi # names have at most 255 bytes
    fi
    markhex=$(printf %s "$mark" | od -An -v -tx1 | tr -d ' \n')
    if [ -n "$tree" ]; then
        { (cd "$source" && names_here); [ -z "$then" ] || printf './%s\0' "$mark"; } |
            xargs -0 sh -c 'for f do printf "%s\0" "$0${f#.}"; done' ".${base%/}" | gzip -c >"$SCRATCH/names"
    fi
    check_line=$(printf '%s.' "$check" | sed 's/%s/"$DSAS_STAGED"/g') && check_line=${check_line%.}
    limit=60
    [ -z "$check$then" ] || limit=120
    set -- $(if [ -n "$tree" ]; then du -sk "$source/."; else wc -c <"$source" | awk '{ print int($1 / 1024) }'; fi)
    everywhere $((limit + $1 / 256)) # a host is given time for 256 KiB a second
    shown_to list
    of ok
    changed='' same=''
    for host in $HOSTS; do if [ -s "$SCRATCH/changes.$host" ]; then changed="$changed $host"; else same="$same $host"; fi; done
    line=''
    count $changed
    if [ "$COUNT" -gt 0 ] && [ -n "$dry" ]; then line="$COUNT would change"; elif [ "$COUNT" -gt 0 ]; then line="$COUNT changed"; fi
    count $same
    if [ "$COUNT" -gt 0 ]; then line="${line:+$line, }$COUNT same"; fi
    finish "$line"
    exit "$STATUS"
}
