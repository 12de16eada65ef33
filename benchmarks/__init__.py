"""celoss against what a user would run instead: whole processes, in turn, on the same files.

``python -m benchmarks`` from the repository root; ``--help`` lists the options. Needs a Unix (``os.wait4``) and, for
the peers to be there, ``pip install -e '.[bench]'``; peers that are not installed are skipped and named.

This package itself uses the standard library only, apart from ``generate`` and ``peers``, which run as processes of
their own: a parent that had loaded NumPy would pass its own peak memory on to every child it measures.
"""
