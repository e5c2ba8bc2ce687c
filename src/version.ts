/** Put in by the build from package.json, so that `slipway --version` reads no file. */
declare const __SLIPWAY_VERSION__: string | undefined;

/** The version of this build, as in package.json; `0.0.0-source` where the source runs unbuilt (under the tests). */
export const version: string = typeof __SLIPWAY_VERSION__ === 'string' ? __SLIPWAY_VERSION__ : '0.0.0-source';
