"""Keeps pydicom from saying what it reads: its warnings quote the values of files, which may be names.

Importing it is enough, in each process that reads files. What is wrong with a file, the archive says itself.
"""

import logging
import warnings

logger = logging.getLogger("pydicom")
logger.addHandler(logging.NullHandler())
logger.propagate = False

warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
