/** What nodes with children have. */
import type {
  BaseNode,
  ChildrenMixin,
  FrameNode,
  SceneNode,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { NodeType } from './node-record.ts';
import { PaintedFigmaNode } from './painted-node.ts';

type Modelled =
  | 'children'
  | 'appendChild'
  | 'insertChild'
  | 'findAll'
  | 'findOne'
  | 'findChild'
  | 'findChildren';

interface Criteria {
  readonly types?: readonly string[];
  readonly pluginData?: { readonly keys?: readonly string[] };
}

export class ContainerFigmaNode extends PaintedFigmaNode implements Pick<ChildrenMixin, Modelled> {
  get children(): readonly SceneNode[] {
    this.#assertLoaded('children');
    return Object.freeze(this.record.childIds.map((id) => this.facade<SceneNode>(id)));
  }

  appendChild(child: SceneNode): void {
    this.#insert('appendChild', child, undefined);
  }

  insertChild(index: number, child: SceneNode): void {
    if (!Number.isInteger(index) || index < 0 || index > this.record.childIds.length)
      throw new Error(
        `in insertChild: Expected an index from 0 to ${this.record.childIds.length}, received ${index}`,
      );
    this.#insert('insertChild', child, index);
  }

  findAll(callback: (node: SceneNode) => boolean = () => true): SceneNode[] {
    return this.#below('findAll').filter(callback);
  }

  findOne(callback: (node: SceneNode) => boolean): SceneNode | null {
    return this.#below('findOne').find(callback) ?? null;
  }

  findChildren(callback: (node: SceneNode) => boolean = () => true): SceneNode[] {
    return this.children.filter(callback);
  }

  findChild(callback: (node: SceneNode) => boolean): SceneNode | null {
    return this.children.find(callback) ?? null;
  }

  findAllWithCriteria({ types, pluginData }: Criteria): SceneNode[] {
    const isWanted = ({ id }: SceneNode) => {
      const record = this.document.get(id);
      const keys = Object.keys(record.pluginData);
      const hasKey = pluginData?.keys?.some((key) => keys.includes(key)) ?? keys.length > 0;
      return (types?.includes(record.type) ?? true) && (pluginData === undefined || hasKey);
    };
    return this.#below('findAllWithCriteria').filter(isWanted);
  }

  get layoutMode(): FrameNode['layoutMode'] {
    return this.record.layoutMode;
  }

  set layoutMode(layoutMode: FrameNode['layoutMode']) {
    if (layoutMode === 'GRID') throw new Error('not modelled: layoutMode GRID');
    this.patch({ layoutMode });
  }

  #below(member: string): SceneNode[] {
    this.#assertLoaded(member);
    const walk = (id: string): string[] => [id, ...this.document.get(id).childIds.flatMap(walk)];
    return this.record.childIds.flatMap(walk).map((id) => this.facade<SceneNode>(id));
  }

  #insert(member: string, child: BaseNode, index: number | undefined): void {
    this.#assertLoaded(member);
    const record = this.document.get(child.id);
    const isBelowItself = [this.id, ...this.document.ancestorsOf(this.id).map(({ id }) => id)].includes(
      child.id,
    );
    if (isBelowItself) throw new Error(`in ${member}: Cannot move node. A node cannot be its own ancestor`);
    for (const end of [this.id, child.id]) {
      const around = this.document.ancestorsOf(end).concat(end === this.id ? this.record : []);
      if (around.some(({ type }) => type === 'INSTANCE'))
        throw new Error(
          `in ${member}: Cannot move node. New parent is an instance or is inside of an instance`,
        );
    }
    if (!canHold(this.type, record.type))
      throw new Error(`in ${member}: Cannot move node. A ${record.type} cannot be a child of a ${this.type}`);
    // An index counts without the child itself, where it was there before.
    const siblings = this.record.childIds.indexOf(child.id);
    const shift = index !== undefined && siblings >= 0 && siblings < index ? 1 : 0;
    this.document.move(child.id, this.id, index === undefined ? undefined : index - shift);
  }

  #assertLoaded(member: string): void {
    const isLoaded = this.type !== 'PAGE' || this.document.loadedPages.has(this.id);
    if (!isLoaded)
      throw new Error(
        `in ${member}: Cannot access \`${member}\` on a page that has not been explicitly loaded. Use \`await page.loadAsync()\` first`,
      );
  }
}

/** Sections hold all but are held by pages and sections alone; a component set holds components alone. */
export function canHold(parent: NodeType, child: NodeType): boolean {
  if (child === 'PAGE') return parent === 'DOCUMENT';
  if (parent === 'DOCUMENT' || child === 'DOCUMENT') return false;
  if (child === 'SECTION') return parent === 'PAGE' || parent === 'SECTION';
  if (parent === 'COMPONENT_SET') return child === 'COMPONENT';
  return !(parent === 'COMPONENT' && child === 'COMPONENT');
}
