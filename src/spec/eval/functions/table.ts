import { addressFunctions } from './addresses.ts';
import { collectionFunctions } from './collections.ts';
import { conversionFunctions } from './conversions.ts';
import type { FunctionDefinition } from './definition.ts';
import { encodingFunctions } from './encoding.ts';
import { fileFunctions } from './files.ts';
import { hashFunctions } from './hashing.ts';
import { numericFunctions } from './numeric.ts';
import { regexFunctions } from './regexes.ts';
import { setFunctions } from './sets.ts';
import { stringFunctions } from './strings.ts';

/** The functions by the heading under which the documentation lists them. */
export const functionGroups: readonly {
  readonly title: string;
  readonly functions: readonly FunctionDefinition[];
}[] = [
  { title: 'Strings', functions: [...stringFunctions, ...regexFunctions] },
  { title: 'Numbers', functions: numericFunctions },
  { title: 'Collections', functions: [...collectionFunctions, ...setFunctions] },
  { title: 'Encoding', functions: encodingFunctions },
  { title: 'Hashes', functions: hashFunctions },
  { title: 'Networks', functions: addressFunctions },
  { title: 'Files', functions: fileFunctions },
  { title: 'Types and errors', functions: conversionFunctions },
];

/** Every function of the language by its name. */
export const functionTable: ReadonlyMap<string, FunctionDefinition> = new Map(
  functionGroups.flatMap(({ functions }) => functions).map((definition) => [definition.name, definition]),
);

const IMPURE =
  'a plan is a pure function of its inputs, so that it can be made again; pass the value in as a variable';
const COSTLY =
  'its result is another at every call, which a plan would show as a change; pass the value in as a variable';

/** Functions that Terraform has and that are left out on purpose, with the reason. */
export const absentFunctions: ReadonlyMap<string, string> = new Map([
  ['timestamp', IMPURE],
  ['plantimestamp', IMPURE],
  ['uuid', IMPURE],
  ['bcrypt', COSTLY],
  ['pathexpand', 'the home directory is another for every user; pass the path in as a variable'],
  ['abspath', 'a plan does not depend on where it is made; name files relative to the spec'],
]);
