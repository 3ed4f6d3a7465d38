import type { JSX } from 'preact';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import { inTagOrder } from '../../../bridge/protocol/tag-order.ts';
import type { PromptStore } from '../store/prompt-store.ts';
import { joinedWords, saysWords, withQualityTags } from '../store/prompt-words.ts';
import { useWidgets } from './widgets.ts';

export interface PromptHintsProps {
  readonly prompts: PromptStore;
  readonly model: ModelCapability;
}

/** What the model likes to be told; nothing of one that says nothing. */
export function PromptHints({ prompts, model }: PromptHintsProps): JSX.Element | null {
  const { Button } = useWidgets();
  const { hints } = model;
  if (hints === undefined) return null;
  const { prompt, tagOrder, qualityTags, negativePrompt } = hints;
  const said = prompts.settings.value;
  const canTag = qualityTags !== undefined && !saysWords(said.prompt, qualityTags);
  const canDeny = negativePrompt !== undefined && !saysWords(said.negativePrompt, negativePrompt);
  const ordered = tagOrder === undefined ? said.prompt : inTagOrder(said.prompt, tagOrder);
  return (
    <div class="inlay-hints">
      <p class="inlay-muted inlay-small">
        {prompt}
        {tagOrder !== undefined && ` In this order: ${tagOrder.join(', ')}.`}
      </p>
      <div class="inlay-actions">
        {canTag && (
          <Button
            onPress={() =>
              prompts.change({
                prompt: withQualityTags(said.prompt, { ...(tagOrder && { tagOrder }), qualityTags }),
              })
            }
          >
            Add quality tags
          </Button>
        )}
        {ordered !== said.prompt && (
          <Button onPress={() => prompts.change({ prompt: ordered })}>Put the tags in order</Button>
        )}
        {canDeny && (
          <Button
            onPress={() =>
              prompts.change({ negativePrompt: joinedWords(said.negativePrompt, negativePrompt) })
            }
          >
            Add the usual “Without”
          </Button>
        )}
      </div>
    </div>
  );
}
