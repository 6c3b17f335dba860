"""The command `medula`: hands in folders of pictures over the API, follows them, fetches what was found.

It needs `requests` and `tqdm` and nothing of the server: it runs at the microscope.
"""
