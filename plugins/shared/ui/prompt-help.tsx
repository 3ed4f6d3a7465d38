import type { JSX } from 'preact';
import { Fold } from './fold.tsx';

/** What is written, and what it does. */
const tags: readonly (readonly [written: string, meaning: string])[] = [
  ['(red:1.3)  [red]', 'more of it; less of it'],
  ['{a house|a boat}', 'one of them, another with each seed'],
  ['__animal__', 'a line of animal.txt in the wildcards folder, by the seed'],
  ['<lora:name:0.8>', 'a LoRA at that strength, besides those chosen in the list'],
  ['<hypernet:name:0.8>', 'a hypernetwork, likewise'],
  ['[cat:dog:0.4]', 'first the one, after 0.4 of the steps the other'],
];

/** What else than words a prompt may have in it. */
export function PromptHelp(): JSX.Element {
  return (
    <Fold label="Help with prompts">
      <div class="inlay-help inlay-small">
        {tags.map(([written, meaning]) => (
          <p key={written}>
            <code>{written}</code> <span class="inlay-muted">{meaning}</span>
          </p>
        ))}
      </div>
    </Fold>
  );
}
