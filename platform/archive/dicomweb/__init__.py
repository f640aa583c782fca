"""DICOMweb (PS3.18): QIDO-RS, WADO-RS and STOW-RS at one address, over what a user may see."""

from .routes import routes

__all__ = ["routes"]
