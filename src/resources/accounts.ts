/** Notes on a user: what came into being with it and goes with it. */
export const MADE_GROUP_NOTE = 'made-group';
export const MADE_HOME_NOTE = 'made-home';

/**
 * Shell functions for users and groups: the tools of shadow where they are, busybox's otherwise.
 *   account DATABASE NAME                 prints the line of `passwd` or `group`; fails when there is none
 *   has_account DATABASE NAME PATTERN     does the line match the `case` pattern?
 *   same_account DATABASE NAME PATTERN    dies unless it does
 *   add_group NAME GID SYSTEM             GID may be empty; SYSTEM `yes` or empty
 *   drop_overrides NAME                   those of dpkg that name a user or group
 *   remove_group NAME                     stays when it is the primary group of a user
 *   add_user NAME SYSTEM UID GROUP GROUPS HOME SHELL COMMENT      all but the name may be empty
 *   change_user NAME [-u UID] [-g GROUP] [-G GROUPS] [-d HOME] [-s SHELL] [-c COMMENT]
 *   remove_user KEY NAME
 */
export const ACCOUNT_FUNCTIONS = `
account() {
  if command -v getent >/dev/null; then getent "$1" "$2"; else grep "^$2:" "/etc/$1"; fi
}
has_account() {
  _account=$(account "$1" "$2") || return 1
  case $_account in $3) ;; *) return 1 ;; esac
}
same_account() {
  has_account "$@" || die "$2 ($1) was changed on the host since the plan was made"
}
add_group() {
  if command -v groupadd >/dev/null; then
    groupadd \${3:+-r} \${2:+-g "$2"} "$1"
  else
    addgroup \${3:+-S} \${2:+-g "$2"} "$1"
  fi
}
# dpkg refuses all work while an override names somebody who is not there.
drop_overrides() {
  [ -s /var/lib/dpkg/statoverride ] || return 0
  while read -r _owner _group _mode _path; do
    case " $_owner $_group " in *" $1 "*) dpkg-statoverride --quiet --remove "$_path" || : ;; esac
  done </var/lib/dpkg/statoverride
}
remove_group() {
  _account=$(account group "$1") || return 0
  _gid=\${_account#*:*:}
  _gid=\${_gid%%:*}
  while IFS=: read -r _user _ _ _primary _; do
    if [ "$_primary" = "$_gid" ]; then
      say "group $1 is kept: it is the primary group of user $_user"
      return 0
    fi
  done </etc/passwd
  drop_overrides "$1"
  if command -v groupdel >/dev/null; then groupdel "$1"; else delgroup "$1"; fi
}
no_login() {
  for _shell in /usr/sbin/nologin /sbin/nologin /bin/false; do
    if [ -x "$_shell" ]; then return 0; fi
  done
}
add_user() {
  _name=$1 _system=$2 _uid=$3 _group=$4 _groups=$5 _home=$6 _shell=$7 _comment=$8
  set --
  if [ -n "$_system" ]; then
    [ -n "$_shell" ] || no_login
    _home=\${_home:-/nonexistent}
  else
    _home=\${_home:-/home/$_name}
    if [ ! -e "$_home" ]; then note "user $_name" ${MADE_HOME_NOTE} "$_home"; fi
  fi
  if [ -z "$_group" ]; then
    if account group "$_name" >/dev/null; then _group=$_name; else note "user $_name" ${MADE_GROUP_NOTE} yes; fi
  fi
  if command -v useradd >/dev/null; then
    if [ -n "$_system" ]; then set -- -r -M; else set -- -m; fi
    if [ -n "$_group" ]; then set -- "$@" -g "$_group"; else set -- "$@" -U; fi
    useradd "$@" -d "$_home" \${_uid:+-u "$_uid"} \${_groups:+-G "$_groups"} \${_shell:+-s "$_shell"} \\
      \${_comment:+-c "$_comment"} "$_name"
    return
  fi
  if [ -z "$_group" ]; then
    add_group "$_name" '' "$_system"
    _group=$_name
  fi
  if [ -n "$_system" ]; then set -- -S -H; fi
  adduser -D "$@" -h "$_home" -G "$_group" \${_uid:+-u "$_uid"} \${_shell:+-s "$_shell"} \\
    \${_comment:+-g "$_comment"} "$_name"
  _ifs=$IFS
  IFS=,
  for _group in $_groups; do addgroup "$_name" "$_group"; done
  IFS=$_ifs
}
change_user() {
  command -v usermod >/dev/null || die "usermod is not on this host: user $1 cannot be changed"
  _user=$1
  shift
  usermod "$@" "$_user"
}
remove_user() {
  account passwd "$2" >/dev/null || return 0
  drop_overrides "$2"
  note_of "$1" ${MADE_GROUP_NOTE}
  _made_group=$_note
  _line=
  [ -n "$_made_group" ] || _line=$(account group "$2") || _line=
  _tries=0
  while :; do
    _code=0
    if command -v userdel >/dev/null; then userdel "$2" || _code=$?; else deluser "$2" || _code=$?; fi
    [ "$_code" -ne 0 ] || break
    # 8: a process of the user is still about to end.
    if [ "$_code" -ne 8 ] || [ "$_tries" -ge 10 ]; then die "user $2 cannot be removed"; fi
    _tries=$((_tries + 1))
    sleep 1
  done
  if [ -n "$_made_group" ]; then
    remove_group "$2"
  elif [ -n "$_line" ] && ! account group "$2" >/dev/null; then
    # userdel takes the group of the same name along, but this one was not made for the user.
    _gid=\${_line#*:*:}
    add_group "$2" "\${_gid%%:*}" ''
  fi
  note_of "$1" ${MADE_HOME_NOTE}
  [ -z "$_note" ] || remove_home "$_note"
}
remove_home() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  for _file in /etc/skel/.[!.]* /etc/skel/*; do
    if [ -f "$_file" ] && cmp -s "$_file" "$1/\${_file##*/}"; then rm -f "$1/\${_file##*/}"; fi
  done
  rmdir "$1" 2>/dev/null || say "$1 is kept: it is not empty"
}
`;
