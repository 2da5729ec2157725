// What we use of a package that brings no types.
declare module 'plotly.js-cartesian-dist-min' {
  export interface Figure {
    data: Record<string, unknown>[];
    layout: Record<string, unknown>;
  }
  const Plotly: {
    react(
      element: HTMLElement,
      figure: Figure & { config: Record<string, unknown> },
    ): Promise<unknown>;
    purge(element: HTMLElement): void;
  };
  export default Plotly;
}
