"""What a file may claim before it is believed. Nothing is allocated on the word of a header."""

MAX_FILE_BYTES = 1 << 30
MAX_FRAMES = 20_000
MAX_FRAME_BYTES = 512 << 20  # unpacked
MAX_TOTAL_BYTES = 8 << 30  # unpacked, all frames
MAX_DEPTH = 16  # sequences inside sequences
MAX_ELEMENTS = 500_000
MAX_PICTURE_PIXELS = 64_000_000  # PNG and JPEG
MAX_CSV_BYTES = 20 << 20
