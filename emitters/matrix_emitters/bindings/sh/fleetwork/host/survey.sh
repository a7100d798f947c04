LC_ALL=C; export LC_ALL; F=$1; M=$2; shift 2; cd "${DSAS_ROOT:-}/" || exit 70;
hex() { od -An -v -tx1 | tr -d " \n"; };
name() { printf %s "$1" | hex; };
odd() { h=-; [ -f "$1" ] && h=$(sha256sum <"$1" 2>/dev/null) || h=-; printf "O %s %s %s\n" "$(name "$1")" "${h%% *}" "$(stat -L -c "$F" "$1")"; };
gone() { d=${1%/*}; until [ -e "$d" ]; do case $d in */*) d=${d%/*};; *) break;; esac; done; [ -x "$d" ] || printf "U %s\n" "$(name "$1")"; };
see() {
n=$#; for f do
if [ -L "$f" ]; then printf "L %s %s\n" "$(name "$f")" "$(readlink -n "$f" | hex)";
elif [ -e "$f" ]; then case $f in *\\*|*[[:cntrl:]]*) odd "$f";; *) set -- "$@" "$f";; esac;
else gone "$f"; fi; done; shift "$n";
[ $# -eq 0 ] && return; stat -c "S $F %n" "$@" 2>/dev/null;
n=$#; for f do [ -f "$f" ] && set -- "$@" "$f"; done; shift "$n"; [ $# -eq 0 ] || sha256sum "$@" 2>/dev/null;
};
all() { xargs -0 -n 400 sh -c "$DSAS_SURVEY" sh "$F" more && echo "~"; };
begin() { for c in stat sha256sum "$@"; do command -v "$c" >/dev/null 2>&1 || { echo "dsas: this host has no $c" >&2; exit 65; }; done; echo dsas 1 begin; };
end() { echo; echo dsas 1 end; };
root() { if [ -O / ]; then echo R; fi; [ -z "$t" ] || top "$t"; };
top() { if [ -d "$1" ]; then stat -L -c "T %f %U:%G" "$1"; elif [ -e "$1" ] || [ -L "$1" ]; then stat -c "T %f %U:%G" "$1"; fi; };
t=; if [ "$M" = top ]; then t=$1; M=$2; shift 2; fi;
case $M in
more) see "$@";;
names) begin; root; see "$@"; echo "~"; end;;
stream) begin xargs sort gzip; root; r=$(gzip -dc | all | sort); h=$(printf "%s\n" "$r" | sha256sum); if [ "${h%% *}" = "$1" ]; then echo same; else printf "%s\n" "$r" | gzip -c; fi; end;;
tree) begin find xargs sort gzip; if [ -d "$1" ]; then top "$1"; { find "$1/" -mindepth 1 -print0 2>/dev/null || :; } | all | sort | gzip -c; elif [ -L "$1" ] && [ -f "$1" ]; then odd "$1"; echo "~"; else see "$1"; echo "~"; fi; end;;
esac; exit 0
