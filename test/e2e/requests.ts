import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** The body of a GET, on a connection of its own; rejects unless it is answered with 200. */
export function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: 10_000 }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answers ${answer.statusCode}: ${body}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} does not answer within 10 s`)));
    asked.on('error', reject);
    asked.end();
  });
}

export interface Load {
  /** Ends the requests; resolves once the last was answered. */
  stop(): Promise<{ readonly answers: readonly string[]; readonly failures: readonly string[] }>;
}

/** One request after the other, several at a time, until it is stopped. */
export function keepRequesting(url: string, atOnce = 2): Load {
  const answers: string[] = [];
  const failures: string[] = [];
  let stopped = false;
  const client = async (): Promise<void> => {
    while (!stopped) {
      await get(url).then(
        (answer) => answers.push(answer),
        (error: unknown) => failures.push(String(error)),
      );
      await sleep(5); // the machine has other things to do
    }
  };
  const clients = Array.from({ length: atOnce }, client);
  return {
    async stop() {
      stopped = true;
      await Promise.all(clients);
      return { answers, failures };
    },
  };
}
