%% The benchmarks in Erlang: a process is an actor.
%%
%% What was chosen, each time the fastest of the usual ways to write it:
%%
%% - spawn/3 with an exported function rather than a fun, where millions are started.
%% - A monitor whose alias is the address for the answer (ask), as gen:call has it.
%% - The queue of the receiver off its heap where a hundred senders write to it (fan_in).
%% - Links, of which each tells the next, for trees that are cancelled. A message from each to its
%%   children, without links, took half as long; but then nobody stops when a parent fails.
%% - Small heaps to begin with, as most processes live briefly.
%% - Hibernation of processes that only wait (idle_memory, idle_cpu).
%% - An ETS table and atomics for the registry, in the caller's process. A manager process, asked by a
%%   call for each task, took half as long again.
-module(bench).
-export([main/0, timed/3, check/3]).

-include("bench.hrl").

main() ->
    case options(init:get_plain_arguments()) of
        {Bench, Options} ->
            #{workers := Workers} = Options,
            Size = fun(Default) -> maps:get(size, Options, Default) end,
            Cases = cases(list_to_atom(Bench), Size),
            [print(Bench, Workers, run(Bench, Case)) || Case <- Cases],
            halt(case Cases of [] -> 3; _ -> 0 end);
        error ->
            fail("usage: peer <bench> [--size N] [--workers W]", 2)
    end.

options([Bench | Rest]) ->
    options(Bench, Rest, #{workers => erlang:system_info(schedulers)});
options([]) ->
    error.

options(Bench, [], Options) -> {Bench, Options};
options(Bench, ["--size", Value | Rest], Options) -> option(Bench, size, Value, Rest, Options);
options(Bench, ["--workers", Value | Rest], Options) -> option(Bench, workers, Value, Rest, Options);
options(_, _, _) -> error.

option(Bench, Name, Value, Rest, Options) ->
    case string:to_integer(Value) of
        {Number, ""} when Number > 0 -> options(Bench, Rest, Options#{Name => Number});
        _ -> error
    end.

%% What to run, case by case.
cases(skynet, Size) -> [fun() -> bench_messages:skynet(Size(1_000_000)) end];
cases(ping_pong, Size) -> [fun() -> bench_messages:ping_pong(Size(1_000_000)) end];
cases(counting, Size) -> [fun() -> bench_messages:counting(Size(10_000_000)) end];
cases(fan_out, Size) -> [fun() -> bench_messages:fan_out(Size(1_000_000)) end];
cases(fan_in, Size) -> [fun() -> bench_messages:fan_in(Size(100_000)) end];
cases(big, Size) -> [fun() -> bench_messages:big(Size(1_000)) end];
cases(thread_ring, Size) -> [fun() -> bench_messages:thread_ring(Size(1_000_000)) end];
cases(ask, Size) -> [fun() -> bench_messages:ask(Size(1_000_000)) end];
cases(mailing, Size) -> [fun() -> bench_messages:mailing(Size(1_000_000)) end];
cases(timers, Size) -> [fun() -> bench_waiting:timers(Size(1_000_000)) end];
cases(bare_timers, Size) -> [fun() -> bench_waiting:bare_timers(Size(1_000_000)) end];
cases(cancel_tree, Size) ->
    Tasks = Size(1_000_000),
    Depth = max(1, Tasks div 100),
    [fun() -> bench_waiting:cancel("tree", Tasks, 10) end,
     fun() -> bench_waiting:cancel("chain", Depth, 1) end];
cases(idle_memory, Size) -> [fun() -> bench_waiting:idle_memory(Size(1_000_000)) end];
cases(idle_cpu, Size) -> [fun() -> bench_waiting:idle_cpu(Size(100_000)) end];
cases(supervised_dispatch, Size) ->
    [fun() -> bench_registry:supervised_dispatch(Size(1_000_000)) end];
cases(growth, Size) ->
    [fun() ->
         Found = bench_registry:supervised_dispatch(Tasks),
         Found#outcome{name = integer_to_list(Tasks)}
     end || Last <- [Size(10_000_000)], Tasks <- steps(min(10_000, Last), Last)];
cases(_, _) -> [].

steps(From, To) when From =< To -> [From | steps(From * 10, To)];
steps(_, _) -> [].

%% In a process of its own, which leaves nothing behind.
run(Bench, Case) ->
    {Process, Monitor} = spawn_monitor(fun() -> exit({found, Case()}) end),
    receive
        {'DOWN', Monitor, process, Process, {found, Outcome}} -> Outcome;
        {'DOWN', Monitor, process, Process, Reason} -> fail([Bench, ": ", explain(Reason)], 1)
    end.

explain({wrong, Text}) -> Text;
explain(Reason) -> io_lib:format("~tp", [Reason]).

fail(Text, Status) ->
    io:format(standard_error, "~ts~n", [Text]),
    halt(Status).

print(Bench, Workers, #outcome{name = Name, size = Size, operations = Operations, figures = Figures}) ->
    io:format("{\"bench\":\"~s\",\"system\":\"erlang\",\"case\":\"~s\",\"workers\":~b,"
              "\"size\":~b,\"operations\":~b,~s}~n",
              [Bench, Name, Workers, Size, Operations,
               lists:join(",", [io_lib:format("\"~s\":~.6f", [Key, Value / 1]) || {Key, Value} <- Figures])]).

%% Start is erlang:monotonic_time().
timed(Size, Operations, Start) ->
    Took = erlang:monotonic_time() - Start,
    Seconds = Took / erlang:convert_time_unit(1, second, native),
    #outcome{size = Size, operations = Operations, figures = [{seconds, Seconds}]}.

check(_, Expected, Expected) -> ok;
check(What, Found, Expected) -> exit({wrong, io_lib:format("~s: ~p, expected ~p", [What, Found, Expected])}).
