import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function HistoryView(_: { readonly version: number | null }): JSX.Element {
  return (
    <Page title="History">
      <Empty title="Not there yet" />
    </Page>
  );
}
