import type { Command } from 'commander';
import type { ModelInfo } from '../../engine/api.ts';
import { openHome } from '../home.ts';
import { readSettings, startEngine } from './engine-start.ts';
import { interruptible } from './interruption.ts';
import { addHomeOption, addJsonOption, addModelsOption, type EngineFlags } from './options.ts';
import { formatTable } from './table.ts';
import { formatBytes, Terminal } from './terminal.ts';

export function addModelsCommand(program: Command): void {
  const command = program
    .command('models')
    .summary('list the models that are installed')
    .description('List the models that are installed.');
  addHomeOption(addJsonOption(addModelsOption(command)))
    .addHelpText('after', '\nExample:\n  $ inlay models --models ~/ComfyUI/models/upscale_models\n')
    .action(async (flags: EngineFlags) => {
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
            terminal.result({ models }, `${modelTable(models)}\n\nYour own go into ${home.modelsFolder}.`);
          } finally {
            await engine.close();
          }
        });
      } catch (error) {
        terminal.failure(error);
      }
    });
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
