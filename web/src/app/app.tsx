// Cache, live news and routes, tied together. Never a page.
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ApiError, signedOut } from '@/data/client';
import { live } from '@/data/live';
import { follow } from '@/data/news';
import { forgetInks } from '@/draw/ink';
import { listenToKeys } from '@/ui/keys';
import { watchTheme } from '@/ui/theme';
import { makeRouter } from './router';

const cache = new QueryClient({
  queryCache: new QueryCache(),
  mutationCache: new MutationCache(),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      gcTime: 120_000,
      refetchOnWindowFocus: true,
      networkMode: 'always',
      retry: (times, error) => !(error instanceof ApiError) && times < 1,
      retryDelay: 500,
    },
    mutations: { networkMode: 'always' },
  },
});
const router = makeRouter(cache);

export function App() {
  useEffect(() => {
    const stops = [follow(live, cache), listenToKeys(), watchTheme(forgetInks)];
    const out = () => {
      const { pathname, href } = router.state.location;
      if (pathname !== '/login')
        void router.navigate({ to: '/login', search: { next: href } as never });
    };
    signedOut.addEventListener('signed-out', out);
    return () => {
      for (const stop of stops) stop();
      signedOut.removeEventListener('signed-out', out);
    };
  }, []);
  return (
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
