import type { Value } from '../../value.ts';
import { InputError } from '../error.ts';
import { emptyObject } from '../marks.ts';
import { define, text } from './definition.ts';
import type { EagerFunction } from './definition.ts';
import { decodeJson, encodeJson } from './json.ts';

function fromBase64(source: string): string {
  const bare = source.replace(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bare) || bare.length % 4 !== 0)
    throw new InputError('this is no valid Base64', 0);
  const bytes = Buffer.from(bare, 'base64');
  const decoded = bytes.toString('utf8');
  if (!Buffer.from(decoded).equals(bytes)) throw new InputError('the content is not text in UTF-8', 0);
  return decoded;
}

/** Go's url.QueryEscape, as Terraform has it: a space is a plus sign. */
function urlEncode(source: string): string {
  return encodeURIComponent(source)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** Records of RFC 4180. */
function csvRecords(source: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  while (field.lastIndex < source.length) {
    const match = field.exec(source);
    if (!match) throw new InputError(`this is no valid CSV (record ${records.length + 1})`, 0);
    const [, raw = '', end = ''] = match;
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',' && field.lastIndex < source.length) continue;
    if (end === ',') record.push('');
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  return records;
}

function decodeCsv(source: string): Value {
  const [names, ...rows] = csvRecords(source);
  if (!names) throw new InputError('the first line with the names of the columns is missing', 0);
  return rows.map((row, i) => {
    if (row.length !== names.length)
      throw new InputError(`record ${i + 2} has ${row.length} fields instead of ${names.length}`, 0);
    const object = emptyObject();
    names.forEach((name, column) => (object[name] = row[column]!));
    return object;
  });
}

export const encodingFunctions: readonly EagerFunction[] = [
  define('base64decode(string)', 'The text that Base64 encodes.', (a) => fromBase64(text(a, 0))),
  define('base64encode(string)', 'A string as Base64.', (a) => Buffer.from(text(a, 0)).toString('base64')),
  define(
    'csvdecode(string)',
    'A list with an object for each record; the first line names the columns.',
    (a) => decodeCsv(text(a, 0)),
  ),
  define('jsondecode(string)', 'The value that JSON writes.', (a) => decodeJson(text(a, 0))),
  define('jsonencode(value)', 'A value as compact JSON with sorted keys.', (a) => encodeJson(a[0]!), {
    nullable: true,
  }),
  define('urlencode(string)', 'A string escaped for a URL query.', (a) => urlEncode(text(a, 0))),
];
