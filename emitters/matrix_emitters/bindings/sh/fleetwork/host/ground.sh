no() { echo "dsas: $2" >&2; exit "$1"; };
me=0; mg=0; [ -O / ] || { o=$(id); me=${o#uid=}; me=${me%%[(]*}; mg=${o#*gid=}; mg=${mg%%[(]*}; };
ours() { case $1 in "0:"*:4?[02468ace][014589cd]:*|"$me:"*:4?[02468ace][014589cd]:*) ;; "$me:$mg":4??[014589cd]:*) [ "$me" != 0 ];; *) false;; esac; };
only() { n=$#; for o in $(stat -c %u:%g:%f:%d "$@" 2>/dev/null); do ours "$o" || return 1; n=$((n - 1)); done; [ "$n" = 0 ]; };
lone() { p=$1; r=${2#/}; set -- "$p"; while [ -n "$r" ]; do p=${p%/}/${r%%/*}; set -- "$@" "$p"; case $r in */*) r=${r#*/};; *) r=;; esac; done; only "$@"; };
where() { readlink /proc/self/cwd && echo .; };
walk() { l=0; m=${1#.}; r=$m; cd -P "$top" || no 70 "the root folder cannot be entered"; while [ -n "$r" ]; do
c=${r%%/*}; case $r in */*) r=${r#*/};; *) r=;; esac; case $c in ""|.) continue;; esac;
h=1; o=$(stat -c %u:%g:%f:%d .); ours "$o" || { h=; alone=; };
if [ -n "$h" ] && [ -L "./$c" ]; then t=$(readlink "./$c" && echo .); r=${t%??}/$r; case $t in /*) cd /;; esac; l=$((l + 1)); [ "$l" -le 40 ] || no 70 "too many symbolic links lead to $m"; continue; fi;
made=; [ -z "$2" ] || [ -e "./$c" ] || { mkdir "./$c" && made=1; } || no 74 "$m cannot be entered";
d=$(where); d=${d%??}; cd -P "./$c" || no 70 "$m cannot be entered";
[ -n "$h" ] && continue; t=$(where); [ "${t%??}" = "${d%/}/$c" ] && continue;
case $o in *:4?[02468ace][014589cd]:*) [ "$(stat -c %u .)" = "${o%%:*}" ];; *) false;; esac || no 70 "$d/$c is no folder, or a symbolic link that somebody else can change: name the folder it leads to";
done; o=$(stat -c %u:%g:%f:%d .); ours "$o" || alone=; d=$(where); d=${d%??}; };
