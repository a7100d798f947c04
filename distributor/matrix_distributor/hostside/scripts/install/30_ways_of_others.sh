# Finds which folders others can change.
#
# A folder that files are put into may be somebody else's, who can put anything in the place of anything there, at any moment:
# which of them are so.

# split_folders: finds out which of `folders` and `left` are not ours alone, or lie in one that is not; sets `others`, a line
# for each: the folder, the last folder on the way to it that is ours alone, and where it lies when links are resolved, with
# tabs between. It takes one program where there is none of them.
split_folders() {
    others='' me=0 facts=''
    [ -O / ] || me=$(id -u)
    IFS=$newline
    # shellcheck disable=SC2086  # a folder a line
    set -- $folders ${left:-}
    looked_at='' ways=$newline
    for folder; do add_ways "$root$folder"; done
    add_ways "$generations"
    add_ways "$root/etc/dsas.d"
    add_things
    [ ! -f "$home/lock" ] || ways=$ways$home/lock$newline
    look_at_ways
    case $looked_at in *"$newline$home/lock$newline"*) chmod 0600 "$home/lock" ;; esac # of an install before this one
    [ -z "$looked_at" ] || for folder; do
        case $newline$others in *"$newline$folder	"*) continue ;; esac
        way=$root$folder hops=0
        while find_open; do
            if [ ! -L "$open" ]; then
                others=$others$folder'	'${open%/*}/'	'$way$newline
                break
            fi
            hops=$((hops + 1))
            [ "$hops" -lt 20 ] || refuse 64 "there are too many links on the way to $root$folder"
            follow_open
        done
    done
    IFS=" 	$newline"
}

# follow_open: goes one link further on the `way`; cd -P would follow those behind it as well, whosever they are.
follow_open() {
    to=$(readlink "$open") || to=''
    at=${open%/*}
    case $to in /*) at='' ;; esac
    to=${to#/}
    while :; do
        case $to in
            ../*) to=${to#../} at=${at%/*} ;;
            ./*) to=${to#./} ;;
            *) break ;;
        esac
    done
    to=${to%/}
    case /$to/ in
        */../* | */./* | *//*) refuse 64 "$open leads to $to, which takes perl to follow: name the folder itself in bindings.files" ;;
    esac
    way=$at/$to${way#"$open"} ways=$newline
    add_ways "$way"
    look_at_ways
}

# add_ways FOLDER: adds it and all above it, below the root of this host, to `ways`.
add_ways() {
    step=$1
    while [ -n "$step" ] && [ "$step" != "$root" ]; do
        case $ways in *"$newline$step$newline"*) break ;; esac
        ways=$ways$step$newline
        step=${step%/*}
    done
}

# look_at_ways: adds to `looked_at` those that are links, or that somebody else than root and who installs can change, or a file
# that others can read; and to `facts` what each is. Where a folder has an access list, the bit of the group is set for whoever
# may write.
look_at_ways() {
    require stat
    # shellcheck disable=SC2086  # a folder a line
    found=$(stat -c "%u %a:%g %F$tab%n" $ways 2>/dev/null) || :
    facts=$facts$newline$found$newline
    while IFS= read -r line; do
        step=${line##*"$tab"}
        case $line in *' regular '*) [ "$step" = "$home/lock" ] || continue ;; esac
        case ${line%%"$tab"*} in
            '') continue ;;
            *' symbolic link') ;;
            "0 "*[2367][0-7]:*\ [a-z]* | "$me "*[2367][0-7]:*\ [a-z]* | "0 "*[2367]:*\ [a-z]* | "$me "*[2367]:*\ [a-z]*) ;;
            "0 "*[4-7]:*\ regular* | "$me "*[4-7]:*\ regular*) ;;
            "0 "* | "$me "*) continue ;;
        esac
        looked_at=$looked_at$newline$step$newline
    done <<END
$found
END
}

# find_open: sets `open` to the first folder on the `way` that is a link or not ours alone; false where there is none.
find_open() {
    open='' step=$way
    while [ -n "$step" ] && [ "$step" != "$root" ]; do
        case $looked_at in *"$newline$step$newline"*) open=$step ;; esac
        step=${step%/*}
    done
    [ -n "$open" ]
}

# is_other FOLDER: whether it is one of `others`; sets `number`, `base` and `way` of it then.
is_other() {
    case $newline$others in *"$newline$1	"*) ;; *) return 1 ;; esac
    number=0
    while IFS='	' read -r found base way; do
        number=$((number + 1))
        base=${base%/}
        [ "$found" != "$1" ] || return 0
    done <<END
$others
END
    return 1
}
