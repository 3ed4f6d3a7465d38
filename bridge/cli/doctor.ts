import type { Command } from 'commander';
import { readSettings } from './engine-start.ts';
import { examine, type Finding } from './examination.ts';
import { exitCodeFor } from './exit-codes.ts';
import { interruptible } from './interruption.ts';
import {
  addDeviceOption,
  addHomeOption,
  addJsonOption,
  addModelsOption,
  type EngineFlags,
} from './options.ts';
import { Terminal } from './terminal.ts';

const marks: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok      ',
  note: '-       ',
  warning: 'warning ',
  problem: 'PROBLEM ',
};

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .summary('examine this installation and say what to do')
    .description(
      'Examine this installation: Node.js, devices, memory, home, models, ports; and say what to do.',
    );
  addHomeOption(addJsonOption(addDeviceOption(addModelsOption(command))))
    .addHelpText('after', '\nExample:\n  $ inlay doctor --json > report.json\n')
    .action(async (flags: EngineFlags) => {
      const terminal = new Terminal({ json: flags.json === true });
      try {
        const config = await readSettings(flags);
        const findings = await interruptible((signal) => examine(config, signal));
        const problem = findings.find(({ state }) => state === 'problem');
        const usable = problem === undefined;
        terminal.result(
          { usable, findings },
          `${findings.map(formatFinding).join('\n')}\n\n${usable ? 'Inlay is fit for use.' : 'Inlay cannot be used like this.'}`,
        );
        if (problem !== undefined) process.exitCode = exitCodeFor(problem.code ?? 'internal');
      } catch (error) {
        terminal.failure(error);
      }
    });
}

function formatFinding({ state, subject, message, hint }: Finding): string {
  const line = `${marks[state]} ${subject.padEnd(8)} ${message}`;
  return hint === undefined ? line : `${line}\n${' '.repeat(18)}${hint}`;
}
