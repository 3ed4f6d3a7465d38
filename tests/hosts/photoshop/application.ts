import { PhotoshopError } from './errors.ts';
import type { HostDocument } from './host-document.ts';
import { ImageLedger } from './image-data.ts';
import { ModalRoom } from './modal.ts';
import { Notifications } from './notifications.ts';

/** What only some versions of Photoshop do; off unless a test wants it. */
export interface Quirks {
  /** `getPixels` with a `componentSize` other than the document's fails with "Error Code -1". */
  refusesDepthConversion: boolean;
  /** `putLayerMask` makes tiles white that should be all black. */
  blackMaskTilesTurnWhite: boolean;
}

/** Photoshop itself, as its plugins and its user share it. */
export class Application {
  readonly documents: HostDocument[] = [];
  readonly images = new ImageLedger();
  readonly notifications = new Notifications();
  readonly quirks: Quirks = { refusesDepthConversion: false, blackMaskTilesTurnWhite: false };
  readonly modal = new ModalRoom({
    documentOf: (id) => this.documentOf(id),
    onExit: () => this.notifications.tell('modalJavaScriptScopeExit', {}),
  });
  /** What `core.showAlert` said to the user. */
  readonly alerts: string[] = [];
  activeDocument: HostDocument | undefined;
  #lastLayerId = 1;

  newLayerId(): number {
    this.#lastLayerId += 1;
    return this.#lastLayerId;
  }

  /** The active one without an id, or with a negative one. Throws for one that has been closed. */
  documentOf(id?: number): HostDocument {
    const document =
      id === undefined || id < 0 ? this.activeDocument : this.documents.find((other) => other.id === id);
    if (document === undefined) {
      throw new PhotoshopError(`The document${id === undefined ? '' : ` ${id}`} does not exist.`, -25_920);
    }
    return document;
  }

  open(document: HostDocument): void {
    this.documents.push(document);
    this.activeDocument = document;
  }

  close(document: HostDocument): void {
    document.isOpen = false;
    this.documents.splice(this.documents.indexOf(document), 1);
    if (this.activeDocument === document) this.activeDocument = this.documents.at(-1);
  }
}
