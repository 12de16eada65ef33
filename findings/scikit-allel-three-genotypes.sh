#!/bin/sh
# scikit-allel 1.3.13: of the six genotype probabilities of a site with three alleles it keeps three, which may sum to 0.05.
#
# A VCF file has one probability (GP) or score (PL, GL) for each genotype: three with two alleles, six with three, ten with
# four. read_vcf keeps up to three alternate alleles and genotypes such as 1/2, but of those fields the first three numbers,
# and says nothing. The genotypes of the third allele, among them the likeliest one below, have no column: divided by
# their sum, the rest are a confident answer of another genotype. cyvcf2 reads all.
# numbers={"calldata/GP": 10} asks for ten, with NaN where a site has fewer.
#
# Seen (cyvcf2 0.35.0, numpy 2.4.6), probabilities of 0/0, 0/1, 1/1, 0/2, 1/2, 2/2:
#   site     genotype   scikit-allel     sum    cyvcf2
#   A>C      0/1        0.10 0.80 0.10   1.00   0.10 0.80 0.10
#   A>C      1/1        0.10 0.10 0.80   1.00   0.10 0.10 0.80
#   A>C,G    1/2        0.01 0.01 0.03   0.05   0.01 0.01 0.03 0.05 0.85 0.05
#   A>C,G    2/2        0.01 0.01 0.03   0.05   0.01 0.01 0.03 0.05 0.05 0.85
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check scikit-allel==1.3.13 cyvcf2==0.35.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
from pathlib import Path

import allel
import cyvcf2
import numpy as np

lines = [
    "##fileformat=VCFv4.3",
    "##contig=<ID=1>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GP,Number=G,Type=Float,Description="Genotype probabilities">',
    "\t".join("#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT ann bob".split()),
    "\t".join("1 10 . A C . PASS . GT:GP 0/1:0.1,0.8,0.1 1/1:0.1,0.1,0.8".split()),
    "\t".join("1 20 . A C,G . PASS . GT:GP 1/2:0.01,0.01,0.03,0.05,0.85,0.05 2/2:0.01,0.01,0.03,0.05,0.05,0.85".split()),
]
Path("calls.vcf").write_text("\n".join(lines) + "\n")
fields = ["calldata/GT", "calldata/GP", "variants/ALT"]
read = allel.read_vcf("calls.vcf", fields=fields)
asked = allel.read_vcf("calls.vcf", fields=fields, numbers={"calldata/GP": 10})["calldata/GP"]
other = [site.format("GP") for site in cyvcf2.VCF("calls.vcf")]

print(f"{'site':<9}{'genotype':<11}{'scikit-allel':<17}{'sum':<7}cyvcf2")
for site, alleles in enumerate(("A>C", "A>C,G")):
    for person in (0, 1):
        genotype = "/".join(map(str, read["calldata/GT"][site, person]))
        kept = read["calldata/GP"][site, person]
        full = other[site][person]
        texts = [" ".join(f"{p:.2f}" for p in row) for row in (kept, full)]
        print(f"{alleles:<9}{genotype:<11}{texts[0]:<17}{kept.sum():<7.2f}{texts[1]}")
        assert np.array_equal(kept, full[:3])
        assert np.array_equal(asked[site, person, : full.size], full)
        assert np.isnan(asked[site, person, full.size :]).all()
        assert abs(full.sum() - 1) < 1e-6
assert read["calldata/GP"].shape == (2, 2, 3)
assert read["calldata/GT"][1].tolist() == [[1, 2], [2, 2]]
assert read["variants/ALT"][1].tolist() == ["C", "G", ""]
PYTHON
