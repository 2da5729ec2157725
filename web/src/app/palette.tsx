// Ctrl K: places, projects, runs and commands by a few letters. Never changes data.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useEffect, useState } from 'react';
import { attention, projects, runsFirst, sweeps, values } from '@/data/queries';
import { wordsFilter } from '@/lib/query';
import { Dialog } from '@/ui/dialog';
import { RunBadge } from '@/ui/run-badge';
import { SweepBadge } from '@/ui/sweep-badge';
import { flipTheme } from '@/ui/theme';

interface Choice {
  key: string;
  words: ReactNode;
  text: string;
  aside: ReactNode;
  act: () => void;
}

const RUNS_MAX = 12;
const PROJECTS_MAX = 6;
const SWEEPS_MAX = 6;
const GROUPS_MAX = 6;
const GROUPS_LOOKED_AT = 1_000;
const HOSTS_MAX = 4;

function matches(text: string, typed: string): boolean {
  const low = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}

export default function Palette({
  open,
  onClose,
  place,
}: {
  open: boolean;
  onClose: () => void;
  place: { entity: string; project: string } | null;
}) {
  const [typed, setTyped] = useState('');
  const [chosen, choose] = useState(0);
  useEffect(() => {
    if (open) setTyped('');
  }, [open]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed changes what is first
  useEffect(() => choose(0), [typed]);
  const choices = useChoices(typed, open, place);
  const act = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    choice.act();
  };
  const keys = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      event.preventDefault();
      choose((chosen + step + choices.length) % Math.max(1, choices.length));
    }
    if (event.key === 'Enter') act(choices[chosen]);
  };
  return (
    <Dialog open={open} onClose={onClose} title="Jump to" className="palette" bare>
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={choices[chosen] ? `palette-${chosen}` : undefined}
        aria-label="Runs, sweeps, groups, hosts, projects, pages, commands"
        placeholder="Runs, sweeps, groups, hosts, projects, pages, commands"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={keys}
      />
      <ul id="palette-list" role="listbox" aria-label="Found">
        {choices.map((choice, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field above
          <li
            key={choice.key}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => act(choice)}
            onMouseMove={() => choose(i)}
          >
            <span className="cut">{choice.words}</span>
            <span className="right quiet small row">{choice.aside}</span>
          </li>
        ))}
        {choices.length === 0 && (
          <li className="quiet" role="option" aria-selected="false" aria-disabled="true">
            Nothing found
          </li>
        )}
      </ul>
    </Dialog>
  );
}

function useChoices(
  typed: string,
  open: boolean,
  place: { entity: string; project: string } | null,
): Choice[] {
  const router = useRouter();
  const words = useDeferredValue(typed.trim());
  const listing = {
    entity: '',
    project: '',
    filters: wordsFilter(words),
    order: '-created',
    select: [],
  };
  const runs = useQuery({ ...runsFirst(listing, RUNS_MAX), enabled: open });
  const known = useQuery({ ...projects, enabled: open });
  const searched = useQuery({
    ...sweeps(place?.entity ?? '', place?.project ?? ''),
    enabled: open && place !== null,
  });
  const places = usePlaces(words, open, place);
  const found: Choice[] = [];
  for (const page of ['overview', 'workspace', 'runs', 'sweeps'] as const) {
    if (!place) break;
    found.push({
      key: page,
      text: `Go to ${page}`,
      words: <>Go to {page[0].toUpperCase() + page.slice(1)}</>,
      aside: (
        <>
          <kbd>G</kbd>
          <kbd>{page[0].toUpperCase()}</kbd>
        </>
      ),
      act: () => void router.navigate({ to: `/$entity/$project/${page}`, params: place }),
    });
  }
  found.push(
    {
      key: 'attention',
      text: 'Go to Attention',
      words: 'Go to Attention',
      aside: (
        <>
          <kbd>G</kbd>
          <kbd>A</kbd>
        </>
      ),
      act: () => void router.navigate({ to: '/attention' }),
    },
    {
      key: 'settings',
      text: 'Settings API keys users teams',
      words: 'Settings',
      aside: '',
      act: () => void router.navigate({ to: '/settings/{-$tab}', params: { tab: undefined } }),
    },
    {
      key: 'theme',
      text: 'Light or dark theme',
      words: 'Light or dark',
      aside: <kbd>Alt M</kbd>,
      act: flipTheme,
    },
  );
  const pages = words ? found.filter((each) => matches(each.text, words)) : [];
  const projectChoices = (known.data ?? [])
    .filter((each) => matches(`${each.entity}/${each.name}`, words))
    .slice(0, PROJECTS_MAX)
    .map(
      (each): Choice => ({
        key: `project ${each.entity}/${each.name}`,
        text: each.name,
        words: (
          <>
            {each.entity}/<b>{each.name}</b>
          </>
        ),
        aside: `project, ${each.runs ?? 0} runs`,
        act: () =>
          void router.navigate({
            to: '/$entity/$project/workspace',
            params: { entity: each.entity, project: each.name },
          }),
      }),
    );
  const sweepChoices = (words ? (searched.data ?? []) : [])
    .filter((each) => matches(`${each.name} ${each.id} sweep`, words))
    .slice(0, SWEEPS_MAX)
    .map(
      (each): Choice => ({
        key: `sweep ${each.key}`,
        text: each.name,
        words: each.name || each.id,
        aside: (
          <>
            sweep <SweepBadge status={each.status} inTable />
          </>
        ),
        act: () =>
          void router.navigate({
            to: '/$entity/$project/sweeps/$sweep',
            params: { entity: each.entity, project: each.project, sweep: each.id },
          }),
      }),
    );
  const runChoices = (runs.data?.runs ?? []).map(
    (run): Choice => ({
      key: `run ${run.key}`,
      text: run.name,
      words: run.name || run.id,
      aside: (
        <>
          {run.project} <RunBadge run={run} inTable />
        </>
      ),
      act: () =>
        void router.navigate({
          to: '/$entity/$project/runs/$run/overview',
          params: { entity: run.entity, project: run.project, run: run.id },
        }),
    }),
  );
  return [
    ...pages,
    ...projectChoices,
    ...sweepChoices,
    ...places,
    ...runChoices,
    ...(words ? [] : found),
  ];
}

/** Groups of the project, and hosts of the fleet. */
function usePlaces(
  words: string,
  open: boolean,
  place: { entity: string; project: string } | null,
): Choice[] {
  const router = useRouter();
  const asked = open && words !== '';
  const grouped = useQuery({
    ...values(place?.entity ?? '', place?.project ?? '', 'group', GROUPS_LOOKED_AT),
    enabled: asked && place !== null,
  });
  const fleet = useQuery({ ...attention, enabled: asked, refetchInterval: false });
  if (!asked) return [];
  const groups = (grouped.data ?? [])
    .filter(([name]) => matches(`${name} group`, words))
    .slice(0, GROUPS_MAX)
    .map(
      ([name, runs]): Choice => ({
        key: `group ${name}`,
        text: String(name),
        words: String(name),
        aside: `group, ${runs} runs`,
        act: () =>
          void router.navigate({
            to: '/$entity/$project/groups/$group',
            params: { entity: '', project: '', ...place, group: String(name) },
          }),
      }),
    );
  const hosts = (fleet.data?.hosts ?? [])
    .filter((each) => matches(`${each.host} host`, words))
    .slice(0, HOSTS_MAX)
    .map(
      (each): Choice => ({
        key: `host ${each.host}`,
        text: each.host,
        words: each.host,
        aside: 'host',
        act: () => void router.navigate({ to: '/hosts/$host', params: { host: each.host } }),
      }),
    );
  return [...groups, ...hosts];
}
