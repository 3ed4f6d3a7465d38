import type { JSX } from 'preact';
import { drawingModel } from '../../store/diffusion-settings.ts';
import { isSameSize } from '../../store/picture-size.ts';
import { Choice } from '../../ui/choice.tsx';
import { ModelSelect } from '../../ui/model-select.tsx';
import { ProposedSizes } from '../../ui/proposed-sizes.tsx';
import { useWidgets } from '../../ui/widgets.ts';
import { scopeOf } from '../order.ts';
import { upscaleFactors } from '../panel-fields.ts';
import { MarginFields } from './margin-fields.tsx';
import { usePanel } from './panel-context.ts';

/** At what size a new picture is drawn. */
function NewSizeField(): JSX.Element | null {
  const { connection, fields, prompts } = usePanel();
  const capabilities = connection.capabilities.value;
  const model = capabilities && drawingModel(capabilities, 'generate', prompts.settings.value);
  const { newSize } = fields.choices.value;
  const sizes = model?.hints?.sizes ?? [];
  const [usual] = sizes;
  if (model === undefined || usual === undefined) return null;
  const size = sizes.find((proposed) => newSize !== undefined && isSameSize(proposed, newSize)) ?? usual;
  return <ProposedSizes model={model} size={size} onChange={(next) => fields.change({ newSize: next })} />;
}

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
      {offer?.takesSize && !isInPlace && <NewSizeField />}
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
