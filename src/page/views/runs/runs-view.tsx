import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function RunsView(): JSX.Element {
  return (
    <Page title="Runs">
      <Empty title="Not there yet" />
    </Page>
  );
}
