LC_ALL=C; export LC_ALL; cd -P "${DSAS_ROOT:-}/" || exit 70; top=$PWD; alone=1; f=${1##*/}; a=${1%/*}; u=; e=0;
if lone . "${a#.}" && [ ! -L "$1" ]; then cd "$a" || exit 70; else
walk "$a" ""; while [ -L "./$f" ]; do ours "$o" || { u=$o; break; };
t=$(readlink "./$f" && echo .); t=${t%??}; f=${t##*/}; case $t in /*) ;; *) t=$d/$t;; esac; e=$((e + 1)); [ "$e" -le 40 ] || exit 70; top=/; walk ".${t%/*}" ""; done; fi;
[ -f "./$f" ] && exec 3<"./$f" && [ -f /proc/self/fd/3 ] || exit 1;
case $alone,$u in 1,) ;; ,) t=$(readlink /proc/self/fd/3 && echo .); [ "${t%??}" = "${d%/}/$f" ] || exit 1;;
*:4?[02468ace][014589cd]:*) [ "$(stat -L -c %u /proc/self/fd/3)" = "${u%%:*}" ] || exit 1;; *) exit 1;; esac;
echo dsas 1 begin; head -c "$2" <&3 | gzip -c; echo; echo dsas 1 end
