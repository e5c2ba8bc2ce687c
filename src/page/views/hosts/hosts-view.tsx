import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function HostsView(): JSX.Element {
  return (
    <Page title="Hosts">
      <Empty title="Not there yet" />
    </Page>
  );
}
