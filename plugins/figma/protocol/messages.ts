/**
 * What the two halves of the plugin say to each other: main, which has the document and no network, and the UI, which
 * has the network and no document. Every request of the UI has an id and gets one reply; a message carries one image at
 * most, as a Uint8Array.
 */
import type { Failure } from '../../../bridge/protocol/messages.ts';
import type { PanelOperation, Recipe, Target } from '../../shared/panel/editor-host.ts';
import type { Bounds, Margins, Size } from '../../shared/picture/geometry.ts';
import type {
  CanvasPlace,
  ExpandPlace,
  FigmaPlace,
  FillPlace,
  MockupPlace,
  PaintPlace,
  PlacedImage,
  PlaceholderPlace,
  SketchPlace,
} from './place.ts';

/** What of the selection a job would be made of: enough to tell what it would send, without a pixel. */
export interface Subjects {
  readonly fill?: FillSubject;
  readonly expand?: ExpandSubject;
  /** Of an image fill, in its own pixels. */
  readonly image?: Size;
  /** What a new picture is to fill, in units; on the bare canvas it may have any size. */
  readonly generate?: Size | 'any-size';
  /** Of a frame with something in it, in units. */
  readonly sketch?: Size;
  readonly mockup?: MockupSubject;
}

export interface FillSubject {
  /** The picture as it would be exported, in pixels. */
  readonly picture: Size;
  /** Of the shape in it. */
  readonly maskBounds: Bounds;
}

export interface ExpandSubject {
  /** In units; the margins come on top, and decide with it at what scale it can be exported. */
  readonly size: Size;
  /** Pixels of a unit that its images have. */
  readonly density: number;
}

export interface MockupSubject {
  /** Sizes in units. */
  readonly placeholders: readonly PlaceholderPlace[];
}

/** What is selected, as main sees it. */
export interface SelectionReport {
  readonly target: Target;
  readonly subjects: Subjects;
}

/** An image that waits in main until it is asked for by its id. */
export type ImageId = number;

type CapturedPicture =
  | {
      readonly kind: 'fill';
      readonly place: FillPlace;
      readonly picture: ImageId;
      readonly mask: ImageId;
      /** Where the mask's image begins, in pixels of the picture; not always whole ones. */
      readonly maskBox: Bounds;
      /** What of its pixels says how much is masked: a shape's alpha, or the grey of an earlier result's mask. */
      readonly maskChannel: 'alpha' | 'luminance';
    }
  | {
      readonly kind: 'expand';
      readonly place: ExpandPlace;
      readonly picture: ImageId;
      /** Pixels of it that are to be continued; all where it is left out. */
      readonly inner?: Bounds;
    }
  | { readonly kind: 'image'; readonly place: PaintPlace; readonly picture: ImageId }
  | {
      readonly kind: 'generate';
      readonly place: PaintPlace | CanvasPlace;
      readonly size: Size | 'any-size';
    }
  | {
      readonly kind: 'sketch';
      readonly place: SketchPlace;
      /** Of the frame, in units. */
      readonly size: Size;
      readonly frame: ImageId;
    }
  | { readonly kind: 'mockup'; readonly place: MockupPlace };

export type Captured = CapturedPicture & {
  /** That controls follow; none where it is left out. */
  readonly layers?: readonly CapturedLayer[];
};

/** A layer that a drawing is to follow, alone and as it looks. */
export interface CapturedLayer {
  readonly nodeId: string;
  readonly image: ImageId;
  /** Where its image lies, in pixels of the picture; not always whole ones, and not always inside. */
  readonly bounds: Bounds;
  /** In those pixels; left out where they are those of the captured picture. */
  readonly picture?: Size;
}

export interface LayerToFollow {
  readonly nodeId: string;
  /** What it was called when it was chosen. */
  readonly name: string;
}

export interface CaptureRequest {
  readonly operation: PanelOperation;
  readonly margins?: Margins;
  /** Of a new picture: how many pixels its longer side will have. */
  readonly side?: number;
  /** That controls follow. */
  readonly layers?: readonly LayerToFollow[];
  /** Where an earlier result is; else what is selected. */
  readonly place?: FigmaPlace;
}

export interface InsertRequest {
  readonly place: FigmaPlace;
  /** What the result is called in the list of layers. */
  readonly name: string;
  readonly recipe: Recipe;
  /** Of each task its pictures: the likeliest first. */
  readonly results: readonly (readonly PlacedImage[])[];
  /** White where a result is seen; none where all of it is. */
  readonly mask?: PlacedImage;
}

export interface InsertMapRequest {
  readonly place: FigmaPlace;
  readonly name: string;
  /** Placed as the picture was that it was made of. */
  readonly image: PlacedImage;
}

export interface Opening {
  readonly fileName: string;
  /** Of the result whose button “Generate again” was pressed. */
  readonly recipe?: Recipe;
}

/** What the UI asks of main, with what main answers. */
export interface Requests {
  /** The first request: what the panel has to know before it can begin. */
  readonly open: { readonly ask: Record<never, never>; readonly answer: Opening };
  readonly 'storage-get': { readonly ask: { readonly key: string }; readonly answer: string | undefined };
  readonly 'storage-set': {
    readonly ask: { readonly key: string; readonly value: string };
    readonly answer: undefined;
  };
  readonly 'storage-remove': { readonly ask: { readonly key: string }; readonly answer: undefined };
  readonly capture: { readonly ask: CaptureRequest; readonly answer: Captured };
  /** An image that a capture has left, once. */
  readonly 'take-image': { readonly ask: { readonly imageId: ImageId }; readonly answer: Uint8Array };
  /** Puts a PNG or JPEG into the file, which changes no layer yet, and answers with its hash. */
  readonly 'add-image': { readonly ask: { readonly bytes: Uint8Array }; readonly answer: string };
  /** Answers with what the user should be told, where there is something. */
  readonly insert: { readonly ask: InsertRequest; readonly answer: string | undefined };
  /** Puts a control map over what it was made of. */
  readonly 'insert-map': { readonly ask: InsertMapRequest; readonly answer: undefined };
  readonly reveal: { readonly ask: { readonly place: FigmaPlace }; readonly answer: undefined };
  readonly 'open-in-browser': { readonly ask: { readonly url: string }; readonly answer: undefined };
  /** Reads the selection anew: a layer may have been moved since. */
  readonly refresh: { readonly ask: Record<never, never>; readonly answer: undefined };
}

export type RequestName = keyof Requests;
export type AskOf<Name extends RequestName> = Requests[Name]['ask'];
export type AnswerOf<Name extends RequestName> = Requests[Name]['answer'];

export type UiMessage = {
  readonly [Name in RequestName]: {
    readonly type: 'request';
    readonly requestId: number;
    readonly name: Name;
    readonly ask: AskOf<Name>;
  };
}[RequestName];

export type MainMessage =
  | { readonly type: 'reply'; readonly requestId: number; readonly answer: unknown }
  | { readonly type: 'refused'; readonly requestId: number; readonly failure: Failure }
  | { readonly type: 'selection'; readonly report: SelectionReport };
