"""`python -m oarlock_pdk`: the same as `oarlock-python-pluginserver`."""

from oarlock_pdk.cli import main

raise SystemExit(main())
