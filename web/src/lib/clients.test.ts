import { expect, test } from 'vitest';
import { clientNote } from './clients';

test('a client of the time of its server needs no words', () => {
  for (const client of ['heartline 0.2.0', 'wandb 0.17.0', 'wandb 0.28.1', '', 'curl'])
    expect(clientNote(client, '0.2.0')).toBe('');
});

test('an old client is told with what works and what not', () => {
  expect(clientNote('heartline 0.1.9', '0.2.0')).toMatch(
    /^older than this server \(0\.2\.0\).*kept/,
  );
  expect(clientNote('heartline 0.9.0', '0.10.0')).toMatch(/^older/);
  expect(clientNote('wandb 0.16.6', '0.2.0')).toMatch(/^older than 0\.17.*come through/);
});

test('a client may also be ahead of its server', () => {
  expect(clientNote('heartline 1.0', '0.10.2')).toMatch(/^newer than this server/);
});
