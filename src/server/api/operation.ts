import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role } from '../guard/principal.ts';
import type { PluginContext } from '../plugin.ts';
import type { JsonSchema } from './schema.ts';

/** All routes of the own API lie below. */
export const BASE_PATH = '/api/v1';

/** A route as it is described: requests are checked by it, and the document is made of it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `BASE_PATH`: `/runs/:run`. */
  readonly path: string;
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** Needs the role `operate`, and leaves a line in the audit log. */
  readonly changes: boolean;
  /** Needs this one although it changes nothing. */
  readonly role?: Role;
  /** Tells nothing of the cluster, and needs no token. */
  readonly open?: true;
  /** Of the segments like `:run`. */
  readonly params?: Readonly<Record<string, JsonSchema>>;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** A body may be left out where its schema allows null. */
  readonly body?: JsonSchema;
  readonly answer: Answer;
  /** Statuses beyond those that any route may answer with. */
  readonly refusals?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly description: string;
  /** JSON by this schema, or a text of this type. */
  readonly content:
    | { readonly schema: JsonSchema }
    | { readonly type: 'text/plain' | 'text/event-stream' | 'text/html' | 'text/css' };
}

/** Does what an operation says. What it resolves to is sent. */
export type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
  context: PluginContext,
) => Promise<unknown>;
