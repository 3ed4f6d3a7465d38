import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job } from '../../../bridge/jobs/job.ts';
import { Upload } from '../../../bridge/jobs/upload.ts';
import { type JobState, jobStates } from '../../../bridge/protocol/messages.ts';

function job(): Job {
  const listener = { send() {}, sendResult() {}, offerPreview() {} };
  const output = { format: 'png', quality: 90 } as const;
  const request = { operation: 'upscale', model: 'm', output, scale: 2 } as const;
  return new Job({
    id: 'j',
    clientId: 'c',
    request,
    images: [],
    upload: new Upload([], { tellEveryBytes: 1 }),
    listener,
  });
}

/** The ways from `submit` to each state. */
const paths: Record<JobState, readonly JobState[]> = {
  uploading: [],
  queued: ['queued'],
  running: ['queued', 'running'],
  done: ['queued', 'running', 'done'],
  failed: ['failed'],
  cancelled: ['queued', 'cancelled'],
};

const allowed: Record<JobState, readonly JobState[]> = {
  uploading: ['queued', 'failed', 'cancelled'],
  queued: ['running', 'failed', 'cancelled'],
  running: ['done', 'failed', 'cancelled'],
  done: [],
  failed: [],
  cancelled: [],
};

for (const from of jobStates) {
  test(`[J1] a job that is ${from} can become ${allowed[from].join(', ') || 'nothing else'} and throws otherwise`, () => {
    for (const next of jobStates) {
      const subject = job();
      for (const state of paths[from]) subject.transition(state);
      if (allowed[from].includes(next)) {
        subject.transition(next);
        assert.equal(subject.state, next);
      } else {
        assert.throws(() => subject.transition(next), new RegExp(`is ${from} cannot become ${next}`));
        assert.equal(subject.state, from);
      }
      assert.equal(subject.upload === undefined, subject.hasEnded);
    }
  });
}
