#!/usr/bin/env node
/** The command `inlay`. */
import { runCommandLine } from './cli/program.ts';

await runCommandLine(process.argv.slice(2));
