// A title from the notebook's own text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { headingOf } = await load('title');

test('the first heading, without its marks', () => {
  assert.equal(headingOf(['text\n\n## Two *words* ##\n# Later']), 'Two words');
  assert.equal(headingOf(['no heading', '# `code` and [link](x.html)']),
    'code and link');
  assert.equal(headingOf(['#hashtag\n####### seven\n#   \n### yes']), 'yes');
});

test('what only looks like a heading is none', () => {
  assert.equal(headingOf([]), undefined);
  assert.equal(headingOf(['    # code\n```\n# comment\n```\n']), undefined);
  assert.equal(headingOf(['snake_case # not']), undefined);
  assert.equal(headingOf(['# snake_case_name']), 'snake_case_name');
});
