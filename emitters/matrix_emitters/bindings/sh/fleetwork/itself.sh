# Whether a host that has this machine's name is this machine: by its address, since another machine may have that name.

addresses='
function group(g) { sub(/^0+/, "", g); return sprintf("%4s", g == "" ? "0" : g) }
function full(a,   n, i, p, q, r) { # IPv6 with all its groups; anything else as it is
    if (a !~ /:/) return a
    a = tolower(a)
    n = split(a, p, "::")
    r = ""
    i = split(p[1], q, ":")
    for (n = 1; n <= i; n++) r = r group(q[n])
    if (a ~ /::/) {
        i = split(p[2], q, ":")
        while (length(r) < 4 * (8 - i)) r = r "   0"
        for (n = 1; n <= i; n++) r = r group(q[n])
    }
    return r
}
'

interfaces() { # the addresses of this machine, a line each
    { ip addr || ifconfig -a; } 2>/dev/null |
        awk '{ for (i = 1; i < NF; i++) if ($i ~ /^inet6?$/) { a = $(i + 1); if (a == "addr:") a = $(i + 2); sub(/^addr:/, "", a); print a } }'
    awk '/[|]-- / { a = $2 } /host LOCAL/ { print a }' /proc/net/fib_trie 2>/dev/null
    awk '{ gsub(/..../, "&:", $1); print substr($1, 1, 39) }' /proc/net/if_inet6 2>/dev/null
}

own() { # PORT ADDRESS-OR-NAME...: whether one is this machine's; a name without an address leads to no other machine
    port=$1
    shift
    for each do
        case $each in
            *:*) printf '%s\n' "$each" ;;
            *[!0123456789.]*) getent ahosts "$each" 2>/dev/null | cut -d ' ' -f 1 ;;
            *) printf '%s\n' "$each" ;;
        esac
    done >"$SCRATCH/ends"
    [ -s "$SCRATCH/ends" ] || return 0
    interfaces | awk -v port="$port" "$addresses"'
        NR == FNR { wanted[full($1)] = $1; next }
        { sub(/[\/%].*/, ""); has[full($1)] }
        END {
            for (a in wanted) {
                w = wanted[a]
                if (w ~ /^127[.]/ || a == full("::1")) {
                    if (port == 22 && (w == "127.0.0.1" || w == "127.0.1.1" || w == "::1")) found = 1
                } else if (a in has) found = 1
            }
            exit !found
        }' "$SCRATCH/ends" -
}

itself() { # HOST
    if [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then # with the devices, and so the addresses, of the machine that runs it
        for each in /sys/class/net/*/device; do
            [ ! -e "$each" ] || [ -s "$DSAS_DIR/self" ] || return 1
        done
    fi
    known "$1" ssh.port
    ${DSAS_SSH:-ssh} -G "$1" >"$SCRATCH/way" 2>/dev/null || :
    set -- "$1" "${VALUE:-$(sed -n 's/^port //p' "$SCRATCH/way")}" "$(sed -n 's/^hostname //p' "$SCRATCH/way")" "$(dsas_addresses "$1")" "$(dsas_address "$1")"
    own "${2:-22}" ${4:-"$5"} || return
    case $3 in '' | "$1" | "$5") ;; *) own "${2:-22}" "$3" ;; esac
}

if [ -n "$self" ] && [ -z "${DSAS_SELF-}" ] && has "$targets" "$self"; then # which says it, as a person does
    itself "$self" || self=''
fi
