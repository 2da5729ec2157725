// What a Plotly file says, read with suspicion. Pure.

export interface Figure {
  data: { type?: string; [name: string]: unknown }[];
  layout: Record<string, unknown>;
}

/** What the bundle that is served can draw: everything on two axes, and pies. */
const DRAWN = new Set([
  'bar',
  'box',
  'contour',
  'heatmap',
  'histogram',
  'histogram2d',
  'histogram2dcontour',
  'image',
  'pie',
  'scatter',
  'scatterternary',
  'violin',
]);

function mapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The figure in a file; null if it holds none. */
export function figureOf(body: string): Figure | null {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return null;
  }
  if (!mapping(said) || !Array.isArray(said.data)) return null;
  const data = said.data.filter(mapping).map(plain);
  return { data, layout: mapping(said.layout) ? said.layout : {} };
}

/** Lines of very many points are asked for as `scattergl`; drawn without it they are the same. */
function plain(trace: Record<string, unknown>): Figure['data'][number] {
  const type = typeof trace.type === 'string' ? trace.type : 'scatter';
  return { ...trace, type: type === 'scattergl' ? 'scatter' : type };
}

/** Why it cannot be drawn; null if it can. */
export function drawable(figure: Figure): string | null {
  const others = [...new Set(figure.data.map(({ type = 'scatter' }) => type))].filter(
    (type) => !DRAWN.has(type),
  );
  return others.length > 0
    ? `Traces of type ${others.join(', ')} are not drawn here; download the figure to see it.`
    : null;
}
