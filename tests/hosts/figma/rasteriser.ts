/** Draws nodes as Figma shows them: paints, images, opacity, clipping, and masks over their later siblings. */
import type { ImagePaint, Paint, Transform } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { clipCoverage, coverageOf, type Shape, strokeCoverage } from './coverage.ts';
import type { FigmaDocument } from './figma-document.ts';
import { decodeImage, imagePlacement, sample } from './image-fill.ts';
import { type Coverage, Layer, type LayerSize } from './layer.ts';
import type { NodeRecord } from './node-record.ts';
import { apply, compose, invert } from './transform.ts';

/** A window on the page: its pixels, and how the page's coordinates become theirs. */
export interface View extends LayerSize {
  readonly transform: Transform;
}

export class Rasteriser {
  readonly #document: FigmaDocument;
  readonly #view: View;

  constructor(document: FigmaDocument, view: View) {
    this.#document = document;
    this.#view = view;
  }

  /** These nodes, the first one at the back. */
  async draw(ids: readonly string[]): Promise<Layer> {
    const layer = new Layer(this.#view);
    await this.#drawSiblings(layer, ids);
    return layer;
  }

  /** One node by itself, as if it were no mask. */
  async drawAlone(id: string): Promise<Layer> {
    const layer = new Layer(this.#view);
    await this.#drawNode(layer, this.#document.get(id));
    return layer;
  }

  async #drawSiblings(layer: Layer, ids: readonly string[]): Promise<void> {
    let mask: { readonly coverage: Coverage; readonly below: Layer } | undefined;
    const finish = () => {
      if (mask !== undefined) layer.over(mask.below, 1, mask.coverage);
    };
    for (const id of ids) {
      const record = this.#document.get(id);
      if (record.isMask && record.visible) {
        finish();
        mask = { coverage: await this.#maskCoverage(record), below: new Layer(this.#view) };
      } else {
        await this.#drawNode(mask?.below ?? layer, record);
      }
    }
    finish();
  }

  async #maskCoverage(record: NodeRecord): Promise<Coverage> {
    if (record.maskType === 'VECTOR') return coverageOf(this.#shapeOf(record), this.#view);
    const drawn = await this.drawAlone(record.id);
    return record.maskType === 'LUMINANCE' ? drawn.luminance() : drawn.alpha();
  }

  async #drawNode(layer: Layer, record: NodeRecord): Promise<void> {
    const { visible, opacity, blendMode } = record;
    if (!visible || opacity === 0) return;
    if (blendMode !== 'NORMAL' && blendMode !== 'PASS_THROUGH')
      throw new Error(`not modelled: the blend mode ${blendMode}`);
    if (opacity === 1) {
      await this.#drawContent(layer, record);
      return;
    }
    const own = new Layer(this.#view);
    await this.#drawContent(own, record);
    layer.over(own, opacity);
  }

  async #drawContent(layer: Layer, record: NodeRecord): Promise<void> {
    const shape = this.#shapeOf(record);
    const fills = record.type === 'GROUP' || record.fills === 'mixed' ? [] : record.fills;
    await this.#drawPaints(layer, fills, { shape, coverage: () => coverageOf(shape, this.#view) });
    if (record.clipsContent && record.childIds.length > 0) {
      const inside = new Layer(this.#view);
      await this.#drawSiblings(inside, record.childIds);
      layer.over(inside, 1, await clipCoverage(shape, this.#view));
    } else {
      await this.#drawSiblings(layer, record.childIds);
    }
    await this.#drawPaints(layer, record.strokes, {
      shape,
      coverage: () => strokeCoverage(shape, this.#view),
    });
  }

  async #drawPaints(
    layer: Layer,
    paints: readonly Paint[],
    where: { readonly shape: Shape; readonly coverage: () => Promise<Coverage> },
  ): Promise<void> {
    const visible = paints.filter(({ visible: isVisible = true, opacity = 1 }) => isVisible && opacity > 0);
    if (visible.length === 0) return;
    const coverage = await where.coverage();
    for (const paint of visible) {
      if (paint.type === 'IMAGE') await this.#drawImage(layer, paint, { shape: where.shape, coverage });
      else drawColour(layer, paint, coverage);
    }
  }

  async #drawImage(
    layer: Layer,
    paint: ImagePaint,
    { shape, coverage }: { readonly shape: Shape; readonly coverage: Coverage },
  ): Promise<void> {
    if (paint.imageHash === null) return;
    const image = await decodeImage(this.#document.images.bytes(paint.imageHash));
    const toImage = imagePlacement(paint, image, shape);
    const toNode = invert(shape.transform);
    const { opacity = 1 } = paint;
    for (let index = 0; index < coverage.length; index++) {
      const weight = coverage[index]! * opacity;
      if (weight === 0) continue;
      const centre = { x: (index % layer.width) + 0.5, y: Math.floor(index / layer.width) + 0.5 };
      const [red, green, blue, alpha] = sample(image, toImage(apply(toNode, centre)));
      if (alpha > 0) layer.paint(index, [red * weight, green * weight, blue * weight, alpha * weight]);
    }
  }

  #shapeOf(record: NodeRecord): Shape {
    const { width, height } = this.#document.sizeOf(record.id);
    const transform = compose(this.#view.transform, this.#document.absoluteTransform(record.id));
    return { record, width, height, transform };
  }
}

function drawColour(layer: Layer, paint: Paint, coverage: Coverage): void {
  if (paint.type !== 'SOLID') throw new Error(`not modelled: drawing a ${paint.type} paint`);
  const { r, g, b } = paint.color;
  const { opacity = 1 } = paint;
  const [red, green, blue] = [r, g, b].map((channel) => Math.round(channel * 255)) as [
    number,
    number,
    number,
  ];
  coverage.forEach((covered, index) => {
    const weight = covered * opacity;
    if (weight > 0) layer.paint(index, [red * weight, green * weight, blue * weight, 255 * weight]);
  });
}
