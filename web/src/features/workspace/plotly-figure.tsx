// A figure that a program made with Plotly, drawn by Plotly. Nothing in it is run, nothing is fetched.
import Plotly from 'plotly.js-cartesian-dist-min';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ink } from '@/draw/ink';
import { useWidth } from '@/ui/size';
import { watchTheme } from '@/ui/theme';
import { drawable, type Figure, figureOf } from './figure';

const SMALL_PX = 144;
const LARGE_PX = 460;

export default function PlotlyFigure({
  name,
  body,
  large,
}: {
  name: string;
  body: string;
  large: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [failed, fail] = useState<string | null>(null);
  const found = useMemo(() => figureOf(body), [body]);
  const wrong = found === null ? 'This file holds no figure.' : drawable(found);
  const height = large ? LARGE_PX : SMALL_PX;
  useEffect(() => {
    const element = box.current;
    if (!element || !found || wrong || width === 0) return;
    const draw = () => {
      Plotly.react(element, { ...themed(found, width, height), config: CONFIG }).catch(
        (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
      );
    };
    draw();
    const unwatch = watchTheme(() => requestAnimationFrame(draw));
    return () => {
      unwatch();
      Plotly.purge(element);
    };
  }, [found, wrong, width, height]);
  return (
    <>
      {(wrong || failed) && <p className="quiet small any">{wrong ?? failed}</p>}
      <div
        ref={box}
        role="img"
        aria-label={`Figure ${name}`}
        style={{ height: wrong ? 0 : height }}
      />
    </>
  );
}

const CONFIG = { displaylogo: false, displayModeBar: false, responsive: false };

/** On our paper and in our type; what the figure says of its own stays. */
function themed(figure: Figure, width: number, height: number): Figure {
  const { template: _, ...own } = figure.layout;
  const lines = {
    gridcolor: ink('--grid'),
    zerolinecolor: ink('--line-2'),
    linecolor: ink('--line-2'),
  };
  return {
    data: figure.data,
    layout: {
      margin: { l: 48, r: 16, t: own.title ? 40 : 16, b: 40 },
      ...own,
      template: {
        layout: {
          paper_bgcolor: ink('--surface'),
          plot_bgcolor: ink('--surface'),
          font: { family: ink('--sans'), size: 12, color: ink('--ink-2') },
          colorway: Array.from({ length: 8 }, (_, i) => ink(`--series-${i}`)),
          xaxis: lines,
          yaxis: lines,
        },
      },
      autosize: false,
      width,
      height,
    },
  };
}
