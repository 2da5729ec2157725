// Teams and who belongs to them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { dropMember, makeTeam, setMember } from '@/data/actions';
import { members, teams } from '@/data/queries';
import type { UserView } from '@/data/records';
import { Card, ErrorCard, Skeleton } from '@/ui/parts';

export function Teams({ me }: { me: UserView }) {
  const found = useQuery(teams);
  const cache = useQueryClient();
  const [fault, setFault] = useState<unknown>(null);
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await makeTeam({ name: String(new FormData(form).get('name')), admin: me.name });
      form.reset();
      setFault(null);
      await cache.invalidateQueries({ queryKey: ['teams'] });
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <>
      {fault || found.error ? <ErrorCard error={fault ?? found.error} /> : null}
      {!found.data ? (
        <Skeleton />
      ) : (
        found.data.map((team) => <Team key={team.name} name={team.name} org={team.org} />)
      )}
      {found.data?.length === 0 && <p className="quiet">There is no team that you may see.</p>}
      {me.admin && (
        <Card title="New team">
          <form className="row wrap" onSubmit={add}>
            <input
              className="field"
              name="name"
              required
              placeholder="Name"
              aria-label="Name of the team"
              maxLength={64}
            />
            <button type="submit" className="button primary">
              Make it
            </button>
          </form>
        </Card>
      )}
    </>
  );
}

function Team({ name, org }: { name: string; org: string }) {
  const found = useQuery(members(name));
  const cache = useQueryClient();
  const [fault, setFault] = useState<unknown>(null);
  const act = async (doing: Promise<unknown>) => {
    try {
      await doing;
      setFault(null);
      await cache.invalidateQueries({ queryKey: ['members', name] });
    } catch (error) {
      setFault(error);
    }
  };
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    void act(setMember(name, { user: String(said.get('user')), role: String(said.get('role')) }));
    event.currentTarget.reset();
  };
  return (
    <Card title={name} note={org && `of ${org}`}>
      <div className="stack">
        {fault || found.error ? <ErrorCard error={fault ?? found.error} /> : null}
        <table className="plain">
          <thead>
            <tr>
              <th>Member</th>
              <th>Role</th>
              <th>
                <span className="unseen">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {found.data?.map((member) => (
              <tr key={member.user}>
                <td className="any">{member.user}</td>
                <td>{member.role}</td>
                <td className="right">
                  <button
                    type="button"
                    className="button"
                    onClick={() => void act(dropMember(name, member.user))}
                  >
                    Remove
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <form className="row wrap" onSubmit={add}>
          <input
            className="field"
            name="user"
            required
            placeholder="User"
            aria-label={`User to add to ${name}`}
          />
          <select className="field" name="role" aria-label="Role">
            <option>member</option>
            <option>viewer</option>
            <option>admin</option>
          </select>
          <button type="submit" className="button">
            Add
          </button>
        </form>
      </div>
    </Card>
  );
}
