/** What of `figma` makes nodes. */
import type {
  BaseNode,
  ComponentNode,
  ComponentSetNode,
  EllipseNode,
  FrameNode,
  GroupNode,
  LineNode,
  PageNode,
  PluginAPI,
  PolygonNode,
  RectangleNode,
  SectionNode,
  SliceNode,
  TextNode,
  VectorNode,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { canHold } from './container-node.ts';
import type { NodeType } from './node-record.ts';
import type { PluginSession } from './plugin-session.ts';

type Modelled =
  | 'createRectangle'
  | 'createEllipse'
  | 'createPolygon'
  | 'createVector'
  | 'createLine'
  | 'createText'
  | 'createFrame'
  | 'createSection'
  | 'createSlice'
  | 'createComponent'
  | 'createPage'
  | 'combineAsVariants'
  | 'group';

export function creationApi(session: PluginSession) {
  const { document } = session;
  const create = <Node extends BaseNode>(type: NodeType): Node =>
    session.node<Node>(document.add(type, document.currentPageId).id);

  /** Brings nodes under a new parent at `index`, each where it is on the page. */
  const gather = (
    type: 'GROUP' | 'COMPONENT_SET',
    nodes: readonly BaseNode[],
    { parent, index, member }: { parent: BaseNode; index: number | undefined; member: string },
  ): string => {
    if (nodes.length === 0)
      throw new Error(`in ${member}: First argument must be an array of at least one node`);
    const all = [parent, ...nodes].map(({ id }) => document.get(id));
    for (const { id, type: nodeType } of all) {
      const isInside = document.ancestorsOf(id).some((ancestor) => ancestor.type === 'INSTANCE');
      if (isInside || (id === parent.id && nodeType === 'INSTANCE'))
        throw new Error(
          `in ${member}: Cannot move node. New parent is an instance or is inside of an instance`,
        );
      if (id !== parent.id && !canHold(type, nodeType))
        throw new Error(`in ${member}: Cannot move node. A ${nodeType} cannot be a child of a ${type}`);
    }
    if (!canHold(document.get(parent.id).type, type))
      throw new Error(`in ${member}: Cannot move node. A ${type} cannot be a child of a ${parent.type}`);
    const { id } = document.add(type, parent.id);
    if (index !== undefined) document.move(id, parent.id, index);
    for (const node of nodes) document.moveInPlace(node.id, id);
    return id;
  };

  return {
    createRectangle: () => create<RectangleNode>('RECTANGLE'),
    createEllipse: () => create<EllipseNode>('ELLIPSE'),
    createPolygon: () => create<PolygonNode>('POLYGON'),
    createVector: () => create<VectorNode>('VECTOR'),
    createLine: () => create<LineNode>('LINE'),
    createText: () => create<TextNode>('TEXT'),
    createFrame: () => create<FrameNode>('FRAME'),
    createSection: () => create<SectionNode>('SECTION'),
    createSlice: () => create<SliceNode>('SLICE'),
    createComponent: () => create<ComponentNode>('COMPONENT'),
    createPage: () => session.node<PageNode>(document.add('PAGE', document.rootId).id),
    group: (nodes, parent, index) =>
      session.node<GroupNode>(gather('GROUP', nodes, { parent, index, member: 'group' })),
    combineAsVariants: (nodes, parent, index) => {
      const id = gather('COMPONENT_SET', nodes, { parent, index, member: 'combineAsVariants' });
      const { width, height } = document.get(document.get(id).childIds[0]!);
      document.patch(id, { width, height });
      return session.node<ComponentSetNode>(id);
    },
  } satisfies Pick<PluginAPI, Modelled>;
}
