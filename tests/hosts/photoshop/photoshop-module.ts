/** `require('photoshop')`. */
import type { Application } from './application.ts';
import { BatchPlay, type BatchPlayOptions, type Descriptor } from './batch-play.ts';
import { adobeRgbProfile, srgbProfile, workingProfiles } from './color.ts';
import { constants } from './constants.ts';
import { DomDocument } from './dom-document.ts';
import { PhotoshopError } from './errors.ts';
import { Imaging } from './imaging.ts';
import type { ModalContext, ModalOptions } from './modal.ts';
import type { NotificationListener } from './notifications.ts';

/** With the lookup by name that Photoshop's collections have. */
class DomDocuments extends Array<DomDocument> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  getByName(name: string): DomDocument | null {
    return this.find((document) => document.name === name) ?? null;
  }
}

export function photoshopModule(application: Application) {
  const batchPlay = new BatchPlay(application);
  const play = (commands: readonly Descriptor[], options?: BatchPlayOptions) =>
    batchPlay.play(commands, options);
  const app = {
    get activeDocument(): DomDocument | null {
      const document = application.activeDocument;
      return document === undefined ? null : new DomDocument(application, document);
    },
    set activeDocument(document: DomDocument | null) {
      application.modal.assertModal('Photoshop.activeDocument');
      if (document === null) throw new PhotoshopError('Expected a document.');
      application.activeDocument = application.documentOf(document.id);
    },
    get documents(): DomDocuments {
      const documents = application.documents.map((document) => new DomDocument(application, document));
      return DomDocuments.from(documents) as DomDocuments;
    },
    getColorProfiles: (mode = 'RGB') =>
      mode === 'RGB' ? [srgbProfile, adobeRgbProfile] : [workingProfiles.Grayscale],
    batchPlay: play,
    showAlert: async (message: string) => {
      application.alerts.push(message);
    },
  };
  const core = {
    apiVersion: 2,
    isModal: () => application.modal.isModal || application.modal.isTakenByAnother,
    executeAsModal: <Value>(
      action: (context: ModalContext, descriptor?: object) => Promise<Value>,
      options: ModalOptions,
    ) => application.modal.execute(action, options),
    showAlert: async (alert: string | { readonly message: string }) => {
      application.alerts.push(typeof alert === 'string' ? alert : alert.message);
    },
    addNotificationListener: async (
      group: string,
      events: readonly string[],
      listener: NotificationListener,
    ) => application.notifications.add(group, events, listener),
    removeNotificationListener: async (
      _group: string,
      events: readonly string[],
      listener: NotificationListener,
    ) => application.notifications.remove(events, listener),
  };
  const action = {
    batchPlay: play,
    addNotificationListener: async (events: readonly string[], listener: NotificationListener) =>
      application.notifications.add('action', events, listener),
    removeNotificationListener: async (events: readonly string[], listener: NotificationListener) =>
      application.notifications.remove(events, listener),
  };
  const imaging = new Imaging(application);
  return { app, core, action, constants, imaging };
}

export type PhotoshopModule = ReturnType<typeof photoshopModule>;
