import type { JSX } from 'preact';
import { useWidgets } from '../../ui/widgets.ts';
import { scopeOf } from '../order.ts';
import { usePanel } from './panel-context.ts';

const sides = ['left', 'right', 'top', 'bottom'] as const;
const labels = { left: 'Left', top: 'Top', right: 'Right', bottom: 'Bottom' } as const;

/** Of each side, in proportion to the size of what is expanded. */
const presetMargin = 0.25;
/** Where that size is not known, in pixels. */
const usualMargin = 256;

/** How far it grows at each side, in pixels of the document. */
export function MarginFields(): JSX.Element {
  const panel = usePanel();
  const { Button, NumberField } = useWidgets();
  const { margins } = panel.fields.choices.value;
  const max = panel.connection.capabilities.value?.limits.maxExpandPixels;
  const scope = scopeOf(panel.host.target.value.offers.expand, panel.fields.choices.value);
  const preset = () => {
    const share = (side: number | undefined) =>
      Math.min(side === undefined ? usualMargin : Math.round(side * presetMargin), max ?? Infinity);
    const [x, y] = [share(scope?.width), share(scope?.height)];
    panel.fields.change({ margins: { left: x, right: x, top: y, bottom: y } });
  };
  return (
    <div class="inlay-margins">
      {sides.map((side) => (
        <NumberField
          key={side}
          label={labels[side]}
          value={margins[side]}
          min={0}
          {...(max !== undefined && { max })}
          unit="px"
          onChange={(value = 0) => panel.fields.change({ margins: { ...margins, [side]: value } })}
        />
      ))}
      <Button onPress={preset}>
        {scope === undefined ? `+${usualMargin} px all around` : '+25 % all around'}
      </Button>
    </div>
  );
}
