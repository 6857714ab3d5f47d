// The cell that reads a data file which was put into the page.  Pure.

/** What the Python of a profile has beside the standard library. */
const PACKAGES: Record<string, readonly string[]> = {
  numpy: ['numpy'],
  pandas: ['numpy', 'pandas'],
  matplotlib: ['numpy', 'PIL'],
  scientific: ['numpy', 'pandas', 'PIL'],
};

interface Reader {
  endings: readonly string[];
  /** Missing where the standard library does. */
  needs?: string;
  write: (name: string) => string;
}

const TABLE = (call: string) => `import pandas as pd\n\ndf = pd.${call}\ndf`;
const ROWS = (name: string, options: string) =>
  'import csv\n\n' +
  `with open(${name}, newline="", encoding="utf-8-sig") as file:\n` +
  `    rows = list(csv.reader(file${options}))\n\n` +
  'rows[:10]';

/** The first that fits is taken. */
const READERS: readonly Reader[] = [
  {
    endings: ['csv', 'csv.gz', 'csv.zip'],
    needs: 'pandas',
    write: (name) => TABLE(`read_csv(${name})`),
  },
  {
    endings: ['tsv', 'tab'],
    needs: 'pandas',
    write: (name) => TABLE(`read_csv(${name}, sep="\\t")`),
  },
  { endings: ['csv'], write: (name) => ROWS(name, '') },
  {
    endings: ['tsv', 'tab'],
    write: (name) => ROWS(name, ', delimiter="\\t"'),
  },
  {
    endings: ['json', 'geojson'],
    write: (name) =>
      `import json\n\nwith open(${name}, encoding="utf-8") as file:\n` +
      '    data = json.load(file)\n\ndata',
  },
  {
    endings: ['npy', 'npz'],
    needs: 'numpy',
    write: (name) =>
      `import numpy as np\n\ndata = np.load(${name})\ndata`,
  },
  {
    endings: ['png', 'jpg', 'jpeg', 'gif', 'bmp', 'tif', 'tiff', 'webp'],
    needs: 'PIL',
    write: (name) =>
      `from PIL import Image\n\nimage = Image.open(${name})\nimage`,
  },
  {
    endings: ['txt', 'md', 'log', 'xml', 'yaml', 'yml', 'toml', 'ini'],
    write: (name) =>
      'from pathlib import Path\n\n' +
      `text = Path(${name}).read_text(encoding="utf-8")\nprint(text[:1000])`,
  },
  {
    endings: ['sqlite', 'sqlite3', 'db'],
    write: (name) =>
      `import sqlite3\n\ndb = sqlite3.connect(${name})\n` +
      'db.execute("SELECT name, sql FROM sqlite_master").fetchall()',
  },
];

const OTHER: Reader = {
  endings: [],
  write: (name) =>
    'from pathlib import Path\n\n' +
    `data = Path(${name}).read_bytes()\nlen(data), data[:64]`,
};

/** Python that reads the file and shows what is in it. */
export function firstCell(name: string, profile: string | null): string {
  const packages = PACKAGES[profile ?? ''] ?? [];
  const lower = name.toLowerCase();
  const reader = READERS.find(
    ({ endings, needs }) =>
      endings.some((ending) => lower.endsWith(`.${ending}`)) &&
      (needs === undefined || packages.includes(needs)),
  );
  // JSON's string is one of Python too.
  return (reader ?? OTHER).write(JSON.stringify(name));
}

/** Endings of files that are notebooks, and not data of one. */
const NOTEBOOK_ENDINGS = ['ipynb', 'iomd', 'jsmd', 'py', 'html', 'htm'];

export function isNotebookName(name: string): boolean {
  const lower = name.toLowerCase();
  return NOTEBOOK_ENDINGS.some((ending) => lower.endsWith(`.${ending}`));
}
