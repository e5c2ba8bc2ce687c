import { HostError } from '../../host/connection.ts';

/** What a host has to bring in time; else rejects with a `HostError` of kind 'timeout', and what comes later is dropped. */
export async function within<T>(timeoutMs: number, host: string, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new HostError(host, 'timeout', `${host} ${what} (waited ${timeoutMs / 1000} s)`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
