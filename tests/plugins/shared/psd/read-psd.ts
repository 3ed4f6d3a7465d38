/** Reads PSD files by @webtoon/psd, which shares no code with what writes them. */
import WebtoonPsd from '@webtoon/psd';
import type { Bounds } from '../../../../plugins/shared/picture/geometry.ts';

/** Of its nodes what is used here: its own types do not say it where imports name their files. */
interface WebtoonNode {
  readonly type: 'Group' | 'Layer';
  readonly name: string;
  readonly opacity: number;
  readonly children: readonly WebtoonNode[];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isHidden: boolean;
  readonly maskData: Readonly<Record<'left' | 'top' | 'right' | 'bottom' | 'backgroundColor', number>>;
  userMask(): Promise<Uint8Array | undefined>;
  composite(effect: boolean, composed: boolean): Promise<Uint8ClampedArray>;
}

export interface ReadLayer {
  readonly type: 'layer';
  readonly name: string;
  readonly bounds: Bounds;
  /** 0..255. */
  readonly opacity: number;
  readonly isVisible: boolean;
  /** Straight RGBA; empty for a layer without pixels. */
  readonly rgba: Uint8Array;
  readonly mask?: { readonly bounds: Bounds; readonly values: Uint8Array; readonly outside: number };
}

export interface ReadGroup {
  readonly type: 'group';
  readonly name: string;
  /** 0..255. */
  readonly opacity: number;
  /** Bottom first. */
  readonly children: readonly ReadNode[];
}

export type ReadNode = ReadLayer | ReadGroup;

export interface ReadPicture {
  readonly width: number;
  readonly height: number;
  readonly pixelsPerInch: number | undefined;
  /** Bottom first. */
  readonly children: readonly ReadNode[];
  /** Straight RGBA. */
  readonly composite: Uint8Array;
}

export async function readPsd(file: Uint8Array): Promise<ReadPicture> {
  const psd = WebtoonPsd.parse(file.slice().buffer);
  return {
    width: psd.width,
    height: psd.height,
    pixelsPerInch: psd.resolutionInfo?.horizontal,
    children: await readNodes(psd.children),
    composite: Uint8Array.from(await psd.composite()),
  };
}

/** It lists the top first. */
async function readNodes(nodes: readonly WebtoonNode[]): Promise<ReadNode[]> {
  return Promise.all([...nodes].reverse().map(readNode));
}

async function readNode(node: WebtoonNode): Promise<ReadNode> {
  const { name, opacity } = node;
  if (node.type === 'Group')
    return { type: 'group', name, opacity, children: await readNodes(node.children) };
  const { left, top, width, height } = node;
  const values = await node.userMask();
  const { maskData } = node;
  return {
    type: 'layer',
    name,
    opacity,
    isVisible: !node.isHidden,
    bounds: { left, top, width, height },
    rgba: width * height === 0 ? new Uint8Array(0) : Uint8Array.from(await node.composite(false, false)),
    ...(values && {
      mask: {
        bounds: {
          left: maskData.left,
          top: maskData.top,
          width: maskData.right - maskData.left,
          height: maskData.bottom - maskData.top,
        },
        // Comes as grey RGBA.
        values: values.filter((_, i) => i % 4 === 0),
        outside: maskData.backgroundColor,
      },
    }),
  };
}
