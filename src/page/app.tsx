import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Banners } from './banners.tsx';
import { ClusterProvider } from './cluster/cluster-context.tsx';
import { Header } from './header.tsx';
import { Empty } from './parts/empty.tsx';
import { NoticesProvider } from './parts/notices.tsx';
import { Page } from './parts/page.tsx';
import { NowProvider } from './parts/time-ago.tsx';
import { Link, RouterProvider, useRouter } from './router.tsx';
import { Session } from './session.tsx';
import { ShortcutHelp, useShortcuts } from './shortcuts.tsx';
import { HistoryView } from './views/history/history-view.tsx';
import { HostsView } from './views/hosts/hosts-view.tsx';
import { LogsView } from './views/logs/logs-view.tsx';
import { MapView } from './views/map/map-view.tsx';
import { PlanView } from './views/plan/plan-view.tsx';
import { RunView } from './views/run/run-view.tsx';
import { RunsView } from './views/runs/runs-view.tsx';

export function App(): JSX.Element {
  return (
    <RouterProvider>
      <NowProvider>
        <Session>
          <ClusterProvider>
            <NoticesProvider>
              <Shell />
            </NoticesProvider>
          </ClusterProvider>
        </Session>
      </NowProvider>
    </RouterProvider>
  );
}

function Shell(): JSX.Element {
  const { path, go } = useRouter();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  useShortcuts(go, () => setIsHelpOpen(true));
  return (
    <>
      <a class="skip button button-main" href="#content">
        To the content
      </a>
      <Header onHelp={() => setIsHelpOpen(true)} />
      <Banners />
      <main id="content" class="content" tabIndex={-1}>
        <View key={path} path={path} />
      </main>
      {isHelpOpen ? <ShortcutHelp onClose={() => setIsHelpOpen(false)} /> : null}
    </>
  );
}

/** The view of a path; src/server/page/page.ts answers for the same ones. */
function View({ path }: { readonly path: string }): JSX.Element {
  const [, first = '', second] = path.split('/');
  switch (first) {
    case '':
      return <MapView />;
    case 'plan':
      return <PlanView />;
    case 'runs':
      return second === undefined || second === '' ? (
        <RunsView />
      ) : (
        <RunView run={decodeURIComponent(second)} />
      );
    case 'hosts':
      return <HostsView />;
    case 'logs':
      return <LogsView />;
    case 'history':
      return <HistoryView version={second === undefined || second === '' ? null : Number(second)} />;
    default:
      return (
        <Page title="Nothing here">
          <Empty title="There is no such page">
            <Link to="/">To the map</Link>
          </Empty>
        </Page>
      );
  }
}
