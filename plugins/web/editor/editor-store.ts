/**
 * Everything the page shows, as signals. Actions (one a file) change it; components read it. What changes the document goes
 * through `commit`, so that it can be undone.
 */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals-core';
import { ControlPictures } from '../../shared/browser/control-pictures.ts';
import type { ClientError } from '../../shared/client/client-error.ts';
import type { Margins, Point, Size } from '../../shared/picture/geometry.ts';
import type { ConnectionStore } from '../../shared/store/connection-store.ts';
import { ControlMaps } from '../../shared/store/control-maps.ts';
import { EstimateStore } from '../../shared/store/estimate-store.ts';
import type { HostStorage } from '../../shared/store/host-storage.ts';
import type { JobStore } from '../../shared/store/job-store.ts';
import type { PictureShape, PictureSize } from '../../shared/store/picture-size.ts';
import { PromptStore } from '../../shared/store/prompt-store.ts';
import { History } from '../document/history.ts';
import { buffersOf, type PictureDocument, withSelection } from '../document/picture-document.ts';
import type { Selection, SelectionMode } from '../document/selection.ts';
import type { Sketch } from '../document/sketch.ts';
import type { Viewport } from '../document/viewport.ts';
import type { JobTask, PendingJob } from './pending-job.ts';
import { noMargins } from './tools/expand-tool.ts';

export const toolNames = ['brush', 'eraser', 'lasso', 'rectangle', 'hand'] as const;
export type ToolName = (typeof toolNames)[number];

/** What the page is about to do with the picture; each has its own bar of actions. */
export type Mode = 'select' | 'expand' | 'upscale';
export type Dialog = 'download' | 'generate' | 'shortcuts';

/** A sentence for the user and what to do about it; `retry` does it again. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
  readonly retry?: JobTask;
}

export interface RunOptions {
  readonly count: number;
  /** Nothing: another one each time. */
  readonly seed?: number;
}

export const minBrushDiameter = 2;
export const maxBrushDiameter = 1000;

const historyLimits = { maxSteps: 200, maxBytes: 768 * 2 ** 20, buffersOf };

/** Where the document is kept between visits. */
export interface DocumentStorage {
  load(): Promise<PictureDocument | undefined>;
  save(document: PictureDocument): Promise<void>;
}

export interface EditorParts {
  readonly connection: ConnectionStore;
  readonly jobs: JobStore;
  readonly storage: HostStorage;
  readonly documents: DocumentStorage;
  /** Whether document and job are kept for the next visit. False in a tab beside the one that keeps its own. */
  readonly isKept?: boolean;
}

export class EditorStore {
  readonly connection: ConnectionStore;
  readonly jobs: JobStore;
  readonly storage: HostStorage;
  readonly documents: DocumentStorage;
  readonly isKept: boolean;
  readonly prompts: PromptStore;
  readonly estimates: EstimateStore;
  /** Files that drawings may follow. */
  readonly pictures = new ControlPictures();
  readonly maps: ControlMaps;

  readonly #history: Signal<History<PictureDocument> | undefined> = signal(undefined);
  readonly #draft: Signal<Selection | undefined> = signal(undefined);
  #lastMergeKey: string | undefined;

  readonly tool: Signal<ToolName> = signal('brush');
  /** Space is held: the hand, whatever the tool. */
  readonly isHandHeld = signal(false);
  readonly diameter = signal(60);
  /** 0..1. */
  readonly softness = signal(0.15);
  readonly selectionMode: Signal<SelectionMode> = signal('replace');
  readonly runOptions: Signal<RunOptions> = signal({ count: 3 });

  /** Of a picture drawn from nothing; a shape is of the size that the model likes. */
  readonly newSize: Signal<PictureShape | PictureSize> = signal('square');

  readonly mode: Signal<Mode> = signal('select');
  readonly margins: Signal<Margins> = signal(noMargins);
  readonly dialog: Signal<Dialog | undefined> = signal(undefined);
  /** Lines for a drawing to follow; nothing: none was drawn. */
  readonly sketch: Signal<Sketch | undefined> = signal(undefined);
  /** The sketch is being drawn. */
  readonly isSketching = signal(false);
  /** Whether the panel of layers is open where there is no room for it beside the picture. */
  readonly isPanelOpen = signal(false);
  /** Where before ends and after begins, 0..1 of the screen's width; nothing: no comparison. */
  readonly split: Signal<number | undefined> = signal(undefined);
  /** A line to draw over the picture, in document pixels: what a gesture encloses so far. */
  readonly outline: Signal<readonly Point[]> = signal([]);

  readonly viewport: Signal<Viewport> = signal({ scale: 1, origin: { x: 0, y: 0 } });
  readonly screen: Signal<Size> = signal({ width: 0, height: 0 });
  /** The whole picture stays in view when the window changes, until the user zooms or pans. */
  readonly isFitted = signal(true);

  readonly pending: Signal<PendingJob | undefined> = signal(undefined);
  /** The empty document of a picture that is being drawn from nothing, until that is there. */
  readonly blank: Signal<PictureDocument | undefined> = signal(undefined);
  /** The document with those results of the job that have arrived: seen, but not yet a step that can be undone. */
  readonly provisional: Signal<PictureDocument | undefined> = signal(undefined);
  readonly problem: Signal<Problem | undefined> = signal(undefined);
  /** What happened last, in a sentence: read out, and shown for a moment. */
  readonly status = signal('');
  /** What the page itself is at for a while, in words: until then it takes no other change. */
  readonly busy: Signal<string | undefined> = signal(undefined);
  /** Waits for the user's word: with it in place, undo would not bring back what is there. */
  readonly replacement: Signal<PictureDocument | undefined> = signal(undefined);
  /** The first job has been run: the hint for newcomers has done its work. */
  readonly isHintUsed = signal(false);
  readonly #selectedLayerId: Signal<string | undefined> = signal(undefined);

  readonly saved: ReadonlySignal<PictureDocument | undefined>;
  /** What a job's results are put onto, and the page shows until they arrive. */
  readonly basis: ReadonlySignal<PictureDocument | undefined>;
  /** With the stroke that is being drawn, or the results that have arrived. */
  readonly document: ReadonlySignal<PictureDocument | undefined>;
  /** The same without the selection's changes, for what shows names, sizes and layers. */
  readonly layers: ReadonlySignal<PictureDocument['layers']>;
  readonly hasSelection: ReadonlySignal<boolean>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  readonly undoLabel: ReadonlySignal<string | undefined>;
  readonly redoLabel: ReadonlySignal<string | undefined>;
  /** Nothing changes the document while a job is computed from it, or the page makes another one. */
  readonly isLocked: ReadonlySignal<boolean>;
  readonly selectedLayer: ReadonlySignal<PictureDocument['layers'][number] | undefined>;

  constructor({ connection, jobs, storage, documents, isKept = true }: EditorParts) {
    this.connection = connection;
    this.jobs = jobs;
    this.storage = storage;
    this.documents = documents;
    this.isKept = isKept;
    this.prompts = new PromptStore(storage);
    this.estimates = new EstimateStore(connection);
    this.maps = new ControlMaps(jobs);
    this.saved = computed(() => this.#history.value?.present);
    this.basis = computed(() => this.blank.value ?? this.saved.value);
    this.document = computed(() => {
      const [document, draft] = [this.provisional.value ?? this.basis.value, this.#draft.value];
      return document && draft ? withSelection(document, draft) : document;
    });
    this.layers = computed(() => (this.provisional.value ?? this.basis.value)?.layers ?? []);
    this.hasSelection = computed(() => this.document.value?.selection.isEmpty === false);
    this.isLocked = computed(() => this.pending.value !== undefined || this.busy.value !== undefined);
    this.canUndo = computed(() => this.#history.value?.canUndo === true && !this.isLocked.value);
    this.canRedo = computed(() => this.#history.value?.canRedo === true && !this.isLocked.value);
    this.undoLabel = computed(() => this.#history.value?.undoLabel);
    this.redoLabel = computed(() => this.#history.value?.redoLabel);
    this.selectedLayer = computed(() =>
      this.layers.value.find(({ id }) => id === this.#selectedLayerId.value),
    );
  }

  /** The tool in the hand right now. */
  get activeTool(): ToolName {
    return this.isHandHeld.value || this.isLocked.value || this.mode.value !== 'select'
      ? 'hand'
      : this.tool.value;
  }

  /** Begins anew with a document, e.g. the one of the last visit. */
  restore(document: PictureDocument): void {
    this.#history.value = History.startingWith(document, historyLimits);
    this.#lastMergeKey = undefined;
  }

  /**
   * The document after an action called `label`. Of actions in a row with the same `mergeKey`, e.g. the steps of a slider,
   * one undo takes back all.
   */
  commit(
    document: PictureDocument,
    { label, mergeKey }: { readonly label: string; readonly mergeKey?: string },
  ): void {
    const history = this.#history.value;
    const isMerged = mergeKey !== undefined && mergeKey === this.#lastMergeKey;
    if (history === undefined) this.#history.value = History.startingWith(document, historyLimits);
    else this.#history.value = isMerged ? history.replace(document) : history.push(document, label);
    this.#lastMergeKey = mergeKey;
    this.#draft.value = undefined;
  }

  /** Whether undo would still bring back the present after this document took its place. */
  canReplaceWith(document: PictureDocument): boolean {
    const history = this.#history.value;
    return history === undefined || history.push(document, '').canUndo;
  }

  /** What a stroke has selected so far; nothing: it was given up. */
  draw(selection: Selection | undefined): void {
    this.#draft.value = selection;
  }

  undo(): void {
    if (this.canUndo.value) this.#step((history) => history.undo());
  }

  redo(): void {
    if (this.canRedo.value) this.#step((history) => history.redo());
  }

  selectLayer(id: string | undefined): void {
    this.#selectedLayerId.value = id;
  }

  report(error: Pick<ClientError, 'message' | 'hint'>, retry?: JobTask): void {
    const { message, hint } = error;
    this.problem.value = { message, hint, ...(retry && { retry }) };
  }

  #step(step: (history: History<PictureDocument>) => History<PictureDocument>): void {
    const history = this.#history.value;
    if (history === undefined) return;
    this.#draft.value = undefined;
    this.#lastMergeKey = undefined;
    this.#history.value = step(history);
  }
}

/** A whole number of document pixels, within the limits. */
export function setDiameter(editor: EditorStore, diameter: number): void {
  editor.diameter.value = Math.min(maxBrushDiameter, Math.max(minBrushDiameter, Math.round(diameter)));
}
