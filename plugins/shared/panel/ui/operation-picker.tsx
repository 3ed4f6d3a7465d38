import type { JSX } from 'preact';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { PlainButton } from '../../ui/plain-button.tsx';
import type { PanelOperation } from '../editor-host.ts';
import { panelOperationNames } from '../operations.ts';
import { usePanel } from './panel-context.ts';

const icons: Readonly<Record<PanelOperation, IconName>> = {
  fill: 'fill',
  remove: 'remove',
  generate: 'generate',
  mockup: 'layers',
  sketch: 'sketch',
  expand: 'expand',
  vary: 'vary',
  upscale: 'upscale',
};

/** What is to be done. Those that cannot be done just now are there too: chosen, they say why. */
export function OperationPicker(): JSX.Element {
  const panel = usePanel();
  const { offers } = panel.host.target.value;
  const chosen = panel.operation.value;
  const operations = panel.operations.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div
      class={operations.length > 6 ? 'inlay-operations inlay-in-fours' : 'inlay-operations'}
      role="group"
      aria-label="What to do"
    >
      {operations.map((operation) => {
        const isPossible = offers[operation]?.reason === undefined;
        const classes = [
          'inlay-operation',
          operation === chosen && 'inlay-chosen',
          !isPossible && 'inlay-dim',
        ];
        return (
          <PlainButton
            key={operation}
            class={classes.filter(Boolean).join(' ')}
            isPressed={operation === chosen}
            onPress={() => panel.chooseOperation(operation)}
          >
            <Icon name={icons[operation]} />
            <span>{panelOperationNames[operation]}</span>
          </PlainButton>
        );
      })}
    </div>
  );
}
