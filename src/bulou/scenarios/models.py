"""Where a demo's time stands. Not a fact: a demo's clock is nobody's business but the demo's."""

from django.db import models

from bulou.evidence.fields import InstantField


class DemoState(models.Model):
    """The scenario's time runs from ``origin`` since the machine's ``since`` at ``speed``; ``fed`` is how far it was entered."""

    scenario = models.CharField(max_length=60)
    origin = InstantField()
    since = InstantField()
    speed = models.FloatField()
    fed = InstantField()
    people = models.IntegerField()

    class Meta:
        db_table = "demo_state"
