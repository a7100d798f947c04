export DSAS_HOST="$2" DSAS_ROLES="$3" DSAS_STATE="$4"; g=$1; n=$5; m=$6; shift 6; [ "$g" = 0 ] || g=-$$; t=; u=; v=;
exec 3<&0 </dev/null;
no() { rm -f "$t" "$u" "$v"; echo "dsas: the host could not take the input whole" >&2; exit 75; };
take() { f=$(mktemp "${TMPDIR:-/tmp}/.dsas.XXXXXX") || no; };
fill() { head -c "$1" <&3 >"$2" && [ "$(wc -c <"$2")" -eq "$1" ] || no; };
case $n,$m in -,-) ;;
*,-) take; t=$f; fill "$n" "$t";;
-,*) take; u=$f; fill "$m" "$u";;
*) take; t=$f; take; u=$f; take; v=$f; fill "$((n + m))" "$v"; head -c "$n" "$v" >"$t" && tail -c "+$((n + 1))" "$v" >"$u" || no; rm -f "$v";;
esac;
[ -z "$u" ] || { exec <"$u"; rm -f "$u"; };
if [ -n "$t" ]; then chmod 700 "$t"; a=$1; b=$2; shift 2; set -- "$t" "$@"; [ -z "$b" ] || set -- "$b" "$@"; [ -z "$a" ] || set -- "$a" "$@"; fi;
(exec >/dev/null 2>&1; read -r x <&3; trap "" TERM HUP; kill -s TERM -- "$g"; [ -z "$t" ] || rm -f "$t"; sleep 2; kill -s KILL -- "$g") & w=$!;
("$@") 3<&-; s=$?; kill "$w"; [ -z "$t" ] || rm -f "$t"; exit "$s"
