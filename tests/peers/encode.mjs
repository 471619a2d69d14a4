// A slip by @point-of-sale/receipt-printer-encoder, written to standard output.
// Usage: node encode.mjs COLUMNS raster|column esc-pos|star-line|star-prnt   (run where the package is installed)
import { createRequire } from 'node:module';

const require = createRequire(process.cwd() + '/');
const module = require('@point-of-sale/receipt-printer-encoder');
const ReceiptPrinterEncoder = module.default ?? module;

const columns = Number(process.argv[2]);
const imageMode = process.argv[3];
// Star's own page comes first in the package's list, and the simulated printer does not draw it.
const codepageCandidates = process.argv[4] === 'esc-pos' ? null : ['cp858', 'cp866', 'windows1252'];
const price = 12;
const table = [{ width: columns - price, align: 'left' }, { width: price, align: 'right' }];

function checkered(width, height) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const black = ((i % width >> 3) + (Math.floor(i / width) >> 3)) % 2;
    data.set(black ? [0, 0, 0, 255] : [255, 255, 255, 255], i * 4);
  }
  return { width, height, data };
}

const out = new ReceiptPrinterEncoder({ language: process.argv[4], codepageCandidates, columns, imageMode, feedBeforeCut: 4, newline: '\n' })
  .initialize()
  .codepage('auto')
  .align('center').width(2).height(2).line('Tea House').width(1).height(1)
  .align('left')
  .line('Café Ünter façade £5 €7')
  .line('Чай зелёный')
  .table(table, [['Oolong tea x2', '36.00'], ['Mung bean cake', '12.50']])
  .rule()
  .bold(true).table(table, [['TOTAL', '48.50']]).bold(false)
  .underline(true).text('underlined').underline(false).text(' ').invert(true).text('inverted').invert(false).newline()
  .align('center')
  .barcode('4006381333931', 'ean13', 60)
  .qrcode('https://example.com/t/42')
  .image(checkered(200, 48), 200, 48, 'threshold', 128)
  .align('left')
  .pulse()
  .cut('partial')
  .encode();
process.stdout.write(Buffer.from(out));
