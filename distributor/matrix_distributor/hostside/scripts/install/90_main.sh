# Does what the first word of the command line says, and clears up at any end.
#
# leave: takes away what is not to stay.
leave() {
    [ ! -d "$staging" ] || rm -rf "$staging"
    [ -z "$locked" ] || rm -f "$locked"
    IFS=$newline
    # shellcheck disable=SC2086  # a folder a line
    [ -z "$seen" ] || rm -rf $seen
}
trap leave EXIT
trap 'exit 75' HUP INT TERM
trap '' PIPE
case ${1:-} in
    install)
        shift
        install_generation "$@"
        ;;
    repair) repair ;;
    query) query ;;
    load) load ;;
    export)
        need_current
        tar -czf - -C "$generations/$name" .
        ;;
    files) send_files ;;
    settle) settle "${2:-}" ;;
    *) refuse 66 "usage: install.sh install|repair|query|load|export|files|settle NAME" ;;
esac
