"""`python -m bench.work clock|work`: the real processes, with the outside of the benches."""

import sys

from bench.outside import register
from worker.__main__ import main

register()
sys.exit(main())
