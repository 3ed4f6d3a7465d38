/** All that a panel shows and does, put together from its parts; components read it, and a host brings it up. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals-core';
import { ClientError } from '../client/client-error.ts';
import type { ConnectionStore } from '../store/connection-store.ts';
import { type ControlSource, frameSource, maxChosenControls, newControl } from '../store/controls.ts';
import { drawingModel, settingsOf, wordsOf } from '../store/diffusion-settings.ts';
import { EstimateStore } from '../store/estimate-store.ts';
import type { HostStorage } from '../store/host-storage.ts';
import { JobStore } from '../store/job-store.ts';
import { PromptStore } from '../store/prompt-store.ts';
import { stylesOf, withoutStyle } from '../store/styles.ts';
import { ControlMapActions } from './control-map-actions.ts';
import type { EditorHost, Order, PanelOperation, Recipe, TaskOutline } from './editor-host.ts';
import { HistoryStore } from './history-store.ts';
import { panelOperations } from './operations.ts';
import { type OrderFields, obstacleOf, orderOf, repeatedOrder, type SeedChoice } from './order.ts';
import { type FinishedOrder, OrderStore } from './order-store.ts';
import { PanelFields } from './panel-fields.ts';
import { PendingOrders } from './pending-orders.ts';
import { recipeOf } from './recipe.ts';

export const panelViews = ['create', 'history', 'settings'] as const;
export type PanelView = (typeof panelViews)[number];

/** A sentence for the user, and what to do about it. */
export interface PanelNotice {
  readonly message: string;
  readonly hint: string;
}

export interface PanelParts {
  readonly host: EditorHost;
  readonly connection: ConnectionStore;
  readonly storage: HostStorage;
  /** Of the plugin. */
  readonly version: string;
  /** Tells panels apart that share a storage and must not go on with each other's orders, e.g. by the file they are open in. */
  readonly scope?: string;
}

export class PanelStore {
  readonly host: EditorHost;
  readonly connection: ConnectionStore;
  readonly version: string;
  readonly jobs: JobStore;
  readonly prompts: PromptStore;
  readonly fields: PanelFields;
  readonly estimates: EstimateStore;
  readonly orders: OrderStore;
  readonly history: HistoryStore;
  readonly view: Signal<PanelView> = signal('create');
  /** The result that the fields are those of: the next order goes where it is, until that is dismissed. */
  readonly edited: Signal<Recipe | undefined> = signal(undefined);
  readonly notice: Signal<PanelNotice | undefined> = signal(undefined);
  /** What happened last, in a sentence: read out, and shown for a while. */
  readonly status = signal('');
  /** Those that the editor has at all. */
  readonly operations: ReadonlySignal<readonly PanelOperation[]>;
  readonly operation: ReadonlySignal<PanelOperation>;
  /** What would be run now, were there no obstacle. */
  readonly order: ReadonlySignal<Order>;
  /** Why nothing can be run now, and what to do. */
  readonly obstacle: ReadonlySignal<string | undefined>;
  /** Of what would be run; nothing where nothing can be. */
  readonly outlines: ReadonlySignal<readonly TaskOutline[] | undefined>;
  readonly isReady: ReadonlySignal<boolean>;
  /** Pictures that a control may follow now, besides the one that is worked on. */
  readonly controlSources: ReadonlySignal<readonly ControlSource[]>;
  readonly controlMaps: ControlMapActions;
  readonly #fieldsOfOrder: ReadonlySignal<OrderFields>;
  readonly #stops: (() => void)[] = [];
  #restored: Promise<void> | undefined;

  constructor({ host, connection, storage, version, scope = '' }: PanelParts) {
    this.host = host;
    this.connection = connection;
    this.version = version;
    this.jobs = new JobStore(connection);
    this.prompts = new PromptStore(storage);
    this.fields = new PanelFields(storage);
    this.estimates = new EstimateStore(connection);
    this.history = new HistoryStore(storage);
    this.orders = new OrderStore({
      host,
      jobs: this.jobs,
      pendingOrders: new PendingOrders(storage, scope),
      onFinished: (finished) => this.#onFinished(finished),
    });
    this.operations = computed(() => {
      const { offers } = host.target.value;
      return panelOperations.filter((operation) => offers[operation] !== undefined);
    });
    this.operation = computed(() => this.#currentOperation());
    this.controlSources = computed(
      () => host.target.value.offers[this.operation.value]?.controlSources ?? [],
    );
    this.#fieldsOfOrder = computed(() => this.#currentFields());
    this.order = computed(() => orderOf(this.#fieldsOfOrder.value));
    this.obstacle = computed(() => obstacleOf(this.#fieldsOfOrder.value));
    this.outlines = computed(() =>
      this.obstacle.value === undefined && host.target.value ? host.outline(this.order.value) : undefined,
    );
    this.isReady = computed(() => connection.status.value.state === 'ready');
    this.controlMaps = new ControlMapActions({
      host,
      jobs: this.jobs,
      order: this.order,
      inTurn: (action) => this.orders.inTurn(action),
      onOutcome: (words, error) => {
        this.status.value = words;
        this.notice.value = error;
      },
    });
  }

  /** Brings back what was there at the last visit, once; `start` waits for it. */
  restore(): Promise<void> {
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  /** Connects, and goes on with the orders that were not over. Never rejects. */
  async start(): Promise<void> {
    await this.restore();
    const stopAsking = effect(() => {
      const outlines = this.isReady.value ? this.outlines.value : undefined;
      this.estimates.ask(outlines?.map(({ request, images }) => ({ request, images })));
    });
    this.#stops.push(stopAsking, () => this.estimates.close());
    await this.orders.resume();
    await this.connection.start();
  }

  /** Ends the connection; the server goes on with the jobs. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.orders.close();
    this.connection.close();
  }

  chooseOperation(operation: PanelOperation): void {
    this.edited.value = undefined;
    this.fields.change({ operation });
    if (operation === 'sketch') this.#followFrame();
  }

  /** A sketch is followed from the start; how closely is said under Controls. */
  #followFrame(): void {
    const { controls = [], ...settings } = this.prompts.settings.peek();
    if (controls.some(({ imageId }) => imageId === frameSource.id)) return;
    const capabilities = this.connection.capabilities.peek();
    const model = capabilities && drawingModel(capabilities, 'generate', settings);
    const control = newControl(capabilities ?? { models: [] }, { model, source: frameSource });
    this.prompts.change({ controls: [control, ...controls].slice(0, maxChosenControls) });
  }

  /** A file for a control. What is no picture is told in a notice. */
  async choosePicture(choose: () => Promise<ControlSource | undefined>): Promise<ControlSource | undefined> {
    try {
      return await choose();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.notice.value = { message, hint: error instanceof ClientError ? error.hint : '' };
      return undefined;
    }
  }

  /** Runs what the fields say. */
  async run(): Promise<void> {
    const obstacle = this.obstacle.peek();
    if (obstacle !== undefined || !this.isReady.peek()) {
      this.status.value = obstacle ?? 'Inlay is not connected just now.';
      return;
    }
    if (wordsOf(this.order.peek().request) !== undefined)
      this.prompts.remember(this.prompts.settings.peek().prompt);
    await this.#run(this.order.peek());
  }

  /** Makes more of a result, in its place. */
  async repeat(recipe: Recipe, seeds: SeedChoice): Promise<void> {
    if (!this.isReady.peek()) return;
    const { count } = this.fields.choices.peek();
    const capabilities = this.connection.capabilities.peek();
    this.view.value = 'create';
    await this.#run(repeatedOrder(recipe, { seeds, count, capabilities }));
  }

  /** Puts a result's settings into the fields; the next order goes where it is. */
  edit(recipe: Recipe): void {
    this.reuse(recipe);
    this.edited.value = recipe;
    this.status.value = 'The next result goes to the same place.';
  }

  stopEditing(): void {
    this.edited.value = undefined;
  }

  /** Puts a result's settings into the fields. */
  reuse({ operation, request }: Recipe): void {
    const used = settingsOf(request);
    const styles = stylesOf(this.connection.capabilities.peek());
    if (used !== undefined) this.prompts.settings.value = withoutStyle(used, styles).settings;
    const seed = 'seed' in request ? request.seed : undefined;
    const scale = 'scale' in request ? request.scale : undefined;
    this.edited.value = undefined;
    this.fields.change({ operation, seed, ...(scale !== undefined && { scale }) });
    this.view.value = 'create';
    this.status.value = 'Prompt, seed and settings are those of this result again.';
  }

  /** Shows and selects what was made, where it is still there. */
  async reveal({ place }: Recipe): Promise<void> {
    try {
      await this.host.reveal(place);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.notice.value = { message, hint: error instanceof ClientError ? error.hint : '' };
    }
  }

  /**
   * Escape: leaves the place of an earlier result, else stops the newest order that runs; what has arrived of it is kept.
   * False: there was nothing to do.
   */
  escape(): boolean {
    if (this.edited.peek() !== undefined) {
      this.stopEditing();
      return true;
    }
    const running = this.orders.orders
      .peek()
      .filter(({ state }) => state === 'running' || state === 'capturing');
    const newest = running.at(-1);
    if (newest === undefined) return false;
    const hasArrived = this.orders.arrived(newest).flat().length > 0;
    if (hasArrived) this.orders.stop(newest.id);
    else this.orders.discard(newest.id);
    this.status.value = hasArrived ? 'Stopped: what had arrived is kept.' : 'Cancelled.';
    return true;
  }

  async #restore(): Promise<void> {
    const [stopPrompts, stopFields] = await Promise.all([
      this.prompts.restore(),
      this.fields.restore(),
      this.history.restore(),
    ]);
    this.#stops.push(stopPrompts, stopFields);
  }

  async #run(order: Order): Promise<void> {
    this.status.value = '';
    this.notice.value = undefined;
    await this.orders.run(order);
  }

  #currentOperation(): PanelOperation {
    const edited = this.edited.value;
    if (edited !== undefined) return edited.operation;
    const operations = this.operations.value;
    const { operation: chosen } = this.fields.choices.value;
    if (chosen !== undefined && operations.includes(chosen)) return chosen;
    // Not the first that is possible: the panel would change with everything that is selected.
    return operations[0] ?? 'fill';
  }

  #currentFields(): OrderFields {
    const operation = this.operation.value;
    return {
      operation,
      settings: this.prompts.settings.value,
      choices: this.fields.choices.value,
      capabilities: this.connection.capabilities.value,
      offer: this.host.target.value.offers[operation],
      place: this.edited.value?.place,
      controlSources: this.controlSources.value,
    };
  }

  #onFinished({ insertion, documentName, note, error }: FinishedOrder): void {
    const recipe = recipeOf(insertion);
    void this.history.add(recipe, documentName);
    const pictures = insertion.results.flat().filter(({ role }) => role === 'picture').length;
    this.status.value = pictures === 1 ? 'Done: the picture is in its place.' : `Done: ${pictures} pictures.`;
    if (error !== undefined) {
      const message = `Not all of it has come: ${error.message}`;
      this.notice.value = { message, hint: error.hint };
    } else if (note !== undefined) this.notice.value = { message: note, hint: '' };
  }
}
