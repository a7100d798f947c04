echo dsas 1 begun; export DSAS_HOST="$2" DSAS_ROLES="$3" DSAS_STATE="$4"; g=$1; k=$5; m=$6; shift 6; [ "$g" = 0 ] || g=-$$; d=; t=; u=;
exec 3<&0 </dev/null;
no() { [ -z "$d" ] || rm -rf "$d"; echo "dsas: the host could not take the input whole" >&2; exit 75; };
take() { shared || { echo "dsas: others can change what lies in /tmp: chmod 1777 /tmp" >&2; exit 75; }; d=$(mktemp -d "$p/.dsas.XXXXXX") || { d=; no; }; };
fill() { head -c "$1" <&3 >"$2" && [ "$(wc -c <"$2")" -eq "$1" ] || no; };
case $k,$m in -,-) ;;
*,-) take; t=$d/script; fill "$k" "$t";;
-,*) take; u=$d/input; fill "$m" "$u";;
*) take; t=$d/script; u=$d/input; fill "$((k + m))" "$d/both"; head -c "$k" "$d/both" >"$t" && tail -c "+$((k + 1))" "$d/both" >"$u" || no; rm -f "$d/both";;
esac;
[ -z "$u" ] || { exec <"$u"; rm -f "$u"; };
if [ -n "$t" ]; then chmod 700 "$t"; a=$1; b=$2; shift 2; set -- "$t" "$@"; [ -z "$b" ] || set -- "$b" "$@"; [ -z "$a" ] || set -- "$a" "$@"; elif [ -n "$d" ]; then rmdir "$d"; d=; fi;
(exec >/dev/null 2>&1; read -r x <&3; trap "" TERM HUP; kill -s TERM -- "$g"; [ -z "$d" ] || rm -rf "$d"; sleep 2; kill -s KILL -- "$g") & w=$!;
("$@") 3<&-; s=$?; kill "$w"; [ -z "$d" ] || rm -rf "$d"; exit "$s"
