/**
 * The part of a probe that tells of the host itself, one `NAME VALUE` per line: builtins, and one `df`. A builtin `read` takes
 * a system call per byte, so long files under /proc are left as soon as the line has come. Sets sw_init. Needs sw_frame, sw_confined.
 */
export const FACTS_SECTION = `
sw_first() { sw_line=; { read -r sw_line <"$2"; } 2>/dev/null; printf '%s %s\\n' "$1" "$sw_line"; }
sw_frame facts
sw_first hostname /proc/sys/kernel/hostname
sw_first kernel /proc/sys/kernel/osrelease
sw_first boot /proc/sys/kernel/random/boot_id
sw_first uptime /proc/uptime
sw_first container /run/systemd/container
sw_first vendor /sys/class/dmi/id/sys_vendor
sw_first product /sys/class/dmi/id/product_name
if [ -r /proc/sys/kernel/arch ]; then sw_first arch /proc/sys/kernel/arch; else printf 'arch '; uname -m; fi
while IFS= read -r sw_line; do
  case $sw_line in ID=*|VERSION_ID=*|PRETTY_NAME=*|ID_LIKE=*) printf 'os %s\\n' "$sw_line" ;; esac
done </etc/os-release
while read -r sw_name sw_line; do
  case $sw_name in MemTotal:|MemAvailable:) printf 'memory %s %s\\n' "$sw_name" "$sw_line" ;; esac
  case $sw_name in MemAvailable:|Buffers:|Cached:) break ;; esac
done </proc/meminfo
while read -r sw_name sw_line; do
  case $sw_name in Uid:|Cpus_allowed_list:) printf 'status %s %s\\n' "$sw_name" "$sw_line" ;; esac
done </proc/self/status
sw_count=0
while read -r sw_name sw_line; do
  sw_count=$((sw_count + 1))
  case "$sw_name $sw_line" in 'model name'*|Model*) printf 'cpu %s\\n' "\${sw_line#*: }"; break ;; esac
  if [ "$sw_count" -gt 20 ]; then break; fi
done </proc/cpuinfo
sw_init=none
if [ "$sw_confined" = yes ]; then
  :
elif [ -d /run/systemd/system ]; then
  sw_init=systemd
else
  for sw_file in /run/monit.pid /var/run/monit.pid; do
    sw_pid=
    { read -r sw_pid sw_line <"$sw_file"; } 2>/dev/null
    sw_name=
    { read -r sw_name <"/proc/$sw_pid/comm"; } 2>/dev/null
    # After a crash the number may be that of a stranger.
    case $sw_name in *monit*) sw_init=monit ;; esac
  done
  if [ -S /run/monit.sock ] || [ -S /var/run/monit.sock ]; then sw_init=monit; fi
fi
printf 'init %s\\n' "$sw_init"
if [ "$sw_confined" = no ] && [ -x /usr/bin/apt-get ]; then printf 'packages apt\\n'; fi
printf 'home %s\\n' "$HOME"
sw_frame disks
df -kPTl 2>/dev/null || df -kPT 2>/dev/null || df -kP
`;
