import type { JSX } from 'preact';
import { Choice } from '../../ui/choice.tsx';
import { ModelSelect } from '../../ui/model-select.tsx';
import { useWidgets } from '../../ui/widgets.ts';
import { scopeOf } from '../order.ts';
import { upscaleFactors } from '../panel-fields.ts';
import { MarginFields } from './margin-fields.tsx';
import { usePanel } from './panel-context.ts';

/** On what, and what only this operation asks for. */
export function OperationFields(): JSX.Element {
  const panel = usePanel();
  const { Select } = useWidgets();
  const operation = panel.operation.value;
  const isInPlace = panel.edited.value !== undefined;
  const offer = panel.host.target.value.offers[operation];
  const choices = panel.fields.choices.value;
  const scopes = isInPlace ? [] : (offer?.scopes ?? []);
  const factorNames = Object.fromEntries(
    upscaleFactors.map((factor) => [factor, `${factor} times as large`]),
  );
  return (
    <div class="inlay-fields">
      {scopes.length > 1 && (
        <Select
          label="Of"
          value={scopeOf(offer, choices)?.id ?? ''}
          options={scopes.map(({ id, label, width, height }) => ({
            value: id,
            label: `${label}, ${width} × ${height} px`,
          }))}
          onChange={(scopeId) => panel.fields.change({ scopeId })}
        />
      )}
      {operation === 'expand' && !isInPlace && <MarginFields />}
      {operation === 'upscale' && (
        <>
          <Choice
            label="Size"
            value={String(choices.scale)}
            names={factorNames}
            onChange={(factor) => factor !== undefined && panel.fields.change({ scale: Number(factor) })}
          />
          <ModelSelect
            label="Model"
            kind="upscaler"
            models={panel.connection.capabilities.value?.models ?? []}
            value={choices.upscaler}
            unset="the usual one"
            onChange={(upscaler) => panel.fields.change({ upscaler })}
          />
        </>
      )}
    </div>
  );
}
