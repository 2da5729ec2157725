// Saved views: named addresses kept with the project. Never holds more than an address does.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { deleteView, saveView } from '@/data/actions';
import { views } from '@/data/queries';
import type { Search } from '@/lib/view';
import { Confirm, Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';

/** Saved views as tabs, where there are any. */
export function ViewTabs({ entity, project }: { entity: string; project: string }) {
  const found = useQuery(views(entity, project));
  const names = Object.entries(found.data ?? {});
  if (names.length === 0) return null;
  return (
    <nav className="tabs view-tabs" aria-label="Saved views">
      {[['All runs', {}] as const, ...names].map(([name, search]) => (
        <Link
          key={name}
          to="."
          search={search as never}
          activeOptions={{ exact: true }}
          className="cut"
          title={name}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

export function Views({ entity, project }: { entity: string; project: string }) {
  const found = useQuery(views(entity, project));
  const cache = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const [saving, save] = useState(false);
  const [fault, setFault] = useState('');
  const again = () => cache.invalidateQueries({ queryKey: ['views', entity, project] });
  const names = Object.keys(found.data ?? {});
  const here = new URLSearchParams(search).toString();
  const current = names.find(
    (name) => new URLSearchParams(found.data?.[name]).toString() === here && here !== '',
  );
  const forget = (name: string) => {
    deleteView(entity, project, name).then(again, (error: Error) => setFault(error.message));
  };
  return (
    <>
      <Menu
        label={
          <>
            <span className="cut" style={{ maxWidth: 140 }}>
              {current ?? 'Views'}
            </span>{' '}
            <Icon name="down" size={12} />
          </>
        }
        title="Saved views"
      >
        {(close) => (
          <>
            <button
              type="button"
              onClick={() => {
                close();
                void navigate({ to: '.', search: {} as never });
              }}
            >
              Everything as it comes
            </button>
            {names.map((name) => (
              <div key={name} className="row" style={{ gap: 0 }}>
                <button
                  type="button"
                  className="grow"
                  onClick={() => {
                    close();
                    void navigate({ to: '.', search: (found.data?.[name] ?? {}) as never });
                  }}
                >
                  <span className="cut">{name === current ? <b>{name}</b> : name}</span>
                </button>
                <button
                  type="button"
                  style={{ width: 28 }}
                  aria-label={`Forget the view ${name}`}
                  onClick={() => forget(name)}
                >
                  <Icon name="close" size={11} />
                </button>
              </div>
            ))}
            <button
              type="button"
              onClick={() => {
                close();
                save(true);
              }}
            >
              <Icon name="plus" size={13} /> Save this view…
            </button>
            {fault && (
              <p className="small" role="alert" style={{ padding: 8 }}>
                {fault}
              </p>
            )}
          </>
        )}
      </Menu>
      <Confirm
        open={saving}
        onClose={() => save(false)}
        title="Save this view"
        effect="Filter, sorting, columns, zoom and chart settings are kept under a name, for everybody in the project."
        reason="Name"
        action="Save"
        onDo={(name) => saveView(entity, project, name.trim(), search).then(again)}
      />
    </>
  );
}
