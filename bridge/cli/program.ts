/** The command line as a whole: its commands, and what it says of input that is none of them. */
import { Command, CommanderError } from 'commander';
import { EngineError } from '../../engine/errors.ts';
import { addControlCommand } from './control.ts';
import { addDoctorCommand } from './doctor.ts';
import { exitCodes } from './exit-codes.ts';
import { addExpandCommand } from './expand.ts';
import { addFillCommand } from './fill.ts';
import { addGenerateCommand } from './generate.ts';
import { addModelsCommand } from './models.ts';
import { version } from './package-root.ts';
import { addPairCommand } from './pair.ts';
import { addRemoveCommand } from './remove.ts';
import { addServeCommand } from './serve.ts';
import { addStylesCommand } from './styles.ts';
import { Terminal } from './terminal.ts';
import { addTokensCommand } from './tokens.ts';
import { addUpscaleCommand } from './upscale.ts';
import { addVaryCommand } from './vary.ts';

/** Codes of commander for what is no mistake of the user's. */
const answeredCodes: ReadonlySet<string> = new Set(['commander.helpDisplayed', 'commander.version']);

/** All commands, for one command line. */
export function createProgram(): Command {
  const program = new Command('inlay')
    .description('Generative fill on your own machine: fill, remove, expand, upscale and draw pictures.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    // What went wrong is said by `runCommandLine`, in one form for all mistakes.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      '\nStart with:\n  $ inlay serve            then pair your editor with the code it shows\n  $ inlay fill --help      options and an example of every command\n',
    );
  addServeCommand(program);
  addPairCommand(program);
  addFillCommand(program);
  addRemoveCommand(program);
  addExpandCommand(program);
  addUpscaleCommand(program);
  addGenerateCommand(program);
  addVaryCommand(program);
  addControlCommand(program);
  addModelsCommand(program);
  addStylesCommand(program);
  addTokensCommand(program);
  addDoctorCommand(program);
  return program;
}

/** Runs one command line, the program's own name left out, and ends the process. */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', () => process.exit(process.exitCode));
  try {
    await createProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!answeredCodes.has(error.code)) sayUsageError(error, words);
  }
  // An engine that is still starting, or a server that still answers, is not waited for.
  process.stdout.write('', () => process.exit());
}

function sayUsageError({ code, message }: CommanderError, words: readonly string[]): void {
  if (code === 'commander.help') {
    // Only `inlay`: commander has printed the help.
    process.exitCode = exitCodes.usage;
    return;
  }
  const [firstLine = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const hint =
    suggestion === undefined
      ? `See \`inlay ${commandIn(words)}--help\`.`
      : suggestion.replace(/^\(|\)$/g, '');
  new Terminal({ json: words.includes('--json') }).failure(
    new EngineError('invalid-option', sentence(firstLine), { hint }),
  );
}

function commandIn([first]: readonly string[]): string {
  const names = createProgram().commands.map((command) => command.name());
  return first !== undefined && names.includes(first) ? `${first} ` : '';
}

function sentence(text: string): string {
  const capitalized = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(capitalized) ? capitalized : `${capitalized}.`;
}
