"""Patient (pseudonym), Case, Biopsy, BiopsyImage, and the upload of pictures."""
