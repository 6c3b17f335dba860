"""The commands of `python -m segmentation`, one file each."""
