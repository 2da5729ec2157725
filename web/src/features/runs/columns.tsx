// The menu of columns. Never holds what is in it before it is opened.
import { lazy, Suspense } from 'react';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import type { ColumnsProps } from './columns-panel';

const Panel = lazy(() => import('./columns-panel'));

export function Columns(props: ColumnsProps) {
  return (
    <Menu
      label={
        <>
          <Icon name="columns" /> Columns
        </>
      }
      title="Columns"
      width={320}
    >
      <Suspense>
        <Panel {...props} />
      </Suspense>
    </Menu>
  );
}
