"""The curator's pages: data sets, their imports, the review of samples, frozen versions."""
