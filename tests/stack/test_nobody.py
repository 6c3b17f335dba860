"""Nobody is there, on the stack: the clock refuses the worse and puts the better into use, saying why."""

from __future__ import annotations

import pytest

from tests.flows import nobody
from tests.stack.stack import Stack


@pytest.mark.timeout(2400)
def test_the_clock_alone_retrains_refuses_the_worse_and_promotes_the_better(stack: Stack) -> None:
    nobody.set_up(stack)
    nobody.shuffle(stack)
    nobody.make_rule(stack)

    (refused,) = nobody.night(stack, 1)
    assert refused.startswith("refused | nuclei 3 |"), refused
    assert "frente a" in refused
    assert nobody.stages(stack) == {3: "candidate"}

    nobody.correct(stack)
    passed = nobody.night(stack, 2)[-1]
    assert passed.startswith("passed | nuclei 4 |"), passed
    assert "del modelo en uso (nuclei 2), en 3 imágenes de prueba" in passed
    assert nobody.stages(stack) == {3: "candidate", 4: "production"}

    assert nobody.told(stack) == ["notice_refused", "notice_passed", "notice_promoted"]
    assert nobody.succeeded(stack) == {"evaluate": 4, "freeze": 3, "train": 2}
