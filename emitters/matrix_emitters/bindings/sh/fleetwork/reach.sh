# Reaching hosts: one by ssh, this one by sh, many at once; waves, retries, bounds of time, Ctrl-C.
#
# `reach HOST LINE` runs a line on a host; its standard input is descriptor 7, output and error are the line's own.
# Files in $SCRATCH: pid.HOST of what runs, ssh.HOST what ssh says, status.HOST, result.HOST and cause.HOST what became of it.

silent='it ended with status 0 but did not answer: a login shell that is no shell, a forced command, or an exit in its start files'

told_from() { # FILE WORD: in `skip`, where an answer begins among what the login shell says; false where a script did not begin
    skip=$(tr '\0' '.' <"$1" 2>/dev/null | awk -v "word=dsas 1 $2" '{ n += length($0) + 1; sub(/\r$/, "") } substr($0, length($0) - length(word) + 1) == word { print n + 1; exit }')
    [ -n "$skip" ]
}

known() { # HOST KEY: ssh.user or ssh.port, its own, else of the first role that has one
    VALUE=$(dsas_get "$1" "$2" '')
    for role in $(dsas_roles "$1"); do
        [ -z "$VALUE" ] || break
        VALUE=$(dsas_get_in "$1" "$role" "$2" '')
    done
}

as_the_user() { # the language that the user works in goes with the command, which ssh may send on
    if [ -n "$language_set" ]; then LC_ALL=$language; else unset LC_ALL; fi
}

reach() {
    began=$(date +%s)
    if [ "$1" = "$self" ]; then
        { as_the_user; exec ${alone}${timeout:+timeout "$timeout"} sh -c "$2"; } <&7 &
        pid=$!
        attend "$1"
        set -- "$1" $?
        if [ -f "$SCRATCH/late.$1" ] && [ -n "$alone" ]; then # what heard no TERM
            sleep 1
            kill -s KILL -- "-$pid" 2>/dev/null
        fi
        return "$2"
    fi
    set -- "$1" "$2" "$(dsas_address "$1")"
    user='' port=''
    known "$1" ssh.user && user=$VALUE
    known "$1" ssh.port && port=$VALUE
    ${DSAS_SSH:-ssh} -G "$1" 2>/dev/null >"$SCRATCH/way.$1"
    configured=$(sed -n 's/^hostname //p' "$SCRATCH/way.$1")
    remembered=''
    case $dry$new in 1accept-new) # a dry run writes no new key
        cat $(sed -n 's/^userknownhostsfile //p' "$SCRATCH/way.$1") >"$SCRATCH/known.$1" 2>/dev/null
        remembered="-o UserKnownHostsFile=$SCRATCH/known.$1 -o UpdateHostKeys=no" ;;
    esac
    [ "$configured" = "$1" ] || [ -z "$configured" ] || set -- "$1" "$2" "$configured"
    { as_the_user; ${bounded:+ulimit -f 131072}; exec ${timeout:+timeout "$timeout"} ${DSAS_SSH:-ssh} -T -E "$SCRATCH/ssh.$1" -o BatchMode=yes -o ConnectTimeout=10 \
        -o ServerAliveInterval=15 -o StrictHostKeyChecking="$new" -o LogLevel=ERROR -o HostName="$3" $remembered \
        ${user:+-l "$user"} ${port:+-p "$port"} -- "$1" "$2"; } <&7 &
    attend "$1"
}
alone='' bounded='' # `bounded`: of what a host says no more than 64 MiB (in bash 128) are put into a file
if command -v setsid >/dev/null; then alone='setsid '; fi

attend() { # HOST: wait for what was just begun for it, which can be ended by its number
    echo "$!" >"$SCRATCH/pid.$1"
    if [ -f "$SCRATCH/ended" ]; then kill "$!" 2>/dev/null; fi
    wait "$!"
    set -- "$1" $?
    rm -f "$SCRATCH/pid.$1"
    if [ "$2" = 124 ] && [ -n "$timeout" ] && [ $(($(date +%s) - began)) -ge "${timeout%.*}" ]; then : >"$SCRATCH/late.$1"; fi
    return "$2"
}

remote() { # SCRIPT WORD...: the line for a host in $LINE
    quote "$1" && LINE="exec ${sudo}sh -c $QUOTED sh"
    shift
    for each do quote "$each" && LINE="$LINE $QUOTED"; done
}

group_of() { # HOST: whether what runs there leads a process group of its own, in $GROUP
    GROUP=own
    if [ -n "$sudo" ]; then GROUP=0; fi
}

stop=0 why='stopped by Ctrl-C'
end_all() { : >"$SCRATCH/ended"; for pid in $(cat "$SCRATCH"/pid.* 2>/dev/null); do kill "$pid" 2>/dev/null; done; }
interrupted() {
    stop=$((stop + 1))
    if [ "$stop" -eq 1 ]; then
        say "$me: no further host is begun; those that run may end (Ctrl-C again ends them too)"
    else
        say "$me: ending what runs on the hosts"
        echo 'ended by Ctrl-C' >"$SCRATCH/why"
        end_all
    fi
}
terminated() { # SIGNAL
    stop=$((stop + 1)) why="ended by SIG$1"
    say "$me: ending what runs on the hosts"
    echo "$why" >"$SCRATCH/why"
    end_all
}
over() {
    stop=$((stop + 1)) why="the $total s for all are over"
    echo "$why" >"$SCRATCH/why"
    end_all
}
trap interrupted INT
trap 'terminated TERM' TERM
trap 'terminated HUP' HUP
trap over USR1
mkfifo "$SCRATCH/hold" "$SCRATCH/slots" && exec 8<>"$SCRATCH/slots" 9<>"$SCRATCH/hold" || exit 1

begin() { # HOST: `work HOST` in the background, for which a slot was taken; it leaves a status in $SCRATCH/status.HOST
    (
        trap '' INT HUP USR1
        trap 'exit 143' TERM
        set +e
        attempt=0
        while :; do
            : >"$SCRATCH/ssh.$1"
            work "$1"
            status=$(cat "$SCRATCH/status.$1")
            if [ "$status" != 255 ] || [ ! -s "$SCRATCH/ssh.$1" ] || [ "$attempt" -ge "$retry" ] || [ -f "$SCRATCH/ended" ]; then break; fi
            if grep -Eq 'ost key|IDENTIFICATION|ermission denied|not resolve' "$SCRATCH/ssh.$1"; then break; fi
            attempt=$((attempt + 1))
        done
        trouble "$1"
        echo >&8
    ) &
}

trouble() { # HOST: its outcome in $SCRATCH/result.HOST and $SCRATCH/cause.HOST, and a line when it is not ok
    status=$(cat "$SCRATCH/status.$1" 2>/dev/null) || status=143
    result=failed
    case $status in
        0) result=ok cause='' ;;
        *) cause=$(cat "$SCRATCH/cause.$1" 2>/dev/null) || cause="command: exit $status" ;;
    esac
    if [ -f "$SCRATCH/late.$1" ]; then cause="command: the command did not end within $timeout s"; fi
    if [ "$status" != 0 ] && [ -f "$SCRATCH/ended" ]; then
        result=interrupted cause="stop: ended before it was done: $(cat "$SCRATCH/why")"
    elif [ "$status" = 255 ] && [ -s "$SCRATCH/ssh.$1" ]; then
        ssh_trouble "$1"
    fi
    safe "$cause" && cause=$SAFE
    printf '%s\n' "$result" >"$SCRATCH/result.$1"
    printf '%s\n' "$cause" >"$SCRATCH/cause.$1"
    case $result in ok) ;; *) say "$1: $cause" ;; esac
}

ssh_trouble() { # HOST: what ssh wrote, as stage and cause
    result=unreachable
    line=$(tail -n 1 "$SCRATCH/ssh.$1" | tr -d '\r') # ssh ends its lines with one
    whole=$(cat "$SCRATCH/ssh.$1")
    case $whole in
        *"IDENTIFICATION HAS CHANGED"*) cause='host key: host key changed' ;;
        *"ost key"*) cause='host key: unknown host key' ;;
        *"ermission denied"*) cause="login: ${line#*: }" ;;
        *"onnection refused"* | *"timed out"*"port"* | *"onnect to host"* | *"o route to host"* | *"nreachable"*) cause="connect: ${line##*: }" ;;
        *"not resolve"*) cause="resolve: ${line#ssh: }" ;;
        *"anner exchange"*) cause="banner: ${line#*: }" ;;
        *) result=failed cause="command: $line" ;;
    esac
}

share() { # HOSTS: hosts in a wave, 0 for all
    case $rolling in
        '') wave=0 ;;
        *%) wave=$(($1 * ${rolling%?} / 100)) && [ "$wave" -gt 0 ] || wave=1 ;;
        *) wave=$rolling ;;
    esac
}

rest() { # between waves; a signal shortens it
    if [ -z "$pause" ] || [ "$stop" -gt 0 ]; then return; fi
    sleep "$pause" &
    wait "$!"
}

everywhere() { # SECONDS: `work` on all targets, each of which is given so long where --timeout says nothing
    [ "$timeout" != default ] || timeout=$1
    for host in $skipped; do
        flag "$host"
        if has "$by_name" "$host"; then FLAG="$FLAG; it was named, and was left out: -a takes hosts out of service too"; fi
        say "$host: skipped: $FLAG"
    done
    clock=''
    if [ -n "$total" ]; then
        (trap '' INT; trap 'kill "$sleeper"' TERM; sleep "$total" & sleeper=$!; wait "$sleeper" && kill -s USR1 $$) &
        clock=$!
    fi
    set -- $targets
    share $#
    slots=$fanout
    [ "$wave" = 0 ] || [ "$wave" -gt "$fanout" ] || slots=$wave
    while [ "$slots" -gt 0 ]; do echo >&8 && slots=$((slots - 1)); done
    in_wave=0 bad='' workers=''
    for host do
        if [ "$wave" -gt 0 ] && [ "$in_wave" -ge "$wave" ]; then
            await
            in_wave=0
            failures
            [ -n "$bad" ] || rest
        fi
        if [ "$stop" -eq 0 ] && [ -z "$bad" ]; then read -r slot <&8 || :; fi
        if [ "$stop" -gt 0 ] || [ -n "$bad" ]; then
            echo 'not begun' >"$SCRATCH/result.$host"
            if [ -n "$bad" ]; then
                echo "stop: stopped, since $bad failed" >"$SCRATCH/cause.$host"
                say "$host: stop: stopped, since $bad failed"
            else
                if [ -f "$SCRATCH/why" ]; then why=$(cat "$SCRATCH/why"); fi
                echo "stop: $why" >"$SCRATCH/cause.$host"
                say "$host: stop: $why"
            fi
            continue
        fi
        begin "$host"
        workers="$workers $!"
        in_wave=$((in_wave + 1))
    done
    await
    if [ -f "$SCRATCH/why" ]; then why=$(cat "$SCRATCH/why"); fi
    for host in $targets; do # what a Ctrl-C of the terminal ended before it could tell
        if [ ! -s "$SCRATCH/result.$host" ]; then
            echo interrupted >"$SCRATCH/result.$host"
            echo "stop: ended before it was done: $why" >"$SCRATCH/cause.$host"
        fi
    done
    if [ -n "$clock" ]; then kill "$clock" 2>/dev/null; fi
}

await() { # all that were begun; a signal ends `wait`, so it is asked again
    for pid in $workers; do
        while kill -0 "$pid" 2>/dev/null; do wait "$pid" 2>/dev/null || :; done
    done
    workers=''
}

failures() { # hosts that were not ok, with commas, in `bad`
    for each in $targets; do
        case $(cat "$SCRATCH/result.$each" 2>/dev/null) in '' | ok) ;; *) bad="$bad, $each" ;; esac
    done
    bad=${bad#, }
}
