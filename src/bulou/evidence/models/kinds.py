"""One table per kind of fact, made from its declaration: typed columns, an index where facts are found. Holds no logic.

A table holds the columns of every version that its kind ever had; a row has those of the version that its envelope names.
"""

from typing import Any

from django.db import models

from bulou.basis import areafacts as _areafacts
from bulou.basis import callfacts as _callfacts
from bulou.basis import callupfacts as _callupfacts
from bulou.basis import facts as _facts  # declares the kinds
from bulou.basis import fetchfacts as _fetchfacts
from bulou.basis import lakefacts as _lakefacts
from bulou.basis import letterfacts as _letterfacts
from bulou.basis import listfacts as _listfacts
from bulou.basis import ownfacts as _ownfacts
from bulou.basis import pathfacts as _pathfacts
from bulou.basis import pointfacts as _pointfacts
from bulou.basis import seqfacts as _seqfacts
from bulou.basis import signalfacts as _signalfacts
from bulou.basis import soughtfacts as _soughtfacts
from bulou.basis import toldfacts as _toldfacts
from bulou.basis.kinds import KINDS, Field, Kind
from bulou.evidence.fields import IdField, InstantField

assert (
    _areafacts
    and _callfacts
    and _callupfacts
    and _facts
    and _fetchfacts
    and _lakefacts
    and _letterfacts
    and _listfacts
    and _ownfacts
    and _pathfacts
    and _pointfacts
    and _seqfacts
    and _signalfacts
    and _soughtfacts
    and _toldfacts
)

#: The envelope's incident beside the content, under a name that no body uses.
IN_INCIDENT = "in_incident"


def content_table(kind: str) -> str:
    """The table that holds the content of a kind."""
    return "fact_" + kind.replace(".", "_")


def _column(field: Field) -> "models.Field[Any, Any]":
    null = field.optional
    match field.type:
        case "id":
            return IdField(null=null)
        case "instant":
            return InstantField(null=null)
        case "int":
            return models.BigIntegerField(null=null)
        case "float":
            return models.FloatField(null=null)
        case "bool":
            return models.BooleanField(null=null)
        case _:
            return models.TextField(null=null)


def _model(kind: Kind) -> type[models.Model]:
    name = "".join(part.title() for part in kind.name.split("."))
    columns = {f.name: _column(f) for f in kind.columns}
    short = kind.name.replace(".", "_")[:16]
    indexes = [models.Index(fields=[f.name], name=f"f_{short}_{f.name}"[:30]) for f in kind.fields if f.find]
    if kind.opens:
        indexes.append(models.Index(fields=[IN_INCIDENT], name=f"f_{short}_inc"[:30]))
    meta = type("Meta", (), {"db_table": content_table(kind.name), "indexes": indexes, "app_label": "evidence"})
    body = {
        "__module__": __name__,
        "__doc__": kind.body.__doc__,
        "Meta": meta,
        "id": IdField(primary_key=True),
        "at": InstantField(),
        IN_INCIDENT: IdField(null=True),
        "entry": models.BigIntegerField(),
        "salt": models.BinaryField(max_length=16),
        **columns,
    }
    return type(name, (models.Model,), body)


#: The model of each kind's content.
CONTENT: dict[str, type[models.Model]] = {kind.name: _model(kind) for kind in KINDS.values()}
