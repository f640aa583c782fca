"""The HTTP side of training. Starting one is served by inference.api, which knows what readers were shown."""
