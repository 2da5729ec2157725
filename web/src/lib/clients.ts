// What can be expected of the client that a run was logged by, from its name. Never asks a server.

type Version = [number, number, number];

const WANDB_OLDEST: Version = [0, 17, 0];

function read(said: string): Version | null {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(said);
  return found && [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

function older(a: Version, b: Version): boolean {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && a[at] < b[at];
}

/** What works and what does not with a client that is not of the server's time; else nothing. */
export function clientNote(client: string, server: string): string {
  const mine = read(client);
  const own = read(server);
  if (!mine) return '';
  if (client.startsWith('wandb '))
    return older(mine, WANDB_OLDEST)
      ? 'older than 0.17, the oldest that is supported: state, metrics and console come through, the rest may not'
      : '';
  if (!client.startsWith('heartline ') || !own) return '';
  if (older(mine, own))
    return `older than this server (${server}): all that it sends is kept, what newer clients tell besides is missing`;
  if (older(own, mine))
    return `newer than this server (${server}): what the server does not know yet is left out`;
  return '';
}
