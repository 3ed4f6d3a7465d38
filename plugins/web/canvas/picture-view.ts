import {
  type Bounds,
  bottomOf,
  boundsBetween,
  boundsOf,
  intersect,
  isEmpty,
  rightOf,
} from '../../shared/picture/geometry.ts';
import { changedAreas, type PictureDocument } from '../document/picture-document.ts';
import { type Selection, selectionChanges } from '../document/selection.ts';
import { toDocument, toScreen, type Viewport } from '../document/viewport.ts';
import { drawContextFrame } from './context-frame.ts';
import { drawBrush, drawExpandFrame, drawSplit, emptyOverlay, type ViewOverlay } from './overlay.ts';
import { documentPainter, type Rgba, selectionPainter } from './painters.ts';
import { placeholderOf } from './placeholder.ts';
import { TilePyramid, type TileView } from './tile-pyramid.ts';

/** CSS colours, as `getComputedStyle` gives them. */
export interface ViewTheme {
  /** Around the picture. */
  readonly background: string;
  readonly checkerLight: string;
  readonly checkerDark: string;
  /** Laid over what is selected; translucent. */
  readonly selectionTint: string;
  readonly accent: string;
}

export interface ViewSize {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly devicePixelRatio: number;
}

const defaultTheme: ViewTheme = {
  background: '#777',
  checkerLight: '#fff',
  checkerDark: '#ccc',
  selectionTint: 'rgb(255 60 60 / 0.45)',
  accent: '#2f6fed',
};

/** Side of a checker square in CSS pixels. */
const CHECKER_SIDE = 8;
/** What painting tiles may take of a frame, in milliseconds: little while the view moves, whose every frame is drawn anew. */
const WORK_MS = 8;
const WORK_WHILE_MOVING_MS = 3;

/**
 * Draws a document into a canvas: pan, zoom, selection, previews, all at the display's rate whatever the picture's size.
 * It asks for animation frames itself, when something changed or is still to be painted, and never otherwise.
 */
export class PictureView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #size: ViewSize = { width: 1, height: 1, devicePixelRatio: 1 };
  #viewport: Viewport = { scale: 1, origin: { x: 0, y: 0 } };
  #theme = defaultTheme;
  #overlay = emptyOverlay;
  #document: PictureDocument | null = null;
  #now: TilePyramid | null = null;
  #before: TilePyramid | null = null;
  #selected: TilePyramid | null = null;
  #checker: CanvasPattern | null = null;
  /** Until what is visible of the picture was painted once. */
  #placeholder: OffscreenCanvas | null = null;
  #requestedFrame = 0;
  /** What changed since the last frame, for which time must be left. */
  #changed: 'viewport' | 'document' | null = null;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context)
      throw new Error('This browser gave no canvas to draw on: close other tabs and load the page again');
    this.#canvas = canvas;
    this.#context = context;
  }

  /** The canvas' size on the screen; its own pixels follow. */
  setSize(size: ViewSize): void {
    this.#size = size;
    this.#canvas.width = Math.max(1, Math.round(size.width * size.devicePixelRatio));
    this.#canvas.height = Math.max(1, Math.round(size.height * size.devicePixelRatio));
    this.#checker = null;
    // At once: a resized canvas is blank until it is drawn, which would flicker.
    this.#draw();
    this.#request();
  }

  setViewport(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#changed = 'viewport';
    this.#request();
  }

  setTheme(theme: ViewTheme): void {
    const tintChanged = theme.selectionTint !== this.#theme.selectionTint;
    this.#theme = theme;
    this.#checker = null;
    if (tintChanged) this.#selected = null;
    this.#request();
  }

  setOverlay(change: Partial<ViewOverlay>): void {
    this.#overlay = { ...this.#overlay, ...change };
    this.#request();
  }

  /** Only what differs from the last document is painted again. */
  setDocument(document: PictureDocument | null): void {
    const last = this.#document;
    this.#document = document;
    this.#changed ??= 'document';
    this.#request();
    if (!document || !last || !isSameCanvas(document, last)) {
      this.#now = this.#before = this.#selected = null;
      this.#placeholder = document && placeholderOf(document);
      return;
    }
    this.#now?.update(documentPainter(document), changedAreas(last, document));
    if (last.selection !== document.selection) {
      const areas = selectionChanges(last.selection, document.selection);
      this.#selected?.update(this.#selectionPainter(document.selection), areas);
    }
  }

  /** Stops asking for frames. The canvas keeps its last picture. */
  destroy(): void {
    cancelAnimationFrame(this.#requestedFrame);
    this.#document = this.#now = this.#before = this.#selected = this.#placeholder = null;
  }

  #request(): void {
    if (this.#requestedFrame === 0) this.#requestedFrame = requestAnimationFrame(() => this.#onFrame());
  }

  #onFrame(): void {
    this.#requestedFrame = 0;
    const isFinished = this.#paint();
    this.#changed = null;
    this.#draw();
    if (!isFinished) this.#request();
  }

  /** What is visible first; the overviews when nobody waits for anything else. True when nothing is left. */
  #paint(): boolean {
    const view = this.#tileView();
    if (!view) return true;
    const deadline = performance.now() + (this.#changed === 'viewport' ? WORK_WHILE_MOVING_MS : WORK_MS);
    const pyramids = this.#pyramids();
    if (!pyramids.every((pyramid) => pyramid.paintVisible(view, deadline))) return false;
    this.#placeholder = null;
    return this.#changed === null && pyramids.every((pyramid) => pyramid.paintOverview(deadline));
  }

  /** Those that are to be seen, made where they were not yet, the most important first. */
  #pyramids(): TilePyramid[] {
    const document = this.#document;
    if (!document) return [];
    this.#now ??= new TilePyramid(document.size, documentPainter(document));
    const pyramids = [];
    if (this.#overlay.isSelectionShown && !document.selection.isEmpty) {
      this.#selected ??= new TilePyramid(document.size, this.#selectionPainter(document.selection));
      pyramids.push(this.#selected);
    }
    pyramids.push(this.#now);
    if (this.#overlay.split !== null) {
      this.#before ??= new TilePyramid(document.size, documentPainter({ ...document, layers: [] }));
      pyramids.push(this.#before);
    }
    return pyramids;
  }

  #selectionPainter(selection: Selection) {
    return selectionPainter(selection, rgbaOf(this.#theme.selectionTint));
  }

  #tileView(): TileView | null {
    const document = this.#document;
    if (!document) return null;
    const ratio = this.#size.devicePixelRatio;
    const visible = intersect(
      boundsBetween(
        toDocument(this.#viewport, { x: 0, y: 0 }),
        toDocument(this.#viewport, { x: this.#size.width, y: this.#size.height }),
      ),
      boundsOf(document.size),
    );
    return {
      visible,
      scale: this.#viewport.scale * ratio,
      toDevice: (area) => this.#toDevice(area),
    };
  }

  #draw(): void {
    const context = this.#context;
    const { width, height } = this.#canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.#theme.background;
    context.fillRect(0, 0, width, height);
    const document = this.#document;
    const view = this.#tileView();
    if (!document || !view) return;
    const { split, expandFrame, contextFrame, preview, brush, isSelectionShown } = this.#overlay;
    if (expandFrame) this.#drawNewArea(expandFrame, view);
    if (!isEmpty(view.visible)) {
      const checker = this.#checkerBelow(view);
      const drawUnder = (to: Bounds) => {
        context.fillStyle = checker;
        context.fillRect(to.left, to.top, to.width, to.height);
        this.#drawPlaceholder(to, view);
      };
      this.#now?.draw(context, view, drawUnder);
      if (preview) this.#drawPreview(preview);
      if (split !== null) {
        context.save();
        context.beginPath();
        context.rect(0, 0, Math.round(split * width), height);
        context.clip();
        this.#before?.draw(context, view, drawUnder);
        context.restore();
      }
      if (isSelectionShown && !document.selection.isEmpty) this.#selected?.draw(context, view);
    }
    const ratio = this.#size.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    // At the very end the original is alone, with nothing to take hold of.
    if (split !== null && split < 1)
      drawSplit(context, { x: split * this.#size.width, height: this.#size.height });
    if (expandFrame) {
      const { accent } = this.#theme;
      drawExpandFrame(context, this.#viewport, { frame: expandFrame, size: document.size, accent });
    }
    if (contextFrame) drawContextFrame(context, this.#viewport, contextFrame);
    if (brush) drawBrush(context, this.#viewport, brush);
  }

  /** The part of the placeholder that lies under a rectangle of the canvas. */
  #drawPlaceholder(to: Bounds, view: TileView): void {
    const placeholder = this.#placeholder;
    const document = this.#document;
    if (!placeholder || !document) return;
    const whole = view.toDevice(boundsOf(document.size));
    const [scaleX, scaleY] = [placeholder.width / whole.width, placeholder.height / whole.height];
    this.#context.drawImage(
      placeholder,
      (to.left - whole.left) * scaleX,
      (to.top - whole.top) * scaleY,
      to.width * scaleX,
      to.height * scaleY,
      to.left,
      to.top,
      to.width,
      to.height,
    );
  }

  #toDevice(area: Bounds): Bounds {
    const ratio = this.#size.devicePixelRatio;
    const from = toScreen(this.#viewport, { x: area.left, y: area.top });
    const to = toScreen(this.#viewport, { x: rightOf(area), y: bottomOf(area) });
    const left = Math.round(from.x * ratio);
    const top = Math.round(from.y * ratio);
    return { left, top, width: Math.round(to.x * ratio) - left, height: Math.round(to.y * ratio) - top };
  }

  #drawNewArea(frame: Bounds, view: TileView): void {
    const { left, top, width, height } = this.#toDevice(frame);
    this.#context.fillStyle = this.#checkerBelow(view);
    this.#context.fillRect(left, top, width, height);
  }

  #drawPreview({ image, bounds }: NonNullable<ViewOverlay['preview']>): void {
    const { left, top, width, height } = this.#toDevice(bounds);
    this.#context.imageSmoothingEnabled = true;
    this.#context.drawImage(image, left, top, width, height);
  }

  /** Squares that keep their size on the screen and move with the picture. */
  #checkerBelow(view: TileView): CanvasPattern {
    const side = Math.round(CHECKER_SIDE * this.#size.devicePixelRatio);
    if (!this.#checker) {
      const tile = new OffscreenCanvas(2 * side, 2 * side);
      const context = tile.getContext('2d')!;
      context.fillStyle = this.#theme.checkerLight;
      context.fillRect(0, 0, 2 * side, 2 * side);
      context.fillStyle = this.#theme.checkerDark;
      context.fillRect(0, 0, side, side);
      context.fillRect(side, side, side, side);
      this.#checker = this.#context.createPattern(tile, 'repeat')!;
    }
    const origin = view.toDevice({ left: 0, top: 0, width: 0, height: 0 });
    this.#checker.setTransform(new DOMMatrix([1, 0, 0, 1, origin.left, origin.top]));
    return this.#checker;
  }
}

function isSameCanvas(a: PictureDocument, b: PictureDocument): boolean {
  return (
    a.base === b.base &&
    a.size.width === b.size.width &&
    a.size.height === b.size.height &&
    a.baseOffset.x === b.baseOffset.x &&
    a.baseOffset.y === b.baseOffset.y
  );
}

/** The channels of any CSS colour, by the browser's own reading of it. */
function rgbaOf(color: string): Rgba {
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return [red!, green!, blue!, alpha!];
}
