/** Who has Photoshop to itself, and what may be done only then. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { modalErrorNumber, PhotoshopError } from './errors.ts';
import type { HostDocument } from './host-document.ts';

export interface SuspensionId {
  readonly documentID: number;
  finalName: string;
}

export interface ModalOptions {
  readonly commandName: string;
  readonly descriptor?: object;
  readonly interactive?: boolean;
  readonly timeOut?: number;
}

export interface ModalContext {
  readonly isCancelled: boolean;
  onCancel: (() => void) | undefined;
  reportProgress(progress: { readonly value?: number; readonly commandName?: string }): void;
  readonly hostControl: {
    suspendHistory(options: { readonly documentID: number; readonly name: string }): Promise<SuspensionId>;
    resumeHistory(id: SuspensionId, commit?: boolean): Promise<void>;
  };
}

interface Scope {
  readonly context: ModalContext;
  readonly suspended: Map<SuspensionId, HostDocument>;
  isCancelled: boolean;
}

export interface ModalRoomOptions {
  readonly documentOf: (id: number) => HostDocument;
  readonly onExit: () => void;
}

export class ModalRoom {
  /** Another plugin's work, or a dialog that the user has open. */
  isTakenByAnother = false;
  /** How often the plugin was turned away. */
  refusals = 0;
  /** The command names of all scopes that were entered. */
  readonly entered: string[] = [];
  readonly #options: ModalRoomOptions;
  readonly #scopes: Scope[] = [];

  constructor(options: ModalRoomOptions) {
    this.#options = options;
  }

  get isModal(): boolean {
    return this.#scopes.length > 0;
  }

  /** Throws unless the plugin has Photoshop to itself. */
  assertModal(what: string): void {
    const scope = this.#scopes.at(-1);
    if (scope === undefined) {
      throw new PhotoshopError(
        `${what} failed: The JavaScript is not executing in a modal scope. Use core.executeAsModal to make changes to the state of Photoshop.`,
        -1,
      );
    }
    if (scope.isCancelled) throw new PhotoshopError('User cancelled', -128);
  }

  /** The user presses Escape, or Cancel in the progress bar. */
  cancel(): void {
    for (const scope of this.#scopes) {
      if (scope.isCancelled) continue;
      scope.isCancelled = true;
      scope.context.onCancel?.();
    }
  }

  async execute<Value>(
    action: (context: ModalContext, descriptor?: object) => Promise<Value>,
    options: ModalOptions,
  ): Promise<Value> {
    const { commandName } = options ?? {};
    if (typeof commandName !== 'string' || commandName === '') {
      throw new PhotoshopError('executeAsModal: the option "commandName" is required.');
    }
    await nextTurn();
    if (this.isTakenByAnother) {
      this.refusals += 1;
      throw new PhotoshopError('executeAsModal: host is in a modal state.', modalErrorNumber);
    }
    const scope = this.#openScope();
    this.entered.push(commandName);
    this.#scopes.push(scope);
    try {
      const value = await action(scope.context, options.descriptor);
      this.#resumeAll(scope, true);
      return value;
    } catch (error) {
      this.#resumeAll(scope, false);
      throw error;
    } finally {
      this.#scopes.splice(this.#scopes.indexOf(scope), 1);
      if (!this.isModal) this.#options.onExit();
    }
  }

  #openScope(): Scope {
    const { documentOf } = this.#options;
    const assertModal = (what: string) => this.assertModal(what);
    const suspended = new Map<SuspensionId, HostDocument>();
    const scope: Scope = {
      suspended,
      isCancelled: false,
      context: {
        get isCancelled() {
          return scope.isCancelled;
        },
        onCancel: undefined,
        reportProgress({ value }) {
          if (value !== undefined && !(value >= 0 && value <= 1)) {
            throw new PhotoshopError(`reportProgress: expected a value from 0 to 1, received ${value}.`);
          }
        },
        hostControl: {
          async suspendHistory({ documentID, name }) {
            assertModal('suspendHistory');
            const document = documentOf(documentID);
            await nextTurn();
            document.history.suspend(name);
            const id: SuspensionId = { documentID, finalName: name };
            suspended.set(id, document);
            return id;
          },
          async resumeHistory(id, commit = true) {
            const document = suspended.get(id);
            if (document === undefined) throw new PhotoshopError('resumeHistory: unknown suspension.');
            await nextTurn();
            suspended.delete(id);
            document.history.resume({ commit, finalName: id.finalName });
          },
        },
      },
    };
    return scope;
  }

  #resumeAll({ suspended }: Scope, commit: boolean): void {
    for (const [id, document] of suspended) document.history.resume({ commit, finalName: id.finalName });
    suspended.clear();
  }
}
