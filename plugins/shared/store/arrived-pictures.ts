import type { JobPicture } from '../client/client-job.ts';
import type { JobEntry } from './job-store.ts';

/** What has arrived of a job, in its order: of a result with a mask both, once both are there. */
export function arrivedPictures({
  pictures,
  request,
}: Pick<JobEntry, 'pictures' | 'request'>): readonly JobPicture[] {
  const hasMasks = 'resultArea' in request && request.resultArea === 'mask';
  const masked = new Set(pictures.filter(({ role }) => role === 'mask').map(({ index }) => index));
  const rank = ({ index, role }: JobPicture) => 2 * index + (role === 'mask' ? 1 : 0);
  return pictures.filter(({ index }) => !hasMasks || masked.has(index)).sort((a, b) => rank(a) - rank(b));
}
