// Settings: own keys and looks for everybody, users and teams for admins.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { logout } from '@/data/actions';
import { server, viewer } from '@/data/queries';
import { keysOn, setKeysOn } from '@/ui/keys';
import { At, Card, Pairs, Skeleton } from '@/ui/parts';
import { setTheme, type Theme, theme } from '@/ui/theme';
import { Keys } from './keys';
import { Password } from './password';
import { Teams } from './teams';
import { Users } from './users';

export function SettingsPage() {
  const { tab = 'profile' } = useParams({ strict: false }) as { tab?: string };
  const me = useQuery(viewer);
  if (!me.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  const tabs = [
    ['profile', 'Profile'],
    ['keys', 'API keys'],
    ['appearance', 'Appearance'],
    ['teams', 'Teams'],
    ...(me.data.admin ? [['users', 'Users']] : []),
  ];
  return (
    <div className="page stack">
      <h1>Settings</h1>
      <nav className="tabs" aria-label="Settings">
        {tabs.map(([each, word]) => (
          <Link
            key={each}
            to="/settings/{-$tab}"
            params={{ tab: each === 'profile' ? undefined : each }}
            aria-current={each === tab ? 'page' : undefined}
          >
            {word}
          </Link>
        ))}
      </nav>
      {tab === 'profile' && <Profile />}
      {tab === 'keys' && <Keys user={me.data.name} />}
      {tab === 'appearance' && <Appearance />}
      {tab === 'teams' && <Teams me={me.data} />}
      {tab === 'users' && me.data.admin && <Users me={me.data} />}
    </div>
  );
}

function Profile() {
  const me = useQuery(viewer);
  const about = useQuery(server);
  const cache = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await logout();
    cache.clear();
    await navigate({ to: '/login' });
  };
  return (
    <>
      <Card
        title="You"
        aside={
          <button type="button" className="button" onClick={() => void leave()}>
            Sign out
          </button>
        }
      >
        <Pairs
          items={[
            ['Name', me.data?.name],
            ['Email', me.data?.email || '–'],
            ['Admin', me.data?.admin ? 'yes' : 'no'],
            ['Runs go to', me.data?.default_entity],
            ['Teams', me.data?.teams?.join(', ') || '–'],
          ]}
        />
      </Card>
      <Password name={me.data?.name ?? ''} />
      <Card title="This server">
        <Pairs
          items={[
            ['Version', about.data?.version],
            ['Its time', <At key="t" at={about.data?.time_at} />],
            [
              'API',
              <a key="d" className="link" href="/docs">
                /docs
              </a>,
            ],
            [
              'Metrics',
              <a key="m" className="link" href="/metrics">
                /metrics
              </a>,
            ],
          ]}
        />
      </Card>
    </>
  );
}

function Appearance() {
  const [now, set] = useState<Theme>(theme);
  const [single, setSingle] = useState(keysOn);
  return (
    <Card title="Appearance" note="kept in this browser">
      <div className="stack">
        <div
          className="segmented"
          role="group"
          aria-label="Theme"
          style={{ alignSelf: 'flex-start' }}
        >
          {(['system', 'light', 'dark'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={now === each}
              onClick={() => {
                setTheme(each);
                set(each);
              }}
            >
              {each[0].toUpperCase() + each.slice(1)}
            </button>
          ))}
        </div>
        <label className="row">
          <input
            type="checkbox"
            checked={single}
            onChange={(event) => {
              setKeysOn(event.target.checked);
              setSingle(event.target.checked);
            }}
          />{' '}
          Single keys (J, K, X, /, …) act on the page
        </label>
      </div>
    </Card>
  );
}
