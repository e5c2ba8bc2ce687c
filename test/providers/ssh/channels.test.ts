import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { ClientCallback } from 'ssh2';
import { openSession } from '../../../providers/ssh/channels.ts';
import type { Login } from '../../../providers/ssh/login.ts';
import { program } from '../../../providers/ssh/program.ts';
import { slots } from '../../../providers/ssh/slots.ts';

it('an exit code that comes in the same packet as the channel is not lost', async () => {
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough(), close: () => undefined });
  const client = {
    exec(_command: string, done: ClientCallback) {
      done(undefined, channel as never);
      channel.emit('exit', 3);
      channel.stderr.end();
      channel.stderr.resume();
      setImmediate(() => channel.emit('close'));
    },
  };
  const { taken } = await openSession(
    { client } as unknown as Login,
    'exit 3',
    { host: '10.0.0.1', sessions: slots(1), signal: new AbortController().signal, lost: () => undefined },
    (opened) => program(opened, new PassThrough()),
  );
  expect(await taken.exit).toEqual({ code: 3 });
});
