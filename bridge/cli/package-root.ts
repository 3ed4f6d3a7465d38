/** Where the package's own files are: beside `dist/` in a build, at the checkout's root from source. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../', import.meta.url);

/** The models that Inlay comes with. */
export const shippedModelsFolder = fileURLToPath(new URL('models', root));

/** And the styles. */
export const shippedStylesFolder = fileURLToPath(new URL('styles', root));

/** The built page, which a checkout has after `npm run build`. */
export const pageFolder = fileURLToPath(new URL('dist/web', root));

/** The editors' plugins, which a checkout has after `npm run build:plugins`. */
export const pluginsFolder = fileURLToPath(new URL('dist/plugins', root));

const packageFile = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

export const version = packageFile.version;

/** The oldest Node.js that Inlay runs on, e.g. `20.15`. */
export const oldestNode = packageFile.engines.node.replace(/^\D+/, '');
