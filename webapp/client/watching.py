"""`medula watch`: how far a batch is, until it has ended."""

from __future__ import annotations

import time

from tqdm import tqdm

from webapp.client.server import Server
from webapp.client.words import words

PAUSE_S = 2.0


def watch(server: Server, batch: str, *, pause_s: float = PAUSE_S) -> int:
    """Wait for the batch; returns how many pictures failed or were cancelled."""
    with tqdm(unit="") as bar:
        bar.set_description(words("analysing"))
        while True:
            progress = server.get(f"batches/{batch}/")["progress"]
            states = progress["states"]
            ended = states["succeeded"] + states["failed"] + states["cancelled"]
            bar.total = max(progress["pictures"], ended)
            bar.n = ended
            bar.set_postfix({name: count for name, count in states.items() if count}, refresh=True)
            if progress["is_finished"]:
                break
            time.sleep(pause_s)
    failed = int(states["failed"] + states["cancelled"])
    print(words("finished", succeeded=states["succeeded"], failed=failed, refused=states["refused"]))
    return failed
