import type { Capabilities, ControlField, ModelCapability } from '../../../bridge/protocol/messages.ts';
import type { ControlMaps } from '../store/control-maps.ts';
import type { ControlSource } from '../store/controls.ts';
import type { PromptStore } from '../store/prompt-store.ts';

/** What an editor has for controls. */
export interface ControlImages {
  /** Pictures that a control may follow now, the likeliest first. */
  readonly sources: readonly ControlSource[];
  /** What is worked on itself, e.g. `what is there`; nothing where there is none. */
  readonly own?: string | undefined;
  /** Lets the user choose a file; nothing where none is chosen. */
  readonly choosePicture?: () => Promise<ControlSource | undefined>;
  /** Lets the user draw one. */
  readonly drawSketch?: () => void;
  readonly maps: ControlMaps;
  /** Makes the map of a control, to be looked at. */
  readonly showMap: (control: ControlField) => void;
  /** Makes the map, and puts it into the document as a layer. */
  readonly insertMap?: (control: ControlField) => void;
}

export interface ControlFieldsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
  readonly capabilities: Pick<Capabilities, 'models' | 'controls'>;
  readonly images: ControlImages;
}

export interface ControlCardProps extends ControlFieldsProps {
  readonly control: ControlField;
  /** From 1. */
  readonly number: number;
  readonly onChange: (control: ControlField) => void;
  readonly onRemove: () => void;
}
