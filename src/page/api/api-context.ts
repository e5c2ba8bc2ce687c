import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './client.ts';

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('there is no ApiContext around this');
  return api;
}
