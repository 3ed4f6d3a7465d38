/** Photoshop as a test of the host itself needs it: the user's side, the plugin's, and a document to work on. */
import { Application } from './application.ts';
import type { DomDocument } from './dom-document.ts';
import { type PhotoshopModule, photoshopModule } from './photoshop-module.ts';
import { User } from './user.ts';

export interface HostFixture extends PhotoshopModule {
  readonly application: Application;
  readonly user: User;
  /** The active document as a plugin sees it. */
  active(): DomDocument;
  /** Runs in a modal scope. */
  modal<Value>(action: () => Promise<Value>): Promise<Value>;
}

export function startHost(): HostFixture {
  const application = new Application();
  const module = photoshopModule(application);
  return {
    ...module,
    application,
    user: new User(application),
    active: () => module.app.activeDocument!,
    modal: (action) => module.core.executeAsModal(action, { commandName: 'Test' }),
  };
}

/** Another colour in every pixel, 0..1. */
export function patchwork(x: number, y: number): readonly number[] {
  return [((x * 7 + y * 3) % 256) / 255, ((x * 5 + y * 11) % 256) / 255, ((x + y * 2) % 256) / 255];
}
