// API keys of a user: made, shown once, revoked.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { dropKey, makeKey } from '@/data/actions';
import { userKeys } from '@/data/queries';
import type { KeyMade } from '@/data/records';
import { Confirm } from '@/ui/dialog';
import { At, Card, CopyBlock, ErrorCard, Skeleton } from '@/ui/parts';

export function Keys({ user }: { user: string }) {
  const found = useQuery(userKeys(user));
  const cache = useQueryClient();
  const [made, setMade] = useState<KeyMade | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [revoking, revoke] = useState<KeyMade | null>(null);
  const again = () => cache.invalidateQueries({ queryKey: ['user-keys', user] });
  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      setMade(await makeKey(user, String(new FormData(form).get('description') ?? '')));
      setFault(null);
      form.reset();
      await again();
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Card title="API keys" note={`of ${user}`}>
      <div className="stack">
        {made?.api_key && (
          <div className="stack" style={{ gap: 6 }}>
            <p>
              <b>Your new key.</b> It is shown only now; keep it as you keep a password.
            </p>
            <CopyBlock text={made.api_key} />
          </div>
        )}
        {found.error ? <ErrorCard error={found.error} /> : null}
        {fault ? <ErrorCard error={fault} /> : null}
        {!found.data ? (
          <Skeleton />
        ) : (
          <table className="plain">
            <thead>
              <tr>
                <th>Key</th>
                <th>For</th>
                <th className="only-wide">Made</th>
                <th>
                  <span className="unseen">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.data.map((key) => (
                <tr key={key.id}>
                  <td>
                    <code>{key.hint}</code>
                  </td>
                  <td className="any">{key.description || '–'}</td>
                  <td className="only-wide">
                    <At at={key.created_at} />
                  </td>
                  <td className="right">
                    <button type="button" className="button danger" onClick={() => revoke(key)}>
                      Revoke…
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <form className="row wrap" onSubmit={make}>
          <input
            className="field"
            name="description"
            placeholder="What is it for?"
            aria-label="What the key is for"
            maxLength={200}
          />
          <button type="submit" className="button primary">
            Make a key
          </button>
        </form>
      </div>
      <Confirm
        open={revoking !== null}
        onClose={() => revoke(null)}
        danger
        title="Revoke this key?"
        effect={
          <>
            Whoever uses <code>{revoking?.hint}</code> is refused from now on, running trainings
            too: they keep their data and send it when they get another key.
          </>
        }
        action="Revoke"
        onDo={() => dropKey(user, revoking?.id ?? '').then(again)}
      />
    </Card>
  );
}
