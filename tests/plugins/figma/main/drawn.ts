/** Nodes as plain objects, each with what the rules look at. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type { CanvasNode } from '../../../../plugins/figma/main/canvas-node.ts';

/** What a test says of a node: a box as [x, y, width, height] on the page. */
export interface Drawing {
  readonly type?: CanvasNode['type'];
  readonly box?: readonly [number, number, number, number];
  readonly fills?: CanvasNode['fills'];
  readonly visible?: boolean;
  readonly locked?: boolean;
  readonly layoutMode?: string;
  readonly rotated?: boolean;
  readonly children?: readonly CanvasNode[];
}

export const grey: Paint = { type: 'SOLID', color: { r: 0.85, g: 0.85, b: 0.85 } };
export const image: Paint = { type: 'IMAGE', scaleMode: 'FILL', imageHash: 'photo' };

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Its name is its id, too. */
export function draw(name: string, drawing: Drawing = {}): CanvasNode {
  const {
    type = 'RECTANGLE',
    box = [0, 0, 100, 100],
    fills = [grey],
    children,
    rotated = false,
    ...rest
  } = drawing;
  const [x, y, width, height] = box;
  const hasFills = type !== 'GROUP' && type !== 'SECTION' && type !== 'PAGE';
  const node: Writable<CanvasNode> = {
    id: name,
    name,
    type,
    parent: null,
    ...(type !== 'PAGE' && {
      visible: true,
      locked: false,
      absoluteBoundingBox: { x, y, width, height },
      absoluteTransform: rotated
        ? [
            [0, -1, x],
            [1, 0, y],
          ]
        : [
            [1, 0, x],
            [0, 1, y],
          ],
    }),
    ...(hasFills && { fills }),
    ...rest,
  };
  if (children !== undefined) {
    node.children = children;
    for (const child of children) (child as Writable<CanvasNode>).parent = node;
  }
  return node;
}

/** The page around them. */
export function page(...children: readonly CanvasNode[]): CanvasNode {
  return draw('Page', { type: 'PAGE', children });
}
