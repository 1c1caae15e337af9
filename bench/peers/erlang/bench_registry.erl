%% A registry of tasks as services have one: it admits up to a limit, names, records, runs and reports.
%%
%% The table is shared, so start/4 and finish/4 run in the caller and in the task. Who calls start/4
%% monitors the task, as a supervisor does, and finishes it when it did not come to that itself.
-module(bench_registry).
-export([new/1, start/4, supervise/2, kept/1, supervised_dispatch/1]).
-export([run/3]).

-define(CAPACITY, 1_000_000).
-define(RETAINED, 10_000).

-record(record, {id, name, parent, state, result}).
-record(registry, {records, counts, ended, owner}).

%% Places in counts.
-define(RUNNING, 1).
-define(LAST_ID, 2).
-define(LAST_ENDED, 3).

new(Owner) ->
    Options = [public, {keypos, #record.id}, {write_concurrency, auto}],
    #registry{records = ets:new(records, Options), counts = atomics:new(3, []),
              ended = atomics:new(?RETAINED, []), owner = Owner}.

start(#registry{records = Records, counts = Counts} = Registry, Name, Parent, Body) ->
    case atomics:add_get(Counts, ?RUNNING, 1) of
        Running when Running > ?CAPACITY ->
            atomics:sub(Counts, ?RUNNING, 1),
            {error, full};
        _ ->
            Id = atomics:add_get(Counts, ?LAST_ID, 1),
            ets:insert(Records, #record{id = Id, name = Name, parent = Parent, state = running}),
            spawn_opt(?MODULE, run, [Registry, Id, Body], [{monitor, [{tag, {ended, Id}}]}]),
            {ok, Id}
    end.

run(Registry, Id, Body) ->
    finish(Registry, Id, completed, Body(Id)).

finish(#registry{records = Records, counts = Counts, ended = Ended, owner = Owner}, Id, State, Result) ->
    ets:update_element(Records, Id, [{#record.state, State}, {#record.result, Result}]),
    %% The ids of the last ended ones, in a circle.
    Place = atomics:add_get(Counts, ?LAST_ENDED, 1) rem ?RETAINED + 1,
    case atomics:exchange(Ended, Place, Id) of
        0 -> ok;
        Oldest -> ets:delete(Records, Oldest)
    end,
    atomics:sub(Counts, ?RUNNING, 1),
    Owner ! {State, Id, Result}.

%% Reads what the monitors say; waits for it as long as Timeout.
supervise(Registry, Timeout) ->
    receive
        {{ended, _}, _, process, _, normal} ->
            supervise(Registry, Timeout);
        {{ended, Id}, _, process, _, Reason} ->
            finish(Registry, Id, failed, Reason),
            supervise(Registry, Timeout)
    after Timeout ->
        ok
    end.

kept(#registry{records = Records}) ->
    {ets:info(Records, size), ets:select_count(Records, [{#record{state = running, _ = '_'}, [], [true]}])}.

%% --- supervised_dispatch ------------------------------------------------------------------------------

supervised_dispatch(Tasks) ->
    Start = erlang:monotonic_time(),
    Registry = new(self()),
    spawn_link(fun() ->
        dispatch(Registry, fun(Id) -> Id end, Tasks),
        supervise(Registry, infinity)
    end),
    Sum = read_events(Tasks, 0),
    Found = bench:timed(Tasks, Tasks, Start),
    bench:check("sum of ids", Sum, Tasks * (Tasks + 1) div 2),
    bench:check("records, and those of running tasks", kept(Registry), {min(Tasks, ?RETAINED), 0}),
    Found.

dispatch(_, _, 0) -> ok;
dispatch(Registry, Body, Tasks) ->
    supervise(Registry, 0),
    case start(Registry, worker, none, Body) of
        {ok, _} -> dispatch(Registry, Body, Tasks - 1);
        {error, full} -> erlang:yield(), dispatch(Registry, Body, Tasks)
    end.

read_events(0, Sum) -> Sum;
read_events(Tasks, Sum) ->
    receive {completed, Id, Id} -> read_events(Tasks - 1, Sum + Id) end.
