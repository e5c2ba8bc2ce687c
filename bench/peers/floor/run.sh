# run.sh PHASE HOST... : workload W1 by hand. $SSH, $WORKLOAD, $STAGE, $LOG and $ALL come from the benchmark.
set -eu
phase=$1
shift
here=$(dirname "$0")
if [ "$phase" != remove ]; then python3 -SE "$here/render.py" "$phase" "$@"; fi
case $phase in
  first | change) work='exec $SSH "$0" "d=\$(mktemp -d); cd \$d && tar x && bash host.sh apply; r=\$?; rm -rf \$d; exit \$r" <"$STAGE/$0.tar"' ;;
  nothing) work='exec $SSH "$0" "sha256sum -c --quiet && id -u app >/dev/null && systemctl -q is-active shop && systemctl -q is-enabled shop && exec 3<>/dev/tcp/127.0.0.1/8099" <"$STAGE/$0.sums"' ;;
  remove) work='exec $SSH "$0" bash -s remove <"$HERE/host.sh"' ;;
esac
export HERE="$here"
printf '%s\n' "$@" | xargs -P $# -I{} bash -c "$work" {}
