// Which panels there are besides lines. Never draws one.

export type PanelKind = 'bar' | 'scatter' | 'coords' | 'importance';
export const WORDS: Record<PanelKind, string> = {
  bar: 'Bars',
  scatter: 'Scatter',
  coords: 'Parallel coordinates',
  importance: 'Importance',
};
