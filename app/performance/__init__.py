"""Performance appraisal of training bases: cycles, self-reports, computed grades, rectification and exit."""
