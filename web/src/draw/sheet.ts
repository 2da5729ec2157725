// A canvas that follows the size of its element and draws when it must. Never knows what is drawn.

export type Painting = (c: CanvasRenderingContext2D, width: number, height: number) => void;

export class Sheet {
  readonly canvas = document.createElement('canvas');
  private readonly observer: ResizeObserver;
  private frame = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly paint: Painting,
  ) {
    this.canvas.className = 'sheet';
    element.append(this.canvas);
    this.observer = new ResizeObserver(() => this.again());
    this.observer.observe(element);
    this.again();
  }

  /** Once, before the next frame. */
  again(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.now());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.canvas.remove();
  }

  private now(): void {
    this.frame = 0;
    const { clientWidth: width, clientHeight: height } = this.element;
    const c = this.canvas.getContext('2d');
    if (!c || width === 0 || height === 0) return;
    const dpr = devicePixelRatio;
    this.canvas.width = Math.round(width * dpr);
    this.canvas.height = Math.round(height * dpr);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    this.paint(c, width, height);
  }
}
