/** `Document.selection`, as it is since Photoshop 25.0. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Application } from './application.ts';
import { canvasOf, type DocumentState } from './document-state.ts';
import { type DomBounds, domBounds } from './dom-layer.ts';
import { notModelled } from './errors.ts';
import type { HostDocument } from './host-document.ts';
import { Raster } from './raster.ts';
import type { Rectangle } from './rectangle.ts';
import { maxOf } from './samples.ts';

export class DomSelection {
  readonly typename = 'Selection';
  readonly #application: Application;
  readonly #document: HostDocument;

  constructor(application: Application, document: HostDocument) {
    this.#application = application;
    this.#document = document;
  }

  get docId(): number {
    return this.#document.id;
  }

  /** Of all that is selected, however little; null without a selection. May reach beyond the canvas. */
  get bounds(): DomBounds | null {
    const bounds = this.#document.state.selection?.contentBounds();
    return bounds === undefined ? null : domBounds(bounds);
  }

  /** Whether it is a rectangle without soft edges. */
  get solid(): boolean {
    const { selection, depth } = this.#document.state;
    const bounds = selection?.contentBounds();
    return bounds !== undefined && selection!.read(bounds).every((value) => value === maxOf[depth]);
  }

  async deselect(): Promise<void> {
    const { selection: _, ...rest } = await this.#begin('deselect');
    this.#document.change('Deselect', rest);
  }

  async selectAll(): Promise<void> {
    const state = await this.#begin('selectAll');
    const selection = Raster.white(state.depth, canvasOf(state));
    this.#document.change('Select All', { ...state, selection });
  }

  async selectRectangle(bounds: Rectangle, mode = 'set', feather = 0): Promise<void> {
    const state = await this.#begin('selectRectangle');
    if (mode !== 'set' || feather !== 0) throw notModelled('selectRectangle with a mode or a feather');
    const { left, top, right, bottom } = bounds;
    const selection = Raster.white(state.depth, { left, top, right, bottom });
    this.#document.change('Rectangular Marquee', { ...state, selection });
  }

  async #begin(what: string): Promise<DocumentState> {
    this.#application.modal.assertModal(`Selection.${what}`);
    await nextTurn();
    return this.#document.state;
  }
}
