// The one place where everything is put together.
import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import './styles/shell.css';
import './styles/pages.css';
import './styles/table.css';
import './styles/assist.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { ApiError } from './data/client';

const root = document.getElementById('root');
if (root) {
  // A refusal has its page; only what nobody thought of belongs in the console.
  const onCaughtError = (error: unknown) => {
    if (!(error instanceof ApiError)) console.error(error);
  };
  createRoot(root, { onCaughtError }).render(<App />);
}
