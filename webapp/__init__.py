"""The front desk and the ledger: shows and records. Never imports keras, tensorflow, cv2 or worker."""
