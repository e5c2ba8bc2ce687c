import { createContext, type ComponentChildren, type JSX } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';

export interface Place {
  /** `/runs/20261121T041500-83c1` */
  readonly path: string;
  readonly query: URLSearchParams;
  /** How often another path was gone to since the page was loaded. */
  readonly moves: number;
}

export interface Router extends Place {
  /** Goes to a path of the page, with its query: `/plan?digest=…`. `replace`: without a step back to where we are. */
  readonly go: (to: string, options?: { readonly replace?: boolean }) => void;
  /** The same path with these parameters of the query set; null takes one off. Replaces, by default. */
  readonly setQuery: (
    changes: Readonly<Record<string, string | null>>,
    options?: { readonly replace?: boolean },
  ) => void;
}

const RouterContext = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (router === null) throw new Error('there is no RouterProvider around this');
  return router;
}

export function RouterProvider({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const [{ href, moves }, setAt] = useState(() => ({ href: currentHref(), moves: 0 }));
  useEffect(() => {
    const onMove = (): void => setAt(moved);
    window.addEventListener('popstate', onMove);
    return () => window.removeEventListener('popstate', onMove);
  }, []);
  const router = useMemo((): Router => {
    const url = new URL(href, location.origin);
    const go: Router['go'] = (to, { replace = false } = {}) => {
      if (to === currentHref()) return;
      const isElsewhere = new URL(to, location.origin).pathname !== location.pathname;
      if (replace) history.replaceState(null, '', to);
      else history.pushState(null, '', to);
      setAt(moved);
      if (isElsewhere) window.scrollTo(0, 0);
    };
    return {
      path: url.pathname,
      query: url.searchParams,
      moves,
      go,
      setQuery(changes, { replace = true } = {}) {
        const query = new URLSearchParams(location.search);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === '') query.delete(name);
          else query.set(name, value);
        }
        go(query.size === 0 ? location.pathname : `${location.pathname}?${query.toString()}`, { replace });
      },
    };
  }, [href, moves]);
  return <RouterContext.Provider value={router}>{children}</RouterContext.Provider>;
}

export interface LinkProps extends Omit<JSX.AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> {
  /** A path of the page. */
  readonly to: string;
  readonly children?: ComponentChildren;
}

/** A link within the page. Opened in another tab it works as any link. */
export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
  const { go } = useRouter();
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

function currentHref(): string {
  return location.pathname + location.search;
}

function moved(before: { readonly href: string; readonly moves: number }): typeof before {
  const href = currentHref();
  const pathOf = (text: string): string => text.split('?')[0] ?? '';
  return { href, moves: before.moves + (pathOf(href) === pathOf(before.href) ? 0 : 1) };
}
