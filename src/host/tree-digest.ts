/**
 * Shell function `tree_digest DIRECTORY`: prints a SHA-256 over names, types, modes, sizes and times below a directory
 * (of directories only name, type and mode), nothing when it is not there. The probe asks with it and the archive kind
 * records with it, so both must use this one text. GNU and busybox; five processes however many files.
 */
export const TREE_DIGEST_FUNCTION = `
tree_digest() (
  cd "$1" 2>/dev/null || exit 0
  _sum=$(find . -type d -exec stat -c '%n %f' {} + -o -exec stat -c '%n %f %s %Y' {} + | LC_ALL=C sort | sha256sum)
  printf '%s\\n' "\${_sum%% *}"
)
`;
