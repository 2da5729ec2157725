// The frame around every page: rail, breadcrumb, palette, how the connection stands. Never a page.
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useParams, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { live } from '@/data/live';
import {
  attention,
  project as projectQuery,
  run as runQuery,
  sweep as sweepQuery,
  viewer,
} from '@/data/queries';
import { compact } from '@/lib/format';
import { Brand, Icon, type IconName } from '@/ui/icons';
import { useKeys } from '@/ui/keys';
import { useStoredFlag } from '@/ui/stored';
import { flipTheme } from '@/ui/theme';
import { Toasts } from '@/ui/toast';
import { Announcer } from './announcer';
import { LiveStatus, LostBar, UpdatedBar } from './bars';

const LAST = 'heartline.project';

const paletteFile = () => import('./palette');
const keyListFile = () => import('./key-list');
const Palette = lazy(paletteFile);
const KeyList = lazy(keyListFile);

/** Fetched once the first page stands, so that they open at once and without a server, too. */
function fetchLater() {
  for (const file of [paletteFile, keyListFile]) file().catch(() => undefined);
}

/** Whether it was ever so: what was open once stays mounted, and gives the focus back. */
function useEver(now: boolean): boolean {
  const ever = useRef(false);
  ever.current ||= now;
  return ever.current;
}

/** The project of the address, or the one looked at last. */
function usePlace(): { entity: string; project: string } | null {
  const params = useParams({ strict: false });
  const here =
    params.entity && params.project ? { entity: params.entity, project: params.project } : null;
  useEffect(() => {
    if (here) localStorage.setItem(LAST, JSON.stringify(here));
  });
  if (here) return here;
  try {
    return JSON.parse(localStorage.getItem(LAST) ?? 'null');
  } catch {
    return null;
  }
}

export function Shell() {
  const [folded, fold] = useStoredFlag('rail.folded', false);
  const [palette, setPalette] = useState(false);
  const [keyList, setKeyList] = useState(false);
  const router = useRouter();
  const place = usePlace();
  const me = useQuery(viewer);
  const paletteAsked = useEver(palette);
  const keyListAsked = useEver(keyList);
  useEffect(() => live.start(), []);
  useEffect(fetchLater, []);
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette((open) => !open);
      }
      if (event.altKey && event.key.toLowerCase() === 'm') {
        event.preventDefault();
        flipTheme();
      }
    };
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, []);
  const go = (page: 'overview' | 'workspace' | 'runs' | 'sweeps') => () => {
    if (place) void router.navigate({ to: `/$entity/$project/${page}`, params: place });
  };
  useKeys([
    { keys: '[', words: 'Fold or open the rail', act: () => fold(!folded) },
    { keys: '?', words: 'This list of keys', act: () => setKeyList(true) },
    {
      keys: 'g a',
      words: 'Go to Attention',
      act: () => void router.navigate({ to: '/attention' }),
    },
    { keys: 'g h', words: 'Go home', act: () => void router.navigate({ to: '/' }) },
    { keys: 'g w', words: 'Go to Workspace', act: go('workspace') },
    { keys: 'g r', words: 'Go to Runs', act: go('runs') },
    { keys: 'g s', words: 'Go to Sweeps', act: go('sweeps') },
    { keys: 'g o', words: 'Go to Overview', act: go('overview') },
    {
      keys: 'y',
      words: 'Copy this address',
      act: () => void navigator.clipboard?.writeText(location.href),
    },
  ]);
  if (!me.data && !me.error) return <div className="shell" aria-busy="true" />;
  return (
    <div className={`shell ${folded ? 'folded' : ''}`}>
      <a href="#main" className="skip button">
        Skip to the page
      </a>
      <LostBar />
      <UpdatedBar />
      <Rail place={place} fold={() => fold(!folded)} />
      <header className="top">
        <Crumbs />
        <button type="button" className="jump" onClick={() => setPalette(true)}>
          <Icon name="search" />
          <span>Jump to…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <LiveStatus />
        <button
          type="button"
          className="button plain icon"
          onClick={flipTheme}
          aria-label="Light or dark (Alt M)"
          title="Light or dark (Alt M)"
        >
          <Icon name="theme" />
        </button>
      </header>
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Toasts />
      <Announcer />
      <Suspense>
        {paletteAsked && <Palette open={palette} onClose={() => setPalette(false)} place={place} />}
        {keyListAsked && <KeyList open={keyList} onClose={() => setKeyList(false)} />}
      </Suspense>
    </div>
  );
}

function Rail({
  place,
  fold,
}: {
  place: { entity: string; project: string } | null;
  fold: () => void;
}) {
  const alarms = useQuery(attention);
  const found = useQuery({
    ...projectQuery(place?.entity ?? '', place?.project ?? ''),
    enabled: place !== null,
    retry: false,
  });
  const shown = place && !found.error ? place : null;
  const waiting =
    (alarms.data?.decide.length ?? 0) +
    (alarms.data?.ended.reduce((sum, each) => sum + each.runs.length, 0) ?? 0);
  return (
    <nav className="rail" aria-label="Places">
      <Link to="/" className="brand">
        <Brand />
        <span className="label">Heartline</span>
      </Link>
      {shown && (
        <Link
          to="/$entity"
          params={{ entity: shown.entity }}
          className="switcher"
          title="All projects"
        >
          <span className="quiet small cut">{shown.entity}</span>
          <b className="cut">{shown.project}</b>
        </Link>
      )}
      {shown && (
        <>
          <Place to="/$entity/$project/overview" params={shown} icon="overview" word="Overview" />
          <Place
            to="/$entity/$project/workspace"
            params={shown}
            icon="workspace"
            word="Workspace"
          />
          <Place
            to="/$entity/$project/runs"
            params={shown}
            icon="runs"
            word="Runs"
            n={found.data?.runs}
          />
          <Place
            to="/$entity/$project/sweeps"
            params={shown}
            icon="sweeps"
            word="Sweeps"
            n={found.data?.sweeps}
          />
          <hr />
        </>
      )}
      <Place to="/" icon="home" word="Home" exact extra={shown ? 'not-narrow' : ''} />
      <Place to="/attention" icon="attention" word="Attention" n={waiting} alarm={waiting > 0} />
      <Place
        to="/settings/{-$tab}"
        params={{ tab: undefined }}
        icon="settings"
        word="Settings"
        extra={shown ? 'not-narrow' : ''}
      />
      <span className="grow" />
      <button
        type="button"
        className="button plain icon fold"
        onClick={fold}
        aria-label="Fold or open the rail ([)"
        title="Fold or open the rail ([)"
        style={{ alignSelf: 'flex-start' }}
      >
        <Icon name="fold" />
      </button>
    </nav>
  );
}

function Place({
  to,
  params,
  icon,
  word,
  n,
  alarm,
  exact = false,
  extra = '',
}: {
  to: string;
  params?: Record<string, string | undefined>;
  icon: IconName;
  word: string;
  n?: number;
  alarm?: boolean;
  exact?: boolean;
  extra?: string;
}) {
  return (
    <Link
      to={to as '/'}
      params={params as never}
      className={`place ${extra}`}
      title={word}
      activeOptions={{ exact, includeSearch: false }}
      activeProps={{ 'aria-current': 'page' }}
    >
      <Icon name={icon} />
      <span className="label">{word}</span>
      {n !== undefined && n > 0 && (
        <span className={`n ${alarm ? 'alarm' : ''}`}>{compact(n)}</span>
      )}
    </Link>
  );
}

const PAGES: Record<string, string> = {
  workspace: 'Workspace',
  overview: 'Overview',
  runs: 'Runs',
  sweeps: 'Sweeps',
  compare: 'Compare',
  attention: 'Attention',
  settings: 'Settings',
};

function Crumbs() {
  const params = useParams({ strict: false });
  const { pathname } = useLocation();
  const { entity, project, run, sweep, group, host } = params;
  const path = entity && project && run ? { entity, project, id: run } : null;
  const swept = entity && project && sweep ? { entity, project, id: sweep } : null;
  const found = useQuery({
    ...runQuery(path ?? { entity: '', project: '', id: '' }),
    enabled: path !== null,
  });
  const search = useQuery({
    ...sweepQuery(swept ?? { entity: '', project: '', id: '' }),
    enabled: swept !== null,
  });
  const parts = pathname.split('/').filter(Boolean);
  const inner = run ?? sweep ?? group ?? host;
  const name = found.data?.run.name || search.data?.sweep.name || inner;
  const page = inner ? undefined : entity ? PAGES[parts[2] ?? ''] : (PAGES[parts[0]] ?? 'Home');
  useEffect(() => {
    document.title = [inner ? name : page, project, 'Heartline'].filter(Boolean).join(' · ');
  }, [inner, name, page, project]);
  return (
    <nav aria-label="Where you are" className="grow">
      <ol className="crumbs">
        {entity && (
          <li className="cut">
            <Link to="/$entity" params={{ entity }} className="cut">
              {entity}
            </Link>
          </li>
        )}
        {entity && project && (
          <li className="cut">
            <Link to="/$entity/$project/overview" params={{ entity, project }} className="cut">
              {project}
            </Link>
          </li>
        )}
        {host && (
          <li>
            <Link to="/attention">hosts</Link>
          </li>
        )}
        {entity && project && inner && (
          <li>
            <Link
              to={sweep ? '/$entity/$project/sweeps' : '/$entity/$project/runs'}
              params={{ entity, project }}
              search={group ? ({ g: 'group' } as never) : undefined}
            >
              {run ? 'runs' : sweep ? 'sweeps' : 'groups'}
            </Link>
          </li>
        )}
        {inner && (
          <li className="cut">
            <span className="cut">{name}</span>
          </li>
        )}
        {page && <li>{page}</li>}
      </ol>
    </nav>
  );
}
