/**
 * Checks on a host that does not let us open connections from it. Arguments: ADDRESS PORT. bash, nc, or, knowing only that
 * somebody listens, the kernel's table.
 */
export const TCP_PROGRAM = `
if command -v bash >/dev/null; then
  exec bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"
elif command -v nc >/dev/null; then
  exec nc -z -w 5 "$1" "$2" </dev/null
fi
grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$2") [0-9A-F:]* 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null || {
  echo "nobody listens on port $2"
  exit 1
}
`;

/** Arguments: URL STATUS ('': any of 2xx and 3xx) ADDRESS PORT. Without curl and wget only the port is looked at. */
export const HTTP_PROGRAM = `
url=$1 wanted=$2
if command -v curl >/dev/null; then
  found=$(curl -sk -m 10 -o /dev/null -w '%{http_code}' "$url") || { echo "$url does not answer"; exit 1; }
elif command -v wget >/dev/null; then
  found=$(wget -S -T 10 -O /dev/null "$url" 2>&1 | grep -m 1 'HTTP/') || { echo "$url does not answer"; exit 1; }
  found=\${found#*HTTP/* }
  found=\${found%% *}
else
  shift 2
${TCP_PROGRAM}
  exit 0
fi
case $wanted:$found in
  "$found:$found"|:2??|:3??) exit 0 ;;
esac
echo "$url answers $found, not \${wanted:-2xx or 3xx}"
exit 1
`;
