#!/bin/sh
# natural 8.1.1 (JavaScript): its naive Bayes gives every class 0 for a text of 300 words, and answers the class it met first.
#
# BayesClassifier adds up logarithms, and then takes the exponential to answer a likelihood. A text with a few hundred
# different words is below the smallest double for all classes; the sort by value leaves them in the order of training.
# A classifier that is right for every text of 200 words is right for none of the second class from 300 on, the longer the
# text the surer. What getClassifications calls the value is no share either: it is the joint likelihood, 1e-67 for a
# text of 50 words, and two texts cannot be compared by it. Which length it takes depends on how rare the words are.
#
# Seen (node 20), two classes, a hundred texts of a hundred words for each, "ham" trained first, fifty new texts of a length:
#   words   ham right   spam right   both values 0
#   50      50          50           0 of 100
#   200     50          50           0 of 100
#   250     50          47           5 of 100
#   300     50          0            100 of 100
#   400     50          0            100 of 100
# Needs node and npm instead of Python.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund natural@8.1.1 apparatus@0.0.10 >/dev/null
cat > bayes.mjs <<'JS'
import assert from 'node:assert';
import natural from 'natural';

let state = 1;
const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
const word = (i) => 'w' + [...String(i)].map((digit) => 'bcdfghjklm'[digit]).join('') + 'z';
// three words in ten from the 300 of the class, the others from 2000 that both use
function text(kind, length) {
  const words = new Set();
  while (words.size < length) {
    words.add(word(uniform() < 0.3 ? kind * 300 + Math.floor(uniform() * 300) : 600 + Math.floor(uniform() * 2000)));
  }
  return [...words];
}
const names = ['ham', 'spam'];
const classifier = new natural.BayesClassifier();
for (let i = 0; i < 100; i++) names.forEach((name, kind) => classifier.addDocument(text(kind, 100), name));
classifier.train();

console.log('words   ham right   spam right   both values 0');
const seen = {};
for (const length of [50, 200, 250, 300, 400]) {
  const right = [0, 0];
  let zero = 0;
  for (let i = 0; i < 50; i++) {
    for (const kind of [0, 1]) {
      const words = text(kind, length);
      right[kind] += classifier.classify(words) === names[kind];
      zero += classifier.getClassifications(words).every(({value}) => value === 0);
    }
  }
  seen[length] = [...right, zero];
  console.log(`${String(length).padEnd(8)}${String(right[0]).padEnd(12)}${String(right[1]).padEnd(13)}${zero} of 100`);
}
assert.deepStrictEqual(seen[200], [50, 50, 0]);
assert.deepStrictEqual(seen[300], [50, 0, 100]);
JS
DOTENV_CONFIG_QUIET=true node bayes.mjs
