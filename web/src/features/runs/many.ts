// Acts on many runs and says what became of it, with another try for the rest. Never asks first.
import { type Bulk, bulk } from '@/data/actions';
import type { BulkAction } from '@/data/records';
import { toast } from '@/ui/toast';
import { DONE, outcome } from './outcome';

/** Looks at what was done; perhaps there is a way back. */
type Then = (result: Bulk) => (() => void) | undefined;

/** Throws where nothing was done at all. */
export async function onMany(body: BulkAction, then?: Then): Promise<void> {
  const result = await bulk(body);
  const again = result.rest.length > 0 ? trying({ ...body, keys: result.rest }, then) : undefined;
  toast(outcome(body, result), { undo: then?.(result), again });
}

/** The same for those who cannot be thrown at. */
export function trying(body: BulkAction, then?: Then): () => void {
  const go = () =>
    void onMany(body, then).catch((error: Error) =>
      toast(`Not ${DONE[body.action]}: ${error.message}`, { again: go }),
    );
  return go;
}
