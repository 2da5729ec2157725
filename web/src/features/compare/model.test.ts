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

test('what a logged picture or histogram is made of is no difference', () => {
  const bars = (top: number) => ({ _type: 'histogram', values: [1], bins: [0, top] });
  const image = (path: string) => [{ _type: 'image-file', path }];
  const lines = compared([
    { coefs: bars(1), seen: image('a.png'), lr: 1 },
    { coefs: bars(2), seen: image('b.png'), lr: 2 },
  ]);
  expect(lines.map(({ key, differs }) => [key, differs])).toEqual([
    ['lr', true],
    ['coefs', false],
    ['seen', false],
  ]);
});
