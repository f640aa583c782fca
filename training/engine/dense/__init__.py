"""Fields whose answers are places on images: learned from each picture, on the encoder that all fields share."""
