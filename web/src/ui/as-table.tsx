// What a chart draws, as a table: for those who do not see it, and for those who want the figures.
import { type ReactNode, useState } from 'react';
import '@/styles/charts.css';
import type { Cells } from '@/lib/cells';
import { count } from '@/lib/format';

const ROWS_PAGE = 100;

export function AsTable({ name, cells }: { name: string; cells: Cells }) {
  const [shown, show] = useState(ROWS_PAGE);
  const { columns, rows, note } = cells;
  return (
    <div className="as-table" tabIndex={0} role="region" aria-label={`${name} as a table`}>
      <table className="plain numbers">
        <caption className="unseen">{name}</caption>
        <thead>
          <tr>
            {columns.map((column, n) => (
              <th key={n} scope="col" className={`any ${column.words ? '' : 'right'}`}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, i) => (
            <tr key={i}>
              {row.map((cell, n) => (
                <Cell key={n} first={n === 0} right={!columns[n].words}>
                  {cell ?? <span className="quiet">–</span>}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" className="button" onClick={() => show(shown + ROWS_PAGE * 5)}>
          {count(rows.length - shown)} more rows
        </button>
      )}
      {note && <p className="quiet small">{note}</p>}
    </div>
  );
}

function Cell({ first, right, children }: { first: boolean; right: boolean; children: ReactNode }) {
  const look = `any ${right ? 'right' : ''}`;
  return first ? (
    <th scope="row" className={look}>
      {children}
    </th>
  ) : (
    <td className={look}>{children}</td>
  );
}
