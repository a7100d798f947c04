# Compares kind, owner and mode of what is in place with what an install makes.
#
# What is in place has a kind, an owner and a mode besides its bytes. look_at_ways has asked for all of them in the call in which it
# asks for folders: a line each in `facts`.

# boss: whose all is that an install makes, as UID:GID: root's, but below a root of one's own.
boss() {
    boss=0:0
    [ -z "$root" ] || [ -O / ] || boss=$(id -u):$(id -g)
}

# own_things NAME: sets `own`, what an install makes besides the files in place of the generation NAME, which was read last: "KIND
# MODE PATH" a line.
own_things() {
    own="folder 0755 /etc/dsas.d${newline}file 0644 /etc/dsas.d/self${newline}folder 0755 /var/lib/dsas"
    own="$own${newline}folder 0755 /var/lib/dsas/generations${newline}folder 0755 /var/lib/dsas/generations/$1"
    own="$own${newline}file 0644 /var/lib/dsas/current${newline}file 0755 /var/lib/dsas/install.sh"
    [ "$index_of" = "$generations/$1" ] || return 0
    for file in index lineage manifest.json; do own="$own${newline}file 0644 /var/lib/dsas/generations/$1/$file"; done
    own=$own$newline$kept_modes
}

# see_facts: the same without a look at folders, for who can read no more than others.
see_facts() {
    [ -z "$facts" ] || return 0
    looked_at='' ways=$newline
    add_things
    look_at_ways
    IFS=" 	$newline"
}

# add_things: adds to `ways` what the generation that was read last puts in place, and what is there besides.
add_things() {
    own_things "${name:-}"
    IFS=" 	$newline"
    while read -r _ _ path; do [ -z "$path" ] || ways=$ways$root$path$newline; done <<END
$own
END
    IFS=$newline
    for path in $paths; do ways=$ways$root$path$newline; done
}

# wrong KIND MODE PATH: sets `why`: how what stands there differs from a file or folder of that mode; empty where it does not.
# A folder may be a link of root's to one.
wrong() {
    why=''
    line=${facts%"$tab$root$3$newline"*}
    if [ "$line" = "$facts" ]; then
        why=missing
        [ ! -d "$root${3%/*}" ] || [ -x "$root${3%/*}" ] || why="cannot be looked at"
        return 0
    fi
    line=${line##*"$newline"}
    case $1:$line in
        folder:*' directory') ;;
        folder:*' symbolic link') return 0 ;;
        file:*' regular '*) ;;
        *' directory') why="a folder instead of a $1" ;;
        *' symbolic link') why="a link instead of a $1" ;;
        *' regular '*) why="a file instead of a $1" ;;
        *) why="neither file nor folder" ;;
    esac
    [ -z "$why" ] || return 0
    uid=${line%% *}
    line=${line#* }
    bits=${line%%:*}
    line=${line#*:}
    uid=$uid:${line%% *}
    case $bits in ?) bits=000$bits ;; ??) bits=00$bits ;; ???) bits=0$bits ;; esac
    [ "$bits" = "$2" ] || why="mode $bits, should be $2"
    [ "$uid" = "$boss" ] || why="$why${why:+, }owner $uid, should be $boss"
    [ "$1" = folder ] || ! mounted "$3" || why="$why${why:+, }something is mounted on it"
}

# mounted PATH: whether something is mounted on it.
mounted() {
    case $mounts in *"$newline$root$1$newline"*) ;; *) false ;; esac
}

# read_mounts: sets `mounts`, the places of the first hundred: the shell reads a byte at a time.
read_mounts() {
    mounts=$newline count=0
    [ -r /proc/self/mountinfo ] || return 0
    while [ "$count" -lt 100 ] && read -r _ _ _ _ where _; do
        mounts=$mounts$where$newline count=$((count + 1))
    done </proc/self/mountinfo
}

# as_made: whether all has the kind, owner and mode that an install of the generation that was read last gives it.
as_made() {
    boss
    see_facts
    read_mounts
    while read -r kind mode path; do
        [ -n "$path" ] || continue
        wrong "$kind" "$mode" "$path"
        [ -z "$why" ] || return 1
    done <<END
$modes
$own
END
}

# put_right: gives what an install does not make anew the owner and mode that it has to have.
put_right() {
    boss
    while read -r kind mode path; do
        [ -n "$path" ] || continue
        wrong "$kind" "$mode" "$path"
        case $why in mode* | owner*) ;; *) continue ;; esac
        # Where somebody else can change the folder, another thing may stand there by now.
        case $looked_at in *"$newline$root${path%/*}$newline"*) continue ;; esac
        # Five digits take set-id bits from a folder too.
        { chown "$boss" "$root$path" && chmod "0$mode" "$root$path"; } || refuse 64 "$root$path: $why, and cannot be set"
    done <<END
$own
END
}
