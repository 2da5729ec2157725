// What one chart has of its own; everything else follows the toolbar. Never asks the server.
import { lazy, Suspense } from 'react';
import { Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { Skeleton } from '@/ui/parts';
import type { OwnProps } from './own-form';

const OwnForm = lazy(() => import('./own-form'));

export function OwnMenu(props: OwnProps) {
  const changed = Object.keys(props.own).length > 0;
  return (
    <Menu
      label={<Icon name="settings" size={13} />}
      className={`button plain icon ${changed ? 'on' : ''}`}
      title={`Settings of ${props.name}`}
      width={268}
    >
      <Suspense fallback={<Skeleton lines={2} />}>
        <OwnForm {...props} />
      </Suspense>
    </Menu>
  );
}
