"""dmcli: a treatment planner for adults with refractory cutaneous dermatomyositis."""

__version__ = "0.1.0"
