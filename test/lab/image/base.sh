#!/bin/bash
# Builds the root file system that all hosts of the lab share as the lower layer of their overlay.
# usage: base.sh TARGET PUBLIC_KEY_FILE   (root, in a mount namespace of its own)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
target=$1 public_key=$2
. "$here/apt-sources.sh"

packages=systemd,systemd-sysv,dbus,openssh-server,sudo,python3,curl,ca-certificates,procps,iproute2,iputils-ping,netcat-openbsd,xz-utils

debootstrap --variant=minbase --include=$packages "$suite" "$target" "$(main_archive)"
echo 'APT::Install-Recommends "false";' >"$target/etc/apt/apt.conf.d/80lab"
echo force-unsafe-io >"$target/etc/dpkg/dpkg.cfg.d/lab"

# Bring the base to the level of the updates, so that installing a package on a host upgrades nothing beside it.
open_sources "$target"
printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"
mount -t proc proc "$target/proc"
chroot "$target" apt-get -qq update
chroot "$target" apt-get -qq -y dist-upgrade
umount "$target/proc"
rm "$target/usr/sbin/policy-rc.d"
close_sources "$target"
rm -f "$target"/var/log/{bootstrap,dpkg,alternatives}.log
rm -rf "$target/var/log/apt" && mkdir "$target/var/log/apt"

# People: root and deploy by key, deploy with sudo that asks nothing, ops by key or password with sudo that asks.
allow_key() { # HOME OWNER
  install -d -m 700 "$target$1/.ssh"
  install -m 600 "$public_key" "$target$1/.ssh/authorized_keys"
  chroot "$target" chown -R "$2:" "$1/.ssh"
}
for person in deploy ops; do
  chroot "$target" useradd --create-home --shell /bin/bash "$person"
  allow_key "/home/$person" "$person"
done
allow_key /root root
echo 'ops:ops-password' | chroot "$target" chpasswd
printf 'Defaults lecture=never\ndeploy ALL=(ALL:ALL) NOPASSWD: ALL\nops ALL=(ALL:ALL) ALL\n' >"$target/etc/sudoers.d/lab"
chmod 440 "$target/etc/sudoers.d/lab"

{
  printf 'PermitRootLogin prohibit-password\nPasswordAuthentication yes\nKbdInteractiveAuthentication yes\n'
  # Newer versions shut out an address after some failed logins; tests of wrong passwords come from one address.
  if chroot "$target" /usr/sbin/sshd -G 2>/dev/null | grep -qi persourcepenalties; then echo 'PerSourcePenalties no'; fi
} >"$target/etc/ssh/sshd_config.d/lab.conf"
rm -f "$target"/etc/ssh/ssh_host_* "$target"/etc/machine-id "$target"/var/lib/dbus/machine-id "$target"/etc/hostname

# Units that would touch the real machine's kernel or hardware, or change files at times of their own.
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket \
  systemd-sysctl.service systemd-modules-load.service systemd-timesyncd.service systemd-random-seed.service \
  systemd-pstore.service getty.target console-getty.service tmp.mount dev-hugepages.mount dev-mqueue.mount \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer logrotate.timer \
  systemd-tmpfiles-clean.timer; do
  ln -sf /dev/null "$target/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$target/etc/systemd/system/default.target"
mkdir -p "$target/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\n' >"$target/etc/systemd/journald.conf.d/lab.conf"
echo LANG=C.UTF-8 >"$target/etc/default/locale"

# PID 1 of a host without an init system; `wait` also reaps what is orphaned.
cat >"$target/sbin/lab-init" <<'INIT'
#!/bin/sh
mkdir -p /run/sshd /run/lock
while :; do
  /usr/sbin/sshd -D &
  wait $!
  sleep 1
done
INIT
chmod 755 "$target/sbin/lab-init"
