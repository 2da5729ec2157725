// Signing in: by password, by API key, or by a link that works once. Never keeps a secret.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { login } from '@/data/actions';
import { live } from '@/data/live';
import type { LoginBody } from '@/data/records';
import { Brand } from '@/ui/icons';

/** Only places of ours: a link must not lead elsewhere after the login. */
function inside(next: string | undefined): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/login') ? next : '/';
}

export function LoginPage() {
  const search = useSearch({ strict: false }) as { token?: string; next?: string };
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [by, setBy] = useState<'password' | 'key'>('key');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const tried = useRef('');

  const enter = async (body: LoginBody) => {
    setBusy(true);
    setFault('');
    try {
      await login(body);
      cache.clear();
      live.wake();
      await navigate({ to: inside(search.next), replace: true });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a token is tried once
  useEffect(() => {
    if (!search.token || tried.current === search.token) return;
    tried.current = search.token;
    void enter({ token: search.token });
  }, [search.token]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const word = (name: string) => String(said.get(name) ?? '').trim();
    void enter(
      by === 'key'
        ? { api_key: word('api_key') }
        : { user: word('user'), password: String(said.get('password') ?? '') },
    );
  };

  return (
    <main className="login">
      <form className="card" onSubmit={submit}>
        <h1 className="row">
          <Brand /> Heartline
        </h1>
        {search.token && busy ? (
          <p className="quiet">Signing in…</p>
        ) : (
          <>
            <div className="segmented" role="group" aria-label="Sign in by">
              <button
                type="button"
                className="grow"
                aria-pressed={by === 'password'}
                onClick={() => setBy('password')}
              >
                Password
              </button>
              <button
                type="button"
                className="grow"
                aria-pressed={by === 'key'}
                onClick={() => setBy('key')}
              >
                API key
              </button>
            </div>
            {by === 'password' ? (
              <>
                <label>
                  User
                  <input className="field" name="user" autoComplete="username" required />
                </label>
                <label>
                  Password
                  <input
                    className="field"
                    name="password"
                    type="password"
                    autoComplete="current-password"
                    required
                  />
                </label>
              </>
            ) : (
              <label>
                API key
                <input
                  className="field mono"
                  name="api_key"
                  type="password"
                  autoComplete="off"
                  required
                />
              </label>
            )}
            {fault && (
              <p role="alert" className="hue-failed any" style={{ color: 'var(--hue)' }}>
                {fault}
              </p>
            )}
            <button type="submit" className="button primary" disabled={busy}>
              Sign in
            </button>
            <p className="quiet small">
              On a machine that has a key, <code>heartline open</code> signs your browser in. The
              key itself is in <code>~/.config/heartline/credentials</code>.
            </p>
          </>
        )}
      </form>
    </main>
  );
}
