// A new password for oneself.
import { type FormEvent, useState } from 'react';
import { updateUser } from '@/data/actions';
import { Card } from '@/ui/parts';

export function Password({ name }: { name: string }) {
  const [said, say] = useState('');
  const change = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await updateUser(name, { password: String(new FormData(form).get('password')) });
      form.reset();
      say('The password is changed.');
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Card title="Password">
      <form className="row wrap" onSubmit={change}>
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <input
          className="field"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={8}
          required
          placeholder="New password"
          aria-label="New password"
        />
        <button type="submit" className="button">
          Change
        </button>
        <span role="status">{said}</span>
      </form>
    </Card>
  );
}
