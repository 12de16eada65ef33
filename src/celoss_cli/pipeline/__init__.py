"""The passes: open, assume, score every row, judge, and put together.

``prepare`` forms the first opinion, a pass scores every row by it, ``settle`` judges it by what all rows said, and
``assemble`` puts the result together; ``passes.evaluate`` goes round until what was assumed is what the file supports.
"""
