# What others wrote (hosts, ssh, the MATRIX, names of files), as a terminal may have it: what it would act on is shown by
# its code point, `<U+001B>`, and a byte that is no UTF-8 as `<0x9B>`. The installed commands show the same.
#
# `unsafe` has the code points, first and last of each range. In awk `shown` takes hex, since not every awk has NUL.

characters='
BEGIN {
    Q = sprintf("%c", 39)
    for (i = 1; i < 256; i++) { c = sprintf("%c", i); h = sprintf("%02x", i); ORD[c] = h; CHR[h] = c; NUM[h] = i }
    ranges = split("'$unsafe'", RANGE, /[ -]/)
}
function hex(s,   i, r) { r = ""; for (i = 1; i <= length(s); i++) r = r ORD[substr(s, i, 1)]; return r }
function unhex(h,   i, r) { r = ""; for (i = 1; i < length(h); i += 2) r = r CHR[substr(h, i, 2)]; return r }
function is_unsafe(code,   i) {
    if (code > 12287 && code < 55296) return 0
    for (i = 1; i < ranges; i += 2) if (code <= RANGE[i + 1] + 0) return code >= RANGE[i] + 0
    return 0
}
function code_at(h, i, n,   k, c, code) { # of n bytes after the first; -1 where that is no UTF-8
    code = NUM[substr(h, i, 2)] - (n == 0 ? 0 : n == 1 ? 192 : n == 2 ? 224 : 240)
    for (k = 1; k <= n; k++) {
        c = substr(h, i + 2 * k, 2)
        if (c < "80" || c > "bf") return -1
        code = code * 64 + NUM[c] - 128
    }
    if (n == 2 && (code < 2048 || (code > 55295 && code < 57344))) return -1
    return n == 3 && (code < 65536 || code > 1114111) ? -1 : code
}
function shown(h,   i, c, n, code, r) { # one line; a tab is a blank
    r = ""
    for (i = 1; i < length(h); i += 2) {
        c = substr(h, i, 2)
        n = c < "80" ? 0 : c < "c2" ? -1 : c < "e0" ? 1 : c < "f0" ? 2 : c < "f5" ? 3 : -1
        code = n < 0 ? -1 : code_at(h, i, n)
        if (code < 0) { r = r "<0x" toupper(c) ">"; continue }
        r = r (code == 9 ? " " : is_unsafe(code) ? sprintf("<U+%04X>", code) : unhex(substr(h, i, 2 + 2 * n)))
        i += 2 * n
    }
    return r
}
function shown_line(s, tab,   i, n, part, r) { # the same of bytes, with something for each tab
    if (s !~ /[^ -~]/) return s
    n = split(s, part, "\t")
    r = shown(hex(part[1]))
    for (i = 2; i <= n; i++) r = r tab shown(hex(part[i]))
    return r
}
'

safe() { # TEXT: as one line in $SAFE
    SAFE=$1
    case $SAFE in *[!\ -~]*) SAFE=$(printf '%s\n' "$SAFE" | awk "$characters"'{ printf "%s%s", (NR > 1 ? "<U+000A>" : ""), shown_line($0, " ") }') ;; esac
}

say() { # WORD...: a line for the person
    safe "$*"
    printf '%s\n' "$SAFE" >&2
}

tell() { printf '%s\n' "$*"; } # a line of the output (`echo` makes escapes of a backslash)

tame() { # standard input line by line as it comes, safe
    awk ${interactive:+-W} $interactive "$characters"'{ print shown_line($0, "\t"); fflush() }'
}
interactive=''
if [ -t 1 ] || [ -t 2 ]; then
    case $(awk -W version </dev/null 2>&1) in mawk*) interactive=interactive ;; esac # reads a pipe by blocks otherwise
fi

shown_to() { # COMMAND WORD...: its output, safe where a terminal is to show it; a pipe has it byte for byte
    if [ -t 1 ]; then { trap '' INT; "$@"; } | { trap '' INT; tame; }; else "$@"; fi
}
