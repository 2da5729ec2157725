// A chart of lines as a table. Never draws.
import { lineCells } from '@/draw/figures';
import type { ChartModel } from '@/draw/line';
import { AsTable } from '@/ui/as-table';
import { words } from './card-values';

export default function LineTable({
  name,
  model,
  x,
}: {
  name: string;
  model: ChartModel;
  x: string;
}) {
  return <AsTable name={name} cells={lineCells(model, x, (value) => words(name, value))} />;
}
