// Text by iconv-lite: reads [[encoding, hex], ...] as JSON from standard input, writes the strings as JSON.
// Usage: node decode.mjs   (run where the package is installed)
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.cwd() + '/');
const iconv = require('iconv-lite');
const pieces = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(pieces.map(([encoding, hex]) => iconv.decode(Buffer.from(hex, 'hex'), encoding))));
