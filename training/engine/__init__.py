"""The learning itself, without Django: arrays in, weights and figures out."""
