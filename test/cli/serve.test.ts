import { describe, expect, it } from 'vitest';
import { runCli, workingDirectory } from './run-cli.ts';

describe('slipway serve', () => {
  it.each([
    [
      ['--listen=50000'],
      /--listen takes ADDRESS:PORT, as in 127\.0\.0\.1:50000 or \[::1\]:50000, not "50000"/,
    ],
    [['--listen=127.0.0.1:99999'], /--listen takes ADDRESS:PORT/],
    [['--listen=0.0.0.0:0'], /On another address than loopback --token-file is needed/],
    [['--listen=0.0.0.0:0', '--insecure'], /On another address than loopback --token-file is needed/],
    [['--tls-cert=cert.pem'], /--tls-cert and --tls-key belong together/],
    [['--allow-origin=ops.example.com'], /--allow-origin takes an origin, as in https:\/\/ops\.example\.com/],
    [['--allow-origin=https://ops.example.com/page'], /--allow-origin takes an origin/],
    [['--allow-host=https://ops.example.com'], /--allow-host takes a name without port/],
    [['--install', '--uninstall'], /one of them/],
    [['what'], /"what" is too much/],
  ] as const)('%j is refused, and says what is right', async (args, words) => {
    const { code, stdout, stderr } = await runCli(['serve', ...args], { cwd: workingDirectory() });
    expect(stderr.replace(/\s+/g, ' ')).toMatch(words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('serves until it is told to end', async () => {
    const end = new AbortController();
    const { code, stdout, stderr } = await runCli(['serve', '--listen=localhost:0'], {
      cwd: workingDirectory(),
      onOutput: (text) => {
        if (text.includes('Ctrl-C')) end.abort();
      },
      kill: { signal: end.signal, with: 'SIGINT' },
    });
    expect(stdout).toMatch(/^Serving \S+ at http:\/\/127\.0\.0\.1:\d+\nto your own user and root/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
