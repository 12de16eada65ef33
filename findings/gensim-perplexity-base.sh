#!/bin/sh
# gensim 4.4.0: the perplexity that LdaModel logs is 2 to the power of a number of nats.
#
# log_perplexity returns a bound per word in nats. The line that it logs takes it as bits: 2^(-bound). Two words, each
# in half of all places, have perplexity 2; the log says 1.617, better than any model can be.
#
# Seen (numpy 2.4.6): 200 texts of 50 times a and 50 times b, one topic:
#   log_perplexity −0.69338, exp of it 2.0005; logged: "-0.693 per-word bound, 1.6 perplexity estimate"
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check gensim==4.4.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import io
import logging
import math
import re

stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO)

from gensim.models import LdaModel

texts = [[(0, 50), (1, 50)]] * 200
model = LdaModel(texts, num_topics=1, id2word={0: "a", 1: "b"}, random_state=0, passes=20, eval_every=None)
bound = model.log_perplexity(texts)
logged = [line for line in stream.getvalue().splitlines() if "perplexity estimate" in line][-1]
print(f"log_perplexity {bound:.5f}, exp of it {math.exp(-bound):.4f}; logged: {logged.split(':', 2)[-1].split(' based')[0]}")
said = float(re.search(r"bound, ([0-9.]+) perplexity", logged)[1])
assert abs(math.exp(-bound) - 2) < 1e-3
assert abs(said - 2**-bound) < 0.06 and said < 1.7
PYTHON
