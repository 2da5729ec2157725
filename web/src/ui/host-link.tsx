// A host's name that leads to its page.
import { Link } from '@tanstack/react-router';

export function HostLink({ host }: { host: string }) {
  return (
    <Link to="/hosts/$host" params={{ host }} className="link any">
      {host}
    </Link>
  );
}
