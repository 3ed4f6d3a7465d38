import { type BuildOptions, build } from 'esbuild';

/** One entry, bundled to one text. */
export interface Bundle {
  readonly text: string;
  /** Paths of the source files in it. */
  readonly inputs: readonly string[];
}

const common = {
  bundle: true,
  write: false,
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  charset: 'utf8',
  // The licences are in NOTICE, which goes along.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** What our own code knows of its build: `INLAY_VERSION`, a string, which who uses it declares. */
export function buildConstants(version: string): Record<string, string> {
  return { INLAY_VERSION: JSON.stringify(version) };
}

/** Bundles a script or a style sheet with all it imports. @throws what esbuild rejects with when it does not build. */
export async function bundleEntry(entry: string, options: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...common,
    ...options,
    entryPoints: [entry],
    write: false,
    metafile: true,
  });
  const [output, ...others] = outputFiles;
  if (!output || others.length > 0) {
    throw new Error(
      `Expected one file out of ${entry}, received ${outputFiles.length}: import styles in its style sheet`,
    );
  }
  return { text: output.text, inputs: Object.keys(metafile.inputs) };
}
