// Every address of the app. Pages behind a lazy door are loaded when they are opened.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { viewer } from '@/data/queries';
import type { Search } from '@/lib/view';
import { Failed, NotFound, Nowhere } from './lost';
import { Shell } from './shell';

const root = createRootRouteWithContext<{ cache: QueryClient }>()({ notFoundComponent: Nowhere });
const validateSearch = (search: Record<string, unknown>): Search => search as Search;

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  component: lazyRouteComponent(() => import('./login'), 'LoginPage'),
  validateSearch,
});
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    if (!/^\/me(\/|$)/.test(location.pathname)) return;
    const mine = (await context.cache.ensureQueryData(viewer)).default_entity ?? '';
    const to = location.pathname.replace('/me', () => `/${encodeURIComponent(mine)}`);
    throw redirect({ to: to as '/', search: location.search as never, replace: true });
  },
  component: Shell,
  errorComponent: Failed,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/home'), 'Home'),
});
const attention = createRoute({
  getParentRoute: () => shell,
  path: '/attention',
  component: lazyRouteComponent(() => import('./pages/home'), 'AttentionPage'),
});
const host = createRoute({
  getParentRoute: () => shell,
  path: '/hosts/$host',
  component: lazyRouteComponent(() => import('./pages/host'), 'Host'),
  validateSearch,
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings/{-$tab}',
  component: lazyRouteComponent(() => import('@/features/settings/page'), 'SettingsPage'),
});
const entity = createRoute({
  getParentRoute: () => shell,
  path: '/$entity',
  component: lazyRouteComponent(() => import('@/features/project/entity'), 'EntityPage'),
});

const project = createRoute({
  getParentRoute: () => shell,
  path: '/$entity/$project',
  validateSearch,
});
const projectIndex = createRoute({
  getParentRoute: () => project,
  path: '/',
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: '/$entity/$project/workspace', params, search, replace: true });
  },
});
const workspace = createRoute({
  getParentRoute: () => project,
  path: '/workspace',
  component: lazyRouteComponent(() => import('./pages/workspace'), 'WorkspacePage'),
});
const overview = createRoute({
  getParentRoute: () => project,
  path: '/overview',
  component: lazyRouteComponent(() => import('@/features/project/overview'), 'ProjectOverview'),
});
const runs = createRoute({
  getParentRoute: () => project,
  path: '/runs',
  component: lazyRouteComponent(() => import('@/features/runs/page'), 'RunsPage'),
});
const table = createRoute({
  getParentRoute: () => project,
  path: '/table',
  beforeLoad: ({ params, search }) => {
    throw redirect({ to: '/$entity/$project/runs', params, search, replace: true });
  },
});
const compare = createRoute({
  getParentRoute: () => project,
  path: '/compare',
  component: lazyRouteComponent(() => import('./pages/compare'), 'Compare'),
});
const group = createRoute({
  getParentRoute: () => project,
  path: '/groups/$group',
  component: lazyRouteComponent(() => import('./pages/group'), 'Group'),
});

const sweeps = createRoute({
  getParentRoute: () => project,
  path: '/sweeps',
  component: lazyRouteComponent(() => import('@/features/sweeps/list'), 'SweepsPage'),
});
const sweep = createRoute({
  getParentRoute: () => project,
  path: '/sweeps/$sweep',
  component: lazyRouteComponent(() => import('@/features/sweeps/frame'), 'SweepFrame'),
});
const sweepOverview = createRoute({
  getParentRoute: () => sweep,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/sweeps/overview'), 'SweepOverview'),
});
const sweepCharts = createRoute({
  getParentRoute: () => sweep,
  path: '/charts',
  component: lazyRouteComponent(() => import('./pages/sweep-charts'), 'SweepCharts'),
});
const sweepTrials = createRoute({
  getParentRoute: () => sweep,
  path: '/trials',
  component: lazyRouteComponent(() => import('@/features/sweeps/trials'), 'SweepTrials'),
});
const sweepAgents = createRoute({
  getParentRoute: () => sweep,
  path: '/agents',
  component: lazyRouteComponent(() => import('@/features/sweeps/agents'), 'SweepAgents'),
});
const sweepConfig = createRoute({
  getParentRoute: () => sweep,
  path: '/config',
  component: lazyRouteComponent(() => import('@/features/sweeps/config'), 'SweepConfig'),
});
const sweepTimeline = createRoute({
  getParentRoute: () => sweep,
  path: '/timeline',
  component: lazyRouteComponent(() => import('@/features/sweeps/timeline'), 'SweepTimeline'),
});

const run = createRoute({
  getParentRoute: () => project,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('@/features/run/frame'), 'RunFrame'),
});
const runIndex = createRoute({
  getParentRoute: () => run,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/$entity/$project/runs/$run/overview', params, replace: true });
  },
});
const runWorkspace = createRoute({
  getParentRoute: () => run,
  path: '/workspace',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/$entity/$project/runs/$run/charts', params, replace: true });
  },
});
const runOverview = createRoute({
  getParentRoute: () => run,
  path: '/overview',
  component: lazyRouteComponent(() => import('@/features/run/overview'), 'RunOverview'),
});
const runCharts = createRoute({
  getParentRoute: () => run,
  path: '/charts',
  component: lazyRouteComponent(() => import('./pages/run-charts'), 'RunCharts'),
});
const runSystem = createRoute({
  getParentRoute: () => run,
  path: '/system',
  component: lazyRouteComponent(() => import('./pages/run-charts'), 'RunSystem'),
});
const runLogs = createRoute({
  getParentRoute: () => run,
  path: '/logs',
  component: lazyRouteComponent(() => import('@/features/run/logs'), 'RunLogs'),
});
const runFiles = createRoute({
  getParentRoute: () => run,
  path: '/files',
  component: lazyRouteComponent(() => import('@/features/run/files'), 'RunFiles'),
});
const runFile = createRoute({
  getParentRoute: () => run,
  path: '/files/$',
  component: lazyRouteComponent(() => import('@/features/run/files'), 'RunFiles'),
});
const runCode = createRoute({
  getParentRoute: () => run,
  path: '/code',
  component: lazyRouteComponent(() => import('@/features/run/code'), 'RunCode'),
});
const runTimeline = createRoute({
  getParentRoute: () => run,
  path: '/timeline',
  component: lazyRouteComponent(() => import('@/features/run/timeline'), 'RunTimeline'),
});

const tree = root.addChildren([
  login,
  shell.addChildren([
    home,
    attention,
    host,
    settings,
    entity,
    project.addChildren([
      projectIndex,
      workspace,
      overview,
      runs,
      table,
      compare,
      group,
      sweeps,
      sweep.addChildren([
        sweepOverview,
        sweepCharts,
        sweepTrials,
        sweepAgents,
        sweepConfig,
        sweepTimeline,
      ]),
      run.addChildren([
        runIndex,
        runWorkspace,
        runOverview,
        runCharts,
        runSystem,
        runLogs,
        runFiles,
        runFile,
        runCode,
        runTimeline,
      ]),
    ]),
  ]),
]);

export function makeRouter(cache: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { cache },
    defaultPreload: 'intent',
    defaultErrorComponent: Failed,
    defaultNotFoundComponent: () => <NotFound />,
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const said = Object.entries(search).filter(([, value]) => value !== undefined) as [
        string,
        string,
      ][];
      const text = new URLSearchParams(said).toString();
      return text ? `?${text}` : '';
    },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
