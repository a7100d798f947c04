# The command line of FORALL, SYNCALL and DIFFALL: options, hosts, words. What is wrong ends with status 2.

usage() { say "$me: $*"; exit 2; }

help() {
    case $me in
        FORALL) what='COMMAND...' ;;
        SYNCALL) what='SOURCE[:DEST]' ;;
        DIFFALL) what='[SOURCE:]PATH' ;;
    esac
    echo "Usage: $me [OPTIONS] HOSTS $what  |  [OPTIONS] HOST... -- $what"
    echo "Options: -a/--all  -x/--exclude SELECTOR  --fanout N  --timeout SECONDS  --total SECONDS  --retry N  --sudo  --ssh-here  --accept-new"
    case $me in
        FORALL) echo '  -g/--gather  --diff-against HOST  --script  -i/--stdin  --rolling N|N%  --pause SECONDS' ;;
        SYNCALL) echo '  -n/--dry-run  --mode OCTAL  --owner USER[:GROUP]  --backup  --delete  --top  --check CMD  --then CMD  --rolling N|N%  --pause SECONDS' ;;
        DIFFALL) echo '  --vote  --mode  -q/--brief' ;;
    esac
    exit 0
}

number() { # OPTION VALUE LEAST
    case $2 in '' | *[!0123456789]*) usage "$1 takes a number, and not '$2'" ;; esac
    [ "$2" -ge "$3" ] || usage "$1 takes a number from $3 on, and not '$2'"
}
seconds() { # OPTION VALUE: in $VALUE, empty for 0, which is no bound
    case $2 in '' | . | *[!0123456789.]* | *.*.*) usage "$1 takes seconds, and not '$2'" ;; esac
    VALUE=$2
    case $2 in *[123456789]*) ;; *) VALUE='' ;; esac
}

all='' exclude='' fanout=32 timeout=default total='' retry=0 sudo='' ssh_here='' new=yes gather='' against='' script='' input=''
rolling='' pause='' dry='' mode='' owner='' backup='' delete='' settop='' check='' then='' vote='' modes='' brief='' hosts=''

flag_of() { # an option that takes no value
    case $me$1 in
        *ALL-h | *ALL--help) help ;;
        *ALL-a | *ALL--all) all=1 ;;
        *ALL--sudo) sudo='sudo -n ' ;;
        *ALL--ssh-here) ssh_here=1 ;;
        *ALL--accept-new) new=accept-new ;;
        FORALL-g | FORALL--gather) gather=1 ;;
        FORALL--script) script=1 ;;
        FORALL-i | FORALL--stdin) input=1 ;;
        SYNCALL-n | SYNCALL--dry-run) dry=1 ;;
        SYNCALL--backup) backup=1 ;;
        SYNCALL--delete) delete=1 ;;
        SYNCALL--top) settop=1 ;;
        DIFFALL--vote) vote=1 ;;
        DIFFALL--mode) modes=1 ;;
        DIFFALL-q | DIFFALL--brief) brief=1 ;;
        *ALL--json | *ALL-f | *ALL--file) usage "$1 needs the installed command (matrix)" ;;
        *) return 1 ;;
    esac
}

takes_value() {
    case $me$1 in
        *ALL-x | *ALL--exclude | *ALL--fanout | *ALL--timeout | *ALL--total | *ALL--retry) ;;
        FORALL--diff-against | FORALL--rolling | SYNCALL--rolling | FORALL--pause | SYNCALL--pause) ;;
        SYNCALL--mode | SYNCALL--owner | SYNCALL--check | SYNCALL--then) ;;
        *) return 1 ;;
    esac
}

value_of() { # OPTION VALUE
    case $1 in
        -x | --exclude) exclude="$exclude
$(dsas_hosts "$2")" || exit 2 ;;
        --fanout) number "$1" "$2" 1 && fanout=$2 ;;
        --timeout) seconds "$1" "$2" && timeout=$VALUE ;;
        --total) seconds "$1" "$2" && total=$VALUE ;;
        --retry) number "$1" "$2" 0 && retry=$2 ;;
        --diff-against) against=$(dsas_name "$2") || exit 2; gather=1 ;;
        --rolling) case ${2%"%"} in '' | *[!0123456789]* | 0) usage "'$2' is neither a number of hosts nor a share of them such as 10%" ;; esac
            rolling=$2 ;;
        --pause) seconds "$1" "$2" && pause=$VALUE ;;
        --mode) case $2 in '' | *[!01234567]* | ?????*) usage "--mode $2 is no octal mode such as 0644" ;; esac
            mode=$(printf '%04o' "0$2") ;;
        --owner) owner=$2 ;;
        --check) check=$2 ;;
        --then) then=$2 ;;
    esac
}

option() { # WORD...: sets `eaten`, how many words the option was (0: it is none), and `left`, what is left of -xyz
    eaten=0 left=''
    case $1 in -?*) ;; *) return ;; esac
    eaten=1
    case $1 in
        --*=*)
            if takes_value "${1%%=*}"; then value_of "${1%%=*}" "${1#*=}"; return; fi
            flag_of "${1%%=*}" || usage "there is no option ${1%%=*}"
            usage "${1%%=*} takes no value"
            ;;
        --*) name=$1 more='' ;;
        *) more=${1#-?} && name=${1%"$more"} ;;
    esac
    if takes_value "$name"; then
        if [ -n "$more" ]; then value_of "$name" "$more"; return; fi
        [ $# -gt 1 ] || usage "$name needs a value"
        eaten=2
        value_of "$name" "$2"
    else
        flag_of "$name" || usage "there is no option $name"
        left=${more:+-$more}
    fi
}

host_word() { # SELECTOR
    named=1
    case $1 in *[!ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,\ -]*) ;; *) words="$words $1" ;; esac
    case $1 in *[![:space:]]*) hosts="$hosts
$(dsas_hosts "$1")" || exit 2 ;; esac
}

dashes='' named='' word='' words=''
for each do
    case $each in --) dashes=1 && break ;; esac
done
while [ $# -gt 0 ]; do
    case $dashes$1 in 1--) shift && break ;; esac
    option "$@"
    if [ "$eaten" -gt 0 ]; then
        shift "$eaten"
        if [ -n "$left" ]; then set -- "$left" "$@"; fi
    elif [ -n "$dashes" ] || [ -z "$named" ]; then
        host_word "$1" && shift
    elif [ "$me" = FORALL ]; then
        break
    else
        [ -z "$word" ] || usage "one file is to be given after the hosts"
        word=$1 && shift
    fi
done
if [ -n "$word" ]; then set -- "$word" "$@"; fi
[ -n "$hosts" ] || usage "no hosts are named: give a selector first, or '*' for all hosts"
[ $# -gt 0 ] || usage "HOSTS is to be followed by what to do"
case $me in FORALL) ;; *) [ $# -eq 1 ] || usage "one file is to be given after the hosts" ;; esac

self=''
[ -n "$ssh_here" ] || self=$(dsas_self 2>/dev/null) || self=''
dsas_hosts | awk -v wanted="$hosts" -v without="$exclude" '
    BEGIN { n = split(wanted, w); for (i = 1; i <= n; i++) named[w[i]]; n = split(without, w); for (i = 1; i <= n; i++) delete named[w[i]] }
    $1 in named' >"$SCRATCH/meant"
targets='' skipped=''
while read -r host; do
    if [ -n "$all" ] || dsas_in_service "$host"; then targets="$targets $host"; else skipped="$skipped $host"; fi
done <"$SCRATCH/meant"
names=" $(printf '%s ' $words | tr ,ABCDEFGHIJKLMNOPQRSTUVWXYZ ' abcdefghijklmnopqrstuvwxyz')" by_name=''
for host in $skipped; do # those that were named themselves, and not by a role, a range or a pattern
    low=$(printf '%s\n' "$host" "$(dsas_fullname "$host")" | tr ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz)
    case $names in *" ${low%%[!abcdefghijklmnopqrstuvwxyz0123456789_.-]*} "* | *" ${low##*[!abcdefghijklmnopqrstuvwxyz0123456789_.-]} "*) by_name="$by_name $host" ;; esac
done
[ -n "$targets$skipped" ] || usage 'no host is left'
