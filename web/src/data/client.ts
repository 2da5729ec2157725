// Calls to the native API, with its refusals as errors. Never retries: those who ask decide.
import type { Problem } from './records';

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {}

export const signedOut = new EventTarget();

const ROOT = '/api/v1';

export async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await asked(method, path, body, signal);
  const text = await answer.text();
  return (text ? JSON.parse(text) : null) as T;
}

/** The answer itself, where it is not JSON. */
export async function asked(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(ROOT + path, {
      method,
      signal,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable('the server does not answer');
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function refusal(answer: Response): Promise<ApiError> {
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  const error = new ApiError(
    problem?.error ?? `the server answered ${answer.status}`,
    answer.status,
    problem?.code ?? '',
  );
  if (answer.status === 401) signedOut.dispatchEvent(new Event('signed-out'));
  return error;
}

/** Path segments, each encoded. */
export function at(...parts: string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** A path whose slashes stay. */
export function inside(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

export function params(said: Record<string, string | number | boolean | null | undefined>): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(said)) {
    if (value !== undefined && value !== null && value !== '') found.set(name, String(value));
  }
  const text = found.toString();
  return text ? `?${text}` : '';
}
