"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import PEERS, Peer
from benchmarks.work import WORKS, Work


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    data: Path
    scale: float
    rounds: int
    works: tuple[Work, ...]
    peers: tuple[Peer, ...]
    earlier: str
    growth: bool
    plot: Path | None
    json: Path | None
    markdown: Path | None


def parse(arguments: Sequence[str]) -> Options:
    """Options from arguments; a bad one ends the process with code 2."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "celoss-benchmarks"
    works, peers = {work.name: work for work in WORKS}, {peer.name: peer for peer in PEERS}
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="celoss and its peers as whole processes, in turn, on the same files."
    )
    add = parser.add_argument
    add("--data", type=Path, default=cache, metavar="DIR", help="where the files are kept, 1.5 GB (%(default)s)")
    add("--scale", type=float, default=1.0, metavar="X", help="times the rows; 0.01 for a smoke run (1)")
    add("--rounds", type=int, default=5, metavar="N", help="timed runs of each tool on each file (5)")
    add("--work", type=names(works), default=list(works), metavar="NAMES", help=f"some of {','.join(works)} (all)")
    add("--peers", type=names(peers), default=list(peers), metavar="NAMES", help=f"some of {','.join(peers)} (all)")
    add("--earlier", default="", metavar="CELOSS", help="another celoss to be held against: its console script")
    add("--growth", action="store_true", help="also celoss's memory on 4 × the rows; 6 GB more of files")
    add("--plot", type=Path, metavar="FILE", help="also measure cost against rows, and draw it as SVG")
    add("--json", type=Path, metavar="FILE", help="also write every number")
    add("--markdown", type=Path, metavar="FILE", help="also write the tables as Markdown")
    given = parser.parse_args(arguments)
    if given.rounds < 1 or not 0 < given.scale <= 10:
        parser.error("--rounds is at least 1, and --scale above 0 and at most 10")
    return Options(
        data=given.data,
        scale=given.scale,
        rounds=given.rounds,
        works=tuple(works[name].scaled(given.scale) for name in given.work),
        peers=tuple(peers[name] for name in given.peers),
        earlier=given.earlier,
        growth=given.growth,
        plot=given.plot,
        json=given.json,
        markdown=given.markdown,
    )


def names(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A parser of ``a,b,c`` that takes known names only and returns them in the order they are known in."""
    every = list(known)

    def chosen(text: str) -> list[str]:
        given = [name for name in text.split(",") if name]
        if unknown := [name for name in given if name not in every]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(every)}")
        return [name for name in every if name in given]

    return chosen
