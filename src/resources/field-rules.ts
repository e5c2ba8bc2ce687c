import type { AttributeReader } from './attribute-reader.ts';
import { commandProblem } from './command-line.ts';

// What a field must look like once its value is known. Faults go to the reader; the value given then is harmless.

/** Four octal digits. */
export function mode(read: AttributeReader): string {
  const given = read.text('mode');
  if (/^[0-7]{3,4}$/.test(given)) return given.padStart(4, '0');
  read.fail(
    'Invalid mode',
    `"${given}" is not a mode: it has three or four octal digits, as in "0644".`,
    'mode',
  );
  return '0000';
}

export function optionalAccount(read: AttributeReader, name: string): string | null {
  return read.optionalText(name) === null ? null : accountName(read, name);
}

/** What useradd(8) accepts, a little wider: dots and capitals occur. */
export function accountName(read: AttributeReader, name: string): string {
  const given = read.text(name);
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/.test(given)) return given;
  read.fail(
    'Invalid name',
    `"${given}" is no name of a user or group: letters, digits, "_", "-" and "." are allowed, at most 32 characters.`,
    name,
  );
  return '';
}

export function comment(read: AttributeReader): string | null {
  const given = read.optionalText('comment');
  if (given !== null && /[:\n]/.test(given)) {
    read.fail(
      'Invalid comment',
      'The comment of a user stands in a line of /etc/passwd: no colon, no newline.',
      'comment',
    );
  }
  return given;
}

export function packageName(read: AttributeReader): string {
  const given = read.text('name');
  if (/^[a-z0-9][a-z0-9+.-]+$/.test(given)) return given;
  read.fail(
    'Invalid package name',
    `"${given}" is no name of a package: lower-case letters, digits, "+", "-" and "." are allowed. A version stands in "version".`,
    'name',
  );
  return '';
}

export function packageVersion(read: AttributeReader): string | null {
  const given = read.optionalText('version');
  if (given !== null && !/^[A-Za-z0-9.+:~*?[\]!-]+$/.test(given)) {
    read.fail(
      'Invalid version',
      `"${given}" is no version: write a version or a pattern such as "2.9.*".`,
      'version',
    );
  }
  return given;
}

export function unitName(read: AttributeReader): string {
  const given = read.text('name').replace(/\.service$/, '');
  if (/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*$/.test(given)) return given;
  read.fail(
    'Invalid service name',
    `"${given}" is no name of a unit: letters, digits and ":", "_", ".", "@", "-" are allowed.`,
    'name',
  );
  return '';
}

export function commandOf(read: AttributeReader, name: string, address: string): string | null {
  const given = read.optionalText(name);
  const problem = given === null ? null : commandProblem(given);
  if (problem !== null)
    read.fail('Invalid command', `The ${name} of ${address} cannot be used: ${problem}.`, name);
  return given;
}

export function linkTarget(read: AttributeReader): string {
  const given = read.text('target');
  if (given === '' || /[\u0000-\u001f\u007f]/.test(given)) {
    read.fail(
      'Invalid target',
      'The target of a link must be a path without control characters, and not empty.',
      'target',
    );
  }
  return given;
}
