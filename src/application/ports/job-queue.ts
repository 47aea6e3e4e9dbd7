import type { Job } from '../../domain/job.js';

/** Durable hand-over of work. Returns only after the message is stored; throws `storage_unavailable` otherwise. */
export interface JobQueue {
  enqueue(job: Job, options?: { delaySeconds?: number }): Promise<void>;
}
