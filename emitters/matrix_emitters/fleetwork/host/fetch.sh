cd "${DSAS_ROOT:-}/" && [ -f "$1" ] && head -c "$2" "$1" | gzip -c
