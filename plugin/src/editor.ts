// The editor of a cell: CodeMirror.  A payload part of its own, decoded when
// a cell is edited first, so that reading does not pay for it.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentLess,
  indentMore,
} from '@codemirror/commands';
import { css } from '@codemirror/lang-css';
import { html } from '@codemirror/lang-html';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { markdown } from '@codemirror/lang-markdown';
import { python } from '@codemirror/lang-python';
import {
  bracketMatching,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
  type LanguageSupport,
} from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  keymap,
  showTooltip,
  type Command,
  type KeyBinding,
  type Tooltip,
} from '@codemirror/view';
import { StateEffect, StateField } from '@codemirror/state';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';
import type { CellEditor, EditorOptions } from './editing.ts';

/** The classes that player.css colours. */
const highlighter = tagHighlighter([
  { tag: tags.keyword, class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'tok-string' },
  { tag: tags.number, class: 'tok-number' },
  { tag: [tags.bool, tags.null, tags.atom], class: 'tok-atom' },
  { tag: tags.comment, class: 'tok-comment' },
  {
    tag: [
      tags.definition(tags.variableName),
      tags.function(tags.definition(tags.variableName)),
      tags.definition(tags.propertyName),
      tags.className,
    ],
    class: 'tok-definition',
  },
  { tag: tags.function(tags.variableName), class: 'tok-function' },
  { tag: [tags.meta, tags.processingInstruction], class: 'tok-meta' },
  { tag: tags.heading, class: 'tok-heading' },
  { tag: tags.strong, class: 'tok-strong' },
  { tag: tags.emphasis, class: 'tok-emphasis' },
  { tag: [tags.link, tags.url], class: 'tok-link' },
  { tag: tags.invalid, class: 'tok-invalid' },
]);

const LANGUAGES: Record<string, () => LanguageSupport> = {
  py: python,
  js: javascript,
  css,
  md: markdown,
  html,
  plugin: json,
};

function languageOf(type: string): LanguageSupport | undefined {
  return LANGUAGES[type]?.();
}

/** Code as spans with classes, for cells that are only read. */
export function highlight(text: string, type: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const language = languageOf(type);
  let position = 0;
  if (language) {
    const tree = language.language.parser.parse(text);
    highlightTree(tree, highlighter, (from, to, classes) => {
      fragment.append(text.slice(position, from));
      const span = document.createElement('span');
      span.className = classes;
      span.textContent = text.slice(from, to);
      fragment.append(span);
      position = to;
    });
  }
  fragment.append(text.slice(position));
  return fragment;
}

const setInspection = StateEffect.define<Tooltip | null>();

/** The tooltip of Shift+Tab; it goes with the next change or move. */
const inspection = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setInspection)) {
        return effect.value;
      }
    }
    return transaction.docChanged || transaction.selection ? null : value;
  },
  provide: (field) => showTooltip.from(field),
});

function inspectCommand(options: EditorOptions): Command {
  return (view) => {
    if (!options.inspect || !view.state.selection.main.empty) {
      return false;
    }
    const position = view.state.selection.main.head;
    const code = view.state.doc.toString();
    void options.inspect(code, position).then((text) => {
      if (!text || view.state.doc.toString() !== code) {
        return;
      }
      const create = () => {
        const dom = document.createElement('pre');
        dom.className = 'tn-inspect';
        dom.textContent = text;
        return { dom };
      };
      const tooltip: Tooltip = { pos: position, above: true, create };
      view.dispatch({ effects: setInspection.of(tooltip) });
    });
    return true;
  };
}

/** After a word or a dot Tab completes; at a line's start it indents. */
function tabCommand(options: EditorOptions): Command {
  return (view) => {
    if (completionStatus(view.state) === 'active') {
      return acceptCompletion(view);
    }
    const { from, empty } = view.state.selection.main;
    const line = view.state.doc.lineAt(from);
    const before = line.text.slice(0, from - line.from);
    if (options.complete && empty && /[\w.]$/.test(before)) {
      return startCompletion(view);
    }
    if (!empty) {
      return indentMore(view);
    }
    view.dispatch(view.state.replaceSelection('    '));
    return true;
  };
}

/** Names from the kernel; asked only when a dot was typed or on request. */
function completionSource(options: EditorOptions) {
  return async (
    context: CompletionContext,
  ): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w.]+$/);
    if (!context.explicit && !word?.text.endsWith('.')) {
      return null;
    }
    const code = context.state.doc.toString();
    const found = await options.complete!(code, context.pos);
    if (!found || found.matches.length === 0 || context.aborted) {
      return null;
    }
    const completions = found.matches.map((label): Completion => ({ label }));
    return {
      from: found.start,
      to: found.end,
      options: completions,
      validFor: /^\w*$/,
    };
  };
}

function keysOf(options: EditorOptions): KeyBinding[] {
  const done =
    (action: () => void): Command =>
    () => {
      action();
      return true;
    };
  return [
    { key: 'Mod-Enter', run: done(options.onRun) },
    { key: 'Shift-Enter', run: done(options.onRunNext) },
    { key: 'Tab', run: tabCommand(options) },
    {
      key: 'Shift-Tab',
      run: (view) => inspectCommand(options)(view) || indentLess(view),
    },
  ];
}

/** Escape closes a popup first, and leaves the editor only after that. */
function leaveKey(options: EditorOptions): KeyBinding {
  return {
    key: 'Escape',
    run: (view) => {
      if (completionStatus(view.state) === 'active') {
        return closeCompletion(view);
      }
      if (view.state.field(inspection)) {
        view.dispatch({ effects: setInspection.of(null) });
        return true;
      }
      options.onLeave();
      return true;
    },
  };
}

export function createEditor(options: EditorOptions): CellEditor {
  const language = languageOf(options.type);
  const wraps = options.type === 'md' || options.type === 'html';
  const extensions: Extension[] = [
    keymap.of(keysOf(options)),
    options.complete
      ? autocompletion({
          override: [completionSource(options)],
          icons: false,
          defaultKeymap: false,
        })
      : [],
    // Before the popup's own Escape, which also takes one that nobody sees.
    keymap.of([
      leaveKey(options),
      ...completionKeymap,
      ...closeBracketsKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    history(),
    drawSelection(),
    inspection,
    indentUnit.of(options.type === 'py' ? '    ' : '  '),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    syntaxHighlighting(highlighter),
    language ?? [],
    wraps ? EditorView.lineWrapping : [],
    EditorState.tabSize.of(4),
    EditorView.contentAttributes.of({ 'aria-label': options.label }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        options.onChange(update.state.doc.toString());
      }
    }),
  ];
  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({ doc: options.text, extensions }),
  });
  return {
    focus(position) {
      view.focus();
      if (position !== undefined) {
        const anchor = Math.min(position, view.state.doc.length);
        view.dispatch({ selection: { anchor }, scrollIntoView: true });
      }
    },
    destroy: () => view.destroy(),
  };
}
