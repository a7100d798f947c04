# The order of all steps of `install` and `repair`.
answer() {
    printf 'dsas 1 %s %s %s\n' "${name%%-*}" "$digest" "$1"
}

# arrived: whether the generation in the staging folder is the one that was announced, whole; asks about the records and
# the script that is kept here in the same call.
arrived() {
    read_index "$staging"
    check_places
    arrivals=index$newline$files
    sums="$wanted  $staging/index$file_sums"
    if [ -n "$script" ]; then
        arrivals=install.sh$newline$arrivals
        sums="$script  $staging/install.sh$newline$script  $home/install.sh$newline$sums"
    fi
    if [ -n "$fleet" ]; then
        arrivals=lineage$newline$arrivals
        sums="$lineage  $staging/lineage$newline$sums"
    fi
    recall
    examine "$sums$record_sums"
    IFS=$newline
    for file in $arrivals; do
        sound "$staging/$file" || return 1
    done
    IFS=" 	$newline"
}

install_generation() {
    staging=$1 generation=$2 wanted=$3 self=$4 force=$5 script=${6:-}
    target=$generation-${wanted%"${wanted#????????????}"}
    require cp mkdir mv rm sed sha256sum sync
    half="what arrived is not the whole of generation $generation"
    for file in index lineage manifest.json; do [ -r "$staging/$file" ] || refuse 63 "$half"; done
    judge "$staging" "$wanted" "$generation"
    [ -z "$verdict" ] || refuse 68 "$verdict"
    fleet=$said_fleet lineage=$said_lineage
    take_lock
    arrived || refuse 63 "$half"
    old=0
    if read_current; then
        old=${name%%-*}
        if [ "$name" = "$target" ] && [ ! -s "$home/pending" ] && whole "$generations/$name" "$digest" &&
            in_place "$generations/$name" "$digest" && judged "$name" "$digest" && [ "$said_fleet" = "$fleet" ]; then
            write_self "$self"
            answer same
            return
        fi
        [ "$force" = force ] || check_lineage
    fi
    believe
    keep_arrived
    put_in_place "$target" "$wanted"
    write_self "$self"
    name=$target digest=$wanted
    printf '%sbefore %s\n' "$removed" "$old"
    answer installed
}

# keep_arrived: makes what arrived one of the generations of this host, unless it is that already.
keep_arrived() {
    if [ -e "$generations/$target" ]; then
        if whole "$generations/$target" "$wanted" && judged "$target" "$wanted" &&
            [ "$said_fleet" = "$fleet" ]; then return; fi
        rm -rf "${generations:?}/$target"
    fi
    [ -n "$script" ] || chmod 0755 "$staging" # only `receive` says no script, which is root's alone until here
    mv "$staging" "$generations/$target"
}

repair() {
    require cp mkdir mv rm sha256sum sync
    [ -d "$generations" ] || refuse 66 "no generation was ever installed here"
    take_lock
    found='' verdict=''
    # The newest install that was cut off goes before the generation in force.
    if [ -r "$home/pending" ]; then
        while read -r name digest; do
            if check_record && whole "$generations/$name" "$digest" && judged "$name" "$digest"; then
                found="$name $digest"
            fi
        done <"$home/pending"
    fi
    if [ -z "$found" ] && read_current && whole "$generations/$name" "$digest" && judged "$name" "$digest"; then
        found="$name $digest"
    fi
    [ -n "$found" ] || [ -z "$verdict" ] || refuse 68 "$verdict"
    [ -n "$found" ] || refuse 66 "there is no whole generation on this host; the next push brings one"
    target=${found% *} wanted=${found#* }
    read_index "$generations/$target"
    recall
    examine "${record_sums#"$newline"}"
    believe
    put_in_place "$target" "$wanted"
    name=$target digest=$wanted
    printf '%s' "$removed"
    answer repaired
}
