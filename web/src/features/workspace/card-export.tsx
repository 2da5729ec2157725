// A chart as a file: what is on screen, in three forms. Never asks the server.
import type { ChartPort } from '@/draw/chart';
import type { ChartModel } from '@/draw/line';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';

function save(name: string, type: string, content: Blob | string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(
    typeof content === 'string' ? new Blob([content], { type }) : content,
  );
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function Exports({
  name,
  model,
  port,
  x,
}: {
  name: string;
  model: ChartModel;
  port: { current: ChartPort | null };
  x: string;
}) {
  const file = name.replace(/[^\w.-]+/g, '_');
  return (
    <Menu
      label={<Icon name="download" size={13} />}
      className="button plain icon"
      title={`Export ${name}`}
    >
      {(close) => (
        <>
          <button
            type="button"
            onClick={() => {
              close();
              void port.current
                ?.png(name)
                .then((blob) => blob && save(`${file}.png`, 'image/png', blob));
            }}
          >
            PNG
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              void import('@/draw/export').then(({ svg }) =>
                save(`${file}.svg`, 'image/svg+xml', svg(name, model)),
              );
            }}
          >
            SVG
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              void import('@/draw/export').then(({ csv }) =>
                save(`${file}.csv`, 'text/csv', csv(x, name, model)),
              );
            }}
          >
            CSV
          </button>
        </>
      )}
    </Menu>
  );
}
