import type {
  DocumentNode,
  PageNode,
  Paint,
  SceneNode,
} from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { BaseFigmaNode } from './base-node.ts';
import { ContainerFigmaNode } from './container-node.ts';
import { frozenCopy } from './paint.ts';

type Modelled = 'selection' | 'loadAsync' | 'backgrounds';

export class PageFigmaNode extends ContainerFigmaNode implements Pick<PageNode, Modelled> {
  get selection(): readonly SceneNode[] {
    const ids = this.document.selectionOf(this.id);
    return Object.freeze(ids.map((id) => this.facade<SceneNode>(id)));
  }

  set selection(nodes: readonly SceneNode[]) {
    this.document.select(
      nodes.map(({ id }) => id),
      this.id,
    );
  }

  get backgrounds(): readonly Paint[] {
    return frozenCopy([{ type: 'SOLID', color: { r: 0.96, g: 0.96, b: 0.96 } }] as const);
  }

  async loadAsync(): Promise<void> {
    this.document.loadedPages.add(this.id);
  }
}

export class DocumentFigmaNode extends BaseFigmaNode implements Pick<DocumentNode, 'children'> {
  get children(): readonly PageNode[] {
    return Object.freeze(this.record.childIds.map((id) => this.facade<PageNode & SceneNode>(id)));
  }
}
