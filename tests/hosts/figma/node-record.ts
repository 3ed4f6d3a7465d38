/** What the document holds of one node. Records are never changed, only replaced: an old table of them is an undo step. */
import type {
  BlendMode,
  FontName,
  MaskType,
  Paint,
  Transform,
  VectorPath,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { identity } from './transform.ts';

export type NodeType =
  | 'DOCUMENT'
  | 'PAGE'
  | 'FRAME'
  | 'GROUP'
  | 'SECTION'
  | 'COMPONENT'
  | 'COMPONENT_SET'
  | 'INSTANCE'
  | 'RECTANGLE'
  | 'ELLIPSE'
  | 'POLYGON'
  | 'VECTOR'
  | 'LINE'
  | 'TEXT'
  | 'SLICE';

export interface NodeRecord {
  readonly id: string;
  readonly type: NodeType;
  readonly name: string;
  readonly parentId: string | undefined;
  /** From the back to the front. */
  readonly childIds: readonly string[];
  /** Relative to the nearest ancestor that is no group. Groups have none of their own. */
  readonly transform: Transform;
  readonly width: number;
  readonly height: number;
  readonly visible: boolean;
  readonly locked: boolean;
  readonly opacity: number;
  readonly blendMode: BlendMode;
  readonly isMask: boolean;
  readonly maskType: MaskType;
  readonly clipsContent: boolean;
  readonly cornerRadius: number;
  readonly layoutMode: 'NONE' | 'HORIZONTAL' | 'VERTICAL';
  readonly layoutPositioning: 'AUTO' | 'ABSOLUTE';
  /** `mixed` where letters of a text differ. */
  readonly fills: readonly Paint[] | 'mixed';
  readonly strokes: readonly Paint[];
  readonly strokeWeight: number;
  readonly pluginData: Readonly<Record<string, string>>;
  /** By command. */
  readonly relaunchData: Readonly<Record<string, string>>;
  readonly characters: string;
  readonly fontName: FontName;
  readonly vectorPaths: readonly VectorPath[];
  readonly pointCount: number;
  /** Of an instance. */
  readonly mainComponentId: string | undefined;
}

/** As `figma.create…` makes it. */
export function newRecord(id: string, type: NodeType): NodeRecord {
  return {
    id,
    type,
    name: defaultNames[type],
    parentId: undefined,
    childIds: [],
    transform: identity,
    width: 100,
    height: type === 'LINE' ? 0 : 100,
    visible: true,
    locked: false,
    opacity: 1,
    blendMode: type === 'GROUP' ? 'PASS_THROUGH' : 'NORMAL',
    isMask: false,
    maskType: 'ALPHA',
    clipsContent: type === 'FRAME' || type === 'COMPONENT',
    cornerRadius: 0,
    layoutMode: 'NONE',
    layoutPositioning: 'AUTO',
    fills: defaultFills[type] ?? [],
    strokes: type === 'LINE' ? [black] : [],
    strokeWeight: 1,
    pluginData: {},
    relaunchData: {},
    characters: '',
    fontName: { family: 'Inter', style: 'Regular' },
    vectorPaths: [],
    pointCount: 3,
    mainComponentId: undefined,
  };
}

const defaultNames: Readonly<Record<NodeType, string>> = {
  DOCUMENT: 'Document',
  PAGE: 'Page',
  FRAME: 'Frame',
  GROUP: 'Group',
  SECTION: 'Section',
  COMPONENT: 'Component',
  COMPONENT_SET: 'Component set',
  INSTANCE: 'Instance',
  RECTANGLE: 'Rectangle',
  ELLIPSE: 'Ellipse',
  POLYGON: 'Polygon',
  VECTOR: 'Vector',
  LINE: 'Line',
  TEXT: 'Text',
  SLICE: 'Slice',
};

const white: Paint = { type: 'SOLID', color: { r: 1, g: 1, b: 1 } };
const black: Paint = { type: 'SOLID', color: { r: 0, g: 0, b: 0 } };
const grey: Paint = { type: 'SOLID', color: { r: 0.85, g: 0.85, b: 0.85 } };

const defaultFills: Readonly<Partial<Record<NodeType, readonly Paint[]>>> = {
  FRAME: [white],
  COMPONENT: [white],
  SECTION: [white],
  RECTANGLE: [grey],
  ELLIPSE: [grey],
  POLYGON: [grey],
  TEXT: [black],
};
