/** What nodes that can be seen have: paints, opacity, masking, and their own picture. */
import type {
  BlendMode,
  ExportMixin,
  ExportSettings,
  FrameNode,
  MaskType,
  Paint,
  PluginAPI,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { exportNode } from './export-node.ts';
import { LayoutFigmaNode } from './layout-node.ts';
import { checkedPaints, frozenCopy } from './paint.ts';

type Mixed = PluginAPI['mixed'];

type Modelled =
  | 'fills'
  | 'strokes'
  | 'strokeWeight'
  | 'opacity'
  | 'blendMode'
  | 'isMask'
  | 'maskType'
  | 'cornerRadius'
  | 'clipsContent';

export class PaintedFigmaNode
  extends LayoutFigmaNode
  implements Pick<FrameNode, Modelled>, Pick<ExportMixin, 'exportAsync'>
{
  get fills(): readonly Paint[] | Mixed {
    const { fills } = this.record;
    return fills === 'mixed' ? (this.surroundings.mixed as Mixed) : frozenCopy(fills);
  }

  set fills(fills: readonly Paint[] | Mixed) {
    this.patch({ fills: checkedPaints('set_fills', fills) });
  }

  get strokes(): readonly Paint[] {
    return frozenCopy(this.record.strokes);
  }

  set strokes(strokes: readonly Paint[]) {
    this.patch({ strokes: checkedPaints('set_strokes', strokes) });
  }

  get strokeWeight(): number {
    return this.record.strokeWeight;
  }

  set strokeWeight(strokeWeight: number | Mixed) {
    this.patch({ strokeWeight: strokeWeight as number });
  }

  get opacity(): number {
    return this.record.opacity;
  }

  set opacity(opacity: number) {
    if (!(opacity >= 0 && opacity <= 1))
      throw new Error(`in set_opacity: Expected a number from 0 to 1, received ${opacity}`);
    this.patch({ opacity });
  }

  get blendMode(): BlendMode {
    return this.record.blendMode;
  }

  set blendMode(blendMode: BlendMode) {
    this.patch({ blendMode });
  }

  get isMask(): boolean {
    return this.record.isMask;
  }

  set isMask(isMask: boolean) {
    this.assertStructureIsFree('set_isMask');
    this.patch({ isMask });
  }

  get maskType(): MaskType {
    return this.record.maskType;
  }

  set maskType(maskType: MaskType) {
    if (!['ALPHA', 'VECTOR', 'LUMINANCE'].includes(maskType))
      throw new Error(`in set_maskType: Expected ALPHA, VECTOR or LUMINANCE, received ${maskType}`);
    this.patch({ maskType });
  }

  get cornerRadius(): number {
    return this.record.cornerRadius;
  }

  set cornerRadius(cornerRadius: number | Mixed) {
    this.patch({ cornerRadius: cornerRadius as number });
  }

  get clipsContent(): boolean {
    return this.record.clipsContent;
  }

  set clipsContent(clipsContent: boolean) {
    this.patch({ clipsContent });
  }

  get exportAsync(): ExportMixin['exportAsync'] {
    const { document, id } = this;
    return (async (settings?: ExportSettings) =>
      exportNode(document, id, settings)) as ExportMixin['exportAsync'];
  }
}
