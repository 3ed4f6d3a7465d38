/** What a job will be like, in words for people. */
import type { Operation } from '../../../bridge/protocol/messages.ts';
import type { Estimate } from '../client/client.ts';
import type { EstimateQuestion } from '../store/estimate-store.ts';
import { describeDuration } from './job-words.ts';

/** E.g. `Sees 384 × 320 px, drawn at 512 × 424 · about 40 s · 1.2 GiB of memory`. */
export function describeEstimate(
  jobs: readonly Pick<EstimateQuestion, 'request'>[],
  estimate: Estimate,
): string {
  const { durationMs, memoryBytes, outcome } = estimate;
  const operation = jobs[0]?.request.operation;
  return [
    jobs.length > 1 ? `${jobs.length} places` : describeSizes(operation, estimate),
    describeDuration(durationMs),
    `${describeBytes(memoryBytes)} of memory`,
    outcome === 'fits-with-savings' && 'slower, to fit into the memory',
  ]
    .filter(Boolean)
    .join(' · ');
}

function describeSizes(operation: Operation | undefined, estimate: Estimate): string {
  const { outputWidth, outputHeight, contextBounds, workingSize } = estimate;
  if (operation === 'upscale') {
    return `Becomes ${sizeWords({ width: outputWidth, height: outputHeight })} px`;
  }
  const seen = sizeWords(contextBounds);
  const drawn = workingSize === undefined ? seen : sizeWords(workingSize);
  const isPart = operation === 'fill' || operation === 'expand';
  return `${isPart ? 'Sees ' : ''}${seen} px${drawn === seen ? '' : `, drawn at ${drawn}`}`;
}

function sizeWords({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width} × ${height}`;
}

const gibibyte = 2 ** 30;

/** E.g. `1.2 GiB`; in MiB below one. */
export function describeBytes(bytes: number): string {
  if (bytes >= gibibyte) return `${(bytes / gibibyte).toFixed(1)} GiB`;
  return `${Math.max(1, Math.round(bytes / 2 ** 20))} MiB`;
}
