// The worker's script as text: a report is one file, so its workers begin from
// a blob. plugin/build.mjs puts it in.

declare const TINCTURE_WORKER_CODE: string;

export const workerCode = TINCTURE_WORKER_CODE;
