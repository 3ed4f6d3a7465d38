import path from 'node:path';
import type { GraphStage } from '../../../engine/onnx/graph-stage.ts';
import { openSession, type Tensor } from '../../../engine/runtime/session.ts';

/** Runs a network's stages on the CPU, values flowing by name, and gives everything that came out of any of them. */
export async function runStages(
  stages: readonly GraphStage[],
  inputs: Readonly<Record<string, Tensor>>,
  { weightsFile }: { readonly weightsFile: string },
): Promise<Record<string, Tensor>> {
  const values = { ...inputs };
  for (const stage of stages) {
    const session = await openSession(stage.model, {
      weightsFolder: path.dirname(weightsFile),
      device: 'cpu',
    });
    try {
      const feeds = Object.fromEntries(stage.inputs.map((name) => [name, values[name]]));
      const outputs = await session.run(feeds);
      Object.assign(values, outputs);
    } finally {
      await session.dispose();
    }
  }
  return values;
}
