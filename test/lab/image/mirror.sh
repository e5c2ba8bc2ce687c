#!/bin/bash
# Fills the local package mirror: packages of the distribution with all they need beyond the base, and a few made here.
# usage: mirror.sh BASE MIRROR   (root, in a mount namespace of its own)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
base=$1 mirror=$2
. "$here/apt-sources.sh"

packages="nginx haproxy redis-server nats-server etcd-server etcd-client memcached unzip busybox-static jq tree cron logrotate acl rsync hello monit"

# The downloads happen on a throw-away overlay: nothing stays in the base.
mkdir -p "$mirror"
scratch=$mirror.scratch
mkdir -p "$scratch"
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch"/{upper,work,root}
root=$scratch/root
mount -t overlay overlay -o "lowerdir=$base,upperdir=$scratch/upper,workdir=$scratch/work" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir "$root/mirror"
mount --bind "$mirror" "$root/mirror"
open_sources "$root"
chroot "$root" apt-get -qq update
# One command for each package: together, one package's choice of a dependency could leave out another's.
for package in $packages; do
  chroot "$root" apt-get -qq -y -o Dir::Cache::archives=/mirror -o APT::Sandbox::User=root --download-only install "$package" ||
    echo "mirror: this distribution has no $package" >&2
done
rm -rf "$mirror/partial" "$mirror/lock"

# Packages made here, for what real ones cannot show on demand.
make_package() { # NAME VERSION [POSTINST]
  local tree=$scratch/upper.$1
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/etc" "$tree/usr/share/$1"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: lab <lab@localhost>\nDescription: made for the lab\n' "$1" "$2" >"$tree/DEBIAN/control"
  echo "version $2" >"$tree/usr/share/$1/version"
  echo "default of $2" >"$tree/etc/$1.conf"
  echo "/etc/$1.conf" >"$tree/DEBIAN/conffiles"
  if [ $# -gt 2 ]; then
    printf '#!/bin/sh\n%s\n' "$3" >"$tree/DEBIAN/postinst"
    chmod 755 "$tree/DEBIAN/postinst"
  fi
  dpkg-deb --root-owner-group --build "$tree" "$mirror/$1_$2_all.deb" >/dev/null
}
make_package lab-app 1.0
make_package lab-app 1.1
make_package lab-app 2.0
make_package lab-slow 1.0 'sleep 20'
make_package lab-broken 1.0 'echo lab-broken: cannot be configured >&2; exit 1'

cd "$mirror"
dpkg-scanpackages --multiversion . >Packages 2>/dev/null
gzip -9kfn Packages
{
  printf 'Origin: lab\nSuite: %s\nArchitectures: %s\nDate: %s\nSHA256:\n' "$suite" "$(dpkg --print-architecture)" "$(date -Ru)"
  for file in Packages Packages.gz; do
    echo " $(sha256sum <$file | cut -d' ' -f1) $(stat -c %s $file) $file"
  done
} >Release
umount -R "$root"
umount "$scratch"
rmdir "$scratch"
