import type { Command } from 'commander';
import { downloadByName, readDownloads } from '../downloads/catalogue.ts';
import { downloadModel } from '../downloads/download-model.ts';
import { openHome } from '../home.ts';
import { readSettings } from './engine-start.ts';
import { interruptible } from './interruption.ts';
import { addHomeOption, addJsonOption, type HomeFlags } from './options.ts';
import { shippedModelsFolder } from './package-root.ts';
import { formatBytes, Terminal } from './terminal.ts';

/** `inlay models get NAME`: the only command that fetches anything from the network. */
export function addModelsGetCommand(models: Command): void {
  const command = models
    .command('get <name>')
    .summary('download a model of the catalogue, such as the one for depth maps')
    .description(
      'Download a model of the catalogue into the models folder, checked against its published hash.',
    );
  addHomeOption(addJsonOption(command))
    .addHelpText('after', '\nExample:\n  $ inlay models get depth-anything-v2-small\n')
    // `--home` and `--json` are of `inlay models` too, and wherever they stand it is meant here.
    .action((name: string, _flags: HomeFlags, own: Command) => getModel(name, own.optsWithGlobals()));
}

async function getModel(name: string, flags: HomeFlags): Promise<void> {
  const terminal = new Terminal({ json: flags.json === true });
  try {
    await interruptible(async (signal) => {
      const model = downloadByName(await readDownloads(shippedModelsFolder), name);
      const { homeFolder } = await readSettings(flags);
      const { modelsFolder } = await openHome(homeFolder);
      const { licence, source, megabytes, description } = model;
      terminal.note(`${description}\nLicence ${licence}, about ${megabytes} MB, from ${source}`);
      const { folder, files } = await downloadModel(model, {
        modelsFolder,
        signal,
        onProgress: (bytes, total) =>
          terminal.progress({ phase: 'download', step: bytes, steps: total ?? Math.max(bytes, 1) }),
      });
      const lines = files.map(
        (file) =>
          `${file.path}  ${formatBytes(file.byteLength)}, SHA-256 ${file.sha256}${
            file.checkedBy === 'nobody' ? ' (its publisher tells none to check it against)' : ', as published'
          }`,
      );
      const text = lines.length === 0 ? 'It is there already.' : lines.join('\n');
      terminal.result({ name, folder, files }, `${text}\nIn ${folder}.`);
    });
  } catch (error) {
    terminal.failure(error);
  }
}
