import type { FastifyReply } from 'fastify';
import { jsonText } from '../app/json-value.ts';
import type { Value } from '../spec/value.ts';

/** Answers with values of variables: numbers as they are, so that what is got may be posted as it is. */
export function sendExactly(reply: FastifyReply, answer: object): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .serializer((value: unknown) => jsonText(value as Value))
    .send(answer);
}
