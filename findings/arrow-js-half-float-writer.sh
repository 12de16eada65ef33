#!/bin/sh
# apache-arrow 21.2.0 (JavaScript): a probability of 0.4999 written in half precision is 0.25, and one of 1e-20 is 0.00002.
#
# Float16 is the small way to hand scores from a browser to a server. The writer rounds the ten digits of the fraction, and
# where they round up to the next power of two the carry is lost in every second octave: what lies closely below 0.5, 0.125,
# 0.03 ... becomes half of itself. Below 3e-8 hardly anything becomes zero: the exponent turns into digits, so that 1e-20
# is 0.00002, and others are NaN or infinite. Most whole numbers from 65536 on start again at 2: a perplexity of 70,000 is
# 2.13. A number between 0 and 1 is hit once in 5,600, so no spot check shows it. The reader is right for all halves.
#
# Seen (node 20):
#   written     read                     nearest half
#   0.49        0.489990234375           0.489990234375
#   0.4999      0.25                     0.5
#   0.1249      0.1248779296875          0.1248779296875
#   0.1249999   0.0625                   0.125
#   1e-9        0.000041961669921875     0
#   1e-20       0.00001919269561767578   0
#   1e-8        -Infinity                0
#   3.2e-9      NaN                      0
#   70000       2.134765625              Infinity
#   a million from 0 to 1: 177 halved, 0 wrong otherwise
#   100,000 from 1e-38 to 1e-8: 3379 zero, 30844 NaN, 3421 infinite, the rest up to 0.000061
# Needs node and npm instead of Python.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund apache-arrow@21.2.0 >/dev/null
cat > half.mjs <<'JS'
import assert from 'node:assert';
import {Float16, makeData, makeVector, vectorFromArray} from 'apache-arrow';

// every finite half from 0 up, by the definition of the format
const halves = Array.from({length: 0x7c00}, (_, bits) => {
  const exponent = bits >> 10, fraction = bits & 1023;
  return exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
});
function nearest(x) {
  if (x >= 65520) return Infinity;
  let low = 0, high = halves.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (halves[middle] <= x) low = middle; else high = middle - 1;
  }
  const next = Math.min(low + 1, halves.length - 1);
  const below = x - halves[low], above = halves[next] - x;
  return below < above || (below === above && low % 2 === 0) ? halves[low] : halves[next];
}
const write = (numbers) => [...vectorFromArray(numbers, new Float16())];

const numbers = [0.49, 0.4999, 0.1249, 0.1249999, 1e-9, 1e-20, 1e-8, 3.2e-9, 70000];
const read = write(numbers);
console.log(`${'written'.padEnd(12)}${'read'.padEnd(25)}nearest half`);
numbers.forEach((x, i) => console.log(`${String(x).padEnd(12)}${String(read[i]).padEnd(25)}${nearest(x)}`));

// a fixed sequence, so that the counts are the same everywhere
let state = 1;
const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
const shares = Array.from({length: 1e6}, uniform);
const written = write(shares);
const halved = shares.filter((x, i) => written[i] === nearest(x) / 2).length;
const right = shares.filter((x, i) => written[i] === nearest(x)).length;
console.log(`a million from 0 to 1: ${halved} halved, ${1e6 - halved - right} wrong otherwise`);
const tiny = write(Array.from({length: 1e5}, () => 10 ** (-8 - 30 * uniform())));
const zero = tiny.filter((x) => x === 0).length, nan = tiny.filter(Number.isNaN).length;
const infinite = tiny.filter((x) => Math.abs(x) === Infinity).length;
const most = Math.max(...tiny.filter(Number.isFinite));
console.log(`100,000 from 1e-38 to 1e-8: ${zero} zero, ${nan} NaN, ${infinite} infinite, the rest up to ${most.toPrecision(2)}`);

const all = makeVector(makeData({type: new Float16(), data: Uint16Array.from(halves.keys())}));
assert(halves.every((value, bits) => all.get(bits) === value));
assert.deepStrictEqual(write(halves.slice(0x400)), halves.slice(0x400));
assert.strictEqual(read[0], nearest(0.49));
assert(read[1] === 0.25 && read[3] === 0.0625 && read[4] > 4e-5 && read[6] === -Infinity && Number.isNaN(read[7]));
assert(halved > 100 && halved + right === 1e6 && zero < 1e4 && nan > 1e4);
JS
node half.mjs
