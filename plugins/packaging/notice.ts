import { readFileSync } from 'node:fs';

/**
 * What is bundled is handed on, and so must its licence be.
 *
 * @param inputs paths of the source files in a bundle.
 * @throws Error naming a package that NOTICE does not.
 */
export function assertNoticed(inputs: readonly string[]): void {
  const notice = readFileSync('NOTICE', 'utf8');
  const packages = inputs.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
  for (const name of new Set(packages)) {
    if (name === undefined || notice.includes(`    ${name} (`)) continue;
    throw new Error(`Expected NOTICE to name "${name}", which is bundled, and its licence.`);
  }
}
