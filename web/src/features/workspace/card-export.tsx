// A chart as a file: what is on screen, in three forms. Never asks the server.
import type { ChartPort } from '@/draw/chart';
import type { ChartModel } from '@/draw/line';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { save } from '@/ui/save';

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
                .then((blob) => blob && save(`${file}.png`, blob, 'image/png'));
            }}
          >
            PNG
          </button>
          <button
            type="button"
            onClick={() => {
              close();
              void import('@/draw/export').then(({ svg }) =>
                save(`${file}.svg`, svg(name, model), 'image/svg+xml'),
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
                save(`${file}.csv`, csv(x, name, model)),
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
