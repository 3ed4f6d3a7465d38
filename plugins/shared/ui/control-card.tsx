import type { JSX } from 'preact';
import { controlStrengthRange } from '../../../bridge/protocol/limits.ts';
import { controlKinds } from '../../../bridge/protocol/messages.ts';
import {
  controlDefaults,
  controlKindNames,
  controlModels,
  controlModeNames,
  isMap,
  kindOf,
  lackOfControl,
  withKind,
  withMap,
  withSource,
} from '../store/controls.ts';
import { Choice } from './choice.tsx';
import type { ControlCardProps } from './control-fields-props.ts';
import { ControlMapPreview } from './control-map-preview.tsx';
import { Fold } from './fold.tsx';
import { PreprocessorFields } from './preprocessor-fields.tsx';
import { useWidgets } from './widgets.ts';

/** One picture that the drawing is to follow, and how closely. */
export function ControlCard(props: ControlCardProps): JSX.Element {
  const { capabilities, model, images, control, number, onChange, onRemove } = props;
  const { Checkbox, IconButton, Select, Slider } = useWidgets();
  const { imageId, imageName, strength = controlDefaults.strength } = control;
  const kind = kindOf(control);
  const lack = lackOfControl(control, { capabilities, model });
  const isGone = imageId !== undefined && !images.sources.some(({ id }) => id === imageId);
  const options = [
    ...(images.own === undefined ? [] : [{ value: '', label: images.own }]),
    ...images.sources.map(({ id, label }) => ({ value: id, label })),
    ...(isGone ? [{ value: imageId, label: `${imageName ?? 'a picture'} (not here)` }] : []),
  ];
  const percent = Math.round(strength * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-control" role="group" aria-label={`Control ${number}`}>
      <div class="inlay-control-head">
        <span class="inlay-control-title">Control {number}</span>
        <IconButton icon="delete" label={`Remove control ${number}`} onPress={onRemove} />
      </div>
      <Select
        label="Picture"
        value={imageId ?? ''}
        options={options}
        onChange={(id) =>
          onChange(
            withSource(
              control,
              images.sources.find((source) => source.id === id),
            ),
          )
        }
      />
      <Select
        label="Follow its"
        value={kind}
        options={controlKinds.map((name) => ({ value: name, label: kindLabel(name, props) }))}
        onChange={(name) => {
          const next = controlKinds.find((candidate) => candidate === name);
          if (next !== undefined) onChange(withKind(control, next));
        }}
      />
      {lack !== undefined && <p class="inlay-problem inlay-small">{lack}</p>}
      {imageId !== undefined && kind !== 'inpaint' && (
        <Checkbox
          label="It is such a map already"
          isChecked={isMap(control)}
          onChange={(isAMap) => onChange(withMap(control, isAMap))}
        />
      )}
      <Slider
        label="Strength"
        value={percent}
        min={0}
        max={controlStrengthRange.max * 100}
        step={5}
        valueText={`${percent} %`}
        onInput={(value) => onChange({ ...control, strength: value / 100 })}
      />
      <Fold label="More">
        <More {...props} />
      </Fold>
      {!isMap(control) && kind !== 'inpaint' && !isGone && <ControlMapPreview {...props} />}
    </div>
  );
}

/** Those for which nothing is installed are there too: chosen, they say what to get. */
function kindLabel(
  kind: (typeof controlKinds)[number],
  { capabilities, model }: Pick<ControlCardProps, 'capabilities' | 'model'>,
): string {
  const isThere = controlModels(capabilities, model, kind).length > 0;
  return isThere ? controlKindNames[kind] : `${controlKindNames[kind]} – none installed`;
}

/** By which ControlNet, in which steps, and what goes first. */
function More({ capabilities, model, control, onChange }: ControlCardProps): JSX.Element {
  const { NumberField, Select } = useWidgets();
  const models = controlModels(capabilities, model, kindOf(control));
  const { start = controlDefaults.start, end = controlDefaults.end } = control;
  const percent = (share: number) => Math.round(share * 100);
  const { model: _, ...automatic } = control;
  return (
    <div class="inlay-fields">
      {models.length > 0 && (
        <Select
          label="ControlNet"
          value={control.model ?? ''}
          options={[
            { value: '', label: 'automatic' },
            ...models.map(({ name, title }) => ({ value: name, label: title ?? name })),
          ]}
          onChange={(name) => onChange(name === '' ? automatic : { ...control, model: name })}
        />
      )}
      <NumberField
        label="From step"
        value={percent(start)}
        min={0}
        max={percent(end)}
        step={5}
        unit="%"
        onChange={(value = 0) => onChange({ ...control, start: value / 100 })}
      />
      <NumberField
        label="To step"
        value={percent(end)}
        min={percent(start)}
        max={100}
        step={5}
        unit="%"
        onChange={(value = 100) => onChange({ ...control, end: value / 100 })}
      />
      {!isMap(control) && (
        <PreprocessorFields capabilities={capabilities} control={control} onChange={onChange} />
      )}
      <Choice
        label="Heeds"
        value={control.mode}
        names={controlModeNames}
        usual={controlDefaults.mode}
        onChange={(mode) => {
          const { mode: _mode, ...others } = control;
          onChange(mode === undefined ? others : { ...others, mode });
        }}
      />
    </div>
  );
}
