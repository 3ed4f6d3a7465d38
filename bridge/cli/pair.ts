import type { Command } from 'commander';
import { ClientError } from '../../plugins/shared/client/client-error.ts';
import { findRunningServer, openHome } from '../home.ts';
import { readSettings } from './engine-start.ts';
import { interruptible } from './interruption.ts';
import { addHomeOption, addJsonOption, type HomeFlags } from './options.ts';
import { formatPairingCode } from './pairing-code.ts';
import { Terminal } from './terminal.ts';

export function addPairCommand(program: Command): void {
  addHomeOption(
    addJsonOption(
      program
        .command('pair')
        .summary('show a new code to pair an editor')
        .description('Show a new code to pair an editor with the running server.'),
    ),
  )
    .addHelpText('after', '\nExample:\n  $ inlay pair\n')
    .action(async (flags: HomeFlags) => {
      const terminal = new Terminal({ json: flags.json === true });
      try {
        const { homeFolder } = await readSettings(flags.home === undefined ? {} : { home: flags.home });
        const server = await findRunningServer(await openHome(homeFolder));
        if (server === undefined) {
          throw new ClientError({
            code: 'unreachable',
            message: `Expected a server to run on the home folder ${homeFolder}, found none.`,
            hint: 'Start it with `inlay serve`, which shows a code as well.',
          });
        }
        const { withClient } = await import('./server-client.ts');
        const address = { host: 'localhost', port: server.port };
        const { code, expiresInMs } = await interruptible((signal) =>
          withClient(address, { token: server.controlToken, signal }, (client) => client.openPairing()),
        );
        const text = formatPairingCode({ code, expiresInMs }, { large: process.stdout.isTTY });
        terminal.result({ code, expiresInMs }, `${text}\nType it into the Inlay panel of the editor.`);
      } catch (error) {
        terminal.failure(error);
      }
    });
}
