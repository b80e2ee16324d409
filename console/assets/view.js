// The library that draws, by the names that the pages use.
import { h, render, Fragment } from './vendor/preact.js';
import { useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback } from './vendor/hooks.js';
import htm from './vendor/htm.js';

export const html = htm.bind(h);
export { render, Fragment, useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback };
