/** Nodes as a plugin has them in its hands: what a type of node lacks cannot be read, and a removed node has nothing left. */
import type { BaseFigmaNode, NodeSurroundings } from './base-node.ts';
import { ComponentFigmaNode, InstanceFigmaNode } from './component-nodes.ts';
import { ContainerFigmaNode } from './container-node.ts';
import type { NodeType } from './node-record.ts';
import { nowhere, whileOpen } from './nowhere.ts';
import { DocumentFigmaNode, PageFigmaNode } from './page-node.ts';
import { PaintedFigmaNode } from './painted-node.ts';
import { TextFigmaNode } from './text-node.ts';
import { LineFigmaNode, PolygonFigmaNode, VectorFigmaNode } from './vector-nodes.ts';

type NodeClass = new (id: string, surroundings: NodeSurroundings) => BaseFigmaNode;

const classOf: Readonly<Record<NodeType, NodeClass>> = {
  DOCUMENT: DocumentFigmaNode,
  PAGE: PageFigmaNode,
  FRAME: ContainerFigmaNode,
  GROUP: ContainerFigmaNode,
  SECTION: ContainerFigmaNode,
  COMPONENT: ComponentFigmaNode,
  COMPONENT_SET: ContainerFigmaNode,
  INSTANCE: InstanceFigmaNode,
  RECTANGLE: PaintedFigmaNode,
  ELLIPSE: PaintedFigmaNode,
  POLYGON: PolygonFigmaNode,
  VECTOR: VectorFigmaNode,
  LINE: LineFigmaNode,
  TEXT: TextFigmaNode,
  SLICE: PaintedFigmaNode,
};

const painting = ['fills', 'strokes', 'strokeWeight', 'cornerRadius', 'clipsContent'];
const blending = ['opacity', 'blendMode', 'isMask', 'maskType'];
const placing = [
  ...['x', 'y', 'width', 'height', 'rotation', 'resize', 'resizeWithoutConstraints', 'visible', 'locked'],
  ...['relativeTransform', 'absoluteTransform', 'absoluteBoundingBox', 'absoluteRenderBounds'],
];

/** What a type has not, though the class that stands for it has. */
const lacking: Readonly<Partial<Record<NodeType, readonly string[]>>> = {
  PAGE: [...painting, ...blending, ...placing, 'layoutMode', 'layoutPositioning', 'boundVariables'],
  GROUP: [...painting, 'layoutMode'],
  SECTION: [...blending, 'rotation', 'clipsContent', 'layoutMode', 'layoutPositioning'],
  SLICE: [...painting, ...blending],
  TEXT: ['clipsContent', 'cornerRadius'],
  RECTANGLE: ['clipsContent'],
  ELLIPSE: ['clipsContent'],
  POLYGON: ['clipsContent'],
  VECTOR: ['clipsContent'],
  LINE: ['clipsContent', 'cornerRadius'],
};

const ofRemoved = ['id', 'removed', 'toString'];
/** Asked for by the language itself, e.g. of what a promise resolves to. */
const ofLanguage = ['then', 'toJSON', 'constructor', 'valueOf', 'inspect', 'nodeType'];

const memberCache = new Map<NodeType, ReadonlySet<string>>();

function membersOf(type: NodeType): ReadonlySet<string> {
  const cached = memberCache.get(type);
  if (cached !== undefined) return cached;
  const names = new Set<string>();
  for (
    let prototype: object | null = classOf[type].prototype as object;
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  for (const name of ['constructor', 'document', 'record', 'patch', 'facade', 'assertStructureIsFree']) {
    names.delete(name);
  }
  for (const name of lacking[type] ?? []) names.delete(name);
  memberCache.set(type, names);
  return names;
}

/** The one facade of each node, made when it is first asked for. */
export class NodeFacades {
  readonly #facades = new Map<string, unknown>();

  of(id: string, surroundings: NodeSurroundings): unknown {
    const known = this.#facades.get(id);
    if (known !== undefined) return known;
    const facade = newFacade(id, surroundings);
    this.#facades.set(id, facade);
    return facade;
  }
}

function newFacade(id: string, surroundings: NodeSurroundings): unknown {
  const { type } = surroundings.document.get(id);
  const node = new classOf[type](id, surroundings);
  const members = membersOf(type);
  const check = (member: string, verb: string) => {
    if (node.removed && !ofRemoved.includes(member))
      throw new Error(`in ${verb}_${member}: The node with id "${id}" does not exist`);
  };
  return new Proxy(node, {
    get(target, member) {
      if (typeof member === 'symbol') return Reflect.get(target, member, target);
      if (ofLanguage.includes(member)) return undefined;
      if (surroundings.isClosed) return nowhere;
      check(member, 'get');
      if (!members.has(member))
        throw new TypeError(`in get_${member}: no such property '${member}' on ${type} node`);
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      return (...values: readonly unknown[]) => whileOpen(surroundings, Reflect.apply(value, target, values));
    },
    set(target, member, value) {
      if (surroundings.isClosed) return true;
      check(String(member), 'set');
      if (typeof member === 'symbol' || !members.has(member))
        throw new TypeError(
          `in set_${String(member)}: Cannot add property ${String(member)}, object is not extensible`,
        );
      if (!Reflect.set(target, member, value, target))
        throw new TypeError(`in set_${member}: no setter for property '${member}' on ${type} node`);
      return true;
    },
    has: (_, member) => typeof member === 'string' && members.has(member),
    ownKeys: () => [],
    defineProperty: () => false,
    deleteProperty: () => false,
    getPrototypeOf: () => Object.prototype,
  });
}
