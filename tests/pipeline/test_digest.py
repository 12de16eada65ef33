"""The digest in a result names the rows: the same for every model, form of file and number of threads."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import celoss_cli
from running import run, write

ROWS = 3000


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def digest(*arguments: object) -> str:
    done = run("eval", *arguments, "--format", "json")
    assert done.code == 0, done.err
    return str(json.loads(done.out)["digest"])


def truth(seed: int = 0, rows: int = ROWS) -> list[str]:
    draw = random.Random(seed)
    return [draw.choice(["cat", "dog", "eel"]) for _ in range(rows)]


def scores(seed: int, rows: int = ROWS) -> list[tuple[float, float, float]]:
    draw = random.Random(seed)
    found = []
    for _ in range(rows):
        parts = [draw.random() + 0.01 for _ in range(3)]
        found.append((parts[0] / sum(parts), parts[1] / sum(parts), parts[2] / sum(parts)))
    return found


def table(labels: Sequence[str], seed: int, ids: Sequence[str] = (), names: str = "cat,dog,eel") -> str:
    head = f"{'id,' if ids else ''}y,{','.join('p_' + name for name in names.split(','))}"
    lines = [",".join([label, *map(repr, row)]) for label, row in zip(labels, scores(seed), strict=False)]
    lines = [f"{one},{line}" for one, line in zip(ids, lines, strict=True)] if ids else lines
    return "\n".join([head, *lines, ""])


def test_it_is_that_of_the_labels_whatever_the_model() -> None:
    labels = truth()
    write(Path(), {"a.csv": table(labels, 1), "b.csv": table(labels, 2), "c.csv": table(truth(5), 1)})
    assert digest("a.csv") == digest("b.csv") == digest("a.csv", "--threads", 1, "--clip", "1e-3", "--base", 2)
    assert digest("a.csv") != digest("c.csv")
    write(Path(), {"d.csv": table(list(reversed(labels)), 1), "e.csv": table(labels[:-1], 1)})
    assert len({digest(name) for name in ("a.csv", "d.csv", "e.csv")}) == 3, "the order and the number count"
    write(Path(), {"other order.csv": table(labels, 3, names="eel,cat,dog")})
    assert digest("a.csv") == digest("other order.csv")


def test_it_does_not_depend_on_the_form_of_the_file() -> None:
    labels = truth()
    write(Path(), {"a.csv": table(labels, 1), "labels.csv": "y\n" + "\n".join(labels) + "\n"})
    write(
        Path(),
        {
            "s/1.csv": table(labels[:1000], 1),
            "p.csv": "\n".join(line.partition(",")[2] for line in table(labels, 1).splitlines()),
        },
    )
    write(Path(), {"s/2.csv": table(labels[1000:], 4)})
    columns = dict(zip(("p_cat", "p_dog", "p_eel"), zip(*scores(7), strict=True), strict=True))
    pq.write_table(pa.table({"y": labels, **columns}), "a.parquet", row_group_size=700)
    pq.write_table(pa.table({"y": pa.array(labels).dictionary_encode(), **columns}), "coded.parquet")
    found = {digest("a.csv"), digest("s"), digest("a.parquet"), digest("coded.parquet"), digest("p.csv", "labels.csv")}
    assert len(found) == 1


def test_whole_numbers_are_labels_by_their_value() -> None:
    draw = random.Random(3)
    labels = [draw.randint(0, 1) for _ in range(50)]
    for name, values in {
        "int": labels,
        "float": [float(one) for one in labels],
        "text": [f"{one}" for one in labels],
    }.items():
        pq.write_table(pa.table({"y": values, "p": [0.4] * 50}), f"{name}.parquet")
    Path("f.csv").write_text("y,p\n" + "".join(f"{one},0.3\n" for one in labels))
    assert len({digest(name) for name in ("int.parquet", "float.parquet", "text.parquet", "f.csv")}) == 1
    scores_of_it = [0.1 + 0.8 * one for one in map(float, labels)]
    assert celoss_cli.evaluate(scores_of_it, labels).digest == digest("f.csv")


@pytest.mark.parametrize("kind", ["text", "number", "odd"])
def test_with_ids_the_order_means_nothing(kind: str) -> None:
    labels = truth()
    ids = [
        {"text": f"row-{i:06d}", "number": str(i), "odd": f" ä{i} " if i % 7 else f"x{i}"}[kind] for i in range(ROWS)
    ]
    order = random.Random(9).sample(range(ROWS), ROWS)
    write(
        Path(), {"a.csv": table(labels, 1, ids), "b.csv": table([labels[i] for i in order], 2, [ids[i] for i in order])}
    )
    assert digest("a.csv", "--id", "id") == digest("b.csv", "--id", "id")
    assert digest("a.csv", "--id", "id", "--threads", 1) == digest("a.csv", "--id", "id", "--threads", 3)
    whole = [int(one) for one in ids] if kind == "number" else [one.strip() for one in ids]
    columns = dict(zip(("p_cat", "p_dog", "p_eel"), zip(*scores(7), strict=True), strict=True))
    pq.write_table(pa.table({"id": whole, "y": labels, **columns}), "a.parquet")
    assert digest("a.parquet", "--id", "id") == digest("a.csv", "--id", "id")
    changed = [*labels[1:], labels[0]]
    write(Path(), {"c.csv": table(changed, 1, ids)})
    assert digest("c.csv", "--id", "id") != digest("a.csv", "--id", "id")
    write(Path(), {"labels.csv": "id,y\n" + "".join(f"{ids[i]},{labels[i]}\n" for i in order)})
    lines = [line.split(",") for line in table(labels, 1, ids).splitlines()]
    write(Path(), {"p.csv": "".join(f"{','.join([line[0], *line[2:]])}\n" for line in lines)})
    assert digest("p.csv", "labels.csv", "--id", "id") == digest("a.csv", "--id", "id")


def test_rows_that_are_chosen_are_the_rows() -> None:
    labels = truth(rows=40)
    write(Path(), {"alone.csv": table(labels, 1)})
    lines = table(labels, 1).splitlines()
    stacked = ["model," + lines[0], *(f"{name},{line}" for name in ("a", "b") for line in lines[1:])]
    write(Path(), {"stacked.csv": "\n".join(stacked) + "\n"})
    for name in ("a", "b"):
        assert digest("stacked.csv", "--where", f"model={name}") == digest("alone.csv")


def test_scores_take_no_part() -> None:
    labels = truth(rows=40)
    good = table(labels, 1)
    write(Path(), {"a.csv": good, "nan.csv": good.replace(good.splitlines()[5].split(",")[1], "nan", 1)})
    assert digest("a.csv") == digest("nan.csv", "--invalid", "drop")


def test_numbers_for_every_class() -> None:
    head = "p_cat,p_dog,cat,dog\n"
    write(Path(), {"a.csv": head + ".7,.3,1,0\n.2,.8,.5,.5\n", "b.csv": head + ".6,.4,1,0\n.1,.9,.5,.5\n"})
    write(Path(), {"c.csv": head + ".6,.4,1,0\n.1,.9,.4,.6\n"})
    assert digest("a.csv", "--label", "cat,dog") == digest("b.csv", "--label", "cat,dog")
    assert digest("a.csv", "--label", "cat,dog") != digest("c.csv", "--label", "cat,dog")


def test_it_is_there_where_the_result_is_stored() -> None:
    write(Path(), {"a.csv": table(truth(rows=40), 1)})
    run("eval", "a.csv", "-q", "--report", "r.json", "--save-baseline", "b.json")
    stored = [json.loads(Path(name).read_text())["digest"] for name in ("r.json", "b.json")]
    assert stored == [digest("a.csv")] * 2


def test_a_row_that_counts_twice_is_another() -> None:
    write(Path(), {"once.csv": "y,p,n\n1,.7,1\n0,.2,1\n", "n.csv": "y,p,n\n1,.7,2\n0,.2,1\n"})
    assert digest("once.csv", "--count", "n") == digest("once.csv", "--pred", "p") == digest("n.csv", "--pred", "p")
    assert digest("n.csv", "--count", "n") != digest("n.csv", "--pred", "p")
