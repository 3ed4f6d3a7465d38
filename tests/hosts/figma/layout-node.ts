/** What every node on a page has: its place, its size, whether it is shown. */
import type { FrameNode, Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { BaseFigmaNode } from './base-node.ts';
import { renderBounds } from './render-bounds.ts';
import { degreesOf, rotated } from './transform.ts';

const smallestSide = 0.01;

type Modelled =
  | 'visible'
  | 'locked'
  | 'x'
  | 'y'
  | 'width'
  | 'height'
  | 'rotation'
  | 'relativeTransform'
  | 'absoluteTransform'
  | 'absoluteBoundingBox'
  | 'absoluteRenderBounds'
  | 'resize'
  | 'resizeWithoutConstraints'
  | 'layoutPositioning'
  | 'boundVariables'
  | 'clone';

export class LayoutFigmaNode extends BaseFigmaNode implements Pick<FrameNode, Modelled> {
  get visible(): boolean {
    return this.record.visible;
  }

  set visible(visible: boolean) {
    this.patch({ visible });
  }

  get locked(): boolean {
    return this.record.locked;
  }

  /** Keeps the user's pointer off; a plugin can write all the same. */
  set locked(locked: boolean) {
    this.patch({ locked });
  }

  get x(): number {
    return this.relativeTransform[0][2];
  }

  set x(x: number) {
    this.#moveBy('x', finite('x', x) - this.x, 0);
  }

  get y(): number {
    return this.relativeTransform[1][2];
  }

  set y(y: number) {
    this.#moveBy('y', 0, finite('y', y) - this.y);
  }

  get width(): number {
    return this.document.sizeOf(this.id).width;
  }

  get height(): number {
    return this.document.sizeOf(this.id).height;
  }

  get rotation(): number {
    return degreesOf(this.relativeTransform);
  }

  set rotation(degrees: number) {
    this.#assertNoGroup('rotation');
    this.assertStructureIsFree('set_rotation');
    this.patch({ transform: rotated(this.record.transform, finite('rotation', degrees)) });
  }

  get relativeTransform(): Transform {
    return copyOf(this.document.relativeTransform(this.id));
  }

  set relativeTransform(transform: Transform) {
    this.#assertNoGroup('relativeTransform');
    this.assertStructureIsFree('set_relativeTransform');
    this.patch({ transform: copyOf(transform) });
  }

  get absoluteTransform(): Transform {
    return copyOf(this.document.absoluteTransform(this.id));
  }

  get absoluteBoundingBox(): Rect {
    return { ...this.document.absoluteBox(this.id) };
  }

  get absoluteRenderBounds(): Rect | null {
    return renderBounds(this.document, this.id) ?? null;
  }

  get layoutPositioning(): 'AUTO' | 'ABSOLUTE' {
    return this.record.layoutPositioning;
  }

  /** Only where the parent lays its children out. */
  set layoutPositioning(layoutPositioning: 'AUTO' | 'ABSOLUTE') {
    const [parent] = this.document.ancestorsOf(this.id);
    if (layoutPositioning === 'ABSOLUTE' && (parent?.layoutMode ?? 'NONE') === 'NONE')
      throw new Error(
        'in set_layoutPositioning: Can only set layoutPositioning = ABSOLUTE if the parent node has layoutMode !== NONE',
      );
    this.patch({ layoutPositioning });
  }

  get boundVariables(): NonNullable<FrameNode['boundVariables']> {
    return {};
  }

  resize(width: number, height: number): void {
    this.#resize('resize', width, height);
  }

  resizeWithoutConstraints(width: number, height: number): void {
    this.#resize('resizeWithoutConstraints', width, height);
  }

  /** Under the current page, wherever the original is, and with the numbers of its place. */
  clone(): FrameNode {
    const { currentPageId } = this.document;
    return this.facade(this.document.copy(this.id, currentPageId).id);
  }

  #resize(member: string, width: number, height: number): void {
    this.#assertNoGroup(member);
    this.assertStructureIsFree(member);
    if (!(width >= smallestSide && height >= smallestSide))
      throw new Error(`in ${member}: Expected a width and a height of 0.01 or more`);
    this.patch({ width, height });
  }

  #moveBy(member: string, dx: number, dy: number): void {
    this.assertStructureIsFree(`set_${member}`);
    // A group has no place but that of what is in it.
    for (const id of this.document.placesOf(this.id).keys()) {
      const [[a, c, e], [b, d, f]] = this.document.get(id).transform;
      this.document.patch(id, {
        transform: [
          [a, c, e + dx],
          [b, d, f + dy],
        ],
      });
    }
  }

  #assertNoGroup(member: string): void {
    if (this.type === 'GROUP') throw new Error(`not modelled: ${member} of a GROUP`);
  }
}

function finite(member: string, value: number): number {
  if (!Number.isFinite(value)) throw new Error(`in set_${member}: Expected a number, received ${value}`);
  return value;
}

function copyOf([[a, c, e], [b, d, f]]: Transform): Transform {
  return [
    [a, c, e],
    [b, d, f],
  ];
}
