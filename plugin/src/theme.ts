// Light, dark, or what the system says.

const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'tincture-theme';

/** Storage may be forbidden, for example in a sandboxed frame. */
function stored(): Theme {
  try {
    const value = localStorage.getItem(STORAGE_KEY) as Theme | null;
    return value && THEMES.includes(value) ? value : 'auto';
  } catch {
    return 'auto';
  }
}

let current: Theme = 'auto';

function apply(theme: Theme): void {
  current = theme;
  const root = document.documentElement;
  if (theme === 'auto') {
    delete root.dataset.tinctureTheme;
  } else {
    root.dataset.tinctureTheme = theme;
  }
}

export function restoreTheme(): void {
  apply(stored());
}

export function theme(): Theme {
  return current;
}

/** On to the next of the three. */
export function switchTheme(): Theme {
  apply(THEMES[(THEMES.indexOf(current) + 1) % THEMES.length]!);
  try {
    localStorage.setItem(STORAGE_KEY, current);
  } catch {
    // It then holds for this visit only.
  }
  return current;
}
