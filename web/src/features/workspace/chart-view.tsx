// The chart port in the page: mounts when seen, follows size, theme and the others' cursor.
import { useEffect, useRef } from 'react';
import { Chart, type ChartPort, type Hover } from '@/draw/chart';
import type { ChartModel, Range } from '@/draw/line';
import { watchTheme } from '@/ui/theme';

/** Charts that move together. */
export class Together {
  private readonly charts = new Set<(x: number | null) => void>();

  join(follow: (x: number | null) => void): () => void {
    this.charts.add(follow);
    return () => this.charts.delete(follow);
  }

  tell(x: number | null, except: (x: number | null) => void): void {
    for (const follow of this.charts) if (follow !== except) follow(x);
  }
}

export function ChartView({
  model,
  lit,
  together,
  onZoom,
  onHover,
  port,
  label,
}: {
  model: ChartModel;
  lit: string | null;
  together: Together;
  onZoom: (range: Range | null) => void;
  onHover: (hover: Hover | null) => void;
  port?: { current: ChartPort | null };
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartPort | null>(null);
  const events = useRef({ onZoom, onHover });
  events.current = { onZoom, onHover };
  const { x, xLog, yLog } = model;
  // biome-ignore lint/correctness/useExhaustiveDependencies: axes are made anew, lines are not
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const follow = (at: number | null) => chart.current?.cursor(at);
    const make = () => {
      chart.current?.destroy();
      chart.current = new Chart(element, model, {
        zoom: (range) => events.current.onZoom(range),
        hover: (hover) => {
          together.tell(hover?.x ?? null, follow);
          events.current.onHover(hover);
        },
      });
      if (port) port.current = chart.current;
    };
    make();
    const leave = together.join(follow);
    const observer = new ResizeObserver(() =>
      chart.current?.resize(element.clientWidth, element.clientHeight),
    );
    observer.observe(element);
    const unwatch = watchTheme(() => requestAnimationFrame(make));
    return () => {
      leave();
      unwatch();
      observer.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [x, xLog, yLog, together]);
  useEffect(() => chart.current?.update(model), [model]);
  useEffect(() => chart.current?.highlight(lit), [lit]);
  return <div ref={box} className="chart-box" role="img" aria-label={label} />;
}
