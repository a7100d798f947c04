# Sends the content of one file of a host.
# shellcheck shell=sh disable=SC1007,SC2015,SC2034,SC2154
# After ground.sh: fetch.sh .PATH BYTES. It answers with "dsas 1 begin", at most so many bytes
# of it, compressed, and "dsas 1 end". Statuses: 70 the root or a folder cannot be entered, 1 there is no such file.
#
# A link in a folder that others can change is followed only where its folder's owner owns what it leads to, too.
LC_ALL=C; export LC_ALL
cd -P "${DSAS_ROOT:-}/" || exit 70
top=$PWD; alone=1; name=${1##*/}; parent=${1%/*}; link_folder=; hops=0
if lone . "${parent#.}" && [ ! -L "$1" ]; then
    cd "$parent" || exit 70
else
    walk "$parent" ""
    while [ -L "./$name" ]; do
        ours "$facts" || { link_folder=$facts; break; }
        target=$(readlink "./$name" && echo .); target=${target%??}
        name=${target##*/}
        case $target in
            /*) ;;
            *) target=$folder/$target ;;
        esac
        hops=$((hops + 1)); [ "$hops" -le 40 ] || exit 70
        top=/
        walk ".${target%/*}" ""
    done
fi
# It is opened first, and then looked at, by what is open: the name may lead elsewhere at any moment.
[ -f "./$name" ] && exec 3<"./$name" && [ -f /proc/self/fd/3 ] || exit 1
case $alone,$link_folder in
    1,) ;;
    ,)
        target=$(readlink /proc/self/fd/3 && echo .)
        [ "${target%??}" = "${folder%/}/$name" ] || exit 1 ;;
    *:4?[02468ace][014589cd]:*) [ "$(stat -L -c %u /proc/self/fd/3)" = "${link_folder%%:*}" ] || exit 1 ;;
    *) exit 1 ;;
esac
echo dsas 1 begin; head -c "$2" <&3 | gzip -c; echo; echo dsas 1 end
