// The kernel for other JavaScript: Node's tests, the packer, whoever embeds
// it. Bundled as kernel.mjs.

export { ffi } from './interop/py_ffi.ts';
export * from './kernel.ts';
export { makeApi } from './page_api.ts';
export { PythonSession } from './python_session.ts';
