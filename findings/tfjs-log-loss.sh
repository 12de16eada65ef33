#!/bin/sh
# TensorFlow.js 4.22.0: tf.losses.logLoss of a certain and right prediction is negative; of three classes it is no log loss.
#
# It adds 1e-7 inside each logarithm, so that probability 1 gives -log(1.0000001), and 0 gives 16.1 instead of infinity.
# And it is the loss of independent yes-or-no answers, averaged over all cells: with one-hot labels of three classes it is
# 0.187 where the mean of -log p(truth) is 0.290. categoricalCrossentropy of tfjs-layers gives the latter.
#
# Seen (node 20, float32):
#   certain and right   -1.192e-7
#   certain and wrong   16.1181
#   three classes       0.18651   mean of -log p(truth) 0.28991   categoricalCrossentropy 0.28991
# Needs node and npm instead of Python.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > npm.log
npm install --no-audit --no-fund --silent @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 \
    @tensorflow/tfjs-layers@4.22.0 >> npm.log
cat > script.js <<'SCRIPT'
const warn = console.warn;
console.warn = () => {};
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const {metrics} = require('@tensorflow/tfjs-layers');
console.warn = warn;

const of = tensor => tf.mean(tensor).dataSync()[0];
tf.setBackend('cpu').then(() => {
  const right = of(tf.losses.logLoss(tf.tensor1d([1]), tf.tensor1d([1])));
  const wrong = of(tf.losses.logLoss(tf.tensor1d([1]), tf.tensor1d([0])));
  const y = tf.tensor2d([[1, 0, 0], [0, 1, 0]]);
  const p = tf.tensor2d([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]]);
  const three = of(tf.losses.logLoss(y, p));
  const layers = of(metrics.categoricalCrossentropy(y, p));
  const truth = -(Math.log(0.7) + Math.log(0.8)) / 2;
  console.log(`certain and right   ${right.toExponential(3)}`);
  console.log(`certain and wrong   ${wrong.toFixed(4)}`);
  console.log(`three classes       ${three.toFixed(5)}   mean of -log p(truth) ${truth.toFixed(5)}   ` +
              `categoricalCrossentropy ${layers.toFixed(5)}`);
  if (!(right < 0 && wrong > 16 && wrong < 17 && three < 0.19 && Math.abs(layers - truth) < 1e-6)) process.exit(1);
});
SCRIPT
node script.js 2> node.log
