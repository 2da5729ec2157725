// The few line icons of the app. Never a state: those are shapes of their own.
const PATHS = {
  overview: 'M2.5 2.5h11v11h-11zM2.5 6.5h11M6.5 6.5v7',
  workspace: 'M2.5 2.5v11h11M5 10l3-3.5 2 1.5 3-4',
  runs: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  sweeps: 'M3 2.5v11M8 2.5v11M13 2.5v11M3 5l5 5 5-6',
  attention: 'M1.5 8.5h3l2-5 3 9 2-6 1 2h2',
  settings:
    'M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4',
  home: 'M2.5 7.5L8 2.5l5.5 5M4 6.5v7h8v-7',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5L14 14',
  theme: 'M8 2.2a5.8 5.8 0 1 0 0 11.6z',
  fold: 'M2.5 2.5h11v11h-11zM6 2.5v11',
  columns: 'M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M7 6.3V13',
  group: 'M2.5 3h11M5 7h8.5M5 11h8.5M2.5 7v4',
  expand: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5L9 7M2.5 13.5L7 9',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  download: 'M8 2.5v7M5 7l3 3 3-3M2.5 13.5h11',
  eye: 'M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z',
  down: 'M4 6l4 4 4-4',
  plus: 'M8 3v10M3 8h10',
  pin: 'M5.5 2.5h5M6.5 2.5v4L4.500 9h7l-2-2.500v-4M8 9v5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {name === 'theme' && <circle cx="8" cy="8" r="5.8" />}
      <path
        d={PATHS[name]}
        fill={name === 'theme' ? 'currentColor' : 'none'}
        strokeWidth={name === 'more' ? 2.2 : undefined}
      />
    </svg>
  );
}

export function Brand() {
  return (
    <svg
      width="26"
      height="18"
      viewBox="0 0 26 18"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M1.5 10h4.5l2.5-5 4 10 3.500-9 2 4h6" />
    </svg>
  );
}
