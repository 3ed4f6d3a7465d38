/** The file that is open: its tree of nodes, its pages, what is selected, its images, and its undo. */
import { isDeepStrictEqual } from 'node:util';
import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { ImageStore } from './image-store.ts';
import { type NodeRecord, type NodeType, newRecord } from './node-record.ts';
import { boundingBox, compose, identity, invert, translation, unionOf } from './transform.ts';

type Table = ReadonlyMap<string, NodeRecord>;

export type DocumentEvent = 'selectionchange' | 'currentpagechange';

const rootId = '0:0';

export class FigmaDocument {
  readonly images = new ImageStore();
  /** Pages that have been loaded: with `dynamic-page` only these show their children. */
  readonly loadedPages = new Set<string>();
  #nodes: Map<string, NodeRecord>;
  #undoSteps: Table[] = [];
  #committed: Table;
  #selection = new Map<string, readonly string[]>();
  #currentPageId: string;
  #nextId = 1;
  readonly #listeners = new Set<(event: DocumentEvent) => void>();

  constructor(pageNames: readonly string[] = ['Page 1']) {
    this.#nodes = new Map([[rootId, newRecord(rootId, 'DOCUMENT')]]);
    const [firstId] = pageNames.map((name) => this.add('PAGE', rootId, { name }).id);
    if (firstId === undefined) throw new RangeError('Expected at least one page.');
    this.#currentPageId = firstId;
    this.loadedPages.add(firstId);
    this.#committed = new Map(this.#nodes);
  }

  get rootId(): string {
    return rootId;
  }

  get currentPageId(): string {
    return this.#currentPageId;
  }

  set currentPageId(id: string) {
    this.loadedPages.add(id);
    if (id === this.#currentPageId) return;
    this.#currentPageId = id;
    this.#tell('currentpagechange');
  }

  selectionOf(pageId: string): readonly string[] {
    return (this.#selection.get(pageId) ?? []).filter((id) => this.#nodes.has(id));
  }

  select(ids: readonly string[], pageId = this.#currentPageId): void {
    for (const id of ids) {
      if (this.pageOf(id) !== pageId)
        throw new Error('in set_selection: The selection of a page can only include nodes in that page');
    }
    this.#selection.set(pageId, [...ids]);
    this.#tell('selectionchange');
  }

  listen(listener: (event: DocumentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  get(id: string): NodeRecord {
    const record = this.#nodes.get(id);
    if (record === undefined) throw new Error(`The node with id "${id}" does not exist`);
    return record;
  }

  patch(id: string, changes: Partial<NodeRecord>): void {
    this.#nodes.set(id, { ...this.get(id), ...changes });
  }

  add(type: NodeType, parentId: string, fields: Partial<NodeRecord> = {}): NodeRecord {
    const id = fields.id ?? `${type === 'PAGE' ? 0 : 1}:${this.#nextId++}`;
    this.#nodes.set(id, { ...newRecord(id, type), ...fields, id, parentId });
    const parent = this.get(parentId);
    this.patch(parentId, { childIds: [...parent.childIds, id] });
    return this.get(id);
  }

  /** With all below it; a group that it leaves empty goes with it. */
  remove(id: string): void {
    const { parentId, childIds } = this.get(id);
    for (const childId of childIds) this.#delete(childId);
    this.#nodes.delete(id);
    if (parentId !== undefined) this.#detach(id, parentId);
    const selected = this.#selection.get(this.#currentPageId) ?? [];
    if (selected.some((other) => !this.#nodes.has(other))) this.#tell('selectionchange');
  }

  /** The numbers of its transform stay, and with them its place relative to the new parent. */
  move(id: string, parentId: string, index?: number): void {
    const before = this.get(id).parentId;
    if (before !== undefined) {
      this.patch(before, { childIds: this.get(before).childIds.filter((other) => other !== id) });
    }
    this.patch(id, { parentId });
    const siblings = [...this.get(parentId).childIds];
    siblings.splice(index ?? siblings.length, 0, id);
    this.patch(parentId, { childIds: siblings });
    if (before !== undefined && before !== parentId) this.#dropIfEmpty(before);
  }

  /** The same, at the same place of the page. */
  moveInPlace(id: string, parentId: string, index?: number): void {
    const absolute = this.placesOf(id);
    this.move(id, parentId, index);
    const outside = invert(this.containerTransform(id));
    for (const [nodeId, transform] of absolute)
      this.patch(nodeId, { transform: compose(outside, transform) });
  }

  /** Copies a node and all below it. `idOf` names the copies, where they have names of their own. */
  copy(id: string, parentId: string, idOf?: (id: string) => string): NodeRecord {
    const { id: _, childIds, ...fields } = this.get(id);
    const named = idOf === undefined ? {} : { id: idOf(id) };
    const copied = this.add(fields.type, parentId, { ...fields, ...named, childIds: [] });
    for (const childId of childIds) this.copy(childId, copied.id, idOf);
    return this.get(copied.id);
  }

  ancestorsOf(id: string): readonly NodeRecord[] {
    const ancestors: NodeRecord[] = [];
    let { parentId } = this.get(id);
    while (parentId !== undefined) {
      const parent = this.get(parentId);
      ancestors.push(parent);
      parentId = parent.parentId;
    }
    return ancestors;
  }

  pageOf(id: string): string | undefined {
    return [this.get(id), ...this.ancestorsOf(id)].find(({ type }) => type === 'PAGE')?.id;
  }

  /** Of the nearest ancestor that has a coordinate system: groups have none. */
  containerTransform(id: string): Transform {
    const container = this.ancestorsOf(id).find(({ type }) => type !== 'GROUP');
    return container === undefined ? identity : this.absoluteTransform(container.id);
  }

  absoluteTransform(id: string): Transform {
    const { type } = this.get(id);
    if (type === 'DOCUMENT' || type === 'PAGE') return identity;
    return compose(this.containerTransform(id), this.relativeTransform(id));
  }

  relativeTransform(id: string): Transform {
    const { type, transform } = this.get(id);
    if (type !== 'GROUP') return transform;
    const { x, y } = this.relativeBox(id);
    return translation(x, y);
  }

  /** In the container's coordinates, around what a rotation makes of it. A group is as large as what is in it. */
  relativeBox(id: string): Rect {
    const { type, transform, width, height, childIds } = this.get(id);
    if (type !== 'GROUP') return boundingBox(transform, width, height);
    return (
      unionOf(childIds.map((childId) => this.relativeBox(childId))) ?? { x: 0, y: 0, width: 0, height: 0 }
    );
  }

  sizeOf(id: string): { readonly width: number; readonly height: number } {
    return this.get(id).type === 'GROUP' ? this.relativeBox(id) : this.get(id);
  }

  absoluteBox(id: string): Rect {
    const { width, height } = this.sizeOf(id);
    return boundingBox(this.absoluteTransform(id), width, height);
  }

  /** The nodes below that have a transform of their own, with where they are on the page. */
  placesOf(id: string): ReadonlyMap<string, Transform> {
    const { type, childIds } = this.get(id);
    if (type !== 'GROUP') return new Map([[id, this.absoluteTransform(id)]]);
    return new Map(childIds.flatMap((childId) => [...this.placesOf(childId)]));
  }

  /** What has been changed since the last step becomes one. */
  commitUndo(): void {
    if (!this.#isChanged()) return;
    this.#undoSteps.push(this.#committed);
    this.#committed = new Map(this.#nodes);
  }

  /** Takes back one step: what was not committed, together; else the last one committed. False where there is none. */
  undo(): boolean {
    const isChanged = this.#isChanged();
    const before = isChanged ? this.#committed : this.#undoSteps.pop();
    if (before === undefined) return false;
    this.#nodes = new Map(before);
    this.#committed = new Map(before);
    if (!this.#nodes.has(this.#currentPageId)) this.currentPageId = this.get(rootId).childIds[0]!;
    this.#tell('selectionchange');
    return true;
  }

  get undoDepth(): number {
    return this.#undoSteps.length + (this.#isChanged() ? 1 : 0);
  }

  /** All that undo brings back, to compare. */
  snapshot(): Table {
    return new Map(this.#nodes);
  }

  /** Redo, as it were. */
  restore(table: Table): void {
    this.#nodes = new Map(table);
    this.commitUndo();
  }

  #isChanged(): boolean {
    if (this.#nodes.size !== this.#committed.size) return true;
    // What was changed and put back, e.g. for an export, is no change.
    return [...this.#nodes].some(([id, record]) => !isDeepStrictEqual(this.#committed.get(id), record));
  }

  #delete(id: string): void {
    for (const childId of this.get(id).childIds) this.#delete(childId);
    this.#nodes.delete(id);
  }

  #detach(id: string, parentId: string): void {
    this.patch(parentId, { childIds: this.get(parentId).childIds.filter((other) => other !== id) });
    this.#dropIfEmpty(parentId);
  }

  #dropIfEmpty(id: string): void {
    const { type, childIds, parentId } = this.get(id);
    if ((type !== 'GROUP' && type !== 'COMPONENT_SET') || childIds.length > 0 || parentId === undefined)
      return;
    this.#nodes.delete(id);
    this.#detach(id, parentId);
  }

  #tell(event: DocumentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
