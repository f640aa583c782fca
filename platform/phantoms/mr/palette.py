"""How bright each tissue is in a fat-suppressed proton-density picture: 0 black to 1 fluid."""

SKIN, FAT, MUSCLE = 0.34, 0.15, 0.36
MARROW, CORTEX, CARTILAGE, FLUID = 0.17, 0.03, 0.5, 0.95
FIBROUS, MENISCUS, SYNOVIUM, VEIN, NERVE = 0.06, 0.05, 0.26, 0.62, 0.4
