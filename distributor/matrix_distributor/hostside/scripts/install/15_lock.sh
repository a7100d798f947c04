# One install at a time. The kernel frees flock's lock when its holder dies; without flock the holder's id tells.
take_lock() {
    turns=0
    if command -v flock >/dev/null 2>&1; then
        # Whoever can read a file can lock it, and keep all others out.
        umask 077
        exec 9>"$home/lock"
        umask 022
        until flock -n 9; do
            chmod 0600 "$home/lock"
            await_turn
        done
        return
    fi
    until ln -s "$$" "$home/lock.pid" 2>/dev/null; do
        holder=$(readlink "$home/lock.pid") || holder=
        if [ -n "$holder" ] && ! holds "$holder"; then
            # Moved aside first: of two that find it stale one alone gets it, and sees whether it is still that one.
            mv -f "$home/lock.pid" "$home/lock.$$" 2>/dev/null || continue
            [ "$(readlink "$home/lock.$$")" = "$holder" ] || mv -f "$home/lock.$$" "$home/lock.pid"
            rm -f "$home/lock.$$"
        else
            await_turn
        fi
    done
    locked=$home/lock.pid
}

# holds PID: whether it is an install that may hold the lock: the number of one that is dead may be anybody's by now.
holds() {
    kill -0 "$1" 2>/dev/null && { [ ! -d "/proc/$1" ] || [ -O "/proc/$1" ]; }
}

await_turn() {
    turns=$((turns + 1))
    [ "$turns" -le "$lock_wait" ] || refuse 62 "another install is running on this host"
    sleep 1
}
