# One install at a time. The kernel frees flock's lock when its holder dies; without flock the holder's id tells.
take_lock() {
    turns=0
    if command -v flock >/dev/null 2>&1; then
        exec 9>"$home/lock"
        until flock -n 9; do await_turn; done
        return
    fi
    until ln -s "$$" "$home/lock.pid" 2>/dev/null; do
        holder=$(readlink "$home/lock.pid") || holder=
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
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

await_turn() {
    turns=$((turns + 1))
    [ "$turns" -le "$lock_wait" ] || refuse 62 "another install is running on this host"
    sleep 1
}
