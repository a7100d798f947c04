umask go-w; LC_ALL=C; export LC_ALL DSAS_HOST="$2" DSAS_ROLES="$3" DSAS_STATE="$4"; g=$1; sum=$5; base=$6; [ "$g" = 0 ] || g=-$$;
alive() { kill -0 "$1" 2>/dev/null && { [ ! -r "/proc/$1/cmdline" ] || tr "\\0" " " <"/proc/$1/cmdline" | grep -q dsas; }; };
private() { case $(stat -c %u:%g:%f:%d .) in "$me:"*:4?c0:*) ;; *) false;; esac; };
over() { if [ -f "$1/pid" ]; then ! alive "$(cat "$1/pid")"; else [ -n "$(find "$1" -prune -mmin +1 2>/dev/null)" ]; fi; };
tidy() { if [ "$S" = "$s" ]; then rm -rf "$s"; else cd -P /proc/self/fd/5 && rm -rf ./* ./.dsas-* && rmdir "../${s##*/}"; fi 2>/dev/null; };
cd -P "${DSAS_ROOT:-}/" || no 70 "the root folder cannot be entered"; top=$PWD;
a=$base; until [ -d "$a" ]; do a=${a%/*}; done; a=${a%/}; far=${a#.}; far=${far:-/}; alone=1; w=; s=;
if lone . "${a#.}"; then a=${top%/}${a#.}; else
[ -d /proc/self/fd ] || no 70 "/proc is not there, and somebody else can change what leads to $far, or lies in it: mount it, or send the file by itself where perl is";
walk "$a" ""; a=$d; fi;
if [ -n "$alone" ]; then for d in "${a%/}"/.dsas.??????; do if [ -d "$d" ] && over "$d"; then rm -rf "$d"; fi; done;
s=$(mktemp -d "${a%/}/.dsas.XXXXXX") || no 70 "nothing can be written in $far"; S=$s; cd "$s" || no 70 "nothing can be written in $far"; else
for d in .dsas.??????; do if [ -L "$d" ]; then continue; fi; (cd -P "./$d" && private && t=$(where) && [ "${t%??}" = "${a%/}/$d" ] && over . && { [ -f pid ] && rm -rf ./* ./.dsas-*; rmdir "../$d"; }) 2>/dev/null; done;
s=$(mktemp -d ./.dsas.XXXXXX) || no 70 "nothing can be written in $far"; s=${a%/}/${s#./};
cd -P "./${s##*/}" && private && t=$(where) && [ "${t%??}" = "$s" ] && [ -z "$(ls -A)" ] && exec 5<. || no 70 "somebody else changes $far meanwhile"; S=/proc/$$/fd/5; fi;
trap "tidy; [ -z \"\$w\" ] || kill \"\$w\"" EXIT; trap "exit 71" HUP INT TERM PIPE; echo $$ >pid || no 70 "nothing can be written in $far";
gzip -dc | tar -xpomf - || { set -- $(df -Pk . | tail -n 1); [ "${4:-1}" = 0 ] && no 75 "No space left on device in $far"; no 75 "the stream did not arrive whole"; };
printf "%b\n" "$sum" | sha256sum -c >/dev/null 2>&1 && { if [ -f sums ]; then sha256sum -c sums >/dev/null 2>&1; fi; } && [ -f go ] || no 75 "the stream did not arrive whole";
. ./go; echo; echo dsas 1 done; exit 0
