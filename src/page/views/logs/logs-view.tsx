import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function LogsView(): JSX.Element {
  return (
    <Page title="Logs">
      <Empty title="Not there yet" />
    </Page>
  );
}
