%% Processes that wait: for a time, for a cancel, for a message that does not come.
-module(bench_waiting).
-export([timers/1, bare_timers/1, cancel/3, idle_memory/1, idle_cpu/1]).
-export([sleep/3, grow/4, idle/1, wait/0]).

-include("bench.hrl").

-define(LONG, 3_600_000).

%% --- gates: opened when all have arrived --------------------------------------------------------------

gate(Expected) ->
    Missing = atomics:new(1, []),
    atomics:put(Missing, 1, Expected),
    {Missing, self(), make_ref()}.

arrive({Missing, Waiter, Name}) ->
    atomics:sub_get(Missing, 1, 1) =:= 0 andalso (Waiter ! Name).

pass({_, _, Name}) ->
    receive Name -> ok end.

%% --- timers -------------------------------------------------------------------------------------------

%% A process for each timer; every second one is told to end.
timers(Count) ->
    Half = (Count + 1) div 2,
    Start = erlang:monotonic_time(),
    Armed = gate(Count),
    Ended = gate(Half),
    Sleepers = spawn_sleepers(Count, Armed, Ended),
    pass(Armed),
    wake_every_second(Sleepers),
    pass(Ended),
    bench:timed(Count, Count, Start).

spawn_sleepers(0, _, _) -> [];
spawn_sleepers(Count, Armed, Ended) ->
    [spawn(?MODULE, sleep, [Armed, Ended, ?LONG]) | spawn_sleepers(Count - 1, Armed, Ended)].

sleep(Armed, Ended, Time) ->
    arrive(Armed),
    receive cancel -> arrive(Ended) after Time -> ok end.

wake_every_second([]) -> ok;
wake_every_second([Sleeper]) -> Sleeper ! cancel;
wake_every_second([Sleeper, _ | Sleepers]) -> Sleeper ! cancel, wake_every_second(Sleepers).

%% Timers that would send a message, and no process for each.
bare_timers(Count) ->
    Start = erlang:monotonic_time(),
    Timers = [erlang:start_timer(?LONG, self(), none) || _ <- lists:seq(1, Count)],
    Cancelled = cancel_every_second(Timers, 0),
    Found = bench:timed(Count, Count, Start),
    bench:check("cancelled", Cancelled, (Count + 1) div 2),
    Found.

cancel_every_second([], Cancelled) -> Cancelled;
cancel_every_second([Timer | Rest], Cancelled) ->
    true = is_integer(erlang:cancel_timer(Timer)),
    cancel_every_second(case Rest of [] -> []; [_ | More] -> More end, Cancelled + 1).

%% --- cancel_tree --------------------------------------------------------------------------------------

cancel(Name, Tasks, Arity) ->
    Waiting = gate(Tasks),
    Ended = gate(Tasks),
    Root = spawn(?MODULE, grow, [0, {Tasks, Arity}, Waiting, Ended]),
    pass(Waiting),
    Start = erlang:monotonic_time(),
    exit(Root, shutdown),
    pass(Ended),
    Found = bench:timed(Tasks, Tasks, Start),
    Found#outcome{name = Name}.

%% Process number Me, counted level by level, and all below it. Whoever is linked to one that exits is
%% told, and exits as well.
grow(Me, {Tasks, Arity} = Tree, Waiting, Ended) ->
    process_flag(trap_exit, true),
    First = Me * Arity + 1,
    grow_children(First, min(First + Arity, Tasks), Tree, Waiting, Ended),
    arrive(Waiting),
    receive
        {'EXIT', _, Reason} ->
            arrive(Ended),
            exit(Reason)
    end.

grow_children(Child, End, _, _, _) when Child >= End -> ok;
grow_children(Child, End, Tree, Waiting, Ended) ->
    spawn_link(?MODULE, grow, [Child, Tree, Waiting, Ended]),
    grow_children(Child + 1, End, Tree, Waiting, Ended).

%% --- idle ---------------------------------------------------------------------------------------------

%% They hibernate, which frees what they do not need to wait.
start_idle(Count) ->
    Waiting = gate(Count),
    [spawn(?MODULE, idle, [Waiting]) || _ <- lists:seq(1, Count)],
    pass(Waiting).

idle(Waiting) ->
    arrive(Waiting),
    erlang:hibernate(?MODULE, wait, []).

wait() -> receive stop -> ok end.

resident_bytes() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = string:split(Text, " ", all),
    binary_to_integer(Pages) * 4096.

idle_memory(Count) ->
    Before = resident_bytes(),
    start_idle(Count),
    timer:sleep(1000), % the last ones hibernate
    Each = (resident_bytes() - Before) / Count,
    #outcome{name = "actor", size = Count, operations = Count, figures = [{bytes_each, Each}]}.

%% In milliseconds, of all threads.
cpu_time() ->
    {Total, _} = erlang:statistics(runtime),
    Total.

idle_cpu(Count) ->
    start_idle(Count),
    timer:sleep(1000), % what ends the setting up is not idling
    Start = erlang:monotonic_time(),
    Before = cpu_time(),
    timer:sleep(10_000),
    Used = (cpu_time() - Before) / 1000,
    #outcome{figures = [{seconds, Wall}]} = bench:timed(Count, Count, Start),
    #outcome{size = Count, operations = Count, figures = [{cpu_seconds, Used}, {wall_seconds, Wall}]}.
