import type { PluginFiles } from './plugin-files.ts';

/** The most that files may take, by name, in bytes. */
export type SizeBudgets = Readonly<Record<string, number>>;

/** A sentence for each file that takes more than it may; none when all is well. */
export function overBudget(files: PluginFiles, budgets: SizeBudgets): string[] {
  return Object.entries(budgets).flatMap(([name, maxBytes]) => {
    const { length } = files.get(name)!;
    if (length <= maxBytes) return [];
    return [`Expected ${name} to be at most ${maxBytes} bytes, received ${length}: see what was imported.`];
  });
}
