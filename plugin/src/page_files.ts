// `FS` of the page's Python object: the calls of Emscripten's file system that
// pages use, on the kernel's own.

import { isPyProxy } from './interop/py_proxy.ts';
import type { PythonSession } from './python_session.ts';

/** What of st_mode says the type. */
const typeMask = 0o170000;
const typeDirectory = 0o040000;
const typeFile = 0o100000;

export interface FileDescription {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  size: number;
  atime: Date;
  mtime: Date;
  ctime: Date;
}

export interface PageFileSystem {
  writeFile(path: string, data: string | ArrayBufferView): void;
  readFile(
    path: string,
    options?: { encoding?: 'binary' | 'utf8' },
  ): Uint8Array | string;
  mkdir(path: string, mode?: number): void;
  mkdirTree(path: string): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  symlink(target: string, path: string): void;
  readlink(path: string): string;
  chdir(path: string): void;
  cwd(): string;
  readdir(path: string): string[];
  stat(path: string): FileDescription;
  lstat(path: string): FileDescription;
  isFile(mode: number): boolean;
  isDir(mode: number): boolean;
  analyzePath(path: string): {
    exists: boolean;
    path: string | null;
    name: string;
    error: unknown;
  };
}

/** A list or dict of Python's, by value. */
function take(value: unknown): unknown {
  if (!isPyProxy(value)) {
    return value;
  }
  const result = (value as unknown as { toJs(): unknown }).toJs();
  value.destroy();
  return result;
}

function describe(found: unknown): FileDescription {
  const { atime, mtime, ctime, ...rest } = take(found) as Record<
    string,
    number
  >;
  return {
    ...rest,
    atime: new Date(atime!),
    mtime: new Date(mtime!),
    ctime: new Date(ctime!),
  } as FileDescription;
}

export function makeFileSystem(session: () => PythonSession): PageFileSystem {
  const change = (action: string, ...values: unknown[]): unknown =>
    session().help('change_files', action, ...values);
  const absolute = (path: string): string =>
    session().help('absolute_path', path) as string;
  const stat = (path: string, follows: boolean): FileDescription =>
    describe(session().help('describe_file', path, follows));
  return {
    writeFile: (path, data) => {
      const bytes =
        typeof data === 'string'
          ? new TextEncoder().encode(data)
          : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      session().kernel.writeFile(absolute(path), bytes);
    },
    readFile: (path, { encoding = 'binary' } = {}) => {
      const { kernel } = session();
      const bytes = kernel.readFile(absolute(path)) as Uint8Array;
      return encoding === 'utf8' ? new TextDecoder().decode(bytes) : bytes;
    },
    mkdir: (path, mode = 0o777) => void change('mkdir', path, mode),
    mkdirTree: (path) => void change('mkdirTree', path),
    rmdir: (path) => void change('rmdir', path),
    unlink: (path) => void change('unlink', path),
    rename: (from, to) => void change('rename', from, to),
    symlink: (target, path) => void change('symlink', target, path),
    readlink: (path) => change('readlink', path) as string,
    chdir: (path) => void change('chdir', path),
    cwd: () => change('cwd') as string,
    readdir: (path) =>
      take(session().help('list_directory', path)) as string[],
    stat: (path) => stat(path, true),
    lstat: (path) => stat(path, false),
    isFile: (mode) => (mode & typeMask) === typeFile,
    isDir: (mode) => (mode & typeMask) === typeDirectory,
    analyzePath: (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      try {
        stat(path, true);
        return { exists: true, path: absolute(path), name, error: 0 };
      } catch (error) {
        return { exists: false, path: null, name, error };
      }
    },
  };
}
