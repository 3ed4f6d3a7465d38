/**
 * What the plugin uses of `require('photoshop')`, version 25.0 and later. Adobe's published types are wrong about parts of
 * the imaging API (bounds, `historyStateID`, `isChunky`, a synchronous `dispose`): those follow Adobe's documentation here
 * instead. All of `imaging`, and every setter and method that changes a document, needs a modal scope. Each getter is a
 * call into Photoshop's main thread: read once, then use what was read.
 */

/** Half-open: `right` and `bottom` are the first column and row outside. */
export interface PhotoshopBounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Descriptor = { readonly _obj: string } & { readonly [key: string]: unknown };

export interface PhotoshopLayer {
  readonly id: number;
  readonly name: string;
  /** One of `constants.LayerKind`. */
  readonly kind: string;
  readonly parent: PhotoshopLayer | null;
  /** Of a group, from the top. */
  readonly layers: readonly PhotoshopLayer[] | null;
  visible: boolean;
  readonly allLocked: boolean;
  readonly bounds: PhotoshopBounds;
  readonly boundsNoEffects: PhotoshopBounds;
  move(relativeTo: PhotoshopLayer, placement: string): void;
}

export interface PhotoshopDocument {
  readonly id: number;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** One of `constants.DocumentMode`. */
  readonly mode: string;
  /** One of `constants.BitsPerChannelType`. */
  readonly bitsPerChannel: string;
  readonly quickMaskMode: boolean;
  /** Its bounds may reach beyond the canvas; null: nothing is selected. */
  readonly selection: { readonly bounds: PhotoshopBounds | null };
  /** From the top. */
  readonly layers: readonly PhotoshopLayer[];
  readonly activeLayers: readonly PhotoshopLayer[];
  readonly artboards: readonly PhotoshopLayer[];
  readonly activeHistoryState: { readonly id: number };
  createPixelLayer(options: { readonly name: string }): Promise<PhotoshopLayer | null>;
  createLayerGroup(options: {
    readonly name: string;
    readonly fromLayers: PhotoshopLayer[];
  }): Promise<PhotoshopLayer | null>;
  /** In pixels, whatever the document's resolution. */
  resizeCanvas(width: number, height: number, anchor: string): Promise<void>;
  resizeImage(
    width: number,
    height: number,
    resolution: number | undefined,
    resampleMethod: string,
  ): Promise<void>;
}

export interface PhotoshopApp {
  readonly documents: ArrayLike<PhotoshopDocument>;
  activeDocument: PhotoshopDocument | null;
}

/** Samples of 8 bits, of 16 bits as 0..32768, or of 32 bits as linear light, 1 = white. */
export type HostSamples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export interface PhotoshopImageData {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly componentSize: number;
  getData(options: { readonly chunky: true }): Promise<HostSamples>;
  /** Native memory: nothing else frees it in time. */
  dispose(): unknown;
}

export interface ImageReading {
  readonly imageData: PhotoshopImageData;
  /** Cut to what has content: smaller than what was asked for. */
  readonly sourceBounds: PhotoshopBounds;
}

interface MaskReference {
  readonly documentID: number;
  readonly layerID: number;
  readonly kind: 'user';
}

/** What is written, and where its top left pixel goes. */
interface Writing {
  readonly imageData: PhotoshopImageData;
  readonly replace: true;
  readonly targetBounds: { readonly left: number; readonly top: number };
}

export interface PhotoshopImaging {
  getPixels(options: {
    readonly documentID: number;
    /** Left out: all visible layers together. */
    readonly layerID?: number;
    readonly sourceBounds: PhotoshopBounds;
    readonly colorSpace: 'RGB';
    readonly colorProfile: string;
  }): Promise<ImageReading>;
  putPixels(options: Writing & { readonly documentID: number; readonly layerID: number }): Promise<void>;
  getLayerMask(options: MaskReference & { readonly sourceBounds: PhotoshopBounds }): Promise<ImageReading>;
  putLayerMask(options: MaskReference & Writing): Promise<void>;
  getSelection(options: {
    readonly documentID: number;
    readonly sourceBounds: PhotoshopBounds;
  }): Promise<ImageReading>;
  putSelection(options: Writing & { readonly documentID: number }): Promise<void>;
  createImageDataFromBuffer(samples: HostSamples, options: ImageDataOptions): Promise<PhotoshopImageData>;
}

export interface ImageDataOptions {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3 | 4;
  readonly chunky: true;
  readonly colorSpace: 'RGB' | 'Grayscale';
  readonly colorProfile: string;
}

export interface ModalContext {
  /** The user has pressed Escape. */
  readonly isCancelled: boolean;
  readonly hostControl: {
    suspendHistory(options: { readonly documentID: number; readonly name: string }): Promise<unknown>;
    /** Not committed: what was done since is taken back. */
    resumeHistory(suspension: unknown, commit: boolean): Promise<void>;
  };
}

export interface PhotoshopCore {
  isModal(): boolean;
  showAlert(options: { readonly message: string }): Promise<void>;
  /** Rejects with an error whose `number` is 9 while something else is modal. */
  executeAsModal<Value>(
    work: (context: ModalContext) => Promise<Value>,
    options: { readonly commandName: string },
  ): Promise<Value>;
}

export interface PhotoshopAction {
  /** Resolves with an item of `_obj: 'error'` for each command that failed. */
  batchPlay(commands: Descriptor[], options: object): Promise<Descriptor[]>;
  addNotificationListener(
    events: string[],
    listener: (event: string, descriptor: unknown) => void,
  ): Promise<void>;
}

export interface PhotoshopConstants {
  readonly ElementPlacement: { readonly PLACEBEFORE: string; readonly PLACEINSIDE: string };
  readonly AnchorPosition: { readonly TOPLEFT: string; readonly BOTTOMRIGHT: string };
  readonly ResampleMethod: { readonly AUTOMATIC: string };
  readonly LayerKind: { readonly NORMAL: string; readonly SMARTOBJECT: string; readonly GROUP: string };
  readonly DocumentMode: {
    readonly RGB: string;
    readonly CMYK: string;
    readonly LAB: string;
    readonly GRAYSCALE: string;
  };
  readonly BitsPerChannelType: {
    readonly EIGHT: string;
    readonly SIXTEEN: string;
    readonly THIRTYTWO: string;
  };
}

export interface Photoshop {
  readonly app: PhotoshopApp;
  readonly core: PhotoshopCore;
  readonly action: PhotoshopAction;
  readonly imaging: PhotoshopImaging;
  readonly constants: PhotoshopConstants;
}
