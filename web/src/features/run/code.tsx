// What was run: the commit, the changes on top of it, the program and its packages.
import { useQuery } from '@tanstack/react-query';
import { files } from '@/data/queries';
import type { Json } from '@/data/records';
import { Card, CopyButton, ErrorCard, Pairs, Skeleton } from '@/ui/parts';
import { flat } from './model';
import { useRun } from './path';
import { Text } from './text-file';

export function RunCode() {
  const { path, found } = useRun();
  const stored = useQuery(files(path));
  if (stored.error) return <ErrorCard error={stored.error} retry={() => void stored.refetch()} />;
  if (!found.data || !stored.data) return <Skeleton />;
  const git = flat((found.data.run.environment?.git ?? {}) as Record<string, Json>);
  const own = (match: (file: string) => boolean) => stored.data.filter((each) => match(each.path));
  const patch = own((name) => name === 'diff.patch')[0];
  const packages = own((name) => /^requirements.*\.txt$/.test(name))[0];
  const code = own((name) => name.startsWith('code/'));
  const commit = String(git.find(([key]) => key === 'commit')?.[1] ?? '');
  return (
    <div className="stack">
      <Card
        title="Git"
        aside={commit && <CopyButton text={`git checkout ${commit}`} label="Copy checkout" />}
      >
        {git.length > 0 ? (
          <Pairs
            items={git.map(([key, value]) => [
              key,
              <code key={key}>{String(value ?? '') || '–'}</code>,
            ])}
          />
        ) : (
          <p className="quiet">It was not started from a git repository, or git was not asked.</p>
        )}
      </Card>
      {patch && (
        <Card title="Changes on top of the commit">
          <Text path={path} file={patch} diff />
        </Card>
      )}
      {code.map((each) => (
        <Card key={each.path} title={each.path}>
          <Text path={path} file={each} />
        </Card>
      ))}
      {packages && (
        <Card title="Packages">
          <Text path={path} file={packages} />
        </Card>
      )}
      {!patch && !packages && code.length === 0 && (
        <p className="quiet">No code was stored with this run.</p>
      )}
    </div>
  );
}
