"""What an image says of itself: its body part, its side and its view, by tags, codes, descriptions, file name and markers.

Nothing is guessed. Where sources contradict each other, or none speaks, the value stays empty and a flag says why.
"""
