"""The passes: open, assume, score every row, judge, and put together.

``prepare`` forms the first opinion and a pass scores every row by it, leaving one ``Partial``. ``judgement`` says what
all rows support: where that is something else, another pass is made. What remains is one ``Settled``, from which
``evaluate`` and ``explain`` put their results together.
"""
