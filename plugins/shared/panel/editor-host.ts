/**
 * What the panel needs of the editor that it sits in. Photoshop's and Figma's plugins implement it, and in tests the
 * in-memory editors run those plugins; the panel knows no more of an editor than this.
 */
import type { ReadonlySignal } from '@preact/signals-core';
import type {
  Editor,
  ImageOutline,
  JobRequest,
  ModelOperation,
  OutputRequest,
} from '../../../bridge/protocol/messages.ts';
import type { JobImage, JobPicture } from '../client/client-job.ts';
import type { Margins, Size } from '../picture/geometry.ts';
import type { ControlSource } from '../store/controls.ts';

/** What a panel can do: what the server can, and what is made of several of its jobs. */
export type PanelOperation = ModelOperation | 'mockup' | 'sketch';

/** Where a result belongs, in the editor's own words: can be written as JSON, and is read by nobody else. */
export type Place = Readonly<Record<string, unknown>>;

/** With what, and where, a result was made: the editor keeps it with the result, and the panel in its history. */
export interface Recipe {
  readonly operation: PanelOperation;
  /** As the server completed it, of the first picture: run again, it gives that picture. */
  readonly request: JobRequest;
  readonly place: Place;
  /** How many pictures were made of each task at once: their seeds follow one another. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What an operation would work on, where there is a choice, e.g. a layer or the whole document. */
export interface Scope {
  readonly id: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

/** Pictures that a control may follow, the likeliest first. */
export type ControlSources = readonly ControlSource[];

/** Whether an operation can be run on what is selected now. */
export interface Offer {
  /** What it would be run on, e.g. `Selection, 400 × 300 px`. */
  readonly subject?: string;
  /** Why it cannot be run, and what to do, in a sentence or two. */
  readonly reason?: string;
  /** The likeliest first; none where there is no choice. */
  readonly scopes?: readonly Scope[];
  /** A new picture may have any size: it is chosen in the panel. */
  readonly takesSize?: true;
  /** Pictures of the document and of files that a control may follow, the likeliest first: images of a capture by their ids. */
  readonly controlSources?: ControlSources;
}

/** What is selected in the editor. */
export interface Target {
  /** None where no document is open. */
  readonly documentName?: string;
  /** Of the operations that the editor has at all. */
  readonly offers: Readonly<Partial<Record<PanelOperation, Offer>>>;
  /** Of the result of an earlier job, when that is what is selected. */
  readonly recipe?: Recipe;
}

export interface Order {
  readonly operation: PanelOperation;
  /** All that the panel's fields say; the editor adds what only it knows: sizes, the output's format, its area. */
  readonly request: JobRequest;
  readonly scopeId?: string;
  /** Of an expansion, in pixels of the document. */
  readonly margins?: Margins;
  /** Once more where an earlier result is, whatever is selected now. */
  readonly place?: Place;
  /** The longer side that the model was trained at, where one draws: what it may be shown around a selection. */
  readonly modelSide?: number;
}

/** One job of an order. Most orders have one. */
export interface Task {
  readonly request: JobRequest;
  readonly images: readonly JobImage[];
}

export interface TaskOutline {
  readonly request: JobRequest;
  readonly images: readonly ImageOutline[];
  /** Of the document or picture that the outlines' places are in, from (0, 0): for the drawing of what the model sees. */
  readonly canvas?: Size;
}

export interface Capture {
  readonly place: Place;
  readonly tasks: readonly Task[];
}

/** The pictures of each task, in the order of the tasks; a task that was stopped too soon may have fewer, or none. */
export interface Insertion {
  readonly order: Order;
  readonly place: Place;
  readonly results: readonly (readonly JobPicture[])[];
  readonly createdAt: number;
}

/** What the user is told after an insertion that went otherwise than they might expect; usually nothing. */
export interface InsertionOutcome {
  readonly note?: string;
}

/** A control map that is to become a layer, over what it was made of. */
export interface MapInsertion {
  /** Of the capture that it was made from. */
  readonly place: Place;
  /** Placed as the image was that it was made of. */
  readonly picture: JobPicture;
  readonly name: string;
}

export interface EditorHost {
  readonly editor: Editor;
  /** Changes with whatever the user selects. */
  readonly target: ReadonlySignal<Target>;
  /** What `capture` would send, without a pixel: it is asked with every change of a field. Nothing while it cannot be run. */
  outline(order: Order): readonly TaskOutline[] | undefined;
  /**
   * Takes the pixels as they are now. What the user does to the document afterwards is of no matter to the job.
   * Rejects with a `ClientError` that says what to do.
   */
  capture(order: Order): Promise<Capture>;
  /**
   * Puts the pictures where they belong, as one step of the editor's undo. Rejects with a `ClientError`, e.g. when the
   * document has been closed; nothing is left half done then.
   */
  insert(insertion: Insertion): Promise<InsertionOutcome>;
  /** Lets the user choose a file for a control; nothing where none is chosen. Rejects with a `ClientError` for what is no picture. */
  choosePicture?(): Promise<ControlSource | undefined>;
  /** Puts a control map into the document, as one step of the editor's undo. Rejects with a `ClientError`. */
  insertMap(map: MapInsertion): Promise<void>;
  /** What a picture for `insertMap` has to be like, where that is not what the server sends by itself. */
  readonly mapOutput?: OutputRequest;
  /** Shows and selects what an insertion made, where it is still there. */
  reveal(place: Place): Promise<void>;
  /** Opens a page of documentation or the engine's own in the browser, where the editor can. */
  openInBrowser?(url: string): void;
}
