import type { Command } from 'commander';
import { openHome } from '../home.ts';
import { familyNames } from '../jobs/named-model.ts';
import { listStyles, styleFolders } from '../jobs/style-list.ts';
import type { StyleCapability } from '../protocol/messages.ts';
import { readSettings } from './engine-start.ts';
import { addHomeOption, addJsonOption, type HomeFlags } from './options.ts';
import { shippedStylesFolder } from './package-root.ts';
import { formatTable } from './table.ts';
import { Terminal } from './terminal.ts';

export function addStylesCommand(program: Command): void {
  const command = program
    .command('styles')
    .summary('list the styles, looks that a prompt can be drawn in')
    .description(
      'List the styles: words around a prompt, and settings, as --style takes them by their names.',
    );
  addHomeOption(addJsonOption(command))
    .addHelpText('after', '\nExample:\n  $ inlay styles --json\n')
    .action(async (flags: HomeFlags) => {
      const terminal = new Terminal({ json: flags.json === true });
      try {
        const { homeFolder } = await readSettings(flags);
        const { stylesFolder } = await openHome(homeFolder);
        const styles = await listStyles(styleFolders(stylesFolder, shippedStylesFolder));
        terminal.result({ styles }, `${styleTable(styles)}\n\nYour own go into ${stylesFolder}.`);
      } catch (error) {
        terminal.failure(error);
      }
    });
}

function styleTable(styles: readonly StyleCapability[]): string {
  return formatTable(
    ['NAME', 'TITLE', 'FOR', 'CHECKPOINT', 'ORIGIN', 'PROBLEM'],
    styles.map(({ name, title, family, checkpoint, origin, problem }) => [
      name,
      title,
      family === undefined ? '' : familyNames[family],
      checkpoint ?? '',
      origin,
      problem ?? '',
    ]),
  );
}
