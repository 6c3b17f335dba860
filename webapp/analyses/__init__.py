"""One picture read by one version of the network: counts, outlines, measurements."""
