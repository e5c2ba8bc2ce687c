import { GROUPS_NOTE, INSTALLED_NOTE, USERS_NOTE } from './package-install.ts';

/**
 *   remove_package KEY NAME
 *
 * Takes off the set that the package's transactions brought, in one transaction, by `apt-get remove`: never by purge, whose
 * maintainer scripts delete data. Dependencies that others need by now stay. A simulation that would take more than the
 * set is refused. Afterwards goes what came with the packages and is as it came: configuration files, links, empty directories,
 * logs and caches, at last users and groups that own nothing any more. Needs INSTALL_FUNCTIONS.
 */
export const REMOVAL_FUNCTIONS = `
# SET NAME...: what apt would remove with these beyond the set
beyond() {
  _set=" $1 "
  _beyond=
  shift
  _removed=$(apt_get -s remove "$@" | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p')
  for _name in $_removed; do
    case $_set in *" $_name "*) ;; *) _beyond="$_beyond $_name" ;; esac
  done
}
choose_removal() {
  _present=$(installed_of $2 | tr '\\n' ' ')
  _present=\${_present% }
  _chosen=$_present
  [ -n "$_present" ] || return 0
  beyond "$_present" $_present
  [ -n "$_beyond" ] || return 0
  _chosen=
  case " $_present " in
    *" $1 "*)
      beyond "$_present" "$1"
      for _name in $_beyond; do
        is_owned "package $_name" ||
          die "removing package $1 would also remove$_beyond, which slipway did not install with it. Remove that first, or keep $1"
      done
      if [ -n "$_beyond" ]; then
        say "package $1 is kept until it goes with$_beyond"
        hand_over_all "$1" $_beyond
        return 0
      fi
      _chosen=$1
      ;;
  esac
  for _candidate in $_present; do
    [ "$_candidate" != "$1" ] || continue
    beyond "$_present" $_chosen "$_candidate"
    if [ -z "$_beyond" ]; then
      _chosen="$_chosen $_candidate"
    else
      say "package $_candidate is kept: needed by$_beyond"
      hand_over "$_candidate" $_beyond
    fi
  done
}
# NAME NEEDED_BY...: the first of those that slipway installed takes it along when it goes
hand_over() {
  _handed=$1
  shift
  for _name do
    if is_owned "package $_name"; then
      add_note "package $_name" ${INSTALLED_NOTE} "$_handed"
      return 0
    fi
  done
}
# NAME OTHER...: all that came with a package goes with the first of the others
hand_over_all() {
  _heir=$2
  hand_over "$_present" "$_heir"
  for _kind in ${USERS_NOTE} ${GROUPS_NOTE}; do
    note_of "package $1" "$_kind"
    add_note "package $_heir" "$_kind" "$_note"
  done
  mkdir -p "$BACKUPS/package.$_heir"
  for _file in came sums; do
    [ ! -e "$package_notes/$_file" ] || cat "$package_notes/$_file" >>"$BACKUPS/package.$_heir/$_file"
  done
  rm -f "$package_notes"/*
}
remove_package() {
  package_notes=$BACKUPS/package.$2
  conclude_transaction "$1"
  note_of "$1" ${INSTALLED_NOTE}
  _names=$2
  for _name in $_note; do
    [ "$_name" = "$2" ] || is_owned "package $_name" || _names="$_names $_name"
  done
  choose_removal "$2" "$_names"
  if [ -n "$_chosen" ]; then
    if ! apt_get remove $_chosen; then
      dpkg --configure -a </dev/null || :
      apt_get remove $_chosen || die "package $2 could not be removed: apt says why"
    fi
  fi
  if [ -n "$_present" ] && [ -z "$_chosen" ]; then
    rm -rf "$package_notes"
    return 0
  fi
  remove_leftovers
  note_of "$1" ${USERS_NOTE}
  remove_accounts passwd "$_note"
  note_of "$1" ${GROUPS_NOTE}
  remove_accounts group "$_note"
  forget_removed
  rm -rf "$package_notes"
}
# A package whose configuration was left to nobody: dpkg would take its files for deleted by the administrator and the next
# installation would come without them. Its purge then has nothing to delete, and without its script it cannot.
forget_removed() {
  for _name in $_gone; do
    _left=$(dpkg-query -W -f '\${Conffiles}\n' "$_name" | while read -r _path _digest; do
      if [ -n "$_digest" ] && [ -e "$_path" ]; then echo yes; fi
    done)
    [ -z "$_left" ] || continue
    _script=$(dpkg-query --control-path "$_name" postrm 2>/dev/null) || _script=
    [ -z "$_script" ] || rm -f "$_script"
    dpkg --purge "$_name" </dev/null || say "package $_name stays known to dpkg as removed"
  done
}
# NAME VERSION INSTALLED USERS GROUPS: the version from before slipway, as far as the repositories still have it
restore_package() {
  apt_get --allow-downgrades --no-remove install "$1=$2" || say "package $1 stays as it is: version $2 cannot be had any more"
  rm -rf "$BACKUPS/package.$1"
}
remove_leftovers() {
  left_behind=
  _gone=$(dpkg-query -W -f '\${db:Status-Status} \${Package}\\n' $_names 2>/dev/null | sed -n 's/^config-files //p')
  if [ -n "$_gone" ]; then
    dpkg-query -W -f '\${Conffiles}\\n' $_gone | awk 'NF > 1 { print $2 "  " $1 }' | md5sum -c 2>/dev/null |
      sed -n 's/: OK$//p' | xargs -d '\\n' -r rm -f
  fi
  [ -s "$package_notes/came" ] || return 0
  _still=$(installed_of $_names)
  if [ -n "$_still" ]; then dpkg-query -L $_still; fi >"$package_notes/listed"
  awk -F '\\t' 'FILENAME == ARGV[1] { stays[$0]; next } !($3 in stays)' "$package_notes/listed" "$package_notes/came" |
    LC_ALL=C sort -r -t "$record_tab" -k 3,3 >"$package_notes/leaving"
  sha256sum -c "$package_notes/sums" 2>/dev/null | sed -n 's/: OK$//p' >"$package_notes/same"
  awk -F '\\t' 'FILENAME == ARGV[1] { same[$0]; next } $1 == "f" && ($3 in same) { print $3 }' \\
    "$package_notes/same" "$package_notes/leaving" | xargs -d '\\n' -r rm -f
  while IFS=$record_tab read -r _type _user _path _target; do
    case $_type:$_path in
      l:/etc/rc?.d/[SK][0-9][0-9]*)
        # A service that was disabled has its link under another name.
        for _link in "\${_path%/*}"/[SK][0-9][0-9]"\${_path##*/[SK][0-9][0-9]}"; do
          if [ -L "$_link" ] && [ ! -e "$_link" ]; then rm -f "$_link"; fi
        done
        ;;
      l:*) if [ -L "$_path" ] && [ "$(readlink "$_path")" = "$_target" ]; then rm -f "$_path"; fi ;;
      *:/var/log/*/* | *:/var/cache/*/* | f:/var/log/* | f:/var/cache/*) rm -rf "$_path" ;;
      d:*)
        [ -d "$_path" ] || continue
        if ! is_empty "$_path"; then
          left_behind="$left_behind $_path"
        elif ! is_owned "directory $_path"; then
          rmdir "$_path"
        fi
        ;;
    esac
  done <"$package_notes/leaving"
}
# DATABASE NAMES: those that own nothing of what is left
remove_accounts() {
  for _name in $2; do
    account "$1" "$_name" >/dev/null || continue
    if [ "$1" = passwd ]; then _by=-user; else _by=-group; fi
    _owned=
    [ -z "$left_behind" ] || _owned=$(find $left_behind "$_by" "$_name" -print -quit)
    if is_owned "user $_name" || is_owned "group $_name"; then
      continue
    elif [ -n "$_owned" ]; then
      say "$_name is kept: $_owned belongs to it"
    elif [ "$1" = passwd ]; then
      drop_overrides "$_name"
      userdel "$_name" || say "user $_name is kept"
    else
      remove_group "$_name"
    fi
  done
}
`;
