// Languages that a notebook brings with it: `%% plugin` chunks.

import type { EmbeddedFiles } from './embedded_files.ts';
import { loadPath } from './fetch_data.ts';
import { embeddedName } from './fetch_grammar.ts';

export interface LanguageDefinition {
  languageId: string;
  displayName?: string;
  url?: string;
  module?: string;
  evaluator?: string;
  asyncEvaluator?: string;
  autocomplete?: string;
}

type Evaluator = (
  code: string,
  messageCallback?: (text: string) => void,
) => unknown;

interface Language {
  definition: LanguageDefinition;
  loading?: Promise<void>;
}

type Globals = Record<string, Record<string, unknown> | undefined> & {
  languagePluginUrl?: unknown;
};

/** The names that the page's own Python has on `window`. */
const PYTHON_MODULES: readonly unknown[] = ['pyodide', 'tincture'];

export class Languages {
  #languages = new Map<string, Language>();

  constructor(private readonly files: EmbeddedFiles) {}

  has(type: string): boolean {
    return this.#languages.has(type);
  }

  /** Takes a definition and loads its script. */
  async define(json: string): Promise<void> {
    let definition: LanguageDefinition;
    try {
      definition = JSON.parse(json) as LanguageDefinition;
    } catch (error) {
      throw new Error(
        `plugin definition failed to parse:\n${(error as Error).message}`,
      );
    }
    const id = definition?.languageId;
    if (typeof id !== 'string' || id === '') {
      throw new Error('plugin definition missing "languageId"');
    }
    if (this.#isOwnPython(definition)) {
      this.#languages.delete(id);
      return;
    }
    const language: Language = { definition };
    this.#languages.set(id, language);
    await this.#load(language);
  }

  completes(type: string): boolean {
    return this.#languages.get(type)?.definition.autocomplete !== undefined;
  }

  /** Bare names that may stand where `code` ends; none while the plugin has
   * not been loaded. */
  complete(type: string, code: string): string[] {
    const definition = this.#languages.get(type)?.definition;
    const owner = (globalThis as unknown as Globals)[definition?.module ?? ''];
    const complete = owner?.[definition?.autocomplete ?? ''];
    const words: unknown =
      typeof complete === 'function' ? complete.call(owner, code) : [];
    return Array.isArray(words) ? words.map(String) : [];
  }

  /** Notebooks of 2018 say where Python is to be loaded from, which is no
   * place any more: the page has it.  One that travels with the notebook is
   * another matter. */
  #isOwnPython({ languageId, module, url = '' }: LanguageDefinition): boolean {
    return (
      languageId === 'py' &&
      PYTHON_MODULES.includes(module) &&
      !/^(data|blob):/.test(url) &&
      !this.files.find(embeddedName(url))
    );
  }

  /** Runs a chunk of a language that was defined. */
  async run(
    type: string,
    code: string,
    message: (text: string) => void,
  ): Promise<unknown> {
    const language = this.#languages.get(type);
    if (!language) {
      throw new Error(`No evaluator available for chunks of type "${type}"`);
    }
    await this.#load(language);
    const { module, asyncEvaluator, evaluator } = language.definition;
    const name = asyncEvaluator ?? evaluator ?? '';
    const owner = (globalThis as unknown as Globals)[module ?? ''];
    const run = owner?.[name];
    if (typeof run !== 'function') {
      throw new Error(
        `the plugin for "${type}" has no function ${module}.${name}`,
      );
    }
    return (run as Evaluator).call(
      owner,
      code,
      asyncEvaluator ? message : undefined,
    );
  }

  /** The script is evaluated in the page's scope, and a promise that it ends
   * with is waited for, as Iodide does. */
  #load(language: Language): Promise<void> {
    language.loading ??= (async () => {
      const { url } = language.definition;
      if (!url) {
        // The module may be in the page already; running a chunk will tell.
        return;
      }
      const text = await (await loadPath(url, this.files)).text();
      const globals = globalThis as unknown as Globals;
      globals.languagePluginUrl = url;
      try {
        await (0, eval)(text);
      } finally {
        delete globals.languagePluginUrl;
      }
    })();
    language.loading.catch(() => {
      // The next chunk tries again.
      delete language.loading;
    });
    return language.loading;
  }
}
