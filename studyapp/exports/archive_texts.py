"""The texts of a study archive."""

from __future__ import annotations

README = """\
# {title}

The archive of the study `{study}`: what people were asked, what they answered, what was counted.

- `data/`: votes, questions, predictions, images. `datapackage.json` says what each column is.
- `results/results.json`: the figures. `results/tables/`: tables as CSV and for LaTeX.
  `results/figures/`: the report's figures as PDF and PNG, each with what it shows in words (.txt).
- `protocol/`: wording, rule, window, when it was locked, and the words of a methods section.
  `protocol/analysis_plan.json`, where a plan was stamped: what was stated before anybody was asked.
  `results/tables/analyses.csv` has every other analysis that was looked at and named.
  `protocol/given.json` is what the figures are laid into: the report without what is counted.
- `media/manifest.csv`: checksums of the images; the images are not here.
- `CHECKSUMS.sha256`: `sha256sum -c CHECKSUMS.sha256` checks every file.

## Count the figures again

    pip install numpy scipy
    python rerun.py

It needs nothing else. `environment.txt` has the versions the figures were made with. From
`data/*.csv` it works out which votes count, the verdicts, and of results.json the figures under
`data`, `votes`, `raters`, `models`, `agreement`, `sensitivity`, `comparisons`, `asked_again`,
`analyses` and `part`; it compares byte for byte, and says which figure moved if one did. It takes
over from `protocol/given.json` what the data do not decide: the wording, the rule, what was
planned, the time of the last vote. Which votes were test runs, unconfirmed, late, undone, too soon
or excluded by hand it takes from `exclusion_reason` and `by_hand`; what is too fast, too slow, a
duplicate or a surplus it works out. The tables under `results/tables` are not counted again.

Raters carry pseudonyms. No worker id, address or browser is in here.{times}
"""

PUBLIC_TIMES = """ Times of day are cut off: a
column that tells when something happened has the day (UTC) alone, and so has results.json but for
the time at which the plan was stamped."""

CITATION = """\
cff-version: 1.2.0
message: Cite the paper these data belong to.
title: Data of the study {study}
type: dataset
authors:
  - name: The researchers of the study {study}
"""

LICENCE = """\
No licence has been granted with these data. Ask the researchers of the study before you share them.
The program in code/ and rerun.py is part of Quorum, under the Apache License 2.0.
"""

RERUN = '''\
"""Count the figures of this archive again: python rerun.py. README.md says what is counted."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "code"))

try:
    from studyapp.recount import main
except ImportError as error:
    sys.exit(f"{error}. Run: pip install numpy scipy (environment.txt has the versions).")

sys.exit(main([str(HERE), *sys.argv[1:]]))
'''
