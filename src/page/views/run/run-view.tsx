import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function RunView(_: { readonly run: string }): JSX.Element {
  return (
    <Page title="Run">
      <Empty title="Not there yet" />
    </Page>
  );
}
