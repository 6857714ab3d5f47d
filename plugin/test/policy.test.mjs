// What a page's policy lets through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { pageReach, policyAllows } = await load('policy');

function allowed(policy, addresses) {
  return addresses.filter((address) => policyAllows(policy, address));
}

const ADDRESSES = ['https://a.example/x', 'http://a.example/', 'data:,x',
                   'https://b.a.example:8443/'];

test('a report as it is packed reaches nothing outside', () => {
  const policy = "default-src 'none'; connect-src data: blob:";
  assert.deepEqual(allowed(policy, ADDRESSES), ['data:,x']);
  assert.deepEqual(allowed("default-src 'none'", ADDRESSES), []);
});

test('schemes, hosts and ports', () => {
  assert.deepEqual(allowed('connect-src https:', ADDRESSES),
                   [ADDRESSES[0], ADDRESSES[3]]);
  assert.deepEqual(allowed('connect-src *', ADDRESSES),
                   ADDRESSES.filter((it) => it.startsWith('http')));
  assert.deepEqual(allowed('connect-src https://a.example', ADDRESSES),
                   [ADDRESSES[0]]);
  assert.deepEqual(allowed('connect-src https://A.example:443', ADDRESSES),
                   [ADDRESSES[0]]);
  assert.deepEqual(allowed('connect-src https://*.a.example:*', ADDRESSES),
                   [ADDRESSES[3]]);
  assert.deepEqual(allowed('connect-src https://*.a.example', ADDRESSES), []);
});

test('connections have a rule of their own, or the default', () => {
  assert.equal(policyAllows('default-src https:; connect-src data:',
                            'https://a.example'), false);
  assert.equal(policyAllows('default-src https:', 'https://a.example'), true);
  assert.equal(policyAllows('script-src data:', 'https://a.example'), true);
});

test('what a page may reach is what its policy names of the network', () => {
  const pageWith = (...contents) => ({
    querySelectorAll: () => contents.map((content) => ({ content })),
  });
  const policy = "default-src 'none'; connect-src data: blob:";
  assert.equal(pageReach(pageWith()), undefined);
  assert.deepEqual(pageReach(pageWith(policy)), []);
  assert.deepEqual(
    pageReach(pageWith(`${policy} https://a.example wss://b.example:8`)),
    ['https://a.example', 'wss://b.example:8'],
  );
  assert.deepEqual(pageReach(pageWith(`${policy} https: http:`)), [
    'https:',
    'http:',
  ]);
});
