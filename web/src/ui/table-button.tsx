// Switches a chart and its table. Never holds which is shown.
import { Icon } from './icons';

/** Switches a chart and its table. */
export function TableButton({
  name,
  on,
  onChange,
}: {
  name: string;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      className={`button plain icon ${on ? 'on' : ''}`}
      aria-label={`Show ${name} as a table`}
      title={on ? 'Show as a chart' : 'Show as a table'}
      aria-pressed={on}
      onClick={() => onChange(!on)}
    >
      <Icon name="table" size={13} />
    </button>
  );
}
