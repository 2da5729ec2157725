// Who may know whom: app -> features -> data | ui | draw | lib. Features do not know each other.
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'features-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/', pathNot: '^src/features/$1/' },
    },
    { name: 'only-app-knows-app', severity: 'error', from: { path: '^src/(features|data|ui|draw|lib)/' }, to: { path: '^src/app/' } },
    { name: 'below-features', severity: 'error', from: { path: '^src/(data|ui|draw|lib)/' }, to: { path: '^src/features/' } },
    { name: 'neighbours-data', severity: 'error', from: { path: '^src/data/' }, to: { path: '^src/(ui|draw)/' } },
    { name: 'neighbours-ui', severity: 'error', from: { path: '^src/ui/' }, to: { path: '^src/(data|draw)/' } },
    { name: 'neighbours-draw', severity: 'error', from: { path: '^src/draw/' }, to: { path: '^src/(data|ui)/' } },
    { name: 'lib-is-the-floor', severity: 'error', from: { path: '^src/lib/' }, to: { path: '^src/(data|ui|draw)/' } },
    {
      name: 'pure-rooms-know-no-framework',
      severity: 'error',
      from: { path: '(^src/(lib|draw)/|/model\\.ts$)', pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/(react|@tanstack)' },
    },
    { name: 'uplot-stays-in-draw', severity: 'error', from: { path: '^src/', pathNot: '^src/draw/' }, to: { path: 'node_modules/uplot' } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' }, tsPreCompilationDeps: true },
};
