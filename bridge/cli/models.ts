import type { Command } from 'commander';
import type { ModelInfo } from '../../engine/api.ts';
import { openHome } from '../home.ts';
import { namedModel } from '../jobs/named-model.ts';
import { promptHints } from '../jobs/prompt-hints.ts';
import type { PromptHints } from '../protocol/messages.ts';
import { inTagOrder } from '../protocol/tag-order.ts';
import { readSettings, startEngine } from './engine-start.ts';
import { interruptible } from './interruption.ts';
import { addModelsGetCommand } from './models-get.ts';
import { addHomeOption, addJsonOption, addModelsOption, type EngineFlags } from './options.ts';
import { formatTable } from './table.ts';
import { formatBytes, Terminal } from './terminal.ts';

interface ModelsFlags extends EngineFlags {
  readonly hints?: string;
  readonly prompt?: string;
}

export function addModelsCommand(program: Command): void {
  const command = program
    .command('models')
    .summary('list the models that are installed')
    .description('List the models that are installed.');
  command.option(
    '--hints <name>',
    'how this checkpoint likes to be asked, and at which sizes, instead of the list',
  );
  command.option(
    '--prompt <text>',
    'with --hints: the same prompt, its tags in the order that the checkpoint likes',
  );
  addHomeOption(addJsonOption(addModelsOption(command)))
    .addHelpText(
      'after',
      '\nExample:\n  $ inlay models --models ~/ComfyUI/models/upscale_models\n  $ inlay models --hints inlay-mini\n',
    )
    .action(async (flags: ModelsFlags) => {
      const terminal = new Terminal({ json: flags.json === true });
      try {
        await interruptible(async (signal) => {
          const config = await readSettings(flags);
          const home = await openHome(config.homeFolder);
          // Listing computes nothing: no device needs to be tried.
          const engine = await startEngine(config, {
            home,
            spoolFolder: home.spoolFolder,
            signal,
            device: 'cpu',
          });
          try {
            const models = await engine.models();
            if (flags.hints !== undefined) return sayHints(flags.hints, { ...flags, models, terminal });
            terminal.result({ models }, `${modelTable(models)}\n\nYour own go into ${home.modelsFolder}.`);
          } finally {
            await engine.close();
          }
        });
      } catch (error) {
        terminal.failure(error);
      }
    });
  addModelsGetCommand(command);
}

/** Throws what is wrong with the model of that name. */
function sayHints(
  name: string,
  {
    prompt,
    models,
    terminal,
  }: Pick<ModelsFlags, 'prompt'> & { readonly models: readonly ModelInfo[]; readonly terminal: Terminal },
): void {
  const model = namedModel(name, models, { kind: 'checkpoint' });
  const hints = promptHints(model);
  if (hints === undefined) return;
  const ordered = prompt === undefined ? undefined : inTagOrder(prompt, hints.tagOrder ?? []);
  const text = hintsText(model, hints);
  terminal.result(
    { name, hints, ...(ordered !== undefined && { prompt: ordered }) },
    ordered === undefined ? text : `${text}\nYours     ${ordered}`,
  );
}

function hintsText({ name, architecture }: ModelInfo, hints: PromptHints): string {
  const { prompt, tagOrder, qualityTags, negativePrompt, sizes } = hints;
  const rows = [
    ['Prompt', prompt],
    ['Order', tagOrder?.join(', ')],
    ['Quality', qualityTags],
    ['Negative', negativePrompt],
    ['Sizes', sizes.map(({ width, height }) => `${width}x${height}`).join(', ')],
  ];
  const lines = rows.flatMap(([title, text]) => (text === undefined ? [] : [`${title!.padEnd(10)}${text}`]));
  return [`${name}: ${architecture}`, ...lines].join('\n');
}

function modelTable(models: readonly ModelInfo[]): string {
  return formatTable(
    ['NAME', 'KIND', 'ARCHITECTURE', 'SCALE', 'SIZE', 'LICENCE', 'ORIGIN', 'PROBLEM'],
    models.map(({ name, kind, architecture, scale, fileBytes, licence, origin, problem }) => [
      name,
      kind,
      architecture,
      scale === undefined ? '' : `${scale}×`,
      fileBytes === undefined ? '' : formatBytes(fileBytes),
      licence ?? '',
      origin,
      problem ?? '',
    ]),
  );
}
