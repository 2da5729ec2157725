// The beginning of a file as text, if it is text. Never loads more than it shows.
import { useQuery } from '@tanstack/react-query';
import { fileAddress } from '@/data/actions';
import { asked } from '@/data/client';
import type { RunPath } from '@/data/queries';
import type { FileView } from '@/data/records';
import { bytes } from '@/lib/format';
import { CopyButton, ErrorCard, Skeleton } from '@/ui/parts';

const SHOWN_BYTES_MAX = 400_000;

/** The first bytes, then the rest is not asked for. */
async function beginning(address: string, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await asked('GET', address.replace(/^\/api\/v1/, ''), undefined, signal);
  const reader = answer.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (reader && size < SHOWN_BYTES_MAX) {
    const { value, done } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  await reader?.cancel();
  const whole = new Uint8Array(Math.min(size, SHOWN_BYTES_MAX));
  let at = 0;
  for (const part of parts) {
    whole.set(part.subarray(0, whole.length - at), at);
    at += Math.min(part.length, whole.length - at);
  }
  return whole;
}

export function useText(path: RunPath, file: Pick<FileView, 'path' | 'updated_at'> | undefined) {
  return useQuery({
    queryKey: ['file', path, file?.path, file?.updated_at],
    queryFn: ({ signal }) => beginning(fileAddress(path, file?.path ?? ''), signal),
    enabled: file !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
}

export function Text({
  path,
  file,
  diff = false,
}: {
  path: RunPath;
  file: FileView;
  diff?: boolean;
}) {
  const found = useText(path, file);
  if (found.error) return <ErrorCard error={found.error} />;
  if (!found.data) return <Skeleton />;
  if (found.data.includes(0))
    return <p className="quiet">This is no text; download it to look at it.</p>;
  const text = new TextDecoder().decode(found.data);
  return (
    <div className="stack">
      {file.size_bytes > SHOWN_BYTES_MAX && (
        <p className="quiet small">
          The first {bytes(SHOWN_BYTES_MAX)} of {bytes(file.size_bytes)} are shown.
        </p>
      )}
      <div className="copy-block">
        <pre className="block file-text" tabIndex={0}>
          {diff || /\.(patch|diff)$/.test(file.path) ? <Diff text={text} /> : text}
        </pre>
        <CopyButton text={text} />
      </div>
    </div>
  );
}

function Diff({ text }: { text: string }) {
  return (
    <>
      {text.split('\n').map((line, i) => (
        <div
          key={i}
          className={
            line.startsWith('+') && !line.startsWith('+++')
              ? 'added'
              : line.startsWith('-') && !line.startsWith('---')
                ? 'removed'
                : line.startsWith('@@')
                  ? 'quiet'
                  : /^(diff|index|---|\+\+\+)/.test(line)
                    ? 'ansi-bold'
                    : undefined
          }
        >
          {line || ' '}
        </div>
      ))}
    </>
  );
}
