// Dialogs and menus of the browser's own making. Never closes what has not been decided.
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

export function Dialog({
  open,
  onClose,
  title,
  children,
  className = '',
  bare = false,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  className?: string;
  bare?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={ref}
      className={className}
      aria-labelledby={bare ? undefined : name}
      aria-label={bare ? title : undefined}
      onClose={onClose}
      // Before the close itself, which a second key may overtake; a file field's cancel bubbles.
      onCancel={(event) => event.target === ref.current && onClose()}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      {open && (
        <>
          {!bare && <header id={name}>{title}</header>}
          {children}
        </>
      )}
    </dialog>
  );
}

/** Says what will happen before it happens; `typed` must be typed to go on. */
export function Confirm({
  open,
  onClose,
  title,
  effect,
  action,
  danger = false,
  reason,
  typed,
  keep = 'Cancel',
  onDo,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  effect: ReactNode;
  action: string;
  danger?: boolean;
  /** Label of a field for the reason, if one is asked. */
  reason?: string;
  typed?: string;
  /** The word of the way out. */
  keep?: string;
  onDo: (reason: string) => Promise<unknown>;
}) {
  const [said, setSaid] = useState('');
  const [check, setCheck] = useState('');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const act = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    try {
      await onDo(said);
      onClose();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <form onSubmit={act}>
        <div className="body">
          <div className="any">{effect}</div>
          {reason && (
            <label className="stack" style={{ gap: 4 }}>
              {reason}
              <input
                className="field"
                value={said}
                onChange={(e) => setSaid(e.target.value)}
                maxLength={500}
              />
            </label>
          )}
          {typed && (
            <label className="stack" style={{ gap: 4 }}>
              <span>
                Type <b>{typed}</b> to go on
              </span>
              <input className="field" value={check} onChange={(e) => setCheck(e.target.value)} />
            </label>
          )}
          {fault && (
            <p role="alert" className="hue-failed" style={{ color: 'var(--hue)' }}>
              {fault}
            </p>
          )}
        </div>
        <footer>
          <button type="button" className="button" onClick={onClose}>
            {keep}
          </button>
          <button
            type="submit"
            className={`button primary ${danger ? 'danger' : ''}`}
            disabled={busy || (typed !== undefined && check !== typed)}
          >
            {busy ? `${action}…` : action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

const REOPEN_MS = 250;

/** A button with a popover under it. */
export function Menu({
  label,
  children,
  className = 'button',
  title,
  width,
}: {
  label: ReactNode;
  children: ReactNode | ((close: () => void) => ReactNode);
  className?: string;
  title?: string;
  width?: number;
}) {
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const place = () => {
    const from = button.current?.getBoundingClientRect();
    const box = popover.current;
    if (!from || !box) return;
    const left = Math.max(6, Math.min(from.left, innerWidth - box.offsetWidth - 6));
    const below = from.bottom + 4;
    const top =
      below + box.offsetHeight > innerHeight - 6
        ? Math.max(6, from.top - box.offsetHeight - 4)
        : below;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${top + scrollY}px`;
  };
  useEffect(() => {
    const box = popover.current;
    if (!box) return;
    if (open && !box.matches(':popover-open')) box.showPopover();
    if (!open && box.matches(':popover-open')) box.hidePopover();
    if (open) place();
  });
  const closed = useRef(Number.NEGATIVE_INFINITY);
  const close = () => {
    closed.current = performance.now();
    setOpen(false);
  };
  // A press on the button closes the popover first; its click must not open it again.
  const toggle = () => setOpen(!open && performance.now() - closed.current > REOPEN_MS);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        title={title}
        aria-label={typeof label === 'object' && className.includes('icon') ? title : undefined}
        aria-haspopup="true"
        aria-expanded={open}
        onClick={toggle}
      >
        {label}
      </button>
      <div
        ref={popover}
        popover="auto"
        className="menu"
        style={width ? { width } : undefined}
        onToggle={(event) => event.newState === 'closed' && open && close()}
      >
        {open && (typeof children === 'function' ? children(close) : children)}
      </div>
    </>
  );
}
