"""The HTTP side of annotation. `next`, the worklist and exports are served by inference.api, which knows predictions."""
