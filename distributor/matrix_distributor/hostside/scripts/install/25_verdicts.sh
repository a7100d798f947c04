# Whether a generation may be put in place here: its places, its signature, its fleet, its ancestors.
#
# check_places: what judges a generation, and what tells this host who it is, are out of its reach.
check_places() {
    IFS=$newline
    for path in $paths $files; do
        case $path in
            */../* | ../* | */.. | */./* | *//* | /etc/dsas | /etc/dsas/* | /var/lib/dsas | /var/lib/dsas/* | \
                /etc/dsas.d/self | /etc/dsas.d/self/* | /etc/dsas.d/.self | /etc/dsas.d/.self/*)
                refuse 63 "$path is no place for a file of a generation"
                ;;
        esac
    done
    IFS=" 	$newline"
}

# agrees FOLDER DIGEST NUMBER: whether manifest.json, which is what is signed, speaks of that generation. Sets `said_fleet`, the
# id of its fleet, and `said_lineage`, the sum of the file that names its ancestors; empty where there is none.
agrees() {
    said_number='' said_digest='' said_fleet='' said_lineage=''
    while [ -z "$said_number" ] || [ -z "$said_digest" ]; do
        IFS= read -r line || return 1
        case $line in
            '  "fleet": '*) said_fleet=${line#*\"fleet\": \"} said_fleet=${said_fleet%%\"*} ;;
            '  "lineage": '*) said_lineage=${line#*\"lineage\": \"} said_lineage=${said_lineage%%\"*} ;;
            '  "generation": '*) said_number=${line#*: } ;;
            '  "digest": '*) said_digest=${line#*: } ;;
        esac
    done <"$1/manifest.json"
    [ "$said_number" = "$3," ] && [ "$said_digest" = "\"$2\"," ]
}

# judge FOLDER DIGEST NUMBER: sets `verdict` to why the generation in a folder may not be put in place here, if so.
judge() {
    verdict=''
    if ! agrees "$@"; then
        verdict="manifest.json is not that of generation $3"
    elif [ ! -e "$signers" ] && [ ! -L "$signers" ]; then
        return 0
    elif ! command -v ssh-keygen >/dev/null 2>&1; then
        verdict="this host has allowed_signers, but no ssh-keygen to check generation $3 with"
    elif [ ! -f "$1/manifest.json.sig" ]; then
        verdict="generation $3 is not signed, and this host wants that ($signers)"
    elif ! ssh-keygen -Y verify -f "$signers" -I matrix -n matrix -s "$1/manifest.json.sig" \
        <"$1/manifest.json" >/dev/null 2>&1; then
        verdict="generation $3 is not signed by one whom this host trusts ($signers)"
    fi
}

# judged NAME DIGEST: whether the generation kept under that name may be in place.
judged() {
    judge "$generations/$1" "$2" "${1%%-*}"
    [ -z "$verdict" ]
}

author_of() {
    sed -n 's/^  "author": "\(.*\)",$/\1/p' "$1/manifest.json" 2>/dev/null || :
}

# relate: sets `kin` to whether `lineage` has the generation in force among the ancestors: yes, no (another of its number), or
# unknown (it does not go back so far). Each line stands for the number before, whatever it says, so that none is left out:
# "number digest", or of older ones the first digits of the digest.
relate() {
    kin=unknown number=$generation
    [ $((generation - here)) -le "$reach" ] || return 0
    while read -r first second; do
        number=$((number - 1))
        [ "$number" -eq "$here" ] || continue
        kin=no ancestor=${second:-$first}
        case $ancestor in ????????*) case $digest in "$ancestor"*) kin=yes ;; esac ;; esac
        return 0
    done <"$staging/lineage"
}

# check_lineage: a generation may follow the one in force if both are of one fleet, and that is among its ancestors. One that is
# of no fleet yet, since the program that made it knew of none, may also be older than all ancestors that are named.
check_lineage() {
    here=${name%%-*} verdict=''
    agrees "$generations/$name" "$digest" "$here" || :
    if [ -n "$said_fleet" ] && [ "$fleet" != "$said_fleet" ]; then
        verdict=fleet
    elif [ "$generation" -lt "$here" ]; then
        verdict=newer
    elif [ "$generation" -eq "$here" ]; then
        [ "$wanted" = "$digest" ] || verdict=stranger
    else
        relate
        case $kin:$said_fleet in yes:* | unknown:) ;; *) verdict=stranger ;; esac
    fi
    [ -n "$verdict" ] || return 0
    mine="generation $here (${name#*-}, by $(author_of "$generations/$name"))"
    theirs="generation $generation (${target#*-}, by $(author_of "$staging"))"
    case $verdict in
        newer) refuse 60 "this host has $mine, newer than $theirs" ;;
        stranger) refuse 61 "two origins: this host has $mine, which is no ancestor of $theirs" ;;
    esac
    mine="$mine of fleet $(printf %.12s "$said_fleet")"
    [ -n "$fleet" ] || refuse 61 "no fleet: this host has $mine, and $theirs names none"
    refuse 61 "another fleet: this host has $mine, and $theirs is of fleet $(printf %.12s "$fleet")"
}
