import type { PolygonNode, VectorNode, VectorPaths } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { PaintedFigmaNode } from './painted-node.ts';

export class VectorFigmaNode extends PaintedFigmaNode implements Pick<VectorNode, 'vectorPaths'> {
  get vectorPaths(): VectorPaths {
    return this.record.vectorPaths;
  }

  /** The node becomes as large as its paths reach. */
  set vectorPaths(vectorPaths: VectorPaths) {
    const numbers = vectorPaths.flatMap(({ data }) => (data.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number));
    const reach = (first: number) => Math.max(0.01, ...numbers.filter((_, index) => index % 2 === first));
    this.patch({ vectorPaths: structuredClone(vectorPaths), width: reach(0), height: reach(1) });
  }
}

/** As long as it is wide, and never high. */
export class LineFigmaNode extends PaintedFigmaNode {
  override resize(width: number, height: number): void {
    if (height !== 0) throw new Error(`in resize: Expected a height of 0 for a line, received ${height}`);
    this.patch({ width });
  }
}

export class PolygonFigmaNode extends PaintedFigmaNode implements Pick<PolygonNode, 'pointCount'> {
  get pointCount(): number {
    return this.record.pointCount;
  }

  set pointCount(pointCount: number) {
    if (!Number.isInteger(pointCount) || pointCount < 3)
      throw new Error(`in set_pointCount: Expected an integer of 3 or more, received ${pointCount}`);
    this.patch({ pointCount });
  }
}
