// Files of a run: a list, and a look at one. Nothing of theirs is ever run as a page of ours.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';
import { fileAddress } from '@/data/actions';
import { files, type RunPath } from '@/data/queries';
import type { FileView } from '@/data/records';
import { bytes, count } from '@/lib/format';
import { Icon } from '@/ui/icons';
import { Ago, Card, ErrorCard, Skeleton } from '@/ui/parts';
import { useRun } from './path';
import { Text } from './text-file';

const IMAGE = /^image\/(png|jpeg|gif|webp)$/;
const IMAGE_BYTES_MAX = 50 * 2 ** 20;
/** Rows at once: a run may have ten thousand files, and a page of as many rows takes seconds. */
const SHOWN = 200;

export function RunFiles() {
  const { path } = useRun();
  const { _splat } = useParams({ strict: false }) as { _splat?: string };
  const found = useQuery(files(path));
  if (found.error) return <ErrorCard error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton />;
  const open = found.data.find((each) => each.path === _splat);
  const size = found.data.reduce((sum, each) => sum + each.size_bytes, 0);
  return (
    <div className={open || _splat ? 'files-split' : ''}>
      <Card title="Files" note={`${count(found.data.length)} · ${bytes(size)}`}>
        {found.data.length === 0 ? (
          <p className="quiet">
            No file was stored. <code>run.save("model.pt")</code> stores one.
          </p>
        ) : (
          <List path={path} all={found.data} open={open} />
        )}
      </Card>
      {_splat &&
        (open ? (
          <Preview path={path} file={open} />
        ) : (
          <Card title={_splat}>
            <p>There is no such file in this run.</p>
          </Card>
        ))}
    </div>
  );
}

function List({ path, all, open }: { path: RunPath; all: FileView[]; open?: FileView }) {
  const [typed, setTyped] = useState('');
  const [most, setMost] = useState(SHOWN);
  const words = useDeferredValue(typed.trim().toLowerCase());
  const sorted = useMemo(() => [...all].sort((a, b) => (a.path < b.path ? -1 : 1)), [all]);
  const found = useMemo(
    () => sorted.filter((each) => each.path.toLowerCase().includes(words)),
    [sorted, words],
  );
  return (
    <>
      {all.length > SHOWN && (
        <input
          className="field"
          placeholder="Search the files"
          aria-label="Search the files"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setMost(SHOWN);
          }}
        />
      )}
      <Rows path={path} shown={found.slice(0, most)} open={open} />
      {found.length === 0 && <p className="quiet">No file of this run is called so.</p>}
      {found.length > most && (
        <p className="row quiet">
          {`The first ${count(most)} of ${count(found.length)}.`}
          <button type="button" className="button" onClick={() => setMost(most + 5 * SHOWN)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

function Rows({ path, shown, open }: { path: RunPath; shown: FileView[]; open?: FileView }) {
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Path</th>
          <th className="right">Size</th>
          {!open && <th className="only-wide">Changed</th>}
          <th>
            <span className="unseen">Download</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((each) => (
          <tr key={each.path}>
            <td className="any">
              <Link
                to="/$entity/$project/runs/$run/files/$"
                params={{
                  entity: path.entity,
                  project: path.project,
                  run: path.id,
                  _splat: each.path,
                }}
                aria-current={each === open || undefined}
                className={each === open ? '' : 'link'}
              >
                {each === open ? <b>{each.path}</b> : each.path}
              </Link>
            </td>
            <td className="right quiet">{bytes(each.size_bytes)}</td>
            {!open && (
              <td className="quiet only-wide">
                <Ago at={each.updated_at} />
              </td>
            )}
            <td className="right">
              <a
                href={fileAddress(path, each.path)}
                download={each.path.split('/').at(-1)}
                aria-label={`Download ${each.path}`}
                className="button plain icon"
              >
                <Icon name="download" />
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Preview({ path, file }: { path: RunPath; file: FileView }) {
  const address = fileAddress(path, file.path);
  return (
    <Card
      title={<span className="any">{file.path}</span>}
      note={bytes(file.size_bytes)}
      aside={
        <a className="button" href={address} download={file.path.split('/').at(-1)}>
          Download
        </a>
      }
    >
      {IMAGE.test(file.mimetype) && file.size_bytes <= IMAGE_BYTES_MAX ? (
        <img
          src={address}
          alt={file.path}
          loading="lazy"
          style={{ maxWidth: '100%', maxHeight: '75vh' }}
        />
      ) : (
        <Text path={path} file={file} />
      )}
      {file.sha256 && (
        <p className="quiet small any" style={{ marginTop: 8 }}>
          sha256 <code>{file.sha256}</code>
        </p>
      )}
    </Card>
  );
}
