// The version of what this was built with.

/** Put in by build.mjs, from package.json. */
declare const TINCTURE_VERSION: string;

export const version = TINCTURE_VERSION;
