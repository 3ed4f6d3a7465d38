import type { Command } from 'commander';
import { addDeviceOption, addHomeOption, addModelsOption, positiveNumber } from './options.ts';
import type { ServeFlags } from './run-server.ts';
import { Terminal } from './terminal.ts';

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('run the server that the editors connect to')
    .description('Run the server that the editors connect to, until Ctrl-C.')
    .option(
      '--port <number>',
      'listen on this port alone (env: INLAY_PORT; default: the first free of 41730 to 41733)',
    )
    .option('--threads <number>', 'threads for the fill (env: INLAY_THREADS; default: one for each core)')
    .option(
      '--idle-unload <minutes>',
      'unload models that were not used for so long (default: 5)',
      positiveNumber,
    )
    .option('--log-level <level>', 'how much goes into the log file (env: INLAY_LOG_LEVEL; default: info)');
  addHomeOption(addDeviceOption(addModelsOption(command)))
    .addHelpText('after', '\nExample:\n  $ inlay serve --models ~/ComfyUI/models/upscale_models\n')
    .action(async (flags: ServeFlags) => {
      const terminal = new Terminal({ json: false });
      try {
        // Its parts are loaded only here: no other command needs them.
        const { runServer } = await import('./run-server.ts');
        await runServer(flags, terminal);
      } catch (error) {
        terminal.failure(error);
      }
    });
}
