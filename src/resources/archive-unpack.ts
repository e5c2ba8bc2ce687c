import { TREE_DIGEST_FUNCTION } from '../host/tree-digest.ts';

/**
 * Shell functions of the archive kind.
 *
 *   archive_unpack BLOB FORMAT STRIP PATH OWNER     into a fresh directory beside PATH, which then takes its place; sets
 *                                                   $archive_tree. OWNER as for chown, '' for none
 *   archive_expect PATH                             dies when something stands there that is not an empty directory
 *
 * tar and unzip never write outside of the directory (they cut absolute names and refuse `..`); an archive that has such
 * members is refused all the same, once unpacked, by what they say of it.
 */
export const ARCHIVE_FUNCTIONS = `${TREE_DIGEST_FUNCTION}
archive_expect() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    is_empty "$1" || die "$1 appeared on the host since the plan was made"
  fi
}
archive_unpack() {
  archive_new=$4.slipway-new archive_old=$4.slipway-old archive_names=$4.slipway-names
  rm -rf "$archive_new" "$archive_new.strip" "$archive_old" "$archive_names"
  mkdir -m 0755 "$archive_new"
  archive_code=0
  case $2 in
    zip) archive_zip "$1" "$archive_new" >"$archive_names" 2>&1 || archive_code=$? ;;
    *)
      command -v tar >/dev/null || die "unpacking needs the program tar"
      archive_filter=z
      if [ "$2" = tar.xz ]; then
        command -v xz >/dev/null || die "unpacking a tar.xz needs the program xz: install the package xz-utils"
        archive_filter=J
      fi
      LC_ALL=C tar -x -v -o "-$archive_filter" -f "$1" -C "$archive_new" "--strip-components=$3" \\
        >"$archive_names" 2>&1 || archive_code=$? ;;
  esac
  if grep -Eiq '^/|(^|/)\\.\\.(/|$)|^[a-z]+: removing leading|^warning: .*(absolute path|"\\.\\./")|^absolute path or|^tar: .*contains .\\.\\.' "$archive_names"; then
    archive_refuse "the archive has members that lie outside of it (absolute names, or ..)"
  fi
  if [ "$archive_code" != 0 ]; then
    tail -n 5 "$archive_names"
    archive_refuse "cannot unpack the archive for $4 (exit code $archive_code)"
  fi
  if [ "$2" = zip ]; then archive_strip "$3" "$archive_new"; fi
  if [ -n "$5" ]; then chown -R -h "$5" "$archive_new"; fi
  archive_tree=$(tree_digest "$archive_new")
  # Two renames: for a moment there is nothing at PATH, but never half of it.
  if [ -e "$4" ]; then mv "$4" "$archive_old"; fi
  mv "$archive_new" "$4"
  rm -rf "$archive_old" "$archive_names"
}
archive_refuse() {
  rm -rf "$archive_new" "$archive_names"
  die "$1"
}
archive_zip() {
  if command -v unzip >/dev/null; then
    archive_unzip=0
    LC_ALL=C.UTF-8 unzip -o "$1" -d "$2" || archive_unzip=$?
    # 1: done, with warnings; those that matter are looked for.
    [ "$archive_unzip" -le 1 ]
  elif command -v python3 >/dev/null; then
    python3 - "$1" "$2" <<'END'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for member in archive.infolist():
        if member.filename.startswith('/') or '..' in member.filename.split('/'):
            sys.exit('absolute path or ..: ' + member.filename)
        path = archive.extract(member, sys.argv[2])
        mode = member.external_attr >> 16 & 0o777
        if mode: os.chmod(path, mode)
END
  else
    echo "unpacking a zip needs the program unzip or python3: install the package unzip"
    return 1
  fi
}
# COUNT DIRECTORY: takes off so many leading components; what has fewer is left out, as tar does.
archive_strip() {
  archive_level=0
  while [ "$archive_level" -lt "$1" ]; do
    archive_level=$((archive_level + 1))
    mkdir -m 0755 "$2.strip"
    for archive_top in "$2"/* "$2"/.[!.]* "$2"/..?*; do
      if [ -d "$archive_top" ] && [ ! -L "$archive_top" ]; then cp -a "$archive_top/." "$2.strip/"; fi
    done
    rm -rf "$2"
    mv "$2.strip" "$2"
    chmod 0755 "$2"
  done
}
`;
