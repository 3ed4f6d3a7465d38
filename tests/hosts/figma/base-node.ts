/** What every node of Figma's has, pages and the document included. */
import type { BaseNode, FrameNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { FigmaDocument } from './figma-document.ts';
import type { NodeRecord } from './node-record.ts';

/** The most of one entry: plugin id, key and value together. */
const maxPluginDataBytes = 100_000;
const maxRelaunchDescription = 1000;

export interface NodeSurroundings {
  readonly document: FigmaDocument;
  readonly mixed: symbol;
  readonly pluginId: string;
  readonly isClosed: boolean;
  /** What a plugin is given for a node. */
  facadeOf(id: string): unknown;
}

type Modelled =
  | 'id'
  | 'name'
  | 'type'
  | 'parent'
  | 'removed'
  | 'remove'
  | 'getPluginData'
  | 'setPluginData'
  | 'getPluginDataKeys'
  | 'setRelaunchData'
  | 'getRelaunchData'
  | 'toString';

export class BaseFigmaNode implements Omit<Pick<FrameNode, Modelled>, 'type'> {
  protected readonly surroundings: NodeSurroundings;
  readonly #id: string;

  constructor(id: string, surroundings: NodeSurroundings) {
    this.#id = id;
    this.surroundings = surroundings;
  }

  get id(): string {
    return this.#id;
  }

  get type(): NodeRecord['type'] {
    return this.record.type;
  }

  get removed(): boolean {
    return !this.document.has(this.#id);
  }

  get name(): string {
    return this.record.name;
  }

  set name(name: string) {
    this.patch({ name: String(name) });
  }

  get parent(): FrameNode['parent'] {
    const { parentId } = this.record;
    return parentId === undefined ? null : (this.surroundings.facadeOf(parentId) as FrameNode['parent']);
  }

  remove(): void {
    if (this.type === 'DOCUMENT') throw new Error('in remove: Cannot remove the document node');
    this.assertStructureIsFree('remove');
    this.document.remove(this.id);
  }

  getPluginData(key: string): string {
    return this.record.pluginData[key] ?? '';
  }

  setPluginData(key: string, value: string): void {
    if (typeof value !== 'string')
      throw new TypeError(`in setPluginData: Expected a string, received ${typeof value}`);
    const byteLength = Buffer.byteLength(this.surroundings.pluginId + key + value);
    if (byteLength > maxPluginDataBytes)
      throw new Error(`in setPluginData: The size of the entry, ${byteLength} bytes, exceeds 100 kB`);
    const { [key]: _, ...others } = this.record.pluginData;
    this.patch({ pluginData: value === '' ? others : { ...others, [key]: value } });
  }

  getPluginDataKeys(): string[] {
    return Object.keys(this.record.pluginData);
  }

  setRelaunchData(data: Record<string, string>): void {
    for (const [command, description] of Object.entries(data)) {
      if (typeof description !== 'string' || description.length > maxRelaunchDescription)
        throw new Error(
          `in setRelaunchData: Expected a description of 1000 characters at most for ${command}`,
        );
    }
    this.patch({ relaunchData: { ...data } });
  }

  getRelaunchData(): Record<string, string> {
    return { ...this.record.relaunchData };
  }

  toString(): string {
    return `[Node ${this.id}]`;
  }

  protected get document(): FigmaDocument {
    return this.surroundings.document;
  }

  protected get record(): NodeRecord {
    return this.document.get(this.#id);
  }

  protected patch(changes: Partial<NodeRecord>): void {
    this.document.patch(this.#id, changes);
  }

  /** An instance's inside is its component's: how it looks may be overridden, how it is built may not. */
  protected assertStructureIsFree(member: string): void {
    if (this.document.ancestorsOf(this.id).some(({ type }) => type === 'INSTANCE'))
      throw new Error(`in ${member}: This property cannot be overriden in an instance`);
  }

  protected facade<Node extends BaseNode>(id: string): Node {
    return this.surroundings.facadeOf(id) as Node;
  }
}
