/** `action.batchPlay`: the descriptors that our plugin could use; each problem is an item of the answer, not an exception. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Application } from './application.ts';
import {
  allLayers,
  canvasOf,
  type DocumentState,
  findLayer,
  type LayerState,
  newLayer,
  withGrouped,
  withLayer,
  withNewLayer,
  withoutLayers,
} from './document-state.ts';
import { notModelled, PhotoshopError } from './errors.ts';
import type { HostDocument } from './host-document.ts';
import { Raster } from './raster.ts';
import type { Rectangle } from './rectangle.ts';
import { maxOf } from './samples.ts';

export type Descriptor = Readonly<Record<string, unknown>> & { readonly _obj: string };

interface Reference {
  readonly _ref?: string;
  readonly _id?: number;
  readonly _name?: string;
  readonly _enum?: string;
  readonly _value?: string;
  readonly _property?: string;
}

export interface BatchPlayOptions {
  readonly continueOnError?: boolean;
  readonly synchronousExecution?: boolean;
  readonly modalBehavior?: string;
}

type Answer = Readonly<Record<string, unknown>>;

/** Descriptors that only ask, and need not have Photoshop to themselves. */
const questions = ['get', 'multiGet'];

export class BatchPlay {
  readonly #application: Application;

  constructor(application: Application) {
    this.#application = application;
  }

  async play(commands: readonly Descriptor[], options: BatchPlayOptions = {}): Promise<Answer[]> {
    if (!Array.isArray(commands)) throw new PhotoshopError('batchPlay: expected an array of descriptors.');
    if (!commands.every(({ _obj }) => questions.includes(_obj))) {
      this.#application.modal.assertModal('batchPlay');
    }
    await nextTurn();
    const answers: Answer[] = [];
    for (const command of commands) {
      try {
        answers.push(this.#perform(command));
      } catch (error) {
        if (!(error instanceof PhotoshopError)) throw error;
        answers.push({ _obj: 'error', message: error.message, result: error.number });
        if (options.continueOnError !== true) break;
      }
    }
    return answers;
  }

  #perform(command: Descriptor): Answer {
    const target = referencesOf(command._target);
    const [first] = target;
    const key = `${command._obj} ${first?._ref ?? ''}${first?._property === undefined ? '' : ` ${first._property}`}`;
    switch (key.trim()) {
      case 'make':
        return this.#makeMask(command);
      case 'make layer':
        return this.#makeLayer(command);
      case 'make layerSection':
        return this.#makeGroup(command, target);
      case 'select layer':
        return this.#select(target, command);
      case 'delete layer':
        return this.#delete(target);
      case 'set layer':
        return this.#setLayer(target, command);
      case 'set channel selection':
        return this.#setSelection(target, command);
      case 'duplicate channel selection':
        return this.#saveSelection(target, command);
      case 'selectNoLayers layer':
        return this.#selectNone(target);
      case 'delete channel':
        return first?._value === 'mask' ? this.#deleteMask(target) : this.#deleteChannel(target);
      case 'hide':
      case 'show':
        return this.#showOrHide(command);
      default:
        if (command._obj === 'get') return this.#get(target, command);
        if (command._obj === 'set' && first?._property !== undefined)
          return this.#setProperty(target, command);
        throw notModelled(`batchPlay "${key}": ${JSON.stringify(command)}`);
    }
  }

  #documentIn(references: readonly Reference[]): HostDocument {
    return this.#application.documentOf(references.find(({ _ref }) => _ref === 'document')?._id);
  }

  /** The layer that is named, or the active one. */
  #layerIn(references: readonly Reference[], document = this.#documentIn(references)): LayerState {
    const reference = references.find(({ _ref }) => _ref === 'layer');
    const { state } = document;
    const id = reference?._id ?? state.activeLayerIds[0];
    const layers = [...allLayers(state.layers)];
    const layer =
      reference?._name === undefined
        ? layers.find((other) => other.id === id)
        : layers.find((other) => other.name === reference._name);
    if (layer === undefined) throw unavailable('The layer does not exist.');
    return layer;
  }

  #makeMask(command: Descriptor): Answer {
    const kind = (command.using as Reference | undefined)?._value;
    const made = command.new as { readonly _class?: string } | undefined;
    const isMask = made?._class === 'channel' && referencesOf(command.at)[0]?._value === 'mask';
    if (!isMask) throw notModelled(`batchPlay ${JSON.stringify(command)}`);
    const references = referencesOf(command.at);
    const document = this.#documentIn(references);
    const layer = this.#layerIn(references, document);
    if (layer.isBackground) throw unavailable('The Background layer cannot have a mask.');
    if (layer.mask !== undefined) throw unavailable('The layer has a mask already.');
    const raster = maskOf(kind, document.state);
    const { selection: _, ...rest } = document.state;
    // Photoshop drops the selection that it has made a mask of.
    const state = kind === 'revealSelection' || kind === 'hideSelection' ? rest : document.state;
    const mask = { raster, isEnabled: true };
    document.change(
      'Add Layer Mask',
      withLayer(state, layer.id, (old) => ({ ...old, mask })),
    );
    return {};
  }

  #makeLayer(command: Descriptor): Answer {
    const document = this.#documentIn([]);
    const id = this.#application.newLayerId();
    const name = (command.using as { readonly name?: string } | undefined)?.name ?? `Layer ${id}`;
    document.change('New Layer', withNewLayer(document.state, newLayer(id, { name })));
    return { layerID: id };
  }

  #makeGroup(command: Descriptor, target: readonly Reference[]): Answer {
    const document = this.#documentIn(target);
    const { state } = document;
    const id = this.#application.newLayerId();
    const name = typeof command.name === 'string' ? command.name : `Group ${id}`;
    if (command.from === undefined) {
      const group = newLayer(id, { name, kind: 'group', children: [] });
      document.change('New Group', withNewLayer(state, group));
      return { layerSectionStart: id };
    }
    const children = [...allLayers(state.layers)].filter((layer) => state.activeLayerIds.includes(layer.id));
    if (children.length === 0) throw unavailable('No layer is selected.');
    const group = newLayer(id, { name, kind: 'group', children });
    document.change('Group Layers', { ...withGrouped(state, group), activeLayerIds: [id] });
    return { layerSectionStart: id };
  }

  #select(target: readonly Reference[], command: Descriptor): Answer {
    const document = this.#documentIn(target);
    const layers = target.filter(({ _ref }) => _ref === 'layer');
    const ids = layers.map((reference) => this.#layerIn([reference], document).id);
    const adds = (command.selectionModifier as Reference | undefined)?._value === 'addToSelection';
    const active = adds ? [...document.state.activeLayerIds, ...ids] : ids;
    document.history.replace({ ...document.state, activeLayerIds: active });
    return {};
  }

  #selectNone(target: readonly Reference[]): Answer {
    const document = this.#documentIn(target);
    document.history.replace({ ...document.state, activeLayerIds: [] });
    return {};
  }

  #deleteMask(target: readonly Reference[]): Answer {
    const document = this.#documentIn(target);
    const layer = this.#layerIn(target, document);
    if (layer.mask === undefined) throw unavailable('The layer has no mask.');
    const { state } = document;
    document.change(
      'Delete Layer Mask',
      withLayer(state, layer.id, ({ mask: _, ...rest }) => rest),
    );
    return {};
  }

  #delete(target: readonly Reference[]): Answer {
    const document = this.#documentIn(target);
    const layer = this.#layerIn(target, document);
    const without = withoutLayers(document.state, [layer.id]);
    document.change('Delete Layer', {
      ...without,
      activeLayerIds: without.activeLayerIds.filter((id) => findLayer(without, id) !== undefined),
    });
    return {};
  }

  #setLayer(target: readonly Reference[], command: Descriptor): Answer {
    const document = this.#documentIn(target);
    const layer = this.#layerIn(target, document);
    const { _obj, name, ...others } = command.to as Descriptor;
    if (typeof name !== 'string' || Object.keys(others).length > 0) {
      throw notModelled(`batchPlay ${JSON.stringify(command)}`);
    }
    document.change(
      'Rename Layer',
      withLayer(document.state, layer.id, (old) => ({ ...old, name })),
    );
    return {};
  }

  #setSelection(target: readonly Reference[], command: Descriptor): Answer {
    const document = this.#documentIn(target);
    const { selection: _, ...rest } = document.state;
    const to = command.to as Reference & Record<string, unknown>;
    if (to._value === 'none') {
      document.change('Deselect', rest);
      return {};
    }
    const selection = selectionFrom(to, document.state);
    document.change('Set Selection', { ...rest, selection });
    return {};
  }

  #saveSelection(target: readonly Reference[], command: Descriptor): Answer {
    const document = this.#documentIn(target);
    const { state } = document;
    if (state.selection === undefined) throw unavailable('There is no selection.');
    const channels = new Map(state.channels).set(String(command.name ?? 'Alpha 1'), state.selection);
    document.change('Save Selection', { ...state, channels });
    return {};
  }

  #deleteChannel(target: readonly Reference[]): Answer {
    const document = this.#documentIn(target);
    const channels = new Map(document.state.channels);
    if (!channels.delete(String(target[0]?._name))) throw unavailable('The channel does not exist.');
    document.change('Delete Channel', { ...document.state, channels });
    return {};
  }

  #showOrHide(command: Descriptor): Answer {
    const references = referencesOf(command.null ?? command._target);
    const document = this.#documentIn(references);
    const layer = this.#layerIn(references, document);
    const isVisible = command._obj === 'show';
    document.change(
      'Layer Visibility',
      withLayer(document.state, layer.id, (old) => ({ ...old, isVisible })),
    );
    return {};
  }

  /** `generatorSettings` of several plugins lie side by side in the layer, each by the name in `property`. */
  #setProperty(target: readonly Reference[], command: Descriptor): Answer {
    const document = this.#documentIn(target);
    const layer = this.#layerIn(target, document);
    const owner = ownerOf(target, command);
    // Photoshop keeps no reference to the plugin's own object.
    const value = JSON.parse(JSON.stringify(command.to)) as unknown;
    document.change(
      'Set Generator Settings',
      withLayer(document.state, layer.id, (old) => ({
        ...old,
        properties: { ...old.properties, [owner]: value },
      })),
    );
    return {};
  }

  #get(target: readonly Reference[], command: Descriptor): Answer {
    const [{ _property: property } = {}] = target;
    const document = this.#documentIn(target);
    if (property === 'selection') {
      const bounds = document.state.selection?.contentBounds();
      return bounds === undefined ? {} : { selection: descriptorOf(bounds) };
    }
    const layer = this.#layerIn(target, document);
    if (property === 'artboard') {
      if (layer.artboard === undefined) return { artboardEnabled: false };
      return { artboard: { _obj: 'artboard', artboardRect: { _obj: 'classFloatRect', ...layer.artboard } } };
    }
    if (property !== undefined) {
      const value = layer.properties[ownerOf(target, command)];
      return value === undefined ? {} : { [property]: structuredClone(value) };
    }
    return {
      layerID: layer.id,
      name: layer.name,
      visible: layer.isVisible,
      hasUserMask: layer.mask !== undefined,
    };
  }
}

function referencesOf(target: unknown): readonly Reference[] {
  if (target === undefined) return [];
  return (Array.isArray(target) ? target : [target]) as readonly Reference[];
}

function unavailable(message: string): PhotoshopError {
  return new PhotoshopError(`The command is not currently available. ${message}`, -25_920);
}

function ownerOf([reference]: readonly Reference[], command: Descriptor): string {
  const isKnown = reference?._property === 'generatorSettings' && typeof command.property === 'string';
  if (!isKnown) throw notModelled(`batchPlay ${JSON.stringify(command)}`);
  return command.property as string;
}

function maskOf(kind: string | undefined, state: DocumentState): Raster {
  const format = { channels: 1, depth: state.depth };
  const white = maxOf[state.depth];
  switch (kind) {
    case 'hideAll':
      return Raster.empty(format);
    case 'revealAll':
      return Raster.empty(format, white);
    case 'revealSelection':
      if (state.selection === undefined) throw unavailable('There is no selection.');
      return state.selection;
    default:
      throw notModelled(`masks of the kind "${kind}"`);
  }
}

function selectionFrom(to: Reference & Record<string, unknown>, state: DocumentState): Raster {
  if (to._obj === 'rectangle') {
    const side = (name: string) => (to[name] as { readonly _value: number })._value;
    return Raster.white(state.depth, {
      left: side('left'),
      top: side('top'),
      right: side('right'),
      bottom: side('bottom'),
    });
  }
  if (to._value === 'allEnum') return Raster.white(state.depth, canvasOf(state));
  if (to._ref === 'channel' && to._name !== undefined) {
    const saved = state.channels.get(to._name);
    if (saved === undefined) throw unavailable(`The channel "${to._name}" does not exist.`);
    return saved;
  }
  throw notModelled(`a selection from ${JSON.stringify(to)}`);
}

function descriptorOf({ left, top, right, bottom }: Rectangle): Answer {
  const pixels = (_value: number) => ({ _unit: 'pixelsUnit', _value });
  return {
    _obj: 'rectangle',
    top: pixels(top),
    left: pixels(left),
    bottom: pixels(bottom),
    right: pixels(right),
  };
}
