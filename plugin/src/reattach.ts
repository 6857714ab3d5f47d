// After a saved state was opened: Python has its ends of figures and tables
// still, the page gets its own again.

import type { CellView } from './cell_view.ts';
import type { Comms } from './comms.ts';
import type { KernelApi } from './kernel.ts';

export async function reattach(
  kernel: KernelApi,
  comms: Comms,
  cells: readonly CellView[],
): Promise<void> {
  const reply = await kernel.request('comm_info_request', {});
  if (reply.content.status !== 'ok') {
    return;
  }
  for (const [id, comm] of Object.entries(reply.content.comms)) {
    const { target_name: name } = comm as { target_name: string };
    comms.adopt(id, name);
  }
  cells.forEach((cell) => cell.outputs?.revive(cell.data.display_ids));
}
