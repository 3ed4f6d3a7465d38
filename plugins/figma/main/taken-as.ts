/**
 * Layers shown otherwise for the moment in which a picture is taken. All is put back, whatever happens: to the user's undo
 * it has never been. Figma has no other way to export a frame without what lies over it.
 */
import type { PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';

type Restore = () => void | Promise<void>;

/** With these layers not to be seen. Their room stays, as in an auto layout. */
export function withHidden<Value>(nodes: readonly SceneNode[], take: () => Promise<Value>): Promise<Value> {
  return changed(
    nodes.flatMap((node) => hide(node) ?? []),
    take,
  );
}

/** With a layer that may be seen, whether it is or not. */
export function withShown<Value>(node: SceneNode, take: () => Promise<Value>): Promise<Value> {
  return changed(show(node), take);
}

/** With a shape seen as the area that it encloses, even where it is hidden or an outline only. */
export function withArea<Value>(node: SceneNode, take: () => Promise<Value>): Promise<Value> {
  return changed([...show(node), ...fill(node)], take);
}

/** What is shown otherwise just now. */
const current: Change[] = [];

/** For a plugin that is closed while a picture is taken: nothing that it waits for comes about any more. */
export function restoreAll(): void {
  for (const { node, restore } of current.splice(0).reverse()) if (!node.removed) void restore();
}

interface Change {
  readonly apply: () => void;
  readonly node: SceneNode;
  readonly restore: Restore;
}

async function changed<Value>(changes: readonly Change[], take: () => Promise<Value>): Promise<Value> {
  const applied: Change[] = [];
  try {
    for (const change of changes) {
      change.apply();
      applied.push(change);
      current.push(change);
    }
    return await take();
  } finally {
    for (const change of applied.reverse()) {
      if (!change.node.removed) await change.restore();
      current.splice(current.indexOf(change), 1);
    }
  }
}

function hide(node: SceneNode): readonly Change[] | undefined {
  // A value bound to a variable would lose it.
  if ('opacity' in node && node.boundVariables?.opacity === undefined) {
    const { opacity } = node;
    const set = (value: number) => () => {
      node.opacity = value;
    };
    return [{ node, apply: set(0), restore: set(opacity) }];
  }
  if (node.boundVariables?.visible !== undefined) return undefined;
  const set = (isVisible: boolean) => () => {
    node.visible = isVisible;
  };
  return [{ node, apply: set(false), restore: set(true) }];
}

function show(node: SceneNode): readonly Change[] {
  if (node.visible || node.boundVariables?.visible !== undefined) return [];
  const set = (isVisible: boolean) => () => {
    node.visible = isVisible;
  };
  return [{ node, apply: set(true), restore: set(false) }];
}

function fill(node: SceneNode): readonly Change[] {
  if (!('fills' in node) || node.type === 'LINE') return [];
  const { fills } = node;
  if (isMixed(fills) || fills.some(({ visible }) => visible !== false)) return [];
  const styleId = 'fillStyleId' in node ? node.fillStyleId : '';
  const white = [{ type: 'SOLID', color: { r: 1, g: 1, b: 1 } }] as const;
  return [
    {
      node,
      apply: () => {
        node.fills = white;
      },
      restore: async () => {
        if (typeof styleId === 'string' && styleId !== '') await node.setFillStyleIdAsync(styleId);
        else node.fills = fills;
      },
    },
  ];
}

function isMixed(value: unknown): value is PluginAPI['mixed'] {
  return value === figma.mixed;
}
