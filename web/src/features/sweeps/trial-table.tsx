// A window over the rows of trials, with keys to move. Never sorts: it is given rows in order.
import { Link, useNavigate } from '@tanstack/react-router';
import { memo } from 'react';
import type { SweepView, TrialView } from '@/data/records';
import { clock, duration, number } from '@/lib/format';
import { causeWords, LIVE, shownState } from '@/lib/states';
import { Badge } from '@/ui/glyph';
import { Grid } from '@/ui/grid';
import { useNow } from '@/ui/parts';
import { argOf, type Dimension, shortNames } from './model';
import { keyValue, type Sorted, writeSort } from './rows';

export interface TableProps {
  rows: readonly TrialView[];
  sweep: SweepView;
  columns: readonly Dimension[];
  by: Sorted;
  onSort: (said: string) => void;
  waiting: boolean;
}

export function TrialTable(props: TableProps) {
  const { rows, sweep, columns, waiting } = props;
  const navigate = useNavigate();
  const template = `52px minmax(150px, 1.2fr) minmax(170px, 1.1fr) 96px ${columns.map(() => 'minmax(80px, 0.8fr)').join(' ')} 96px`;
  const open = (index: number) =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: sweep.entity, project: sweep.project, run: rows[index].run_id },
    });
  return (
    <div className="run-table trial-table">
      <Grid
        label="Trials"
        one="trial"
        count={rows.length}
        width={52 + 150 + 170 + 96 * 2 + columns.length * 88 + 64}
        head={<Head {...props} template={template} />}
        keys={[{ keys: 'Enter', words: 'Open the run of the trial', act: open }]}
        row={({ index, top, height, here, phone }) => (
          <Row
            key={rows[index].number}
            trial={rows[index]}
            index={index}
            top={top}
            height={height}
            template={phone ? undefined : template}
            columns={columns}
            sweep={sweep}
            here={here}
          />
        )}
        after={
          rows.length === 0 && !waiting && <p className="quiet trial-none">No trial is left.</p>
        }
      />
    </div>
  );
}

function Head({ sweep, columns, by, onSort, template }: TableProps & { template: string }) {
  const short = shortNames(columns.map((each) => each.name));
  const header = (key: string, label: string, right = false, whole = label) => {
    const now = by.key === key;
    return (
      <span
        key={key}
        role="columnheader"
        aria-sort={now ? (by.down ? 'descending' : 'ascending') : 'none'}
        className={right ? 'right' : ''}
      >
        <button
          type="button"
          className="head-button"
          title={`Sort by ${whole}`}
          onClick={() => onSort(writeSort(by, key, key !== 'value' || sweep.goal === 'maximize'))}
        >
          <span className="cut">{label}</span>
          {now && (by.down ? ' ↓' : ' ↑')}
        </button>
      </span>
    );
  };
  return (
    <div role="rowgroup" className="table-head">
      <div
        role="row"
        aria-rowindex={1}
        className="table-row"
        style={{ gridTemplateColumns: template }}
      >
        {header('#', 'Trial')}
        {header('name', 'Run')}
        {header('state', 'State and cause')}
        {header('value', sweep.metric || 'Value', true)}
        {columns.map((each, i) => header(`arg.${each.name}`, short[i], true, each.name))}
        {header('ended', 'Ended', true)}
      </div>
    </div>
  );
}

const Row = memo(function Row({
  trial,
  index,
  top,
  height,
  template,
  columns,
  sweep,
  here,
}: {
  trial: TrialView;
  index: number;
  top: number;
  height: number;
  template: string | undefined;
  columns: readonly Dimension[];
  sweep: SweepView;
  here: boolean;
}) {
  const best = sweep.best?.run === trial.run_id;
  const place = { transform: `translateY(${top}px)`, height, gridTemplateColumns: template };
  const look = `table-row body-row ${here ? 'here' : ''} ${best ? 'best' : ''}`;
  const name = trial.state ? (
    <Link
      to="/$entity/$project/runs/$run/overview"
      params={{ entity: sweep.entity, project: sweep.project, run: trial.run_id }}
      className="cut run-name"
      title={trial.name}
    >
      {trial.name || trial.run_id}
    </Link>
  ) : (
    <span className="quiet cut">{trial.run_id}, run deleted</span>
  );
  const value = number(trial.value);
  if (!template) {
    const args = columns
      .slice(0, 3)
      .map((each) => `${each.name} ${number(argOf(trial, each.name))}`);
    return (
      <div role="row" aria-rowindex={index + 2} className={look} style={place}>
        <span role="gridcell" className="quiet small">
          {trial.prior ? 'prior' : trial.number}
        </span>
        <span role="gridcell" className="two-lines">
          {name}
          <span className="quiet small cut">
            {[sweep.metric && trial.value !== null && `${sweep.metric} ${value}`, ...args]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
        <span role="gridcell">
          <State trial={trial} />
        </span>
      </div>
    );
  }
  return (
    <div role="row" aria-rowindex={index + 2} className={look} style={place}>
      <span role="gridcell" className="quiet">
        {trial.prior ? 'prior' : trial.number}
      </span>
      <span role="gridcell" className="cut">
        {name}
      </span>
      <span role="gridcell" className="row" style={{ minWidth: 0, gap: 6 }}>
        <State trial={trial} />
        <span className="quiet small cut" title={trial.sentence}>
          {words(trial)}
        </span>
      </span>
      <span role="gridcell" className="right cut">
        {value}
        {best && (
          <b className="trial-best" title="The best finished trial">
            {' '}
            best
          </b>
        )}
      </span>
      {columns.map((each) => {
        const said = number(keyValue(trial, `arg.${each.name}`));
        return (
          <span key={each.name} role="gridcell" className="right cut" title={said.slice(0, 500)}>
            {said.slice(0, 80)}
          </span>
        );
      })}
      <span role="gridcell" className="right quiet cut">
        <Ended trial={trial} />
      </span>
    </div>
  );
});

function State({ trial }: { trial: TrialView }) {
  if (!trial.state) return <span className="quiet">–</span>;
  return <Badge state={shownState(trial.state, '')} inTable title={trial.sentence} />;
}

function words(trial: TrialView): string {
  if (trial.stage === 'queued') return 'to be handed out again';
  if (trial.stage === 'handed' && trial.state === 'pending') return 'given to an agent';
  const again = trial.handouts > 1 ? `, handed out ${trial.handouts} times` : '';
  return `${causeWords(trial.cause)}${again}`.replace(/^, /, '');
}

function Ended({ trial }: { trial: TrialView }) {
  const now = useNow();
  if (trial.ended_at) return <>{clock(trial.ended_at, now)}</>;
  return <>{LIVE.has(trial.state) ? duration(now - trial.created_at) : '–'}</>;
}
