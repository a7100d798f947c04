#!/bin/sh
# enroll.sh apply|remove FOLDER ACCOUNT really|dry, as root: prepares this host for an account that can take a generation, answer
# for it, and do nothing else. FOLDER holds what is to be put in place: gate, load, receive, receive.pl, install.sh,
# paths, name, enrolled, authorized_keys, sudoers, and allowed_signers if hosts are to ask for signatures.
#
# "change …" on standard output tells of each thing that was not as it should be; "dsas 1 …" answers. With dry, nothing is
# changed. Statuses: 65 a tool is missing, 69 it cannot be done here.
set -euf
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
verb=$1 from=$2 account=$3 how=$4
home=/var/lib/dsas
own=/etc/dsas
sudoers=/etc/sudoers.d/dsas

refuse() {
    status=$1
    shift
    printf 'dsas: %s\n' "$*" >&2
    exit "$status"
}

require() {
    for tool; do
        command -v "$tool" >/dev/null 2>&1 || refuse 65 "this host has no $tool"
    done
}

# change WORDS: tells of a change; false when it is only to be told of.
change() {
    printf 'change %s\n' "$*"
    [ "$how" = really ]
}

# folder PATH OWNER MODE
folder() {
    [ -z "$(find "$1" -prune -type d -user "$2" -group 0 -perm "$3" 2>/dev/null)" ] || return 0
    change "folder $1" || return 0
    [ -d "$1" ] || mkdir -p "$1"
    [ ! -L "$1" ] || refuse 69 "$1 is a symbolic link"
    chown "$2:0" "$1"
    chmod "0$3" "$1" # five digits take set-id bits from a folder too
}

# put NAME TARGET MODE: a file, by rename, so that it is old or new at any moment. A name with a dot is none for sudo.
put() {
    if [ -n "$(find "$2" -prune -type f -user root -group 0 -perm "$3" 2>/dev/null)" ] && cmp -s "$from/$1" "$2"; then
        return 0
    fi
    change "file $2" || return 0
    rm -f "${2%/*}/.new.${2##*/}" # a link there would be followed
    cp "$from/$1" "${2%/*}/.new.${2##*/}"
    chown root:0 "${2%/*}/.new.${2##*/}"
    chmod "$3" "${2%/*}/.new.${2##*/}"
    mv -f "${2%/*}/.new.${2##*/}" "$2"
}

there() {
    id -u "$account" >/dev/null 2>&1
}

check_account() {
    there || return 0
    [ "$(id -u "$account")" -ne 0 ] || refuse 69 "$account is root on this host"
    entry=$(grep "^$account:" /etc/passwd) || refuse 69 "$account is an account that is not of this host: choose another"
    case $entry in *":$home:/bin/sh") ;; *) refuse 69 "there is an account $account already, for something else" ;; esac
}

# Not locked, which sshd would refuse where PAM is not asked, and with no password that anybody could know.
make_account() {
    ! there || return 0
    change "account $account" || return 0
    if command -v useradd >/dev/null 2>&1; then
        useradd --system --home-dir "$home" --no-create-home --shell /bin/sh "$account"
    else
        require adduser
        adduser -S -D -H -h "$home" -s /bin/sh "$account"
    fi
    printf '%s:*\n' "$account" | chpasswd -e
}

apply() {
    require sudo visudo cmp cp mkdir mv rm rmdir sed sha256sum sync tar gzip find grep id chpasswd
    [ ! -f "$from/allowed_signers" ] || require ssh-keygen
    visudo -cqf "$from/sudoers" >/dev/null || refuse 69 "sudo does not take the line for $account"
    check_account
    folder "$own" root 0755
    put install.sh "$own/install.sh" 0755
    put receive.pl "$own/receive.pl" 0644
    put receive "$own/receive" 0755
    put load "$own/load" 0755
    put gate "$own/gate" 0755
    put paths "$own/paths" 0644
    put name "$own/name" 0644
    [ ! -f "$from/allowed_signers" ] || put allowed_signers "$own/allowed_signers" 0644
    make_account
    folder "$home" root 0755
    folder "$home/generations" root 0755
    put sudoers "$sudoers" 0440
    folder "$home/.ssh" root 0755
    put authorized_keys "$home/.ssh/authorized_keys" 0644
    drop_incoming
    # RES_OPTIONS: this sudo asks for the name of the host, and is not to wait long where nobody answers.
    [ "$how" != really ] || RES_OPTIONS='timeout:1 attempts:1' sudo -n -l -U "$account" "$own/receive" >/dev/null 2>&1 ||
        refuse 69 "sudo does not let $account start $own/receive: does /etc/sudoers include /etc/sudoers.d?"
    put enrolled "$own/enrolled" 0644
    printf 'dsas 1 enrolled\n'
}

# The account's own folder, in which streams once arrived. It is emptied with the rights of the account, since whoever
# may change a folder can lead one who walks it elsewhere.
drop_incoming() {
    [ -d "$home/incoming" ] || return 0
    change "removal of $home/incoming" || return 0
    rmdir "$home/incoming" 2>/dev/null && return 0
    # shellcheck disable=SC2016  # the inner shell expands it
    ! there || sudo -n -u "$account" sh -c 'cd "$1" && rm -rf ./* ./.[!.]* ./..?*' sh "$home/incoming" 2>/dev/null || :
    rmdir "$home/incoming" || refuse 69 "$home/incoming cannot be emptied: see what is in it, and remove it"
}

remove_account() {
    there || return 0
    check_account
    change "account $account" || return 0
    ! command -v pkill >/dev/null 2>&1 || pkill -KILL -u "$account" || :
    if command -v userdel >/dev/null 2>&1; then userdel -f "$account" >/dev/null 2>&1; else deluser "$account"; fi
}

# drop PATH
drop() {
    [ -e "$1" ] || return 0
    ! change "removal of $1" || rm -rf "$1"
}

# What generations have put in place stays.
remove() {
    drop "$home/.ssh"
    drop_incoming
    drop "$sudoers"
    remove_account
    drop "$own"
    printf 'dsas 1 removed\n'
}

[ "$(id -u)" -eq 0 ] || refuse 69 "this takes root: log in as root, or set push.sudo where sudo -n is allowed"
case $verb in
    apply) apply ;;
    remove) remove ;;
    *) refuse 69 "usage: enroll.sh apply|remove FOLDER ACCOUNT really|dry" ;;
esac
