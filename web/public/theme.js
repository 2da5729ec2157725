// Before the first paint, so that a dark room is not lit up by a white page.
(() => {
  let said = null;
  try { said = localStorage.getItem('heartline.theme'); } catch { /* storage may be forbidden */ }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = said === 'light' || said === 'dark' ? said : dark ? 'dark' : 'light';
})();
