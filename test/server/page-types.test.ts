import { describe, expectTypeOf, it } from 'vitest';
import type { ClusterReport } from '../../src/app/operate/cluster-report.ts';
import type {
  RunsAnswer,
  RunAnswer,
  ClusterAnswer,
  HostsAnswer,
  RunStarted,
} from '../../src/server/api/answers.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { ErrorBody } from '../../src/server/http-error.ts';
import type * as page from '../../src/page/api/types.ts';

/** The page has types of its own; the compiler says here when the server answers with something else. */
describe('what the page reads of an answer', () => {
  it('is what the server sends', () => {
    expectTypeOf<ClusterAnswer>().toExtend<page.Cluster>();
    expectTypeOf<ClusterReport>().toExtend<page.ClusterReport>();
    expectTypeOf<HostsAnswer>().toExtend<page.Hosts>();
    expectTypeOf<RunsAnswer>().toExtend<page.Runs>();
    expectTypeOf<RunAnswer>().toExtend<page.Run>();
    expectTypeOf<RunStarted>().toExtend<page.RunStarted>();
    expectTypeOf<Diagnostic>().toExtend<page.Diagnostic>();
    expectTypeOf<ErrorBody['error']>().toExtend<page.ProblemBody>();
  });
});
