// In a page of a benchmark: the smallest kernel, as the server gives it.

import { Kernel } from '/plugin/kernel.mjs';

async function read(path) {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Error(`${path}: ${response.status}`);
  }
  return response;
}

/** Compiles the kernel; the function that it gives starts one. */
export async function compileKernel() {
  const { profiles: [{ wasm, images }] } =
    await (await read('/dist/profiles.json')).json();
  const module = await WebAssembly.compile(
    await (await read(`/dist/${wasm}`)).arrayBuffer());
  const contents = await Promise.all(images.map(async ({ file, path }) => ({
    path,
    name: file,
    bytes: new Uint8Array(await (await read(`/dist/${file}`)).arrayBuffer()),
  })));
  return (options) => Kernel.load({ module, images: contents }, options);
}

export function delay(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
