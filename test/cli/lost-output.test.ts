import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { outliveOutput } from '../../src/cli/lost-output.ts';

function outputs() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const codes: number[] = [];
  const io = { stdout, stderr } as unknown as Parameters<typeof outliveOutput>[0];
  return { stdout, stderr, codes, lost: outliveOutput(io, (code) => codes.push(code)) };
}

describe('an output that goes away', () => {
  it('is no fault when its reader has gone', () => {
    const { stdout, codes, lost } = outputs();
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect({ codes, lost: lost() }).toEqual({ codes: [], lost: false });
  });

  it('is an error, told once, when what was to be kept is lost', () => {
    const { stdout, stderr, codes, lost } = outputs();
    for (let i = 0; i < 2; i++)
      stdout.emit('error', Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
    expect({ codes, lost: lost() }).toEqual({ codes: [1], lost: true });
    expect(String(stderr.read())).toBe('Error: the output cannot be written: no space left on device\n');
  });
});
