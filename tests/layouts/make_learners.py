"""Write the examples of Vowpal Wabbit and fastText with the libraries themselves.

Run from the root of the repository, with vowpalwabbit, fasttext-wheel and numpy below 2::

    PYTHONPATH=tests python tests/layouts/make_learners.py

Written with vowpalwabbit 9.11.9 and fasttext-wheel 0.9.2. Vowpal Wabbit writes its files itself. The wheel of fastText
has no command line: its numbers come from the library, and are printed as ``predict-prob`` prints them (``main.cc``,
``printPredictions``: each label and its probability, with six digits).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import fasttext
from vowpalwabbit import Workspace

from layouts.example_rows import SPECIES

HERE = Path(__file__).resolve().parent
WORDS = (("small", "blue", "short"), ("middle", "violet", "broad"), ("large", "purple", "long"))


def sentences(count: int, seed: int) -> list[tuple[int, list[str]]]:
    """Return rows of a class and five words, of which most are those of the class."""
    drawn = random.Random(seed)
    rows = []
    for _ in range(count):
        code = drawn.randrange(3)
        rows.append((code, [drawn.choice(WORDS[code if drawn.random() < 0.6 else drawn.randrange(3)])
                            for _ in range(5)]))  # fmt: skip
    return rows


TRAIN, TEST = sentences(300, 1), sentences(12, 2)


def vowpal_wabbit(example: str, options: str, rows: Sequence[Sequence[str]], test: Sequence[Sequence[str]]) -> None:
    (HERE / example).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name, examples in (("train", rows), ("test", test)):
            between = "\n\n" if len(examples[0]) > 1 else "\n"
            (Path(place) / name).write_text(between.join("\n".join(one) for one in examples) + "\n\n")
        Workspace(f"{options} --quiet -d {place}/train -f {place}/model").finish()
        reading = f"--quiet -t --probabilities --loss_function logistic -i {place}/model -d {place}/test"
        Workspace(f"{reading} -p {HERE / example / 'predictions.txt'}").finish()


def lines(rows: Sequence[tuple[int, list[str]]]) -> list[list[str]]:
    return [[f"{code + 1} 1 flower{place}| {' '.join(words)}"] for place, (code, words) in enumerate(rows)]


def groups(rows: Sequence[tuple[int, list[str]]]) -> list[list[str]]:
    return [
        [
            f"{each + 1}:{float(each != code)} flower{place}| {' '.join(f'{word}_{each}' for word in words)}"
            for each in range(3)
        ]
        for place, (code, words) in enumerate(rows)
    ]


def labels(example: str) -> None:
    by_id = [f"flower{place},{code + 1}\n" for place, (code, _) in enumerate(TEST)]
    (HERE / example / "labels.csv").write_text("id,species\n" + "".join(reversed(by_id)))


def fast_text() -> None:
    (HERE / "fasttext").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        train = Path(place) / "train.txt"
        train.write_text("".join(f"__label__{SPECIES[code]} {' '.join(words)}\n" for code, words in TRAIN))
        model = fasttext.train_supervised(str(train), epoch=5, dim=4, thread=1, seed=1, verbose=0)
    printed = []
    for _, words in TEST:
        names, scores = model.predict(" ".join(words), k=-1)
        printed.append(" ".join(f"{name} {score:.6g}" for name, score in zip(names, scores, strict=True)) + "\n")
    (HERE / "fasttext" / "predictions.txt").write_text("".join(printed))
    (HERE / "fasttext" / "labels.txt").write_text("".join(f"__label__{SPECIES[code]}\n" for code, _ in TEST))


if __name__ == "__main__":
    vowpal_wabbit("vw", "--oaa 3 --loss_function logistic --probabilities", lines(TRAIN), lines(TEST))
    vowpal_wabbit("vw_ldf", "--csoaa_ldf mc --loss_function logistic --probabilities", groups(TRAIN), groups(TEST))
    for name in ("vw", "vw_ldf"):
        labels(name)
    (HERE / "vw" / "labels.txt").unlink(missing_ok=True)
    fast_text()
