#!/bin/sh
# Biopython 1.88: a letter's probability of 0.02 in a motif file of MEME is read as 0, and one of 0.5 can be.
#
# A MEME motif is a table of letter probabilities with six digits. Bio.motifs multiplies each with nsites, the number of
# sequences it came from, rounds to whole counts, and divides again. With 20, which also stands for a missing number, what
# is 0.025 or less becomes 0 and its log odds -inf, so that a sequence with one rare letter is impossible. With nsites= 1, as
# written by programs that know of no sequences, a letter of 0.5 counts nothing: with pseudocounts, as used against zeros, a
# position of two letters becomes uniform. The other way round, the clusterbuster format cuts probabilities to whole numbers,
# and jaspar rounds to two decimals. Nothing is said, and what happens depends on a number that is no part of the table.
#
# Seen, the same table but for nsites:
#                           first                     second                    third position            loss of ACA   of ATC
#   in the file             0.97 0.01 0.01 0.01       0.02 0.48 0.48 0.02       0.5 0.25 0.12 0.12        1.4576        5.3288
#   nsites= 1000            0.97 0.01 0.01 0.01       0.02 0.48 0.48 0.02       0.5 0.25 0.12 0.12        1.4576        5.3288
#   nsites= 20              1 0 0 0                   0 0.5 0.5 0               0.53 0.26 0.11 0.11       1.3350        inf
#   no nsites               1 0 0 0                   0 0.5 0.5 0               0.53 0.26 0.11 0.11       1.3350        inf
#   nsites= 1, pseudo 0.01  0.97 0.0096 0.0096 0.0096 0.25 0.25 0.25 0.25       0.25 0.25 0.25 0.25       2.8019        2.8019
#   log odds of T in the second position, nsites= 20: -inf
#   clusterbuster:
#     1	0	0	0
#     0	0	0	0
#     0	0	0	0
#   jaspar:
#     A [  0.97   0.02   0.50]
#     C [  0.01   0.48   0.25]
#     G [  0.01   0.48   0.12]
#     T [  0.01   0.02   0.12]
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check biopython==1.88 numpy==2.4.6
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import io
import math

from Bio import motifs

table = [[0.97, 0.01, 0.01, 0.01], [0.02, 0.48, 0.48, 0.02], [0.5, 0.25, 0.125, 0.125]]
head = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n"


def read(sites):
    rows = "\n".join(" ".join(f"{p:.6f}" for p in row) for row in table)
    return motifs.parse(io.StringIO(f"{head}MOTIF m\nletter-probability matrix: alength= 4 w= 3 {sites}\n{rows}\n\n"), "minimal")[0]


def probabilities(motif, pseudocounts=0):
    matrix = motif.counts.normalize(pseudocounts=pseudocounts)
    return [[matrix[letter][i] for letter in "ACGT"] for i in range(3)]


def loss(rows, sequence):
    value = [rows[i]["ACGT".index(letter)] for i, letter in enumerate(sequence)]
    return sum(math.inf if p == 0 else -math.log(p) for p in value)


print(f"{'':24}{'first':26}{'second':26}{'third position':26}loss of ACA   of ATC")
found = {}
for sites, pseudocounts in (("", None), ("nsites= 1000", 0), ("nsites= 20", 0), ("", 0), ("nsites= 1", 0.01)):
    rows = table if pseudocounts is None else probabilities(read(sites), pseudocounts)
    name = "in the file" if pseudocounts is None else (sites or "no nsites") + (f", pseudo {pseudocounts}" if pseudocounts else "")
    found[name] = loss(rows, "ACA"), loss(rows, "ATC")
    cells = "".join(f"{' '.join(f'{p:.2g}' for p in row):26}" for row in rows)
    print(f"{name:24}{cells}{found[name][0]:<14.4f}{found[name][1]:.4f}")
print("log odds of T in the second position, nsites= 20:", read("nsites= 20").pssm["T"][1])
exact = motifs.Motif(alphabet="ACGT", counts=dict(zip("ACGT", zip(*table, strict=True), strict=True)))
for form in ("clusterbuster", "jaspar"):
    print(f"{form}:", *motifs.write([exact], form).strip().splitlines()[1:], sep="\n  ")

assert all(math.isclose(a, b) for a, b in zip(found["nsites= 1000"], found["in the file"], strict=True))
assert found["nsites= 20"][1] == found["no nsites"][1] == math.inf
assert probabilities(read("nsites= 1"), 0.01)[1:] == [[0.25] * 4] * 2
assert read("nsites= 20").pssm["T"][1] == -math.inf
PYTHON
