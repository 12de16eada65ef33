#!/bin/sh
# scipy 1.17.1: reading an ARFF file takes the limit on the size of fields from Python's csv module, for the whole process.
#
# csv refuses a field of more than 131,072 characters, which is how a quote that is never closed is found out: the rest of
# the file becomes one field. scipy.io.arff.loadarff sets the limit to 2^63 − 1 and leaves it there. From then on, every
# csv.reader of the program takes such a file without a word, and hands out one row in place of a hundred thousand.
#
# Seen (numpy 2.4.6, Python 3.11):
#   before   limit 131072                a quote never closed: field larger than field limit (131072)
#   after    limit 9223372036854775807   a quote never closed: 2 rows of 100001
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import csv
import io

from scipy.io import arff

text = "label,p\n" + '"a,0.5\n' + "b,0.5\n" * 99_999


def read():
    try:
        return f"{len(list(csv.reader(text.splitlines(keepends=True))))} rows of {text.count(chr(10))}"
    except csv.Error as error:
        return str(error)


seen = {}
for when in ("before", "after"):
    seen[when] = csv.field_size_limit(), read()
    print(f"{when:8} limit {seen[when][0]:<21} a quote never closed: {seen[when][1]}")
    arff.loadarff(io.StringIO("@relation r\n@attribute p numeric\n@data\n0.5\n"))
assert seen["before"][0] == 131072 and "field limit" in seen["before"][1]
assert seen["after"][0] > 2**40 and seen["after"][1].startswith("2 rows")
PYTHON
