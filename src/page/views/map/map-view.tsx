import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function MapView(): JSX.Element {
  return (
    <Page title="Map">
      <Empty title="Not there yet" />
    </Page>
  );
}
