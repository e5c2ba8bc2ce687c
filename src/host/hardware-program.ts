/** Disks, interfaces and addresses for `hardware`: builtins, and one `ip` where there is one. File systems come with the facts. */
export const HARDWARE_SECTION = `sw_frame hardware
for sw_file in /sys/block/*; do
  case $sw_file in */loop*|*/ram*|*/zram*|*/dm-*|*/md*|*/sr*|*/fd*|*/nbd*) continue ;; esac
  [ -e "$sw_file/size" ] || continue
  sw_name=0 sw_x= sw_rest=
  { read -r sw_name <"$sw_file/size"; } 2>/dev/null
  { read -r sw_x <"$sw_file/queue/rotational"; } 2>/dev/null
  { read -r sw_rest <"$sw_file/device/model"; } 2>/dev/null
  printf 'disk %s %s %s %s\\n' "\${sw_file##*/}" "$sw_name" "\${sw_x:--}" "$sw_rest"
done
for sw_file in /sys/class/net/*; do
  [ -e "$sw_file/ifindex" ] || continue
  sw_name= sw_x= sw_rest=
  { read -r sw_name <"$sw_file/address"; } 2>/dev/null
  { read -r sw_x <"$sw_file/operstate"; } 2>/dev/null
  { read -r sw_rest <"$sw_file/speed"; } 2>/dev/null
  printf 'net %s %s %s %s\\n' "\${sw_file##*/}" "\${sw_name:--}" "\${sw_x:-unknown}" "\${sw_rest:--}"
done
while read -r sw_name sw_line; do
  case $sw_name in SwapTotal:) printf 'swap %s\\n' "$sw_line"; break ;; esac
done </proc/meminfo
if command -v ip >/dev/null; then
  sw_frame addresses
  ip -o addr show 2>/dev/null
fi`;
