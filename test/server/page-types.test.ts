import { describe, expectTypeOf, it } from 'vitest';
import type { ClusterReport } from '../../src/app/operate/cluster-report.ts';
import type { LogListing } from '../../src/app/operate/list-logs.ts';
import type {
  DiffAnswer,
  HistoryAnswer,
  VersionAnswer,
  RunsAnswer,
  RunAnswer,
  ClusterAnswer,
  HostsAnswer,
  RunStarted,
} from '../../src/server/api/answers.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { ErrorBody } from '../../src/server/http-error.ts';
import type * as history from '../../src/page/api/history-types.ts';
import type * as logs from '../../src/page/views/logs/log-types.ts';
import type * as page from '../../src/page/api/types.ts';

/** The page has types of its own; the compiler says here when the server answers with something else. */
describe('what the page reads of an answer', () => {
  it('is what the server sends', () => {
    expectTypeOf<ClusterAnswer>().toExtend<page.Cluster>();
    expectTypeOf<ClusterReport>().toExtend<page.ClusterReport>();
    expectTypeOf<HostsAnswer>().toExtend<page.Hosts>();
    expectTypeOf<RunsAnswer>().toExtend<page.Runs>();
    expectTypeOf<RunAnswer>().toExtend<page.Run>();
    expectTypeOf<HistoryAnswer>().toExtend<history.History>();
    expectTypeOf<VersionAnswer>().toExtend<history.Version>();
    expectTypeOf<DiffAnswer>().toExtend<history.VersionDiff>();
    expectTypeOf<LogListing>().toExtend<logs.LogListing>();
    expectTypeOf<RunStarted>().toExtend<page.RunStarted>();
    expectTypeOf<Diagnostic>().toExtend<page.Diagnostic>();
    expectTypeOf<ErrorBody['error']>().toExtend<page.ProblemBody>();
  });
});
