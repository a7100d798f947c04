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

# agrees FOLDER DIGEST NUMBER: whether manifest.json, which is what is signed, speaks of that generation.
agrees() {
    said_number='' said_digest=''
    while [ -z "$said_number" ] || [ -z "$said_digest" ]; do
        IFS= read -r line || return 1
        case $line in
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

# A generation may follow the one in force if that is among its ancestors, or older than all ancestors that it names.
check_lineage() {
    here=${name%%-*} verdict=''
    if [ "$generation" -lt "$here" ]; then
        verdict=60
    elif [ "$generation" -eq "$here" ]; then
        [ "$wanted" = "$digest" ] || verdict=61
    else
        while read -r number ancestor; do
            [ "$number" = "$here" ] || continue
            [ "$ancestor" = "$digest" ] || verdict=61
            break # there may be 200, the newest first
        done <"$staging/lineage"
    fi
    [ -n "$verdict" ] || return 0
    mine="generation $here (${name#*-}, by $(author_of "$generations/$name"))"
    theirs="generation $generation (${target#*-}, by $(author_of "$staging"))"
    [ "$verdict" -ne 60 ] || refuse 60 "this host has $mine, newer than $theirs"
    refuse 61 "two origins: this host has $mine, which is no ancestor of $theirs"
}
