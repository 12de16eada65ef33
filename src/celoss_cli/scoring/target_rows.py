"""Rows whose target speaks of every class: soft labels, smoothed labels, a weight on positives, or many labels at once.

Each row has a term for every class, t_c · (−log p_c), and all of them count. Multilabel rows have a term for every
label, the binary loss of that label alone.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np

from celoss_cli.evidence import Observer
from celoss_cli.kernels import surprisal
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.kernels.surprisal import expected
from celoss_cli.scoring.chunk import Chunk, Judged
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import InputKind, TargetKind
from celoss_cli.state.loss import LossAccumulator, LossState
