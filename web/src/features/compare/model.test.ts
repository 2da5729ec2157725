import { expect, test } from 'vitest';
import { compared } from './model';

test('what differs comes first, and what clients note for themselves is no difference', () => {
  const lines = compared([
    { seed: 3, lr: 1, opt: { name: 'sgd' }, _wandb: { t: [1] } },
    { seed: 3, lr: 2, opt: { name: 'adam' }, _wandb: { t: [2] } },
  ]);
  expect(lines.map(({ key, differs }) => [key, differs])).toEqual([
    ['lr', true],
    ['opt.name', true],
    ['_wandb.t', false],
    ['seed', false],
  ]);
});
