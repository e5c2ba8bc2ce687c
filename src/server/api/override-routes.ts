import { standingOverride } from '../../app/override/standing-override.ts';
import { withdrawOverride } from '../../app/override/withdraw-override.ts';
import { sendExactly } from '../exact-json.ts';
import type { WithdrawnAnswer } from './answers.ts';
import type { Handler } from './operation.ts';

/** What is laid over the spec; it is posted to the API of the deployment engine. */
export const OVERRIDE_HANDLERS: Readonly<Record<'override' | 'withdrawOverride', Handler>> = {
  override: async (_request, reply, { use }) => sendExactly(reply, await standingOverride(use)),

  async withdrawOverride(request, _reply, { use }): Promise<WithdrawnAnswer> {
    const changed = await withdrawOverride(use);
    request.auditNote = changed ? 'the override was withdrawn' : 'there was no override';
    return { changed };
  },
};
