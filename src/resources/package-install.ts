/** Notes on a package, space-separated: what its transactions newly brought, and what leaves with it. */
export const INSTALLED_NOTE = 'installed';
export const USERS_NOTE = 'users';
export const GROUPS_NOTE = 'groups';

/** How long a step waits for another package manager to end. */
const LOCK_SECONDS = 600;

/**
 * Prints `TYPE USER PATH TARGET`, parted by tabs, of all that lies where maintainer scripts and first starts put things
 * that dpkg does not know of.
 */
const LIST_PLACES = `
list_places() {
  find /etc -xdev -printf '%y\\t%u\\t%p\\t%l\\n'
  find /var/lib /var/log /var/cache /var/spool /var/www /srv /opt -xdev -maxdepth 4 \\
    ! -path '/var/lib/dpkg/*' ! -path '/var/lib/apt/*' ! -path '/var/cache/apt/*' ! -path '/var/cache/debconf/*' \\
    ! -path "$STATE" ! -path "$STATE/*" -printf '%y\\t%u\\t%p\\t%l\\n' 2>/dev/null || :
}
`;

/**
 *   apt_get OPTION... COMMAND...   never asks, keeps changed configuration files, waits for dpkg's lock
 *   refresh_lists                  waits for the lists' lock, which apt itself does not
 *   find_version NAME GLOB         sets $package_spec to what apt is to install; fails when no version matches
 *   installed_of NAME...           those of them that are installed
 *   install_package KEY NAME GLOB
 *   conclude_transaction KEY       notes what the last transaction brought; again, if need be
 *   adopt_package KEY RESOURCE NAME   it is installed already: by another package's transaction, or before slipway
 *
 * What a transaction brings is found out by listings: those from before are written by apt itself, under its lock and right
 * before dpkg starts, and stay until the notes are made, so that neither another package manager's work nor a killed
 * step can blur them. What came with it lies in `$BACKUPS/package.NAME/came`, digests of its files in `sums`.
 */
export const INSTALL_FUNCTIONS = `
${LIST_PLACES}
apt_get() {
  DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1 LC_ALL=C.UTF-8 \\
    apt-get -q -y -o DPkg::Lock::Timeout=${LOCK_SECONDS} -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" </dev/null
}
refresh_lists() {
  _tries=0
  until _text=$(apt_get update 2>&1); do
    case $_text in *'Could not get lock'* | *'is held by process'*) ;; *) break ;; esac
    [ "$_tries" -lt ${LOCK_SECONDS / 2} ] || break
    [ "$_tries" -gt 0 ] || say 'waiting for another package manager'
    _tries=$((_tries + 1))
    sleep 2
  done
  printf '%s\\n' "$_text"
}
has_lists() {
  for _file in /var/lib/apt/lists/*Packages*; do
    if [ -e "$_file" ]; then return 0; fi
  done
  return 1
}
find_version() {
  package_spec=$1
  package_versions=
  [ -n "$2" ] || return 0
  _versions=$(apt-cache madison "$1" | cut -d '|' -f 2)
  for _version in $_versions; do
    package_spec=$1=$_version
    case $_version in $2) return 0 ;; esac
    case \${_version#*:} in $2) return 0 ;; esac
    package_versions="$package_versions $_version"
  done
  return 1
}
transact() {
  # A file that a former removal took off is to come back with its package.
  _missing=
  if dpkg-query -W -f '\${db:Status-Status}\\n' | grep -q config-files; then _missing=yes; fi
  apt_get \${_missing:+-o Dpkg::Options::=--force-confmiss} -o DPkg::Pre-Install-Pkgs::="sh '$package_notes/hook'" \\
    --no-remove "$@"
}
install_package() {
  command -v apt-get >/dev/null || die "package $2: this host has no apt, and slipway knows no other package manager"
  package_notes=$BACKUPS/package.$2
  mkdir -p "$package_notes"
  cat >"$package_notes/hook" <<'END'
set -e
cd "\${0%/*}"
STATE=\${PWD%/backups/*}
cat >>debs
[ ! -e places ] || exit 0
${LIST_PLACES}
dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' >packages
cp /etc/passwd /etc/group .
list_places >places.new
mv places.new places
END
  for _file in /var/lib/dpkg/updates/[0-9]*; do
    if [ -e "$_file" ]; then
      say 'finishing an interrupted dpkg'
      dpkg --configure -a </dev/null || :
      break
    fi
  done
  if ! has_lists || ! find_version "$2" "$3"; then
    refresh_lists
    find_version "$2" "$3" || die "no version of package $2 matches $3: the host's repositories have\${package_versions:- none}"
  fi
  if ! transact \${3:+--allow-downgrades} install "$package_spec"; then
    dpkg --configure -a </dev/null || :
    refresh_lists
    apt-cache show "$2" >/dev/null 2>&1 ||
      die "there is no package $2 in the host's repositories: check its name, or add the repository that has it"
    find_version "$2" "$3" || die "no version of package $2 matches $3: the host's repositories have\${package_versions:- none}"
    transact \${3:+--allow-downgrades} install "$package_spec" || die "package $2 could not be installed: apt says why"
  fi
  conclude_transaction "$1"
}
installed_of() {
  dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' "$@" 2>/dev/null | sed -n 's/^installed //p'
}
adopt_package() {
  _sets=$(grep -F "\${record_tab}${INSTALLED_NOTE}$record_tab" "$STATE/record" 2>/dev/null | cut -f 4 | tr '\\n' ' ') || :
  case " $_sets " in *" $3 "*) own "$1" "$2" ;; *) adopt "$1" "$2" ;; esac
}
# KEY NAME VALUES: adds to what the record has
add_note() {
  [ -n "$3" ] || return 0
  note_of "$1" "$2"
  note "$1" "$2" "$_note\${_note:+ }$3"
}
new_names() {
  awk -F : 'NR == FNR { had[$1]; next } !($1 in had) { printf "%s%s", n++ ? " " : "", $1 }' "$1" "$2"
}
conclude_transaction() {
  [ -e "$package_notes/places" ] || return 0
  _installed=$(dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' | awk '
    FILENAME == ARGV[1] { if ($1 == "installed") had[$2]; next }
    FILENAME == ARGV[2] { sub(/.*\\//, ""); sub(/_.*/, ""); came[$0]; next }
    $1 == "installed" && ($2 in came) && !($2 in had) { printf "%s%s", n++ ? " " : "", $2 }
  ' "$package_notes/packages" "$package_notes/debs" -)
  _users=$(new_names "$package_notes/passwd" /etc/passwd)
  _groups=$(new_names "$package_notes/group" /etc/group)
  if [ -n "$_installed" ]; then dpkg-query -L $_installed; fi >"$package_notes/listed"
  list_places | awk -F '\\t' -v users=" $_users " '
    FILENAME == ARGV[1] { had[$3]; next }
    FILENAME == ARGV[2] { listed[$0]; next }
    $3 in had { next }
    { parent = $3; sub(/\\/[^\\/]*$/, "", parent) }
    ($3 in listed) || (parent in came) || ($1 == "l" && $3 ~ /^\\/etc\\//) || index(users, " " $2 " ") ||
      $3 ~ /^\\/var\\/lib\\/systemd\\/deb-systemd-helper/ || $3 ~ /^\\/var\\/[^\\/]*$/ { came[$3]; print }
  ' "$package_notes/places" "$package_notes/listed" - >>"$package_notes/came"
  awk -F '\\t' '$1 == "f" { printf "%s%c", $3, 0 }' "$package_notes/came" | xargs -0 -r sha256sum >>"$package_notes/sums"
  add_note "$1" ${INSTALLED_NOTE} "$_installed"
  add_note "$1" ${USERS_NOTE} "$_users"
  add_note "$1" ${GROUPS_NOTE} "$_groups"
  ( cd "$package_notes" && rm -f places packages passwd group debs listed hook )
}
`;
