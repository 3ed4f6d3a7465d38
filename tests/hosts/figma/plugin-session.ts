/** One run of a plugin, from its start to its end: what its API does and what its user sees of it. */
import type { BaseNode, NotificationOptions } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { NodeSurroundings } from './base-node.ts';
import type { ClientStorage } from './client-storage.ts';
import { EventListeners } from './event-listeners.ts';
import type { FigmaDocument } from './figma-document.ts';
import type { FigmaManifest } from './manifest.ts';
import { NodeFacades } from './node-facade.ts';
import type { UiFrame } from './ui-frame.ts';

export interface SessionOptions {
  readonly document: FigmaDocument;
  readonly manifest: FigmaManifest;
  readonly html: string;
  readonly storage: ClientStorage;
  readonly ui: UiFrame;
  /** Of the relaunch button that the user has pressed. */
  readonly command?: string;
}

export interface Notice {
  readonly message: string;
  readonly isError: boolean;
}

export class PluginSession implements NodeSurroundings {
  readonly document: FigmaDocument;
  readonly manifest: FigmaManifest;
  readonly html: string;
  readonly storage: ClientStorage;
  readonly ui: UiFrame;
  readonly command: string;
  readonly mixed = Symbol('figma.mixed');
  readonly events = new EventListeners();
  readonly messages = new EventListeners();
  readonly notices: Notice[] = [];
  readonly openedAddresses: string[] = [];
  /** What the user is taken to, the last one last. */
  readonly shownNodeIds: (readonly string[])[] = [];
  isUiOpen = false;
  isClosed = false;
  readonly #facades = new NodeFacades();
  readonly #unlisten: () => void;
  readonly #announced = new Set<string>();

  constructor({ document, manifest, html, storage, ui, command = '' }: SessionOptions) {
    this.document = document;
    this.manifest = manifest;
    this.html = html;
    this.storage = storage;
    this.ui = ui;
    this.command = command;
    ui.onMessage = (message) => this.messages.emit('message', message, { origin: 'null' });
    this.#unlisten = document.listen((event) => this.#announce(event));
  }

  get pluginId(): string {
    return this.manifest.id;
  }

  facadeOf(id: string): unknown {
    return this.#facades.of(id, this);
  }

  node<Node extends BaseNode>(id: string): Node {
    return this.facadeOf(id) as Node;
  }

  notify(message: string, options: NotificationOptions = {}): void {
    this.notices.push({ message, isError: options.error ?? false });
  }

  close(): void {
    if (this.isClosed) return;
    this.events.emit('close');
    this.isClosed = true;
    this.deafen();
    if (this.isUiOpen) this.ui.close();
    this.isUiOpen = false;
  }

  /** Hears of nothing that happens from now on. */
  deafen(): void {
    this.#unlisten();
  }

  /** Events come later than what they tell of, and once for many changes. */
  #announce(event: string): void {
    if (this.#announced.has(event)) return;
    this.#announced.add(event);
    setImmediate(() => {
      this.#announced.delete(event);
      if (!this.isClosed) this.events.emit(event);
    });
  }
}
