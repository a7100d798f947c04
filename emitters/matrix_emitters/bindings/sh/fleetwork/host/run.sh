# FORALL on a host, of which nothing outlives the connection.
# shellcheck shell=sh disable=SC1007,SC2015,SC2034,SC2154
# After firm.sh: run.sh GROUP HOST ROLES STATE SCRIPT-BYTES INPUT-BYTES WORD...
#
# GROUP is 0 under sudo, where this shell leads no process group of its own. On standard input come the script, then the input of
# the command, each of so many bytes (`-`: none); after that it stays open, and its end says that nobody waits any more.
# With a script the first two words are its interpreter and one argument of that, either of which may be empty. "dsas 1 begun"
# goes before all that the command says. Statuses: 75 the input did not arrive whole; else that of the command.
echo dsas 1 begun
export DSAS_HOST="$2" DSAS_ROLES="$3" DSAS_STATE="$4"
group=$1; script_size=$5; input_size=$6; shift 6
[ "$group" = 0 ] || group=-$$
folder=; script=; input=
exec 3<&0 </dev/null

no() {
    [ -z "$folder" ] || rm -rf "$folder"
    echo "dsas: the host could not take the input whole" >&2; exit 75
}

# take: makes a folder of this login's own.
take() {
    shared || { echo "dsas: others can change what lies in /tmp: chmod 1777 /tmp" >&2; exit 75; }
    folder=$(mktemp -d "$place/.dsas.XXXXXX") || { folder=; no; }
}

# fill BYTES FILE: so many bytes of what comes.
fill() { head -c "$1" <&3 >"$2" && [ "$(wc -c <"$2")" -eq "$1" ] || no; }

case $script_size,$input_size in
    -,-) ;;
    *,-)
        take
        script=$folder/script; fill "$script_size" "$script" ;;
    -,*)
        take
        input=$folder/input; fill "$input_size" "$input" ;;
    *)
        # Both at once: head(1) may read more than it gives out, which would be lost for a second one.
        take
        script=$folder/script; input=$folder/input
        fill "$((script_size + input_size))" "$folder/both"
        head -c "$script_size" "$folder/both" >"$script" && tail -c "+$((script_size + 1))" "$folder/both" >"$input" || no
        rm -f "$folder/both" ;;
esac
[ -z "$input" ] || { exec <"$input"; rm -f "$input"; }
if [ -n "$script" ]; then
    chmod 700 "$script"
    interpreter=$1; argument=$2; shift 2
    set -- "$script" "$@"
    [ -z "$argument" ] || set -- "$argument" "$@"
    [ -z "$interpreter" ] || set -- "$interpreter" "$@"
elif [ -n "$folder" ]; then
    rmdir "$folder"; folder=
fi
# Nothing of the command outlives the connection: this waits for the end of standard input, and then ends all.
(
    exec >/dev/null 2>&1
    read -r ignored <&3
    trap "" TERM HUP
    kill -s TERM -- "$group"
    [ -z "$folder" ] || rm -rf "$folder"
    sleep 2
    kill -s KILL -- "$group"
) &
watcher=$!
("$@") 3<&-
status=$?
kill "$watcher"
[ -z "$folder" ] || rm -rf "$folder"
exit "$status"
