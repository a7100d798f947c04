# Runs on that machine: what the units do, a line for each thing that is seen.
say() { printf '%s=%s\n' "$1" "$2"; }
shown() { systemctl show dmetad -p "$1" --value; }
node() { curl -s --max-time 20 "http://$1:8775/ps/node.text" | tr '\n' ' '; }
until_it_is() { # WANTED COMMAND...: its output, once that is as wanted, or what it was in the end
    wanted=$1
    shift
    for _ in $(seq 100); do
        found=$("$@")
        [ "$found" != "$wanted" ] || break
        sleep 0.1
    done
    printf '%s' "$found"
}
loads() { curl -s http://127.0.0.1:8775/@metrics | sed -n 's/^dmetad_loads_total //p'; }

say before "$(systemctl is-active dmetad.socket) $(systemctl is-active dmetad.service)"
say first "$(node 127.0.0.1)"
say first6 "$(node '[::1]')"
say state "$(shown ActiveState) $(shown SubState) $(shown Result)"
say status "$(shown StatusText)"
process=$(shown MainPID)
say user "$(stat -c %U "/proc/$process")"
sed -n 's/^\(Uid\|CapEff\|CapBnd\|NoNewPrivs\|Seccomp\):\t/\1=/p' "/proc/$process/status"
say network "$(ls "/proc/$process/root/sys/class/net" 2>&1 | tr '\n' ' ')"
before=$(loads)
say reload "$(systemctl reload dmetad && echo done)"
say loads "$(until_it_is $((before + 1)) loads) after $before"
kill -STOP "$process"
say restarts "$(until_it_is 1 shown NRestarts)"
say again "$(node 127.0.0.1)"
say other "$([ "$(shown MainPID)" != "$process" ] && echo yes)"
systemctl stop dmetad.service
say stopped "$(shown ActiveState) $(shown Result)"
say woken "$(node 127.0.0.1)"
