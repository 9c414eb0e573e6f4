"""How good a model is: measures, rankings, neighbours, baselines and the league."""
