# Sourced. Gives a chroot this machine's own distribution sources, proxies included, and takes them off again.

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

# The URI of the distribution's main archive.
main_archive() {
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite && $2 == "main" { print $3; exit }'
}

# Only the distribution's own releases: third-party repositories would need their keys in the chroot.
open_sources() { # ROOT
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$3 == suite || index($3, suite "-") == 1' | sort -u >"$1/etc/apt/sources.list"
  {
    echo 'Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false"; Acquire::Languages "none";'
    apt-config dump | grep -E '^Acquire::https?::Proxy' || :
  } >"$1/etc/apt/apt.conf.d/90build"
  cp /etc/resolv.conf "$1/etc/resolv.conf"
}

close_sources() { # ROOT
  rm -rf "$1"/etc/apt/apt.conf.d/90build "$1"/var/lib/apt/lists "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb
  mkdir -p "$1/var/lib/apt/lists/partial"
  : >"$1/etc/resolv.conf"
  echo 'deb [trusted=yes] http://mirror:8080/ ./' >"$1/etc/apt/sources.list"
}
