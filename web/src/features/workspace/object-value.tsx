// One logged value on the page. Nothing in it is ever run: frames have no scripts, words are words.
import { useQuery } from '@tanstack/react-query';
import { lazy, useMemo, useState } from 'react';
import { fileAddress } from '@/data/actions';
import { fileText, thumbnailAddress } from '@/data/charts';
import { type RunPath, run as runQuery } from '@/data/queries';
import type { Json, RunView } from '@/data/records';
import { count, number } from '@/lib/format';
import { ErrorCard, Skeleton } from '@/ui/parts';
import { HistogramBars, HistogramTable } from './histogram';
import { histogram, type Media, media, type TableFile, table } from './objects';
import PresetChart from './preset-chart';
import { drawingOf, mayBeDrawn, preset } from './presets';

const PlotlyFigure = lazy(() => import('./plotly-figure'));
const FIGURE_BYTES_MAX = 32 * 2 ** 20;
const THUMBNAIL_PX = 320;
const LARGE_PX = 1_024;
/** A picture of so few pixels is scaled up, pixel by pixel. */
const TINY_PX = 64;
const TEXT_CHARS_MAX = 20_000;
const HTML_BYTES_MAX = 4 * 2 ** 20;
const TABLE_BYTES_MAX = 32 * 2 ** 20;
const TABLE_PAGE = 50;
const CELL_CHARS_MAX = 500;

export default function ObjectValue({
  run,
  name,
  value,
  large,
  plain = false,
}: {
  run: RunView;
  /** The key under which it was logged. */
  name: string;
  value: Json;
  /** As a table, where it would be drawn. */
  plain?: boolean;
  large: boolean;
}) {
  const path = { entity: run.entity, project: run.project, id: run.id };
  const found = media(value);
  if (found.length > 0)
    return (
      <div className={`media ${found[0].kind}`}>
        {found.map((each, i) => (
          <One
            key={`${each.path} ${i}`}
            path={path}
            name={name}
            file={each}
            large={large}
            plain={plain}
          />
        ))}
      </div>
    );
  const bars = histogram(value);
  if (bars) return plain ? <HistogramTable name={name} {...bars} /> : <HistogramBars {...bars} />;
  const words = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <>
      <pre className={`object-text any ${typeof value === 'string' ? '' : 'mono'}`}>
        {words.slice(0, TEXT_CHARS_MAX)}
      </pre>
      {words.length > TEXT_CHARS_MAX && (
        <p className="quiet small">{count(words.length - TEXT_CHARS_MAX)} more characters</p>
      )}
    </>
  );
}

function One({
  path,
  name: key = '',
  file,
  large,
  plain = false,
}: {
  path: RunPath;
  name?: string;
  file: Media;
  large: boolean;
  plain?: boolean;
}) {
  const address = fileAddress(path, file.path);
  const name = file.path.split('/').at(-1) ?? file.path;
  const caption = file.caption && <span className="small quiet any">{file.caption}</span>;
  switch (file.kind) {
    case 'image':
      return <Picture path={path} file={file} large={large} />;
    case 'audio':
      return (
        <span className="stack">
          {/* biome-ignore lint/a11y/useMediaCaption: what was logged has none */}
          <audio controls preload="none" src={address} aria-label={file.caption || name} />
          {caption}
        </span>
      );
    case 'video':
      if (/\.gif$/i.test(file.path))
        return <Picture path={path} file={file} large={large} moving />;
      return (
        <span className="stack">
          {/* biome-ignore lint/a11y/useMediaCaption: what was logged has none */}
          <video controls preload="metadata" src={address} aria-label={file.caption || name} />
          {caption}
        </span>
      );
    case 'html':
      return <Page path={path} file={file} large={large} />;
    case 'table':
      return <Table path={path} name={key} file={file} large={large} plain={plain} />;
    case 'plotly':
      return <Figure path={path} name={key} file={file} large={large} />;
    case 'file':
      return (
        <a className="button" href={address} download={name}>
          Download {name}
        </a>
      );
  }
}

function Picture({
  path,
  file,
  large,
  moving = false,
}: {
  path: RunPath;
  file: Media;
  large: boolean;
  moving?: boolean;
}) {
  const [broken, setBroken] = useState(false);
  const [tiny, setTiny] = useState(false);
  const whole = fileAddress(path, file.path);
  const small = thumbnailAddress(path, file.path, large ? LARGE_PX : THUMBNAIL_PX);
  const name = file.caption || file.path.split('/').at(-1) || file.path;
  return (
    <a href={whole} target="_blank" rel="noreferrer" title={name} className="picture">
      {broken ? (
        <span className="quiet small any">No thumbnail; open {name}</span>
      ) : (
        <img
          src={moving ? whole : small}
          alt={name}
          loading="lazy"
          className={tiny ? 'tiny' : ''}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setTiny(Math.max(naturalWidth, naturalHeight) <= TINY_PX)
          }
          width={file.width || undefined}
          height={file.height || undefined}
          onError={() => setBroken(true)}
        />
      )}
      {file.caption && <span className="small quiet any">{file.caption}</span>}
    </a>
  );
}

function Page({ path, file, large }: { path: RunPath; file: Media; large: boolean }) {
  const found = useQuery(fileText(path, file.path, HTML_BYTES_MAX));
  if (found.error) return <ErrorCard error={found.error} />;
  if (found.data === undefined) return <Skeleton lines={2} />;
  return (
    <iframe
      title={file.caption || file.path}
      sandbox=""
      srcDoc={found.data}
      style={{ height: large ? 480 : 180 }}
    />
  );
}

function Table({
  path,
  name,
  file,
  large,
  plain,
}: {
  path: RunPath;
  name: string;
  file: Media;
  large: boolean;
  plain: boolean;
}) {
  const found = useQuery({
    ...fileText(path, file.path, TABLE_BYTES_MAX),
    select: table,
  });
  // How it is drawn stands in the run's configuration, for the few tables that are.
  const told = useQuery({ ...runQuery(path), enabled: mayBeDrawn(name) && !plain });
  const drawing = drawingOf(told.data?.run.config, name);
  const drawn = useMemo(
    () => (found.data && drawing ? preset(drawing, found.data) : null),
    [found.data, drawing],
  );
  if (found.error) return <ErrorCard error={found.error} />;
  if (!found.data || (told.isLoading && !plain)) return <Skeleton lines={3} />;
  if (drawn && !plain) return <PresetChart name={name} found={drawn} large={large} />;
  return <Rows path={path} found={found.data} large={large} />;
}

/** What draws it is large, so it comes when somebody wants to see one. */
function Figure({
  path,
  name,
  file,
  large,
}: {
  path: RunPath;
  name: string;
  file: Media;
  large: boolean;
}) {
  const [open, setOpen] = useState(false);
  const shown = open || large;
  const found = useQuery({ ...fileText(path, file.path, FIGURE_BYTES_MAX), enabled: shown });
  const address = fileAddress(path, file.path);
  const leaf = file.path.split('/').at(-1) ?? file.path;
  return (
    <div className="stack figure">
      {!shown ? (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          Draw the figure
        </button>
      ) : found.error ? (
        <ErrorCard error={found.error} />
      ) : found.data === undefined ? (
        <Skeleton lines={3} />
      ) : (
        <PlotlyFigure name={name} body={found.data} large={large} />
      )}
      <a className="link small" href={address} download={leaf}>
        Download {leaf}
      </a>
    </div>
  );
}

function Rows({ path, found, large }: { path: RunPath; found: TableFile; large: boolean }) {
  const [shown, show] = useState(TABLE_PAGE);
  const [typed, setTyped] = useState('');
  const [order, setOrder] = useState<{ column: number; down: boolean } | null>(null);
  const words = typed.toLowerCase();
  const fitting = words
    ? found.rows.filter((row) => row.some((cell) => said(cell).toLowerCase().includes(words)))
    : found.rows;
  const rows = order ? sorted(fitting, order.column, order.down) : fitting;
  return (
    <div className="object-table stack">
      {found.rows.length > 8 && (
        <input
          className="field"
          placeholder={`Find in ${count(found.rows.length)} rows`}
          aria-label="Find in the table"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
      <table className="plain">
        <thead>
          <tr>
            {found.columns.map((name, i) => (
              <th
                key={i}
                className={typeof filled(found.rows, i) === 'number' ? 'right' : ''}
                aria-sort={order?.column !== i ? 'none' : order.down ? 'descending' : 'ascending'}
              >
                <button
                  type="button"
                  className="head-button any"
                  onClick={() =>
                    setOrder({ column: i, down: order?.column === i ? !order.down : true })
                  }
                >
                  {name}
                  {order?.column === i && (order.down ? ' ↓' : ' ↑')}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, i) => (
            <tr key={i}>
              {found.columns.map((_, n) => (
                <td key={n} className={`any ${typeof row[n] === 'number' ? 'right' : ''}`}>
                  <Cell path={path} value={row[n] ?? null} large={large} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" className="button" onClick={() => show(shown + TABLE_PAGE * 4)}>
          {count(rows.length - shown)} more rows
        </button>
      )}
    </div>
  );
}

/** The first value that a column has. */
function filled(rows: Json[][], column: number): Json | undefined {
  return rows.find((row) => (row[column] ?? null) !== null)?.[column];
}

function Cell({ path, value, large }: { path: RunPath; value: Json; large: boolean }) {
  const found = media(value);
  if (found.length > 0)
    return found
      .filter((each) => each.kind !== 'table')
      .map((each, i) => <One key={i} path={path} file={each} large={large} />);
  return said(value).slice(0, CELL_CHARS_MAX);
}

function said(value: Json): string {
  return value === null ? '–' : typeof value === 'string' ? value : number(value, 6);
}

function sorted(rows: Json[][], column: number, down: boolean): Json[][] {
  const way = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, two] = [a[column], b[column]];
    if (typeof one === 'number' && typeof two === 'number') return way * (one - two);
    return way * said(one ?? null).localeCompare(said(two ?? null), 'en', { numeric: true });
  });
}
