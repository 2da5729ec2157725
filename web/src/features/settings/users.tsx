// Users and service accounts, for admins.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { makeUser, updateUser } from '@/data/actions';
import { users } from '@/data/queries';
import type { UserMade, UserUpdate, UserView } from '@/data/records';
import { Card, CopyBlock, ErrorCard, Skeleton } from '@/ui/parts';

export function Users({ me }: { me: UserView }) {
  const found = useQuery(users);
  const cache = useQueryClient();
  const [made, setMade] = useState<UserMade | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const again = () => cache.invalidateQueries({ queryKey: ['users'] });
  const tried = async (act: () => Promise<unknown>) => {
    try {
      await act();
      setFault(null);
      await again();
    } catch (error) {
      setFault(error);
    }
  };
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = new FormData(form);
    void tried(async () => {
      setMade(
        await makeUser({
          name: String(said.get('name')),
          email: String(said.get('email') ?? ''),
          admin: said.get('kind') === 'admin',
          service: said.get('kind') === 'service',
        }),
      );
      form.reset();
    });
  };
  const change = (name: string, body: UserUpdate) => void tried(() => updateUser(name, body));
  return (
    <Card title="Users" note="people and service accounts">
      <div className="stack">
        {fault ? <ErrorCard error={fault} /> : null}
        {made && (
          <div className="stack" style={{ gap: 6 }}>
            <p>
              <b>{made.user.name}</b> was made. The API key is shown only now.
            </p>
            <CopyBlock text={made.api_key} />
          </div>
        )}
        {!found.data ? (
          <Skeleton />
        ) : (
          <div className="scroll-x">
            <table className="plain">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Role</th>
                  <th>Teams</th>
                  <th>Email</th>
                  <th>
                    <span className="unseen">Change</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.data.map((user) => (
                  <tr key={user.name}>
                    <td className="any">
                      <b>{user.name}</b>
                      {user.disabled && <span className="quiet"> disabled</span>}
                    </td>
                    <td>{user.admin ? 'admin' : 'user'}</td>
                    <td className="any">{user.teams?.join(', ') || '–'}</td>
                    <td className="any">{user.email || '–'}</td>
                    <td className="right row" style={{ justifyContent: 'flex-end' }}>
                      {user.name !== me.name && (
                        <>
                          <button
                            type="button"
                            className="button"
                            onClick={() => change(user.name, { admin: !user.admin })}
                          >
                            {user.admin ? 'Make a user' : 'Make an admin'}
                          </button>
                          <button
                            type="button"
                            className="button"
                            onClick={() => change(user.name, { disabled: !user.disabled })}
                          >
                            {user.disabled ? 'Enable' : 'Disable'}
                          </button>
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <form className="row wrap" onSubmit={add}>
          <input
            className="field"
            name="name"
            required
            placeholder="Name"
            aria-label="Name of the user"
            maxLength={64}
          />
          <input
            className="field"
            name="email"
            type="email"
            placeholder="Email"
            aria-label="Email"
          />
          <select className="field" name="kind" aria-label="Kind">
            <option value="user">user</option>
            <option value="admin">admin</option>
            <option value="service">service account</option>
          </select>
          <button type="submit" className="button primary">
            Add
          </button>
        </form>
      </div>
    </Card>
  );
}
