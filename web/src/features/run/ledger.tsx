// The ledger: what changed, what was said, by whom, and how sure they were. Newest first.
import type { LedgerEntry } from '@/data/records';
import { clock, moment } from '@/lib/format';
import { BADGES, causeWords, type Shown } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import { useNow } from '@/ui/parts';
import { byAttempt, facts, takenBack, when } from './model';

export function Ledger({ entries, most }: { entries: readonly LedgerEntry[]; most?: number }) {
  const back = takenBack(entries);
  const groups = byAttempt(most ? entries.slice(-most) : entries);
  return (
    <div>
      {groups.map((group) => (
        <section key={`${group.attempt}-${group.entries[0].seq}`}>
          {groups.length > 1 && (
            <h3 className="ledger-attempt">
              {group.attempt === 0 ? 'Before the first attempt' : `Attempt ${group.attempt}`}
              {group.entries.find((each) => each.host)?.host
                ? ` on ${group.entries.find((each) => each.host)?.host}`
                : ''}
            </h3>
          )}
          <ol className="ledger">
            {group.entries.map((entry) => (
              <Entry key={entry.seq} entry={entry} back={back.has(entry.seq)} />
            ))}
          </ol>
        </section>
      ))}
      {most && entries.length > most && (
        <p className="quiet small">{entries.length - most} older entries are on the Timeline.</p>
      )}
    </div>
  );
}

function title(entry: LedgerEntry): string {
  const word = BADGES[entry.after as Shown]?.word ?? entry.after;
  if (entry.input === 'StopAsked') return 'Stop asked';
  if (entry.input === 'StopAcknowledged') return 'Stop received';
  if (entry.input === 'Recalled') return 'Sent later';
  if (entry.input === 'Undeleted') return 'Brought back';
  if (entry.cause === 'heard_again') return `${word} again`;
  const cause = causeWords(entry.cause);
  return cause && entry.before !== null ? `${word}: ${cause}` : word;
}

function Entry({ entry, back }: { entry: LedgerEntry; back: boolean }) {
  const now = useNow();
  const presumed = entry.confidence === 'presumed';
  const more = facts(entry).filter((fact) => fact.name !== 'Exception' && fact.name !== 'Reason');
  return (
    <li className={back ? 'taken-back' : ''}>
      <time className="quiet" title={moment(when(entry))}>
        {clock(when(entry), now)}
      </time>
      <Glyph
        state={(entry.after in BADGES ? entry.after : 'pending') as Shown}
        presumed={presumed}
      />
      <div className="grow">
        <div className="row wrap" style={{ justifyContent: 'space-between', columnGap: 12 }}>
          <b>
            {title(entry)}
            {back && <span className="quiet"> (taken back)</span>}
          </b>
          <span className="quiet small">
            {entry.by}, {entry.confidence}
            {when(entry) !== entry.at && `, told later, at ${clock(entry.at, now)}`}
          </span>
        </div>
        <p className="any">{entry.sentence}</p>
        {more.length > 0 && (
          <p className="quiet small any">
            {more.map((fact) => `${fact.name}: ${fact.value}`).join(' · ')}
          </p>
        )}
      </div>
    </li>
  );
}
