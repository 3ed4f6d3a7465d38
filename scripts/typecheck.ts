/** Checks each environment against its own tsconfig, so that a file cannot use what its environment lacks. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const environments = [
  'engine',
  'bridge',
  'bridge/protocol',
  'plugins/shared',
  'plugins/shared/ui',
  'plugins/shared/panel/ui',
  'plugins/web/document',
  'plugins/web',
  'plugins/photoshop',
  'plugins/figma/main',
  'plugins/figma/ui',
  'tests',
  'tests/plugins/shared/ui',
  'tests/plugins/shared/panel/ui',
  'tests/plugins/web',
];

const packageFile = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = path.join(path.dirname(packageFile), 'bin', 'tsc');
let failed = false;
for (const environment of environments) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', `${environment}/tsconfig.json`], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`types: ${environment} does not compile`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
