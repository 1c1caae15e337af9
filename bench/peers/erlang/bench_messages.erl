%% Processes that exchange messages.
-module(bench_messages).
-export([skynet/1, ping_pong/1, counting/1, fan_out/1, fan_in/1, big/1, thread_ring/1, ask/1, mailing/1]).
-export([node/3, send_one/2, link/2]).

sum_below(Count) -> Count * (Count - 1) div 2.

%% --- skynet -----------------------------------------------------------------------------------------

skynet(Leaves) ->
    Tasks = tasks(Leaves),
    Start = erlang:monotonic_time(),
    spawn(?MODULE, node, [self(), 0, Leaves]),
    Sum = sum(1),
    Found = bench:timed(Leaves, Tasks, Start),
    bench:check("sum", Sum, sum_below(Leaves)),
    Found.

tasks(1) -> 1;
tasks(Leaves) when Leaves rem 10 =:= 0 -> Leaves + tasks(Leaves div 10);
tasks(_) -> exit({wrong, "the size is no power of ten"}).

node(Parent, Number, 1) ->
    Parent ! Number;
node(Parent, Number, Leaves) ->
    children(10, Number, Leaves div 10),
    Parent ! sum(10).

children(0, _, _) ->
    ok;
children(More, Number, Each) ->
    spawn(?MODULE, node, [self(), Number, Each]),
    children(More - 1, Number + Each, Each).

%% Of so many messages.
sum(Count) -> sum(Count, 0).

sum(0, Sum) -> Sum;
sum(Count, Sum) -> receive Value -> sum(Count - 1, Sum + Value) end.

%% --- ping_pong --------------------------------------------------------------------------------------

ping_pong(Trips) ->
    Parent = self(),
    Start = erlang:monotonic_time(),
    spawn(fun() ->
        Ping = self(),
        Pong = spawn(fun() -> pong(Ping, 0) end),
        Parent ! ping(Pong, 0, Trips, 0)
    end),
    Sum = sum(1),
    Found = bench:timed(Trips, Trips, Start),
    bench:check("sum", Sum, sum_below(Trips)),
    Found.

%% Ends with how many it served.
pong(Ping, Served) ->
    receive
        stop -> exit({served, Served});
        Value -> Ping ! Value, pong(Ping, Served + 1)
    end.

ping(Pong, Trips, Trips, Sum) ->
    Pong ! stop,
    Sum;
ping(Pong, Trip, Trips, Sum) ->
    Pong ! Trip,
    receive Value -> ping(Pong, Trip + 1, Trips, Sum + Value) end.

%% --- mailing ----------------------------------------------------------------------------------------

%% The parent, which is this process, ends after its child and learns how that ended.
mailing(Trips) ->
    Parent = self(),
    Start = erlang:monotonic_time(),
    {Child, Monitor} = spawn_monitor(fun() -> pong(Parent, 0) end),
    Sum = ping(Child, 0, Trips, 0),
    Reason = receive {'DOWN', Monitor, process, Child, Why} -> Why end,
    Found = bench:timed(Trips, Trips, Start),
    bench:check("sum", Sum, sum_below(Trips)),
    bench:check("end of the child", Reason, {served, Trips}),
    Found.

%% --- counting, fan_out, fan_in ----------------------------------------------------------------------

counting(Messages) ->
    Start = erlang:monotonic_time(),
    Receiver = start_receiver(Messages, []),
    spawn(fun() -> send(Receiver, 0, Messages) end),
    Sum = sum(1),
    Found = bench:timed(Messages, Messages, Start),
    bench:check("sum", Sum, sum_below(Messages)),
    Found.

start_receiver(Expected, Options) ->
    Parent = self(),
    spawn_opt(fun() -> Parent ! sum(Expected) end, Options).

send(_, Count, Count) -> ok;
send(To, Value, Count) -> To ! Value, send(To, Value + 1, Count).

fan_out(Tasks) ->
    Start = erlang:monotonic_time(),
    Collector = start_receiver(Tasks, []),
    spawn(fun() -> spawn_senders(Collector, 0, Tasks) end),
    Sum = sum(1),
    Found = bench:timed(Tasks, Tasks, Start),
    bench:check("sum", Sum, sum_below(Tasks)),
    Found.

spawn_senders(_, Count, Count) ->
    ok;
spawn_senders(To, Value, Count) ->
    spawn(?MODULE, send_one, [To, Value]),
    spawn_senders(To, Value + 1, Count).

send_one(To, Value) -> To ! Value.

fan_in(MessagesEach) ->
    Senders = 100,
    Operations = Senders * MessagesEach,
    Start = erlang:monotonic_time(),
    Receiver = start_receiver(Operations, [{message_queue_data, off_heap}]),
    [spawn(fun() -> send(Receiver, 0, MessagesEach) end) || _ <- lists:seq(1, Senders)],
    Sum = sum(1),
    Found = bench:timed(MessagesEach, Operations, Start),
    bench:check("sum", Sum, Senders * sum_below(MessagesEach)),
    Found.

%% --- big --------------------------------------------------------------------------------------------

-define(BIG_ACTORS, 1000).

big(Pings) ->
    Sink = self(),
    Operations = ?BIG_ACTORS * Pings,
    Actors = [spawn_link(fun() -> big_actor(Me, Sink, Pings) end) || Me <- lists:seq(1, ?BIG_ACTORS)],
    %% A term that is not copied to each of them.
    persistent_term:put(big, list_to_tuple(Actors)),
    Start = erlang:monotonic_time(),
    [Actor ! go || Actor <- Actors],
    [receive done -> ok end || _ <- Actors],
    Found = bench:timed(Pings, Operations, Start),
    [Actor ! stop || Actor <- Actors],
    bench:check("pings served", sum(?BIG_ACTORS), Operations),
    Found.

big_actor(Me, Sink, Pings) ->
    receive go -> ok end,
    All = persistent_term:get(big),
    Random = ping_another(Me, All, rand:mwc59_seed(Me)),
    big_actor(Me, All, Random, Pings - 1, 0, Sink).

big_actor(Me, All, Random, Left, Served, Sink) ->
    receive
        pong when Left > 0 ->
            big_actor(Me, All, ping_another(Me, All, Random), Left - 1, Served, Sink);
        pong ->
            Sink ! done,
            big_actor(Me, All, Random, Left, Served, Sink);
        stop ->
            Sink ! Served;
        From ->
            From ! pong,
            big_actor(Me, All, Random, Left, Served + 1, Sink)
    end.

%% A ping is the identity of who sends it.
ping_another(Me, All, Random) ->
    Pick = rand:mwc59_value32(Random) rem (?BIG_ACTORS - 1) + 1,
    Another = if Pick >= Me -> Pick + 1; true -> Pick end,
    element(Another, All) ! self(),
    rand:mwc59(Random).

%% --- thread_ring ------------------------------------------------------------------------------------

thread_ring(Hops) ->
    Ring = 1000,
    Parent = self(),
    Last = spawn(fun() -> receive {next, First} -> link(First, report(Parent, Ring - 1)) end end),
    First = close_ring(Ring - 2, Last, Parent),
    Last ! {next, First},
    Start = erlang:monotonic_time(),
    First ! Hops,
    Holder = receive {holder, Number} -> Number end,
    Found = bench:timed(Hops, Hops, Start),
    bench:check("last holder", Holder, Hops rem Ring),
    Found.

close_ring(Number, Next, _) when Number < 0 -> Next;
close_ring(Number, Next, Parent) ->
    close_ring(Number - 1, spawn(?MODULE, link, [Next, report(Parent, Number)]), Parent).

report(Parent, Number) -> fun() -> Parent ! {holder, Number} end.

link(Next, Report) ->
    receive
        0 -> Report();
        Left -> Next ! Left - 1
    end,
    link(Next, Report).

%% --- ask --------------------------------------------------------------------------------------------

ask(Requests) ->
    Parent = self(),
    Start = erlang:monotonic_time(),
    Server = spawn_link(fun serve/0),
    spawn_link(fun() -> Parent ! ask_all(Server, 0, Requests, 0) end),
    Sum = sum(1),
    Found = bench:timed(Requests, Requests, Start),
    bench:check("sum", Sum, sum_below(Requests) + Requests),
    Found.

serve() ->
    receive {From, Value} -> From ! {From, Value + 1}, serve() end.

ask_all(_, Requests, Requests, Sum) -> Sum;
ask_all(Server, Value, Requests, Sum) ->
    ask_all(Server, Value + 1, Requests, Sum + call(Server, Value, 10_000)).

call(Server, Value, Timeout) ->
    Alias = monitor(process, Server, [{alias, reply_demonitor}]),
    Server ! {Alias, Value},
    receive
        {Alias, Answer} -> Answer;
        {'DOWN', Alias, process, Server, Reason} -> exit(Reason)
    after Timeout ->
        exit(timeout)
    end.
