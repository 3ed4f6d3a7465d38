/** The stages of a network with their sessions, as all loaded networks hold them. */
import type { Device } from '../api.ts';
import type { GraphStage } from '../onnx/graph-stage.ts';
import { openSession, type Session } from '../runtime/session.ts';

/** Without the model's bytes, which the session has taken in, and the graph that its footprint is told from. */
export interface LoadedStage extends Omit<GraphStage, 'model' | 'footprint'> {
  readonly session: Session;
}

/** Opens a session for each stage; where one cannot be opened, those before it are disposed. Whoever opens them disposes them. */
export async function openStages(
  stages: readonly GraphStage[],
  { weightsFolder, device }: { readonly weightsFolder: string; readonly device: Device },
): Promise<readonly LoadedStage[]> {
  const opened: LoadedStage[] = [];
  try {
    for (const { model, footprint: _, ...stage } of stages) {
      const session = await openSession(model, { weightsFolder, device, tuning: stage.tuning });
      opened.push({ ...stage, session });
    }
  } catch (error) {
    await disposeStages(opened);
    throw error;
  }
  return opened;
}

export async function disposeStages(stages: readonly LoadedStage[]): Promise<void> {
  await Promise.all(stages.map(({ session }) => session.dispose()));
}

/** Whether a value must be kept once stage `index` has run. */
export function isNeededAfter(
  stages: readonly LoadedStage[],
  { index, name }: { readonly index: number; readonly name: string },
): boolean {
  return stages.slice(index + 1).some(({ inputs }) => inputs.includes(name));
}
