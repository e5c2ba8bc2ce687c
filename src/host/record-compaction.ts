/**
 * The record file's shell side: an awk program that writes the shortest text saying the same (as `encodeRecord` does,
 * in the order of first mention), nothing at all for an empty record. Works on encoded fields; torn lines are left out.
 */
export const COMPACT_RECORD = `
function put(id, text, key) {
  if (!(id in at)) { at[id] = ++n; name[n] = id; if (key != "") mine[key] = mine[key] " " n }
  body[at[id]] = text
}
function drop(id) {
  if (id in at) { delete body[at[id]]; delete name[at[id]]; delete at[id] }
}
function enter(line,  f, key) {
  split(line, f, "\\t")
  if (f[1] == "own") put(line, line, f[2])
  else if (f[1] == "disown") drop("own" substr(line, 7))
  else if (f[1] == "before") put("before\\t" f[2], line, f[2])
  else if (f[1] == "set") put("set\\t" f[2] "\\t" f[3], line, f[2])
  else if (f[1] == "instance") put("instance\\t" f[2] "\\t" f[3], line, "")
  else if (f[1] == "component") put("component\\t" f[2] "\\t" f[3], line, "")
  else if (f[1] == "cluster") put("cluster\\t" f[2], line, "")
  else if (f[1] == "gone") drop("instance\\t" f[2] "\\t" f[3])
  else if (f[1] == "forget") forget(f[2])
  else if (f[1] == "rename") rename(f[2], f[3], f[4])
  else if (f[1] != "-") { strange = 1; exit 1 }
}
function forget(key,  i, f, count) {
  count = split(mine[key], f, " ")
  for (i = 1; i <= count; i++) if (f[i] in body) drop(name[f[i]])
  delete mine[key]
}
function moved(key, from, to,  prefix) {
  prefix = "script " from "/"
  return index(key, prefix) == 1 ? "script " to "/" substr(key, length(prefix) + 1) : key
}
function rename(lineage, from, to,  i, f, count, old, component, component_to) {
  count = n
  for (i = 1; i <= count; i++) if (i in body) old[i] = body[i]
  split("", at); split("", body); split("", name); split("", mine); n = 0
  component = from; sub(/@.*/, "", component)
  component_to = to; sub(/@.*/, "", component_to)
  for (i = 1; i <= count; i++) if (i in old) {
    split(old[i], f, "\\t")
    if (f[1] == "instance") {
      if (f[2] == lineage && f[3] == from) f[3] = to
      enter("instance\\t" f[2] "\\t" f[3] "\\t" f[4])
      continue
    }
    if (f[1] == "component" || f[1] == "cluster") { enter(old[i]); continue }
    f[2] = moved(moved(f[2], from, to), component, component_to)
    if (f[1] == "own") {
      if (f[3] == lineage && f[4] == from) f[4] = to
      enter("own\\t" f[2] "\\t" f[3] "\\t" f[4] "\\t" f[5])
    } else if (f[1] == "before") enter("before\\t" f[2] "\\t" f[3])
    else enter("set\\t" f[2] "\\t" f[3] "\\t" f[4])
  }
}
function settle(  i, f, component, live) {
  for (i = 1; i <= n; i++) if (i in body) {
    split(body[i], f, "\\t")
    if (f[1] != "instance") continue
    component = f[3]; sub(/@.*/, "", component)
    live[f[2]] = 1; live[f[2] "\\t" component] = 1
  }
  for (i = 1; i <= n; i++) if (i in body) {
    split(body[i], f, "\\t")
    if (f[1] == "component" && !((f[2] "\\t" f[3]) in live)) delete body[i]
    if (f[1] == "cluster" && !(f[2] in live)) delete body[i]
  }
}
NR == 1 { header = $0; next }
{
  if (held != "" && substr($0, 1, 2) != "-\\t") enter(held)
  held = $0
}
END {
  if (strange) exit 1
  if (held != "") enter(held)
  settle()
  for (i = 1; i <= n; i++) if (i in body) {
    if (!said) { print header; said = 1 }
    print body[i]
  }
}
`;
