// The benchmarks in Go: a goroutine is an actor, a channel its mailbox.
//
// What was chosen, each time the fastest of the usual ways to write it:
//
//   - Buffered channels where messages flow one way (counting, fan_out, fan_in): a sender then wakes
//     the receiver once per buffer and not once per message. Unbuffered ones where two goroutines take
//     turns: they hand over directly.
//   - A WaitGroup and a slice of results where exactly one value comes back from each goroutine
//     (skynet).
//   - One timer and one channel for answers per client, used again for each request (ask).
//   - A context per task for trees that are cancelled.
//   - A mutex and a map for the registry; neither a map in shards nor records by value were faster.
//   - GOGC=400 unless the environment says otherwise: the collector runs less often, for more memory.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// outcome is what one case of a benchmark found.
type outcome struct {
	name       string // of the case
	size       int
	operations int
	figures    string
}

func timed(size, operations int, since time.Time) outcome {
	figures := fmt.Sprintf(`"seconds":%.6f`, time.Since(since).Seconds())
	return outcome{size: size, operations: operations, figures: figures}
}

func check(what string, found, expected int) error {
	if found != expected {
		return fmt.Errorf("%s: %d, expected %d", what, found, expected)
	}
	return nil
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

type options struct {
	bench   string
	size    int // 0: the default
	workers int
}

func parse(arguments []string) (options, bool) {
	if len(arguments)%2 == 0 {
		return options{}, false
	}
	result := options{bench: arguments[0], workers: runtime.NumCPU()}
	for i := 1; i < len(arguments); i += 2 {
		value, err := strconv.Atoi(arguments[i+1])
		if err != nil || value < 1 {
			return options{}, false
		}
		switch arguments[i] {
		case "--size":
			result.size = value
		case "--workers":
			result.workers = value
		default:
			return options{}, false
		}
	}
	return result, true
}

func main() {
	chosen, ok := parse(os.Args[1:])
	if !ok {
		fmt.Fprintln(os.Stderr, "usage: peer <bench> [--size N] [--workers W]")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(chosen.workers)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	run := func(bench func(size int) (outcome, error), size int) {
		found, err := bench(size)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", chosen.bench, err)
			os.Exit(1)
		}
		fmt.Printf(`{"bench":"%s","system":"go","case":"%s","workers":%d,"size":%d,"operations":%d,%s}`+"\n",
			chosen.bench, found.name, chosen.workers, found.size, found.operations, found.figures)
	}
	or := func(size int) int {
		if chosen.size > 0 {
			return chosen.size
		}
		return size
	}

	switch chosen.bench {
	case "skynet":
		run(skynet, or(1_000_000))
	case "ping_pong":
		run(pingPong, or(1_000_000))
	case "counting":
		run(counting, or(10_000_000))
	case "fan_out":
		run(fanOut, or(1_000_000))
	case "fan_in":
		run(fanIn, or(100_000))
	case "big":
		run(big, or(1_000))
	case "thread_ring":
		run(threadRing, or(1_000_000))
	case "ask":
		run(ask, or(1_000_000))
	case "mailing":
		run(mailing, or(1_000_000))
	case "timers":
		run(timers, or(1_000_000))
	case "bare_timers":
		run(bareTimers, or(1_000_000))
	case "cancel_tree":
		tasks := or(1_000_000)
		run(cancelTree, tasks)
		depth := tasks / 100
		if depth == 0 {
			depth = 1
		}
		run(cancelChain, depth)
	case "idle_memory":
		run(idleMemory, or(1_000_000))
	case "idle_cpu":
		run(idleCPU, or(100_000))
	case "supervised_dispatch":
		run(supervisedDispatch, or(1_000_000))
	case "growth":
		last := or(10_000_000)
		for tasks := min(10_000, last); tasks <= last; tasks *= 10 {
			run(func(size int) (outcome, error) {
				found, err := supervisedDispatch(size)
				found.name = strconv.Itoa(size)
				return found, err
			}, tasks)
		}
	default:
		os.Exit(3)
	}
}
