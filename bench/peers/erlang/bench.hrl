%% What one case of a benchmark found.
-record(outcome, {name = "", size, operations, figures}).
