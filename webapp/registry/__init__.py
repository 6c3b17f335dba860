"""The versions of the network that this installation knows."""
