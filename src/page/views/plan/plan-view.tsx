import type { JSX } from 'preact';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';

export function PlanView(): JSX.Element {
  return (
    <Page title="Plan">
      <Empty title="Not there yet" />
    </Page>
  );
}
