"""What a file may claim before it is believed. Nothing is allocated on the word of a header."""

MAX_FILE_BYTES = 1 << 30
MAX_INFLATED_BYTES = 256 << 20  # of a deflated dataset
MAX_FRAMES = 20_000
MAX_FRAME_BYTES = 256 << 20  # unpacked
MAX_TOTAL_BYTES = 8 << 30  # unpacked, all frames
MAX_DEPTH = 16  # sequences inside sequences
MAX_ELEMENTS = 500_000
MAX_PICTURE_PIXELS = 64_000_000  # PNG and JPEG
MAX_CSV_BYTES = 20 << 20

# of the child process in which files are judged (sandbox.py)
MEMORY_BYTES = 1_500 << 20  # address space
CPU_SECONDS = 9  # a file; the kernel counts whole seconds, so that ten are never passed
WALL_SECONDS = 60  # a file; for a child that waits instead of working
TRIAL_SECONDS = 2.0  # CPU time for decoding frames only to see that it can be done
TRANSCODING_SECONDS = 4.0  # CPU time; a file that takes longer is kept as it came
LARGE_FRAME_BYTES = (
    1 << 20
)  # an uncompressed frame from here on is worth compressing for the browser
START_SECONDS = 60
IDLE_SECONDS = 300  # after which a child that nobody asks ends itself
RECYCLED_AT_BYTES = 700 << 20  # a child that has ever needed so much is replaced
