# What SYNCALL and DIFFALL share: what is here, what hosts have, and how two contents differ.
#
# Facts are lines `NAME KIND MODE OWNER DIGEST`, a name in hex and relative to the place asked for (`-`: the place
# itself), the digest of a link in hex where it points to, `-` for what is not known or does not matter.

FORM='%f %U:%G -'
launch='DSAS_SURVEY=$1; export DSAS_SURVEY; shift; eval "$DSAS_SURVEY"'
LARGEST=1048576
MOST=67108864 # bytes of a report, as it comes and uncompressed
ENTRIES=300000
TOO_LARGE="its report holds more than $MOST bytes or $ENTRIES files: compare or copy a smaller tree"

places() { # SOURCE[:DEST]: `source` here and `dest` there
    case $1 in
        :/*) usage "$1: there is no name before the colon" ;;
        *:/*) source=${1%:/*} dest=/${1##*:/} ;;
        /*) source=$1 dest=$1 ;;
        *) source=$1 dest=$(pwd)/$1 ;;
    esac
    case $source in -*) source=./$source ;; esac
    case $1 in
        *:/*) case $dest in */) [ -d "$source" ] || dest=$dest${source##*/} ;; esac ;;
    esac
    dest=$(plain_path "$dest" && echo .) && dest=${dest%??}
}

plain_path() { # PATH: without `//`, `.` and `..`
    TEXT=$1 awk 'BEGIN {
        n = split(ENVIRON["TEXT"], part, "/")
        for (i = 1; i <= n; i++) {
            if (part[i] == "" || part[i] == ".") continue
            if (part[i] == "..") { if (depth) depth-- } else kept[++depth] = part[i]
        }
        for (i = 1; i <= depth; i++) path = path "/" kept[i]
        print (path == "" ? "/" : path)
    }'
}

bytes=$characters'
function quoted(s,   n, i, part, r) {
    n = split(s, part, Q); r = Q part[1]
    for (i = 2; i <= n; i++) r = r Q "\\" Q Q part[i]
    return r Q
}
function place(name) { return name == "-" ? "" : name }
'
reading='
function bits(h,   i, v) { v = 0; for (i = 1; i <= length(h); i++) v = v * 16 + index("0123456789abcdef", substr(h, i, 1)) - 1; return v }
function fact(path, mode, owner, digest,   v, t) {
    v = bits(mode); t = int(v / 4096)
    kind[path] = t == 8 ? "file" : t == 4 ? "folder" : t == 10 ? "link" : "other"
    perm[path] = sprintf("%04o", v % 4096); own[path] = owner; sum[path] = digest
}
BEGIN { base = hex(ENVIRON["BASE"]); cut = length(base) + 1 }
$0 == "" || $0 == "~" { next }
length($1) == 64 && $1 ~ /^[0-9a-f]+$/ { later[hex(substr($0, 67))] = $1; next }
$1 == "S" { rest = substr($0, length($2) + length($3) + length($4) + 6); fact(hex(rest), $2, $3, "-"); next }
$1 == "O" { fact($2, $4, $5, $3); next }
NR == 1 && $1 == "T" { fact("-", $2, $3, "-"); print "-", kind["-"], perm["-"], own["-"], "-"; delete kind["-"]; next }
$1 == "L" { kind[$2] = "link"; perm[$2] = "0777"; own[$2] = "-"; sum[$2] = $3; next }
$1 == "U" { kind[$2] = "unreadable"; perm[$2] = "0000"; own[$2] = sum[$2] = "-"; next }
{ bad = 1; exit 1 }
END {
    if (bad) exit 1
    for (path in kind) {
        if (kind[path] == "file" && path in later) sum[path] = later[path]
        if (kind[path] == "file" && sum[path] == "-") kind[path] = "unreadable"
        name = substr(path, cut + 2)
        print (name == "" ? "-" : name), kind[path], perm[path], own[path], (sum[path] == "" ? "-" : sum[path])
    }
}'

report_of() { # FILE: an answer of survey.sh without what it says in front, which is put in `root` and `top`; false without its words
    root='' top=''
    echo '?' >"$1.text"
    told_from "$1" begin || return
    for _ in 1 2 3; do
        case $(tail -c "+$skip" "$1" | head -c 2 | od -An -tx1 | tr -d ' \n') in
            520a) root=1 ;;
            5420) # the folder of a tree
                top=$(tail -c "+$skip" "$1" | head -n 1 | head -c 600)
                skip=$((skip + ${#top} + 1))
                continue
                ;;
            1f8b)
                tail -c "+$skip" "$1" | gzip -dc 2>/dev/null | short_lines >"$1.text"
                case $(tail -n 1 "$1.text") in '~') return ;; *) return 1 ;; esac
                ;;
            *)
                tail -c "+$skip" "$1" | short_lines | awk '/^dsas 1 end$/ { e = last == "~"; exit } $0 != "" { last = $0; print } END { exit !e }' >"$1.text"
                return
                ;;
        esac
        skip=$((skip + 2))
    done
}

short_lines() { head -c "$((MOST + 1))" | command fold -b -w 20000; } # longer ones are no lines of a report, and awk is slow at them

too_large() { # FILE: whether it is more than a report may be
    [ "$(wc -c <"$1")" -gt "$MOST" ] || [ "$(wc -l <"$1")" -gt "$((2 * ENTRIES))" ]
}

facts_of() { # ANSWER BASE: facts in ANSWER.facts, sorted by name; false when it is no answer of survey.sh
    report_of "$1" || return
    ! too_large "$1.text" || return 1
    { [ -z "$top" ] || printf '%s\n' "$top"; cat "$1.text"; } >"$1.whole"
    BASE=$2 awk "$bytes$reading" "$1.whole" >"$1.unsorted" || return 1
    sort "$1.unsorted" >"$1.facts"
    rm -f "$1" "$1.text" "$1.whole" "$1.unsorted"
}

ask() { # HOST SURVEY-WORD...: what it has there, in $SCRATCH/held.HOST.facts; false, and the cause is told, when it does not say
    asked=$1
    shift
    remote "$launch" "$survey" "$FORM" "$@"
    case $1 in
        stream | top) bounded=1 && reach "$asked" "$LINE" >"$SCRATCH/held.$asked" 2>"$SCRATCH/err.$asked" 7<"$SCRATCH/names" ;;
        *) bounded=1 && reach "$asked" "$LINE" >"$SCRATCH/held.$asked" 2>"$SCRATCH/err.$asked" 7</dev/null ;;
    esac
    set -- $?
    echo "$1" >"$SCRATCH/status.$asked"
    status=$1
    if [ "$1" = 0 ]; then
        facts_of "$SCRATCH/held.$asked" "$answered_base" && return
        set -- 1
        if too_large "$SCRATCH/held.$asked.text"; then echo "dsas: $TOO_LARGE" >>"$SCRATCH/err.$asked"
        elif told_from "$SCRATCH/held.$asked" begin; then echo "dsas: its report ends in the middle, or cannot be read" >>"$SCRATCH/err.$asked"; fi
    fi
    case $1 in 153) echo "dsas: $TOO_LARGE" >"$SCRATCH/err.$asked" ;; esac # of `ulimit -f`
    case $1 in 255) ! [ -s "$SCRATCH/ssh.$asked" ] || return 1 ;; esac
    fails "$asked" survey "$(unanswered "$SCRATCH/held.$asked" "$SCRATCH/err.$asked")"
    return 1
}

unanswered() { # OUTPUT ERRORS: why a script did not answer, after it ended with `status`
    said=$(sed -n 's/^dsas: //p' "$2" | tail -n 1)
    if [ -n "$said" ]; then echo "$said"; return; fi
    said=$(grep . "$2" | tail -n 1)
    if [ -n "$said" ] && [ "$status" != 0 ]; then printf '%s\n' "$said"; return; fi
    if [ -z "$said" ] && ! told_from "$1" begin; then said=$(tr -d '\0' <"$1" | tail -n 1 | cut -c 1-200); fi
    why="it ended with status $status"
    if [ "$status" = 0 ]; then why=$silent; fi
    printf '%s\n' "$why${said:+ ($said)}"
}

fails() { # HOST STAGE CAUSE
    echo 1 >"$SCRATCH/status.$1"
    printf '%s: %s\n' "$2" "$3" >"$SCRATCH/cause.$1"
}

names_here() { # in a folder; that --then is owed to this very machine is nothing to copy
    find . -mindepth 1 ! \( -type f \( -name .dsas.then -o -name '.dsas.then-*' \) \) -print0
}

here() { # what is here: facts in $SCRATCH/here, sorted; `tree` when it is a folder
    tree=''
    [ -e "$source" ] || usage "$source: no such file or folder"
    if [ -d "$source" ]; then
        tree=1
        (
            cd "$source" && names_here | gzip -c >"$SCRATCH/found" &&
                DSAS_ROOT=$PWD sh -c "$launch" sh "$survey" "$FORM" stream - <"$SCRATCH/found" >"$SCRATCH/answer"
        ) || usage "$source cannot be read"
        facts_of "$SCRATCH/answer" . || usage "$source cannot be read"
        { echo "- folder $(printf '%04o' "0$(stat -L -c %a "$source/.")") $(stat -L -c %U:%G "$source/.") -"; cat "$SCRATCH/answer.facts"; } >"$SCRATCH/here"
        LC_ALL=C awk "$bytes"'$2 == "unreadable" { print shown(place($1)) }' "$SCRATCH/here" >"$SCRATCH/unread"
        if [ -s "$SCRATCH/unread" ]; then usage "$source/$(head -n 1 "$SCRATCH/unread") cannot be read"; fi
    else
        [ -f "$source" ] || usage "$source is neither a file nor a folder"
        [ -r "$source" ] || usage "$source cannot be read"
        sum=$(sha256sum <"$source") || usage "$source cannot be read"
        echo "- file $(printf '%04o' "0$(stat -L -c %a "$source")") $(stat -L -c %U:%G "$source") ${sum%% *}" >"$SCRATCH/here"
    fi
}

text_of() { # HEX: the bytes, and an end
    HEX=$1 awk "$bytes"'BEGIN { printf "%s", unhex(ENVIRON["HEX"]) }' </dev/null && echo .
}

here_at() { # NAME: the file here of that name in $CONTENT
    CONTENT=$source
    if [ "$1" != - ]; then
        CONTENT=$(text_of "$1")
        CONTENT=${source%/}/${CONTENT%.}
    fi
}

fetched() { # HOST NAME DIGEST: the file that a host has below `dest` in $CONTENT; nothing when it cannot be shown
    CONTENT=$SCRATCH/content.$3
    if [ ! -f "$CONTENT" ]; then
        far=$dest
        if [ "$2" != - ]; then
            far=$(text_of "$2")
            far=${dest%/}/${far%.}
        fi
        remote "$fetch" ".$far" "$LARGEST"
        reach "$1" "$LINE" 2>/dev/null 7</dev/null | head -c "$((2 * LARGEST))" >"$SCRATCH/sent_by.$1"
        ! told_from "$SCRATCH/sent_by.$1" begin || tail -c "+$skip" "$SCRATCH/sent_by.$1" | gzip -dc 2>/dev/null | head -c "$((LARGEST + 1))" >"$CONTENT"
        rm -f "$SCRATCH/sent_by.$1"
        [ -f "$CONTENT" ] || : >"$CONTENT"
        case $(sha256sum <"$CONTENT") in "$3 "*) ;; *) rm -f "$CONTENT" ;; esac
    fi
    [ -f "$CONTENT" ] || CONTENT=''
}

small() { # what is too large here is not shown either: $CONTENT is emptied
    if [ "$(wc -c <"$CONTENT")" -gt "$LARGEST" ]; then CONTENT=''; fi
}

is_text() { [ "$(tr -d '\0' <"$1" | wc -c)" -eq "$(wc -c <"$1")" ]; }

grouped() { # FILE: its size with commas
    wc -c <"$1" | awk '{ n = $1; r = ""; while (length(n) > 3) { r = "," substr(n, length(n) - 2) r; n = substr(n, 1, length(n) - 3) } print n r }'
}

unified() { # OLD-FILE NEW-FILE OLD-NAME NEW-NAME: how two contents differ, or why that is not shown
    safe "$3" && old_name=$SAFE
    safe "$4" && new_name=$SAFE
    if [ -z "$1" ] || [ -z "$2" ]; then
        tell "    $old_name and $new_name differ; too large to be shown"
    elif ! is_text "$1" || ! is_text "$2"; then
        tell "    $old_name and $new_name differ; no text: $(grouped "$1") and $(grouped "$2") bytes"
    else
        diff -a -u -L "$old_name" -L "$new_name" "$1" "$2"
    fi
}
