#!/bin/bash
# Runs one host of the lab. Each stage goes one namespace deeper and executes the next:
#   run      in the root namespaces: joins the host's cgroup
#   wire     in the host's network namespace: plugs it into the bridge, then boots as often as the host reboots
#   boot     PID 1 of the host's PID namespace, still on the real root: takes a cgroup of its own
#   machine  in the host's cgroup namespace: builds the root file system, moves into it, becomes init
# usage: host.sh run DIRECTORY   (DIRECTORY/settings holds the variables used below)
set -euo pipefail
self=$(readlink -f "${BASH_SOURCE[0]}")
stage=$1 directory=$2
. "$directory/settings"

run() {
  echo $$ >"$cgroup/cgroup.procs"
  exec 3</proc/self/ns/net # the way back, for the bridge's end of the cable
  exec unshare --net bash "$self" wire "$directory"
}

wire() {
  ip link add eth0 address "$mac" type veth peer name "$port" netns /proc/self/fd/3
  nsenter --net=/proc/self/fd/3 ip link set "$port" master "$bridge" up
  exec 3<&-
  ip -batch - <<BATCH
link set lo up
addr add $address/24 brd + dev eth0
link set eth0 up
BATCH
  ip addr add "$address6/64" dev eth0 nodad || : # not every machine has IPv6
  local clock=() status
  while :; do
    # /proc/uptime starts at zero with the host, where the kernel has time namespaces.
    [ ! -e /proc/self/ns/time ] || clock=(--time --boottime "-$(cut -d. -f1 /proc/uptime)")
    clear_machine_group
    status=0
    unshare --mount --uts --ipc --pid "${clock[@]}" --fork --kill-child bash "$self" boot "$directory" || status=$?
    [ $status = 129 ] || exit $status # reboot(2) in a PID namespace ends its init with SIGHUP
  done
}

# An earlier boot leaves empty groups behind, and a process that came from outside may still be on its way out.
clear_machine_group() {
  local attempt
  for attempt in {1..100}; do
    [ ! -d "$cgroup/machine" ] || echo 1 >"$cgroup/machine/cgroup.kill"
    if [ ! -d "$cgroup/machine" ] || find "$cgroup/machine" -depth -type d -exec rmdir {} + 2>/dev/null; then break; fi
    sleep 0.05
  done
  mkdir -p "$cgroup/machine"
}

boot() {
  # This /proc is still the real machine's, so it tells the process number as seen from outside.
  local outer_pid rest
  read -r outer_pid rest </proc/self/stat
  echo "$outer_pid" >"$directory/pid"
  echo 0 >"$cgroup/machine/cgroup.procs"
  exec unshare --cgroup bash "$self" machine "$directory"
}

# What makes this host different from its siblings; once per disk.
personalise() { # ROOT
  echo "$name" >"$1/etc/hostname"
  tr -d - </proc/sys/kernel/random/uuid >"$1/etc/machine-id"
  cp -p "$directory"/keys/ssh_host_* "$1/etc/ssh/"
  {
    echo '127.0.0.1 localhost'
    echo "$gateway mirror"
    local n
    for n in {11..254}; do echo "${address%.*}.$n h$n"; done
  } >"$1/etc/hosts"
  if [ "$init" != systemd ]; then # as in container images: packages start nothing
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
  fi
  [ "$init" != monit ] || make_monit_init "$1/sbin/lab-monit-init"
}

# PID 1 of a host whose supervisor is monit: it comes from the mirror at the first boot, before sshd answers.
make_monit_init() { # FILE
  cat >"$1" <<'INIT'
#!/bin/sh
if [ ! -x /usr/bin/monit ]; then
  apt-get -qq update && apt-get -qq -y install monit || exit 1
  printf '%s\n' 'set daemon 2' 'set httpd port 2812 and use address 127.0.0.1 allow localhost' >/etc/monit/conf.d/lab
fi
while :; do
  monit -I
  sleep 1
done &
exec /sbin/lab-init
INIT
  chmod 755 "$1"
}

make_devices() { # ROOT
  local device link
  mount -t tmpfs -o mode=755,nosuid,size=1m tmpfs "$1/dev"
  mkdir "$1/dev/pts" "$1/dev/shm"
  while read -r device major minor; do mknod -m 666 "$1/dev/$device" c "$major" "$minor"; done <<NODES
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
NODES
  mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$1/dev/pts"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$1/dev/shm"
  while read -r link to; do ln -s "$to" "$1/dev/$link"; done <<LINKS
ptmx pts/ptmx
fd /proc/self/fd
stdin /proc/self/fd/0
stdout /proc/self/fd/1
stderr /proc/self/fd/2
LINKS
}

read_only() { # PATH
  mount --bind "$1" "$1"
  mount -o remount,bind,ro "$1"
}

machine() {
  local root=$directory/root
  # "volatile" spares every fsync its disk write; what an unclean end leaves behind would forbid the next mount.
  rm -rf "$disk/work/work/incompat"
  mount -t overlay "$name" -o "lowerdir=$base,upperdir=$disk/upper,workdir=$disk/work,volatile,metacopy=off,redirect_dir=off" "$root"
  hostname "$name"
  [ -e "$root/etc/machine-id" ] || personalise "$root"

  mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
  read_only "$root/proc/sys"
  mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
  mount -o remount,bind,rw "$root/proc/sys/net"
  [ ! -e "$root/proc/sysrq-trigger" ] || mount --bind /dev/null "$root/proc/sysrq-trigger"
  mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
  mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
  make_devices "$root"
  mount -t tmpfs -o mode=755,nosuid,nodev,size=64m tmpfs "$root/run"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
  # Every boot has its own id, as on a real machine; the kernel would tell all hosts the same.
  cat /proc/sys/kernel/random/uuid >"$root/run/boot_id"
  mount --bind "$root/run/boot_id" "$root/proc/sys/kernel/random/boot_id"
  mount -o remount,bind,ro "$root/proc/sys/kernel/random/boot_id"

  cd "$root"
  pivot_root . .
  umount -l .
  cd /
  local program=/lib/systemd/systemd
  case $init in
    none) program=/sbin/lab-init ;;
    monit) program=/sbin/lab-monit-init ;;
  esac
  exec env -i container=lxc PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ TERM=dumb \
    setpriv --inh-caps=-all --bounding-set=-sys_module,-sys_time,-sys_rawio,-syslog,-mac_admin,-mac_override "$program"
}

"$stage"
