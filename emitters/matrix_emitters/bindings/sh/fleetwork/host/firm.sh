firm() { y=0; [ -O / ] || { y=$(id); y=${y#uid=}; y=${y%%[(]*}; };
p=$(cd -P "$1" 2>/dev/null && pwd -P) || return 1; r=${p#/}; q=; set -- /; while [ -n "$r" ]; do q=$q/${r%%/*}; set -- "$@" "$q"; case $r in */*) r=${r#*/};; *) r=;; esac; done;
n=$#; for o in $(stat -c %u:%f "$@" 2>/dev/null); do case $o in "0:"4?[02468ace][014589cd]|"$y:"4?[02468ace][014589cd]|"0:"4[2367abef]??|"$y:"4[2367abef]??) n=$((n - 1));; *) return 1;; esac; done; [ "$n" = 0 ]; };
shared() { p=/tmp; if [ -n "${TMPDIR:-}" ]; then firm "$TMPDIR" && return; p=/tmp; fi; { [ -O / ] && [ -O /tmp ] && [ -k /tmp ]; } || firm /tmp; };
