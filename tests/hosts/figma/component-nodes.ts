import type { ComponentNode, InstanceNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import { ContainerFigmaNode } from './container-node.ts';

export class ComponentFigmaNode extends ContainerFigmaNode implements Pick<ComponentNode, 'createInstance'> {
  /** Under the current page. What is in it has ids of its own, `I<instance>;<node of the component>`. */
  createInstance(): InstanceNode {
    const { id: _, type: __, childIds, parentId: ___, ...fields } = this.record;
    const { id } = this.document.add('INSTANCE', this.document.currentPageId, {
      ...fields,
      mainComponentId: this.id,
    });
    for (const childId of childIds) this.document.copy(childId, id, (inner) => `I${id};${inner}`);
    return this.facade<InstanceNode>(id);
  }
}

export class InstanceFigmaNode
  extends ContainerFigmaNode
  implements Pick<InstanceNode, 'mainComponent' | 'getMainComponentAsync'>
{
  get mainComponent(): ComponentNode | null {
    throw new Error(
      'in get_mainComponent: Cannot call with documentAccess: dynamic-page. Use node.getMainComponentAsync instead.',
    );
  }

  async getMainComponentAsync(): Promise<ComponentNode | null> {
    const { mainComponentId } = this.record;
    const isThere = mainComponentId !== undefined && this.document.has(mainComponentId);
    return isThere ? this.facade<ComponentNode>(mainComponentId) : null;
  }
}
